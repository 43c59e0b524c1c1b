/** The stream as the wire has it: what clients may do wrong, overload, and going away. */

import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toFrame, toLayout } from "../../host/client/frame-message.ts";
import { type Clock, systemClock } from "../../host/core/clock.ts";
import {
  FrameSchema,
  MetadataFieldSchema,
  PoseSchema,
  SensorService,
  type StreamFramesRequest,
  StreamOpenSchema,
} from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { DataClass, FieldType, Reason } from "../../host/gen/mapveil/v1/types_pb.ts";
import {
  type CallContext,
  createClient,
  openChannel,
  type RpcError,
} from "../../host/rpc/index.ts";
import type { StreamParts } from "../../host/sidecar/frame-stream.ts";
import { SensorStreams } from "../../host/sidecar/sensor-service.ts";
import { SILENT } from "../../host/telemetry/log.ts";
import { frameOf, LIMITS, policyOf, Robot, Seeded, sumOf, until } from "./support.ts";

const FRAME = frameOf(1);
const OPEN = { dataClass: DataClass.LIDAR, layout: toLayout(FRAME.layout), inMapFrame: false };

let robot: Robot;
let channel: ReturnType<typeof openChannel>;
beforeAll(async () => {
  robot = await Robot.start({ limits: { ...LIMITS, frameBytes: 65_536, streams: 2, inFlight: 2 } });
  await robot.grantLidar();
  channel = openChannel({ unixPath: robot.options.socketPath });
});
afterAll(async () => {
  channel.close();
  await robot.end();
});

/** A stream without the manners of SensorClient. */
function rawStream(signal?: AbortSignal) {
  const token = readFileSync(robot.tokenPath("lidar"), "utf8").trim();
  const client = createClient(SensorService, channel, {
    headers: { authorization: `Bearer ${token}` },
  });
  return client.streamFrames(signal ? { signal } : {});
}

const failureOf = async (promise: Promise<unknown>): Promise<RpcError> =>
  promise.then(
    () => {
      throw new Error("did not fail");
    },
    (error) => error,
  );

/** What a stream that is opened like this ends with. */
async function openedWith(open: Record<string, unknown>): Promise<RpcError> {
  const stream = rawStream();
  await stream.write({ message: { case: "open", value: { ...OPEN, ...open } } });
  stream.end();
  return failureOf(stream.responses[Symbol.asyncIterator]().next());
}

describe("a stream is not opened", () => {
  const layout = OPEN.layout;
  const F32 = FieldType.F32;
  test.each<[string, Record<string, unknown>, string[]]>([
    ["for the camera", { dataClass: DataClass.CAMERA }, ["data_class"]],
    [
      "without a layout",
      { layout: undefined },
      ["layout.point_step", "layout.x", "layout.y", "layout.z"],
    ],
    [
      "with a step of 0",
      { layout: { ...layout, pointStep: 0 } },
      ["layout.point_step", "layout.x.offset", "layout.y.offset", "layout.z.offset"],
    ],
    ["with a step of 4097", { layout: { ...layout, pointStep: 4097 } }, ["layout.point_step"]],
    [
      "with z beyond the point",
      { layout: { ...layout, z: { offset: 9, type: F32 } } },
      ["layout.z.offset"],
    ],
    [
      "with an offset near 2^32",
      { layout: { ...layout, z: { offset: 2 ** 32 - 1, type: F32 } } },
      ["layout.z.offset"],
    ],
    ["with no type", { layout: { ...layout, x: { offset: 0, type: 0 } } }, ["layout.x.type"]],
    [
      "with a type from the future",
      { layout: { ...layout, x: { offset: 0, type: 99 } } },
      ["layout.x.type"],
    ],
    [
      "with numbers that are none",
      { layout: { ...layout, y: { offset: 4, type: F32, scale: Number.NaN, bias: Infinity } } },
      ["layout.y.scale", "layout.y.bias"],
    ],
    [
      "with many names",
      { layout: { ...layout, otherFields: Array(65).fill("a") } },
      ["layout.other_fields"],
    ],
  ])("%s", async (_, open, fields) => {
    const error = await openedWith(open);
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(error.fieldViolations.map(({ field }) => field).sort()).toEqual([...fields].sort());
  });

  test("by a frame, nor by nothing", async () => {
    for (const message of [
      { case: "frame" as const, value: toFrame(FRAME, 1n) },
      { case: undefined },
    ]) {
      const stream = rawStream();
      await stream.write({ message });
      stream.end();
      const error = await failureOf(stream.responses[Symbol.asyncIterator]().next());
      expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
      expect(error.fieldViolations.map(({ field }) => field)).toEqual(["open"]);
    }
    expect(robot.sidecar.status().streams).toEqual([]);
  });
});

