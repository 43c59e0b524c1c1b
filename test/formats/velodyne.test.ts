/** Velodyne's packets: each point against plain decoders and against another implementation's clouds. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sqlite from "node-sqlite3-wasm";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { openFrames } from "../../host/formats/index.ts";
import { type CapturedUdp, SENSOR_MAC } from "./capture-builder.ts";
import { bag, mcap } from "./ros-builders.ts";
import { db3 } from "./rosbag2-builders.ts";
import {
  beamsOf,
  DATA,
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  VLP16,
  valuesOf,
  writeInput,
} from "./samples.ts";
import {
  positionPacket,
  velodyneCapture,
  velodynePacket,
  velodyneScan,
  velodyneTurns,
} from "./velodyne-encoder.ts";
import {
  PLAIN_HDL32,
  PLAIN_VLP16,
  type PlainPoint,
  plainModel,
  plainPoints,
} from "./velodyne-reference.ts";

const RAW_VLP16 = join(DATA, "nebula/vlp16_raw_1673400471837873222.db3");
const HDL32 = join(DATA, "velodyne/hdl32_first120.pcap");
const GPS = join(DATA, "velodyne/vlp16_gps_first120.pcap");
const START = 1_700_000_400n * 1_000_000_000n;

const folder = temporaryFolder();
let files = 0;
const captured = (packets: readonly CapturedUdp[]) =>
  writeInput(folder, `${files++}.pcap`, velodyneCapture(packets));

/** The data packets of VelodyneScan messages, by their bytes alone. */
function packetsOfDb3(path: string): Buffer[] {
  const database = new sqlite.Database(path, { readOnly: true });
  const rows = database.all("SELECT data FROM messages ORDER BY timestamp");
  database.close();
  return rows.flatMap(({ data }) => {
    const message = Buffer.from(data as Uint8Array);
    // Encapsulation, stamp, length of the frame id, frame id; all aligned to 4.
    const count = (16 + message.readUInt32LE(12) + 3) & ~3;
    return Array.from({ length: message.readUInt32LE(count) }, (_, i) => {
      const at = count + 4 + i * 1216 + 8;
      return message.subarray(at, at + 1206);
    });
  });
}

/** UDP payloads of a capture without IP options. */
function packetsOfPcap(path: string): Buffer[] {
  const bytes = readFileSync(path);
  const packets: Buffer[] = [];
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    packets.push(bytes.subarray(at + 16 + 42, at + 16 + bytes.readUInt32LE(at + 8)));
  }
  return packets.filter(({ length }) => length === 1206);
}

interface Found {
  readonly position: readonly number[];
  readonly ring: number;
  readonly intensity: number;
}

const pointsOf = (frames: readonly Frame[]): Found[] =>
  frames.flatMap((frame) => {
    const rings = beamsOf(frame);
    const intensities = valuesOf(frame, frame.layout.intensity);
    return positionsOf(frame).map((position, i) => ({
      position,
      ring: rings[i]!,
      intensity: intensities[i]! * 255,
    }));
  });

const apart = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, axis) => Math.abs(value - b[axis]!)));

/** The largest deviation from the plain decoder; with `angle` 1e-4 of the distance is allowed beside. */
function compare(found: readonly Found[], plain: readonly PlainPoint[], perMetre = 0): number {
  expect(found).toHaveLength(plain.length);
  const sorted = [...new Set(plain.map(({ laser }) => laser))];
  expect(sorted.length).toBeGreaterThan(10);
  let worst = 0;
  for (const [i, { position, intensity, distance }] of plain.entries()) {
    if (Math.round(found[i]!.intensity) !== intensity) throw new Error(`intensity of point ${i}`);
    worst = Math.max(worst, apart(found[i]!.position, position) - perMetre * distance);
  }
  return worst;
}

/** x, y, z of a PCD file and what follows them. */
function cloudOf(path: string): { position: number[]; intensity: number; channel: number }[] {
  const bytes = readFileSync(path);
  const text = bytes.subarray(0, 400).toString("latin1");
  const from = text.indexOf("DATA binary\n") + 12;
  const step = text.includes("return_type") ? 32 : 12;
  return Array.from({ length: Number(/POINTS (\d+)/.exec(text)![1]) }, (_, i) => {
    const at = from + i * step;
    const position = [0, 4, 8].map((offset) => bytes.readFloatLE(at + offset));
    if (step === 12) return { position, intensity: 0, channel: 0 };
    return { position, intensity: bytes[at + 12]!, channel: bytes.readUInt16LE(at + 14) };
  });
}

