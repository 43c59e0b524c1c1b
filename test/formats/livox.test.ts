/**
 * Livox messages and packets against an encoder of its own: every point and stamp, where frames end,
 * and what the lidars say of themselves.
 */
import { describe, expect, it } from "vitest";
import { openFrames } from "../../host/formats/index.ts";
import { capture, HOST_MAC, SENSOR_MAC } from "./capture-builder.ts";
import {
  broadcast1,
  type EncodedPoint,
  packet1,
  packet2,
  pushedState,
  searchAnswer,
} from "./livox-encoder.ts";
import { bag, type Encoding, livoxMessage, mcap } from "./ros-builders.ts";
import {
  beamsOf,
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
const CAPTURED_NS = BigInt(Date.UTC(2024, 4, 17, 8, 30)) * 1_000_000n;
const CLOCK_NS = CAPTURED_NS - 45_678_901n;

/** Whole numbers as the lidar sends them; every seventh is a placeholder. */
function firing(n: number, echoes: number): EncodedPoint[] {
  return Array.from({ length: echoes }, (_, echo) => ({
    place: n % 7 === 6 ? [0, 0, 0] : [1200 + n + echo, -340 - 2 * n, 17 * n - 500],
    reflectivity: (n * 3 + echo) % 256,
  }));
}

const directed = (n: number, echoes: number): EncodedPoint[] =>
  Array.from({ length: echoes }, (_, echo) => ({
    place: [2000 + n + 500 * echo, 3000 + 30 * n, 100 + 200 * n],
    reflectivity: n,
  }));

function fromAngles([depth, zenith, azimuth]: readonly [number, number, number]) {
  const [z, a] = [zenith, azimuth].map((angle) => (angle / 100 / 180) * Math.PI) as [
    number,
    number,
  ];
  const metres = depth / 1000;
  return [
    metres * Math.sin(z) * Math.cos(a),
    metres * Math.sin(z) * Math.sin(a),
    metres * Math.cos(z),
  ];
}

function expectNear(
  found: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
) {
  expect(found.length).toBe(expected.length);
  const off = found.map((point, i) =>
    Math.max(...point.map((v, a) => Math.abs(v - expected[i]![a]!))),
  );
  expect(Math.max(...off)).toBeLessThan(2e-6);
}

describe("packets of Livox lidars", () => {
  it.each([
    ["millimetres", 1, 1, 0.001],
    ["centimetres", 2, 1, 0.01],
    ["two returns", 0x11, 2, 0.001],
  ])("of the second kit in %s give every point", async (_, type, echoes, unit) => {
    const firings = Array.from({ length: 96 }, (_, n) => firing(n, echoes));
    const payload = packet2({ type, firings, clockNs: CLOCK_NS, interval: 4800 });
    const path = writeInput(folder, `two${type}.pcap`, capture([{ payload, timeNs: CAPTURED_NS }]));
    const [frame, ...more] = await readAll(path);
    expect(more).toEqual([]);
    const expected = firings.flat().map(({ place }) => place.map((v) => v * unit));
    expectNear(positionsOf(frame!), expected);
    const placeholders = positionsOf(frame!).filter((p) => p.every((v) => v === 0));
    expect(placeholders).toHaveLength(Math.floor(96 / 7) * echoes);
    const reflectivity = firings.flat().map((point) => point.reflectivity / 255);
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual(
      reflectivity.map((value) => expect.closeTo(value, 9)),
    );
    expect(frame!.stampNs).toBe(CLOCK_NS);
    expect(valuesOf(frame!, frame!.layout.time).at(-1)).toBeCloseTo((480_000 * 95) / 96 / 1e8, 4);
  });

  it.each([
    [0, 100, 1],
    [2, 96, 1],
    [4, 48, 2],
    [7, 30, 3],
  ])("of the first kit with data type %i give every point", async (type, count, echoes) => {
    const firings = Array.from({ length: count }, (_, n) => firing(n, echoes));
    const payload = packet1({ type, firings, clockType: 1, clock: CLOCK_NS });
    const path = writeInput(folder, `one${type}.pcap`, capture([{ payload, timeNs: CAPTURED_NS }]));
    const [frame] = await readAll(path);
    expectNear(
      positionsOf(frame!),
      firings.flat().map(({ place }) => place.map((v) => v / 1000)),
    );
    expect(frame!.stampNs).toBe(CLOCK_NS);
  });

  it.each([
    ["second", 3, 96, 1],
    ["first", 1, 100, 1],
    ["first", 3, 96, 1],
    ["first", 5, 48, 2],
    ["first", 8, 30, 3],
  ] as const)(
    "of the %s kit with angles (type %i) give every point",
    async (kit, type, count, echoes) => {
      const firings = Array.from({ length: count }, (_, n) => directed(n, echoes));
      const payload =
        kit === "second"
          ? packet2({ type, firings, clockNs: CLOCK_NS })
          : packet1({ type, firings, clockType: 1, clock: CLOCK_NS });
      const name = `angles-${kit}-${type}.pcap`;
      const [frame] = await readAll(
        writeInput(folder, name, capture([{ payload, timeNs: CAPTURED_NS }])),
      );
      expectNear(
        positionsOf(frame!),
        firings.flat().map(({ place }) => fromAngles(place)),
      );
    },
  );

  it("make frames of 100 ms, by the lidar's clock, begin one where that was set anew, and leave no piece over", async () => {
    const at = (ms: number, clockNs: bigint) => ({
      payload: packet2({ type: 1, firings: [firing(ms, 1)], clockNs }),
      timeNs: CAPTURED_NS + BigInt(ms) * 1_000_000n,
    });
    const packets = Array.from({ length: 25 }, (_, n) => at(10 * n, BigInt(10 * n) * 1_000_000n));
    packets.push(...[0, 1, 2].map((n) => at(250 + 10 * n, BigInt(n) * 10_000_000n + 5n)));
    packets.push(at(360, 110_000_005n));
    const path = writeInput(folder, "frames.pcap", capture(packets));
    const source = await openFrames(path);
    expect([source.format, source.periodSeconds]).toEqual(["livox-pcap", 0.1]);
    await source.close();
    expect((await readAll(path)).map(({ count }) => count)).toEqual([10, 10, 5, 4]);
  });

  it("take the capture's time where the lidar's clock was never set or counts leap seconds", async () => {
    const firings = Array.from({ length: 96 }, (_, n) => firing(n, 1));
    const unset = packet2({ type: 1, firings, clockNs: CLOCK_NS, clockType: 0 });
    const leaps = packet2({ type: 1, firings, clockNs: CLOCK_NS + 37_000_000_000n });
    const micros = Buffer.alloc(4);
    micros.writeUInt32LE(1_799_567_890);
    const clock = Buffer.concat([Buffer.from([24, 5, 17, 8]), micros]);
    const dated = packet1({ type: 2, firings, clockType: 3, clock });
    const stamps = [];
    for (const payload of [unset, leaps, dated]) {
      const path = writeInput(folder, "stamp.pcap", capture([{ payload, timeNs: CAPTURED_NS }]));
      stamps.push((await readAll(path))[0]!.stampNs);
    }
    const hour = BigInt(Date.UTC(2024, 4, 17, 8)) * 1_000_000n;
    expect(stamps).toEqual([CAPTURED_NS, CAPTURED_NS, hour + 1_799_567_890_000n]);
  });

  it("tell serial number, addresses and firmware, of which nothing is kept by default", async () => {
    const points = packet2({ type: 1, firings: [firing(1, 1)], clockNs: CLOCK_NS });
    const state = pushedState([
      [0x8000, Buffer.from("47MDL9T0020193\0\0", "latin1")],
      [0x8005, Buffer.from("3c8d205a71e7", "hex")],
      [0x8002, Buffer.from([13, 18, 2, 37])],
      [0x0004, Buffer.from([192, 168, 31, 93, 255, 255, 255, 0, 192, 168, 31, 1])],
      [0x0001, Buffer.from([0])],
    ]);
    const answer = searchAnswer("47MDL9T0020193", [192, 168, 31, 93], 9);
    const packets = [points, answer, state, broadcast1("3GGDJ6K00200101", 7), points];
    const path = writeInput(
      folder,
      "told.pcap",
      capture(packets.map((payload) => ({ payload, timeNs: CAPTURED_NS }))),
    );
    const [frame] = await readAll(path, { reads: "all" });
    expect(metadataOf(frame!, "serial_number")).toEqual(["47MDL9T0020193", "3GGDJ6K00200101"]);
    expect(metadataOf(frame!, "mac_address")).toEqual([SENSOR_MAC, HOST_MAC, "3c:8d:20:5a:71:e7"]);
    expect(metadataOf(frame!, "ip_address")).toEqual([
      "10.73.19.201",
      "10.73.19.44",
      "192.168.31.93",
    ]);
    expect(metadataOf(frame!, "firmware")).toEqual(["13.18.2.37"]);
    expect(metadataOf(frame!, "sensor_model")).toEqual(["Mid-360", "Avia"]);
    for await (const { metadata } of (await openFrames(path)).frames()) {
      expect(metadata.map(({ value }) => value).join("")).toBe("");
      expect(metadata.map(({ name }) => name)).toContain("serial_number");
    }
  });

  it("without points are refused with what there was", async () => {
    const payload = broadcast1("3GGDJ6K00200101", 7);
    const path = writeInput(folder, "quiet.pcap", capture([{ payload, timeNs: CAPTURED_NS }]));
    const error = await errorOf(path);
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toContain("1 packets of its control protocol and 0 others");
  });
});

describe("messages of the Livox drivers", () => {
  const points = Array.from({ length: 50 }, (_, n) => ({
    offsetNs: n * 2_000_000,
    place: n % 7 === 6 ? [0, 0, 0] : [1.5 + n / 8, -2 - n / 16, n / 32],
    reflectivity: (n * 5) % 256,
    line: n % 4,
  }));
  const stampNs = CAPTURED_NS + 1n;

  it.each([
    ["livox_ros_driver2/msg/CustomMsg", "cdr"],
    ["livox_interfaces/msg/CustomMsg", "cdr"],
    ["livox_ros_driver/CustomMsg", "ros1"],
  ] as const)("(%s, %s) give every point as it is", async (type, encoding: Encoding) => {
    const data = livoxMessage(points, { encoding, stampNs, frameId: "livox_frame", lidarId: 3 });
    const message = { topic: "/livox/lidar", type, timeNs: stampNs, data };
    const [name, content] =
      encoding === "ros1" ? ["m.bag", bag([message])] : ["m.mcap", await mcap([message])];
    const path = writeInput(folder, name!, content as Buffer);
    const [frame] = await readAll(path, { reads: "all" });
    expect(positionsOf(frame!)).toEqual(points.map(({ place }) => place));
    expect(beamsOf(frame!)).toEqual(points.map(({ line }) => line));
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual(
      points.map(({ reflectivity }) => expect.closeTo(reflectivity / 255, 9)),
    );
    expect(valuesOf(frame!, frame!.layout.time)).toEqual(
      points.map((_, n) => expect.closeTo(n / 49, 9)),
    );
    expect(frame!.stampNs).toBe(stampNs);
    expect(metadataOf(frame!, "frame_id")).toEqual(["livox_frame"]);
    expect(metadataOf(frame!, "session_id")).toEqual(["lidar_id 3"]);
    expect(metadataOf(frame!, "wall_clock")).toHaveLength(2);
    expect(metadataOf(frame!, "point_field")).toEqual(["tag"]);
  });

  it("that are cut short or big-endian are refused with their field", async () => {
    const type = "livox_ros_driver2/msg/CustomMsg";
    for (const [encoding, cut, text] of [
      ["cdr", 5, /field points .* cut short/],
      ["cdr-big", 0, /field points .* big-endian/],
    ] as const) {
      const whole = livoxMessage(points, { encoding, stampNs, frameId: "livox_frame", lidarId: 3 });
      const data = whole.subarray(0, whole.length - cut);
      const content = await mcap([{ topic: "/livox/lidar", type, timeNs: stampNs, data }]);
      const error = await errorOf(writeInput(folder, "damaged.mcap", content));
      expect(error.message).toMatch(text);
    }
  });
});