test("what comes beyond the frames in flight is dropped as OVERLOADED, with receipts in order", async () => {
  const before = robot.accounts();
  const stream = rawStream();
  await stream.write({ message: { case: "open", value: OPEN } });
  const count = 200;
  for (let i = 1; i <= count; i++) {
    void stream.write({ message: { case: "frame", value: toFrame(FRAME, BigInt(i)) } });
  }
  stream.end();
  const sequences: bigint[] = [];
  const reasons = new Map<string, number>();
  for await (const { message } of stream.responses) {
    if (message.case !== "receipt") continue;
    sequences.push(message.value.sequence);
    const { outcome } = message.value;
    const word = outcome.case === "dropped" ? Reason[outcome.value.reason]! : String(outcome.case);
    reasons.set(word, (reasons.get(word) ?? 0) + 1);
  }
  expect(sequences).toEqual(Array.from({ length: count }, (_, i) => BigInt(i + 1)));
  expect([...reasons.keys()].sort()).toEqual(["OVERLOADED", "accepted"]);
  const accounts = robot.accounts();
  expect(accounts.spooled - before.spooled).toBe(reasons.get("accepted"));
  expect(accounts.refused.OVERLOADED).toBe(reasons.get("OVERLOADED"));
  expect(sumOf(accounts)).toBe(accounts.captured);
});

describe("with a clock that is ahead", () => {
  let early: Robot;
  let aheadMs = 0;
  beforeAll(async () => {
    const monotonicMs = () => systemClock.monotonicMs() + aheadMs;
    // Ten seconds are over when the test says so: it does not wait for them.
    const sleep: Clock["sleep"] = (ms, signal) =>
      systemClock.sleep(ms === 10_000 && aheadMs > 0 ? 0 : ms, signal);
    early = await Robot.start({
      clock: { ...systemClock, monotonicMs, sleep },
      limits: { ...LIMITS, frameBytes: 65_536, streams: 1, inFlight: 2 },
    });
    await early.grantLidar();
  });
  afterAll(() => early.end());

  test("an idle stream gives its place to one that is opened, a busy one does not", async () => {
    const sensor = await early.sensor();
    const idle = await sensor.open({ layout: FRAME.layout });
    await idle.push(FRAME);
    aheadMs = 30_000;
    const full = { code: "RESOURCE_EXHAUSTED", reason: "TOO_MANY_STREAMS" };
    await expect(sensor.open({ layout: FRAME.layout })).rejects.toMatchObject(full);
    aheadMs = 65_000;
    const next = await sensor.open({ layout: FRAME.layout });
    expect((await next.push(FRAME)).outcome).toBe("accepted");
    await expect(idle.push(FRAME)).rejects.toMatchObject({ reason: "STREAM_IDLE" });
    await until(() => early.sidecar.status().streams.length === 1);
    expect(early.accounts()).toMatchObject({ captured: 2, spooled: 2 });
    aheadMs = 100_000;
    await expect(sensor.open({ layout: FRAME.layout })).rejects.toMatchObject(full);
    await next.end();
  });

  test("a call that does not say what it is ends", async () => {
    aheadMs = 100_000;
    const token = readFileSync(early.tokenPath("lidar"), "utf8").trim();
    const at = openChannel({ unixPath: early.options.socketPath });
    const headers = { authorization: `Bearer ${token}` };
    const stream = createClient(SensorService, at, { headers }).streamFrames();
    const error = await failureOf(stream.responses[Symbol.asyncIterator]().next());
    expect(error).toMatchObject({ code: "ABORTED", reason: "NOT_OPENED" });
    at.close();
  });
});