describe("points of a VLP-16 with two returns", () => {
  const packets = packetsOfDb3(RAW_VLP16);
  const reading = readAll(RAW_VLP16).then(pointsOf);

  it("are where the manual's formula puts them", async () => {
    const found = await reading;
    const plain = packets.flatMap((packet) => plainPoints(packet, PLAIN_VLP16, "manual"));
    expect(found).toHaveLength(59_414);
    // Heights of the manual are rounded to 0.1 mm.
    expect(compare(found, plain)).toBeLessThan(6e-5);
    plain.forEach(({ laser }, i) => {
      const ring = laser % 2 === 0 ? laser / 2 : 8 + (laser - 1) / 2;
      if (Math.abs(found[i]!.ring - ring) > 1e-6) throw new Error(`ring of point ${i}`);
    });
  });

  it("are those of another implementation, its deviations put aside", async () => {
    const cloud = cloudOf(VLP16);
    expect(cloud).toHaveLength(14_831);
    const found = await reading;
    const plain = packets.flatMap((packet) => plainPoints(packet, PLAIN_VLP16, "nebula"));
    // The scan is the last but one of the recording and a bit of the one behind.
    const start = 44_503;
    let worst = 0;
    let turned = 0;
    cloud.forEach(({ position, intensity, channel }, i) => {
      const mine = found[start + i]!;
      worst = Math.max(worst, apart(plain[start + i]!.position, position));
      if (Math.round(mine.intensity) !== intensity) throw new Error(`intensity of point ${i}`);
      if (Math.round(mine.ring) !== channel) throw new Error(`ring of point ${i}`);
      // Without rounding and heights, which the plain decoder has as well, few are turned.
      const flat = Math.hypot(mine.position[0]! - position[0]!, mine.position[1]! - position[1]!);
      if (flat > 1e-4 * Math.hypot(...position)) turned++;
    });
    expect(worst).toBeLessThan(3e-6);
    expect(turned / cloud.length).toBeLessThan(0.2);
  });
});

describe.each([
  ["VLP-32C", 0x28, ["37", "39"], 1],
  ["VLS-128", 0xa1, ["37"], 4],
] as const)("points of a %s", (_, product, modes, banks) => {
  it.each(modes)("are where the manual's formula puts them, in mode 0x%s", async (mode) => {
    const returns = mode === "39" ? 2 : 1;
    const sensor = plainModel(product);
    const packets = Array.from({ length: 60 }, (_, i) =>
      velodynePacket({
        product,
        mode: Number.parseInt(mode, 16),
        us: 1000 * i,
        // Blocks of a column, and both returns of each, have one azimuth.
        azimuth: (block) => (350 * i + 30 * Math.floor(block / (banks * returns))) % 36000,
        mark: (block) => [0xee, 0xdd, 0xcc, 0xbb][Math.floor(block / returns) % banks]!,
        distance: (block, value) => 500 + 97 * value + 13 * block + i,
      }),
    );
    const path = captured(packets.map((payload, i) => ({ timeNs: START + BigInt(i), payload })));
    const plain = packets.flatMap((packet) => plainPoints(packet, sensor, "manual"));
    expect(compare(pointsOf(await readAll(path)), plain)).toBeLessThan(2e-5);
  });
});

it("a real VLS-128 has no point between the beams of the table", async () => {
  const elevations = plainModel(0xa1).elevations;
  const [frame] = await readAll(join(DATA, "nebula/vls128_every50th.pcd"));
  const met = new Set<number>();
  for (const [x, y, z] of positionsOf(frame!)) {
    const degrees = (Math.atan2(z!, Math.hypot(x!, y!)) * 180) / Math.PI;
    const off = elevations.map((elevation) => Math.abs(elevation - degrees));
    const nearest = off.indexOf(Math.min(...off));
    // Beams are 0.1 degrees apart and more.
    if (off[nearest]! > 0.01) throw new Error(`a point at ${degrees} degrees`);
    met.add(nearest);
  }
  expect(met.size).toBeGreaterThan(120);
});

describe("points of an HDL-32E", () => {
  it("are where the manual's formula puts them", async () => {
    const frames = await readAll(HDL32);
    expect(frames).toHaveLength(2);
    const plain = packetsOfPcap(HDL32).flatMap((packet) =>
      plainPoints(packet, PLAIN_HDL32, "manual"),
    );
    // Angles of the manual are rounded to 0.01 degrees, heights to 0.1 mm.
    expect(compare(pointsOf(frames), plain, 1e-4)).toBeLessThan(1e-4);
  });

  it("belong to the turn in which they were measured", async () => {
    const [first, second] = await readAll(HDL32);
    const times = (frame: Frame) => valuesOf(frame, frame.layout.time);
    for (const frame of [first!, second!]) {
      const sorted = times(frame).every((time, i, all) => i === 0 || time >= all[i - 1]! - 0.002);
      expect(sorted).toBe(true);
    }
    expect(times(second!)[0]).toBeLessThan(0.001);
    expect(times(first!).at(-1)).toBeGreaterThan(0.999);
  });
});

