/** Frames through a whole sidecar: what is accepted, refused and dropped, and that the books say so. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { receiptWords, type SensorStream } from "../../host/client/index.ts";
import type { Frame } from "../../host/core/frame.ts";
import { Level } from "../../host/gen/mapveil/v1/types_pb.ts";
import { compilePolicy, defaultPolicy } from "../../host/policy/index.ts";
import { parseHeader } from "../../host/veil/header.ts";
import { openVeil } from "../../host/veil/open.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { readAll } from "../formats/samples.ts";
import { frameOf, LIDAR, LIMITS, policyOf, RECIPIENT, Robot, spooledBy, sumOf } from "./support.ts";

const FRAME = frameOf(1);
const BEDROOM = "no_go:\n  areas:\n    - { name: b, polygon_m: [[0, 0], [4, 0], [4, 3], [0, 3]] }";

describe("a fresh robot", () => {
  let robot: Robot;
  beforeAll(async () => {
    robot = await Robot.start();
  });
  afterAll(() => robot.end());

  test("lets nothing leave, and says why in the language of the caller", async () => {
    const sensor = await robot.sensor("zh");
    const stream = await sensor.open({ layout: FRAME.layout });
    const receipt = await stream.push(FRAME);
    await stream.end();
    if (receipt.outcome !== "refused") throw new Error(`was ${receipt.outcome}`);
    const { code, metadata, localized } = receipt.error;
    expect(code).toBe("PERMISSION_DENIED");
    expect(metadata).toMatchObject({ permission: expect.stringMatching(/^robot-lidar-/) });
    for (const key of ["feature", "consequence", "unaffected", "restore_command"]) {
      expect(metadata[key]).toMatch(/\S/);
    }
    expect(localized.zh).toMatch(/[\u4e00-\u9fff]/);
    const accounts = robot.accounts();
    expect(accounts).toMatchObject({ captured: 1, uploaded: 0, spooled: 0 });
    expect(accounts.refused[receipt.reason as "UPLOAD_OFF"]).toBe(1);
  });
});

describe("a real frame, with the owner's yes", () => {
  test("is spooled as an artefact that opens to what the sanitizer makes of it", async () => {
    const robot = await Robot.start();
    try {
      await robot.grantLidar();
      const [frame] = (await readAll("test/data/nebula/vlp16_1673400472138016708.pcd")) as [Frame];
      const sensor = await robot.sensor();
      const stream = await sensor.open({ layout: frame.layout });
      const bytes = createHash("sha256").update(frame.data).digest("hex");
      const receipt = await stream.push(frame);
      if (receipt.outcome !== "accepted") throw new Error(receiptWords(receipt));
      expect(createHash("sha256").update(frame.data).digest("hex")).toBe(bytes);
      await stream.end();
      const { artefacts, veils } = await spooledBy(robot);
      expect(artefacts).toHaveLength(1);
      const veil = veils.get(artefacts[0]!.id)!;
      expect(receipt.sealedBytes).toBe(veil.length);
      expect(parseHeader(veil).epoch).toBe(receipt.epoch);
      expect(artefacts[0]).toMatchObject({ dataClass: "lidar", level: "frames" });
      const [tile] = await openVeil(veil, RECIPIENT);
      const local = await Sanitizer.create({
        policy: defaultPolicy(),
        recipient: RECIPIENT.publicKey,
      });
      const made = local.sanitize(frame);
      const [expected] = await openVeil(made.veil, RECIPIENT);
      expect(tile).toEqual(expected);
      expect(receipt.voxels).toBe(tile!.voxels);
      expect(receipt.pointsIn).toBe(frame.count);
      expect(new Set(receipt.stripped)).toEqual(
        new Set([...made.report.stripped, ...made.report.strippedPointFields]),
      );
    } finally {
      await robot.end();
    }
  });
});

describe("the policy and the granted level", () => {
  const FULL = "level: full\npose: keep\nkeep:\n  attributes: { ring: 8 }";
  const ringed = (): Frame => {
    const frame = frameOf(5);
    const ring = { offset: 0, type: "u8" } as const;
    const pose = { translation: [1, 2, 3], quaternion: [0, 0, 0, 1] } as const;
    return { ...frame, layout: { ...frame.layout, ring }, pose };
  };

  test.each([
    [Level.FRAMES, false],
    [Level.FULL, true],
  ])("level %s of a policy with rings: rings leave %s", async (level, leaves) => {
    const robot = await Robot.start({ policy: policyOf(FULL) });
    try {
      await robot.grantLidar(level);
      const frame = ringed();
      const stream = await (await robot.sensor()).open({ layout: frame.layout });
      const receipt = await stream.push(frame);
      expect(receiptWords(receipt)).toBe("accepted");
      await stream.end();
      const { artefacts, veils } = await spooledBy(robot);
      const [tile] = await openVeil(veils.get(artefacts[0]!.id)!, RECIPIENT);
      expect(tile!.ring !== undefined).toBe(leaves);
      expect(tile!.hasOrigin).toBe(leaves);
      expect(artefacts[0]!.level).toBe(leaves ? "full" : "frames");
    } finally {
      await robot.end();
    }
  });

  test("a policy takes effect with the next frame; one that cannot be applied leaves the old one", async () => {
    const robot = await Robot.start();
    try {
      const owner = await robot.grantLidar();
      const stream = await (await robot.sensor()).open({ layout: FRAME.layout });
      expect(receiptWords(await stream.push(FRAME))).toBe("accepted");
      robot.sidecar.setPolicy(policyOf("level: nothing"));
      expect(receiptWords(await stream.push(FRAME))).toBe("refused POLICY_NOTHING");
      const emptied = policyOf("level: map\nmap: {people: slice}\ncrop: {height_m: [0, 1]}");
      expect(() => robot.sidecar.setPolicy(emptied)).toThrow(/nothing would be left/);
      expect(receiptWords(await stream.push(FRAME))).toBe("refused POLICY_NOTHING");
      robot.sidecar.setPolicy(policyOf(BEDROOM));
      expect(receiptWords(await stream.push(FRAME))).toBe("refused POSE_MISSING");
      const pose = { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] } as const;
      const posed = await stream.push({ ...FRAME, pose });
      expect(receiptWords(posed)).toBe("accepted");
      await stream.end();
      const inMap = await (await robot.sensor()).open({ layout: FRAME.layout, inMapFrame: true });
      expect(receiptWords(await inMap.push(FRAME))).toBe("accepted");
      expect(robot.accounts().refused).toEqual({ POLICY_NOTHING: 2, POSE_MISSING: 1 });
      // A yes records the policy that was in force.
      await owner.grantPermission({ name: LIDAR, level: Level.FRAMES, affirmativeAct: "x" });
      const digests: unknown[] = [];
      for await (const { event } of owner.history()) {
        digests.push(JSON.parse(event.entry).policy_digest);
      }
      const hex = (text: string) =>
        Buffer.from(compilePolicy(policyOf(text)).digest).toString("hex");
      expect(digests).toEqual([hex(""), hex(""), hex(BEDROOM)]);
    } finally {
      await robot.end();
    }
  });
});

describe("one robot with the owner's yes", () => {
  let robot: Robot;
  let stream: SensorStream;
  beforeAll(async () => {
    robot = await Robot.start({
      limits: { ...LIMITS, frameBytes: 65_536, streams: 2, inFlight: 4 },
    });
    await robot.grantLidar();
    stream = await (await robot.sensor()).open({ layout: FRAME.layout });
  });
  afterAll(() => robot.end());

  const pose = (quaternion: [number, number, number, number], x = 0) => ({
    pose: { translation: [x, 0, 0] as [number, number, number], quaternion },
  });
  const note = (name: string, value: string) => ({ name, value }) as Frame["metadata"][number];

  test.each<[string, Partial<Frame>, string, string]>([
    ["too few bytes", { data: FRAME.data.subarray(1) }, "BAD_FRAME", "data"],
    ["a quaternion of length 2", pose([0, 0, 0, 2]), "BAD_FRAME", "pose"],
    ["a pose that is no number", pose([0, 0, 0, 1], Number.NaN), "BAD_FRAME", "pose"],
    ["a pose in space", pose([0, 0, 0, 1], 2e9), "BAD_FRAME", "pose"],
    ["a time before 1970", { stampNs: -1n }, "BAD_FRAME", "stamp_ns"],
    [
      "a long value",
      { metadata: [note("label", "a".repeat(1025))] },
      "BAD_FRAME",
      "metadata[0].value",
    ],
    ["a long name", { metadata: [note("a".repeat(65), "")] }, "BAD_FRAME", "metadata[0].name"],
    ["much metadata", { metadata: Array(65).fill(note("label", "")) }, "BAD_FRAME", "metadata"],
    ["many bytes", { count: 5462, data: new Uint8Array(65_544) }, "TOO_LARGE", "data"],
    [
      "no place for its points",
      { count: 2 ** 21 + 1, data: new Uint8Array(9) },
      "TOO_LARGE",
      "count",
    ],
  ])("%s: dropped, and the stream goes on", async (_, changes, reason, field) => {
    const before = robot.accounts().refused[reason as "BAD_FRAME"] ?? 0;
    const receipt = await stream.push({ ...FRAME, ...changes });
    if (receipt.outcome !== "dropped") throw new Error(receiptWords(receipt));
    expect(receipt.reason).toBe(reason);
    expect(receipt.error.code).toBe("INVALID_ARGUMENT");
    expect(receipt.error.fieldViolations.map((violation) => violation.field)).toEqual([field]);
    expect(robot.accounts().refused[reason as "BAD_FRAME"]).toBe(before + 1);
    expect(receiptWords(await stream.push(FRAME))).toBe("accepted");
  });

  test("names that no policy knows are told as stripped, and no other thing happens", async () => {
    const metadata = [note("shoe_size", "43"), note("serial_number", "123")];
    const receipt = await stream.push({ ...FRAME, metadata });
    if (receipt.outcome !== "accepted") throw new Error(receiptWords(receipt));
    expect(receipt.stripped).toEqual(["serial_number", "shoe_size"]);
  });

  test("an empty frame is a frame", async () => {
    const receipt = await stream.push({ ...FRAME, count: 0, data: new Uint8Array(0) });
    expect(receipt).toMatchObject({ outcome: "accepted", pointsIn: 0, voxels: 0 });
  });

  test("receipts come in the order of the frames, and the client keeps to what may be in flight", async () => {
    const order: bigint[] = [];
    const words = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        // Every third is bad, and answered much sooner than its neighbours.
        const receipt = await stream.push(i % 3 === 0 ? { ...FRAME, stampNs: -1n } : FRAME);
        order.push(receipt.sequence);
        return receiptWords(receipt);
      }),
    );
    expect(order).toEqual([...order].sort((a, b) => Number(a - b)));
    expect(words).toEqual(words.map((_, i) => (i % 3 === 0 ? "dropped BAD_FRAME" : "accepted")));
  });

  test("no more streams than the limit; one that ends makes room", async () => {
    const sensor = await robot.sensor();
    const second = await sensor.open({ layout: FRAME.layout });
    const third = sensor.open({ layout: FRAME.layout });
    await expect(third).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      reason: "TOO_MANY_STREAMS",
      retryDelayMs: expect.any(Number),
    });
    await second.end();
    const again = await sensor.open({ layout: FRAME.layout });
    expect(receiptWords(await again.push(FRAME))).toBe("accepted");
    await again.end();
  });

  test("the books are exact", async () => {
    const accounts = robot.accounts();
    expect(sumOf(accounts)).toBe(accounts.captured);
    const { spool, streams } = robot.sidecar.status();
    expect(accounts.spooled).toBe(spool.artefacts);
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({ dataClass: "lidar", inFlight: 0 });
    expect(streams[0]!.latencyP99Ms).toBeGreaterThanOrEqual(streams[0]!.latencyP50Ms);
    expect(streams[0]!.latencyP50Ms).toBeGreaterThan(0);
  });
});