test("frames that came with the first message count, also if the client leaves before an answer", async () => {
  const parts = { limits: { inFlight: 2, frameBytes: 65_536, streams: 1 }, stopping: () => false };
  const taken: bigint[] = [];
  const frame = create(FrameSchema, toFrame(FRAME, 5n));
  async function* requests() {
    yield { message: { case: "open" as const, value: create(StreamOpenSchema, OPEN) } };
    yield { message: { case: "frame" as const, value: frame } };
    throw new Error("gone");
  }
  const pool = { take: () => ({ alive: true }), giveBack: async () => {} };
  const gate = {
    epoch: 1n,
    decideUpload: () => {
      taken.push(frame.sequence);
      throw new Error("asked");
    },
  };
  const counted: string[] = [];
  const spool = { refuse: async (reason: string) => counted.push(reason) };
  const given = { ...parts, gate, spool, pool, clock: systemClock, log: SILENT };
  const streams = new SensorStreams({
    ...given,
    policy: () => policyOf(""),
  } as unknown as StreamParts);
  const call = { language: "en" } as CallContext;
  const messages = requests() as unknown as AsyncIterable<StreamFramesRequest>;
  const answers = streams.handlers.streamFrames(messages, call)[Symbol.asyncIterator]();
  expect((await answers.next()).value.message.case).toBe("opened");
  // What the server does when the client is gone: it asks for no answer any more.
  await answers.return?.();
  expect(taken).toEqual([5n]);
  expect(counted).toEqual(["INTERNAL"]);
  expect(streams.open.size).toBe(0);
});

test("a second open ends the stream, after the receipts of the frames before it", async () => {
  const stream = rawStream();
  await stream.write({ message: { case: "open", value: OPEN } });
  await stream.write({ message: { case: "frame", value: toFrame(FRAME, 7n) } });
  await stream.write({ message: { case: "open", value: OPEN } });
  const cases: (string | undefined)[] = [];
  const error = await failureOf(
    (async () => {
      for await (const { message } of stream.responses) cases.push(message.case);
    })(),
  );
  expect(cases).toEqual(["opened", "receipt"]);
  expect(error.fieldViolations.map(({ field }) => field)).toEqual(["frame"]);
});

test("clients that go away at any moment leave exact books and no stream behind", async () => {
  const random = new Seeded(11);
  for (let round = 0; round < 30; round++) {
    await until(() => robot.sidecar.status().streams.length < 2);
    const leave = new AbortController();
    const stream = rawStream(leave.signal);
    await stream.write({ message: { case: "open", value: OPEN } });
    await stream.responses[Symbol.asyncIterator]().next();
    const writes: Promise<void>[] = [];
    const frames = random.below(12);
    for (let i = 0; i < frames; i++) {
      writes.push(stream.write({ message: { case: "frame", value: toFrame(FRAME, BigInt(i)) } }));
    }
    const written = Promise.allSettled(writes);
    if (random.below(2) === 0) await written;
    for (let turns = random.below(40); turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    leave.abort();
    await written;
  }
  await until(() => robot.sidecar.status().streams.length === 0);
  const accounts = robot.accounts();
  expect(sumOf(accounts)).toBe(accounts.captured);
  expect(accounts.refused.INTERNAL).toBeUndefined();
});

test("frames of random fields never break the sidecar, and each is counted once", async () => {
  const random = new Seeded(12);
  const before = robot.accounts().captured;
  const numbers = [0, -0, 1, 1e300, -1e300, Number.NaN, Number.POSITIVE_INFINITY, 1e9];
  const any = () => numbers[random.below(numbers.length)]!;
  const stream = rawStream();
  await stream.write({ message: { case: "open", value: OPEN } });
  const receipts = stream.responses[Symbol.asyncIterator]();
  await receipts.next();
  const count = 300;
  for (let i = 0; i < count; i++) {
    const value = create(FrameSchema, toFrame(FRAME, BigInt(i)));
    value.count = [0, 1, 500, 501, 2 ** 21, 2 ** 32 - 1][random.below(6)]!;
    value.data = random.bytes(random.below(3) === 0 ? random.below(100) : 6000);
    value.stampNs = [0n, 1n, 2n ** 63n - 1n, -(2n ** 63n)][random.below(4)]!;
    if (random.below(2) === 0) {
      const pose = { x: any(), y: any(), z: any(), qx: any(), qy: any(), qz: any(), qw: any() };
      value.pose = create(PoseSchema, pose);
    }
    value.metadata = Array.from({ length: random.below(4) }, () =>
      create(MetadataFieldSchema, {
        name: ["label", "__proto__", "constructor", "topic", ""][random.below(5)]!,
        value: "x".repeat(random.below(1100)),
      }),
    );
    await stream.write({ message: { case: "frame", value } });
    const { value: answer } = await receipts.next();
    expect(answer.message.case).toBe("receipt");
    expect(answer.message.value.sequence).toBe(BigInt(i));
  }
  stream.end();
  expect((await receipts.next()).done).toBe(true);
  const accounts = robot.accounts();
  expect(accounts.captured - before).toBe(count);
  expect(sumOf(accounts)).toBe(accounts.captured);
  expect(accounts.refused.INTERNAL).toBeUndefined();
});