describe("what Velodyne's packets say", () => {
  const KNOWN = {
    mac_address: "60:76:88:10:2f:6f",
    ip_address: "10.0.0.100",
    geo_position: "36.8291309, -2.4075715",
    raw_text: "$GPRMC,081802.00,A,3649.7478558,N,00224.4542928,W,0.034,212.5,210116,0.0,E,A*2E",
    wall_clock: "2016-01-21T08:18:02Z",
    sensor_model: "VLP-16",
    file_name: "vlp16_gps_first120.pcap",
  } as const;
  const names = Object.keys(KNOWN) as (keyof typeof KNOWN)[];

  it("is told in whole where it is asked for", async () => {
    const frames = await readAll(GPS);
    expect(frames.length).toBeGreaterThan(1);
    for (const frame of frames) {
      for (const name of names) expect(metadataOf(frame, name)).toContain(KNOWN[name]);
    }
  });

  it("is told by its names alone where it is not", async () => {
    for (const frame of await readAll(GPS, { reads: [] })) {
      for (const name of names) expect(metadataOf(frame, name)).toEqual([""]);
      expect(JSON.stringify(frame.metadata)).not.toMatch(/\d/);
    }
  });

  it("is the envelope of each sensor, whose points never mix", async () => {
    const packets = [
      ...velodyneTurns(100, START),
      ...velodyneTurns(100, START, { source: [10, 73, 19, 202], product: 0x21 }),
    ].sort((a, b) => Number(a.timeNs - b.timeNs));
    const frames = await readAll(captured(packets));
    const models = frames.map((frame) => metadataOf(frame, "sensor_model").join());
    expect(models.sort()).toEqual(["HDL-32E", "HDL-32E", "VLP-16", "VLP-16"]);
    for (const frame of frames) {
      const wanted =
        metadataOf(frame, "sensor_model")[0] === "VLP-16" ? "10.73.19.201" : "10.73.19.202";
      expect(metadataOf(frame, "ip_address")).toContain(wanted);
      expect(metadataOf(frame, "mac_address")).toContain(SENSOR_MAC);
    }
  });

  it.each([
    ["$GPGGA,081802,3600.00,S,00130.00,E,1,8,0.9,12,M,,M,,*47", "-36.0000000, 1.5000000"],
    ["$GPRMC,081802,V,,,,,,,210116,,,N*47", undefined],
    ["$GPRMC", undefined],
  ])("of a sentence is its place, if it has one (%s)", async (sentence, place) => {
    const position = { payload: positionPacket(sentence), timeNs: START, port: 8308 };
    const [frame] = await readAll(captured([position, ...velodyneTurns(2, START)]));
    expect(metadataOf(frame!, "raw_text")).toEqual([sentence]);
    expect(metadataOf(frame!, "geo_position")).toEqual(place === undefined ? [] : [place]);
  });
});

describe("frames of Velodyne's packets", () => {
  it("end where the azimuth begins anew, and not where a packet comes late", async () => {
    const turns = velodyneTurns(200, START);
    [turns[20], turns[21]] = [turns[21]!, turns[20]!];
    const frames = await readAll(captured(turns));
    // 75 packets a turn, 384 points each.
    expect(frames.map(({ count }) => count)).toEqual([28_800, 28_800, 19_200]);
  });

  it("take in the pieces of a turn at the ends, which alone would look like a beam at rest", async () => {
    const counts = async (packets: readonly CapturedUdp[]) =>
      (await readAll(captured(packets))).map(({ count }) => count);
    // 4.8 degrees a packet: three packets in front of a turn of 75, six behind it.
    expect(await counts(velodyneTurns(156, START).slice(72))).toEqual([84 * 384]);
    expect(await counts(velodyneTurns(157, START).slice(72))).toEqual([78 * 384, 7 * 384]);
    expect(await counts(velodyneTurns(6, START))).toEqual([6 * 384]);
  });

  it("end where the sensor was off, though its azimuth says nothing", async () => {
    const late = velodyneTurns(10, START + 5_000_000_000n, { us: 5_000_000 });
    const frames = await readAll(captured([...velodyneTurns(10, START), ...late]));
    expect(frames.map(({ count }) => count)).toEqual([3840, 3840]);
  });

  it("have the sensor's time where its clock is set, else that of the capture", async () => {
    const stampOf = async (us: number) =>
      (await readAll(captured(velodyneTurns(1, START, { us }))))[0]!.stampNs;
    const hour = START - (START % 3_600_000_000_000n);
    const us = Number((START - hour) / 1000n);
    expect(await stampOf(us - 5000)).toBe(START - 5_000_000n);
    expect(await stampOf(us + 200_000_000)).toBe(START);
    const [frame] = await readAll(captured(velodyneTurns(1, hour + 1000n, { us: 3_599_999_000 })));
    expect(frame!.stampNs).toBe(hour - 1_000_000n);
  });

  it("leave out what has no return, and a second return that is the first", async () => {
    const distance = (block: number, value: number) =>
      value < 4 ? 0 : 1000 + (value === 5 ? block % 2 : 0);
    const packet = velodynePacket({ mode: 0x39, distance, azimuth: (block) => 40 * (block >> 1) });
    const [frame] = await readAll(captured([{ payload: packet, timeNs: START }]));
    expect(frame!.count).toBe(6 * (28 + 1));
  });

  it("of a VLS-128 with two returns hold eight blocks a packet", async () => {
    const mark = (block: number) => [0xee, 0xdd, 0xcc, 0xbb][block >> 1] ?? 0;
    const distance = (block: number) => (block < 8 ? 1000 + (block % 2) : 7);
    const packets = velodyneTurns(3, START, { product: 0xa1, mode: 0x39, mark, distance });
    const [frame] = await readAll(captured(packets));
    expect(frame!.count).toBe(3 * 256);
    expect(new Set(beamsOf(frame!)).size).toBe(128);
    expect(Math.max(...positionsOf(frame!).map((p) => Math.hypot(...p)))).toBeCloseTo(4.004, 4);
  });

  it("are refused of an HDL-64E, with what to do", async () => {
    const mark = (block: number) => (block % 2 === 0 ? 0xee : 0xdd);
    const error = await errorOf(captured(velodyneTurns(3, START, { mark })));
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(error.message).toMatch(/3 of an HDL-64E.*calibration file/);
  });

  it("are refused of products and modes that are not known, and counted", async () => {
    const packets = [
      ...velodyneTurns(2, START, { product: 0x99 }),
      ...velodyneTurns(1, START, { mode: 0x3a }),
    ];
    const error = await errorOf(captured(packets));
    expect(error.message).toMatch(/2 of another product, 1 in another mode of returns/);
  });
});

describe("Velodyne's packets in messages", () => {
  const packets = velodyneTurns(90, START).map(({ payload }) => Buffer.from(payload));
  const scans = (type: string, encoding: "cdr" | "ros1", nebula = false) => [
    {
      topic: "/packets",
      type,
      timeNs: START,
      data: velodyneScan(packets, START, encoding, nebula),
    },
  ];
  const expected = [28_800, 5760];
  const countsOf = async (path: string) => (await readAll(path)).map(({ count }) => count);

  it.each([
    ["a bag", "bag", () => bag(scans("velodyne_msgs/VelodyneScan", "ros1"))],
    ["MCAP", "mcap", () => mcap(scans("velodyne_msgs/msg/VelodyneScan", "cdr"))],
    ["rosbag2", "db3", () => db3(folder, scans("velodyne_msgs/VelodyneScan", "cdr"))],
    [
      "nebula's messages",
      "db3",
      () => db3(folder, scans("nebula_msgs/NebulaPackets", "cdr", true)),
    ],
  ])("are read from %s", async (_, ending, build) => {
    const path = writeInput(folder, `messages${files++}.${ending}`, await build());
    expect(await countsOf(path)).toEqual(expected);
    const [frame] = await readAll(path);
    expect(metadataOf(frame!, "frame_id")).toEqual(["velodyne"]);
    expect(metadataOf(frame!, "topic")).toEqual(["/packets"]);
  });

  it("that break off give their frames first", async () => {
    const data = velodyneScan(packets, START).subarray(0, 105_000);
    const message = { topic: "/p", type: "velodyne_msgs/VelodyneScan", timeNs: START, data };
    const source = await openFrames(writeInput(folder, "broken.db3", db3(folder, [message])));
    const frames = source.frames()[Symbol.asyncIterator]();
    expect((await frames.next()).value.count).toBe(28_800);
    await frames.next();
    await expect(frames.next()).rejects.toMatchObject({ code: "BAD_INPUT" });
    await source.close();
  });
});
