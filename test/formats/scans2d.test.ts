/** Frames of lidars that measure in a plane: CARMEN logs and LaserScan messages, with their poses. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Pose } from "../../host/core/frame.ts";
import { openFrames } from "../../host/formats/index.ts";
import { PoseTrack } from "../../host/formats/pose-track.ts";
import { composePoses, planarPose, poseBetween } from "../../host/formats/rotation.ts";
import {
  bag,
  type Encoding,
  laserScan,
  type Message,
  mcap,
  stampedPose,
  transforms,
} from "./ros-builders.ts";
import {
  DATA,
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  validPositions,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const input = (content: Uint8Array | string, extension: string) =>
  writeInput(folder, `${files++}.${extension}`, content);

const yawOf = ({ quaternion: [x, y, z, w] }: Pose) =>
  Math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z));

describe("a CARMEN log", () => {
  const CSAIL = join(DATA, "scan2d_carmen/mit-csail_every16th.clf.gz");
  const readings = (n: number) => Array.from({ length: n }, (_, i) => (i === 3 ? 81.91 : 1 + i));
  const flaser = (seconds: number, n = 5, tail = `10 20 0.5 1 2 3 ${seconds} robby 0.1`) =>
    `FLASER ${n} ${readings(n).join(" ")} ${tail}\n`;
  const robotLaser = `ROBOTLASER1 0 -1.0 2.0 0.5 30 0.01 1 5 1 2 30 40 nan 2 7 8 10 20 0.5 11 21 0.6 0 0 0.1 0.2 0 1000.5 robby 0.1\n`;

  it("gives the scans of a real robot with their poses", async () => {
    const source = await openFrames(CSAIL);
    expect(source).toMatchObject({ format: "carmen", flat: true });
    await source.close();
    const frames = await readAll(CSAIL);
    expect(frames).toHaveLength(120);
    const lines = gunzipSync(readFileSync(CSAIL)).toString("latin1").split("\n");
    const words = lines.find((line) => line.startsWith("FLASER"))!.split(" ");
    const ranges = words.slice(2, 363).map(Number);
    const [first] = frames;
    expect(first!.count).toBe(361);
    expect(first!.stampNs).toBe(BigInt(words.at(-3)!.replace(".", "")) * 1000n);
    expect(first!.pose!.translation).toEqual([Number(words[363]), Number(words[364]), 0]);
    expect(yawOf(first!.pose!)).toBeCloseTo(Number(words[365]), 12);
    expect(metadataOf(first!, "host_name")).toEqual([words.at(-2)]);
    for (const [i, [x, y, z]] of positionsOf(first!).entries()) {
      const range = ranges[i]! < 81 ? ranges[i]! : 0;
      expect(Math.hypot(x, y)).toBeCloseTo(range, 5);
      expect(z).toBe(0);
      if (range > 0) expect(Math.atan2(y, x)).toBeCloseTo(((i - 180) / 360) * Math.PI, 5);
    }
  });

  it("reads old and new messages, packed or not, and passes over all others", async () => {
    const others = "# comment\nPARAM robot_frontlaser_offset 0.3 h 0\nODOM 1 2 3 0 0 0 1 h 0\n\n";
    for (const extension of ["clf", "log", "clf.gz", "log.gz"]) {
      const text = `${others}${flaser(1000)}RLASER 1 x\r\n${flaser(1001).replace("\n", "\r\n")}`;
      const content = extension.endsWith("gz") ? gzipSync(text) : text;
      const frames = await readAll(input(content, extension));
      expect(frames.map(({ stampNs }) => stampNs)).toEqual([
        1_000n * 10n ** 9n,
        1_001n * 10n ** 9n,
      ]);
      expect(positionsOf(frames[0]!)[3]).toEqual([0, 0, 0]);
    }
    const [frame] = await readAll(input(others + robotLaser + flaser(7), "log"));
    expect(frame!.pose).toEqual(planarPose(10, 20, 0.5));
    expect(frame!.stampNs).toBe(1_000_500_000_000n);
    // 30 is the limit, 40 is beyond, nan is none.
    expect(validPositions(frame!).map(([x, y]) => [Math.hypot(x, y), Math.atan2(y, x)])).toEqual([
      [expect.closeTo(1, 6), expect.closeTo(-1, 6)],
      [expect.closeTo(2, 6), expect.closeTo(-0.5, 6)],
    ]);
  });

  it("puts scans in order that came late", async () => {
    const order = [5, 3, 4, 1, 2, 6];
    const text = order.map((seconds) => flaser(seconds)).join("");
    const seconds = (await readAll(input(text, "clf"))).map(({ stampNs }) => Number(stampNs) / 1e9);
    expect(seconds).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    [
      "a count that is none",
      flaser(9).replace(" 5 ", " five "),
      /line 2: num_readings is not a number/,
    ],
    [
      "a count that is too large",
      flaser(9).replace(" 5 ", " 50 "),
      /line 2: num_readings does not fit the \d+ words/,
    ],
    ["a count that is too small", flaser(9).replace(" 5 ", " 4 "), /line 2: .*more words/],
    [
      "a count beyond bounds",
      flaser(9).replace(" 5 ", " 1e9 "),
      /line 2: num_readings does not fit the \d+ words/,
    ],
    ["a broken reading", flaser(9).replace("81.91", "8l"), /line 2: value 4 of 5 is not a number/],
    ["a broken pose", flaser(9).replace(" 20 ", " north "), /line 2: y is not a number/],
    [
      "a broken stamp",
      flaser(9).replace(" 9 robby", " NaN robby"),
      /line 2: ipc_timestamp is not a number/,
    ],
    ["an end that is missing", flaser(9).replace(" robby 0.1", ""), /line 2: it ends before/],
  ])("refuses %s, after the scans before", async (_, line, message) => {
    const path = input(flaser(8) + line, "clf");
    const source = await openFrames(path);
    const seen: (bigint | undefined)[] = [];
    const reading = (async () => {
      for await (const { stampNs } of source.frames()) seen.push(stampNs);
    })();
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ code: "BAD_INPUT", details: { line: 2 } });
    expect(seen).toEqual([8_000_000_000n]);
    await source.close();
  });

  it("refuses files without a scan, endless lines and damaged gzip", async () => {
    expect((await errorOf(input("Dear diary,\n", "log"))).message).toMatch(/FLASER or ROBOTLASER1/);
    const long = await errorOf(input(`FLASER ${"1 ".repeat(600_000)}`, "clf"));
    expect(long.message).toMatch(/line 1 is longer than 1048576 bytes/);
    const bomb = await errorOf(input(gzipSync(Buffer.alloc(5_000_000)), "log.gz"));
    expect(bomb.message).toMatch(/line 1 is longer/);
    const cut = gzipSync(flaser(1).repeat(400)).subarray(0, -30);
    expect((await errorOf(input(cut, "clf.gz"))).message).toMatch(/gzip data is damaged or cut/);
    expect((await errorOf(input(gzipSync("x"), "pcd"))).message).toMatch(/are those of gzip/);
  });
});

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;
const at = (seconds: number) => START + BigInt(Math.round(seconds * 1e9));
const SCAN = { angleMin: -1, angleIncrement: 0.5, rangeMin: 0.1, rangeMax: 10 };
const RANGES = [1, 0.05, Number.NaN, Number.POSITIVE_INFINITY, 10, 10.5, -1, 0];

const KINDS: readonly [string, (messages: readonly Message[]) => Promise<string>, Encoding][] = [
  ["bag", async (messages) => input(bag(messages), "bag"), "ros1"],
  ["MCAP of ROS 2", async (messages) => input(await mcap(messages), "mcap"), "cdr"],
  [
    "MCAP without a summary",
    async (messages) => input(await mcap(messages, { summary: false }), "mcap"),
    "cdr",
  ],
  [
    "MCAP of ROS 1",
    async (messages) => input(await mcap(messages, { messageEncoding: "ros1" }), "mcap"),
    "ros1",
  ],
];

describe.each(KINDS)("scans in a %s", (_, write, encoding) => {
  const scan = (seconds: number, topic = "/scan"): Message => {
    const options = { ...SCAN, encoding, stampNs: at(seconds), frameId: "laser" };
    return {
      topic,
      type: "sensor_msgs/LaserScan",
      timeNs: at(seconds),
      data: laserScan(RANGES, options),
    };
  };
  const pose = (seconds: number, x: number, yaw: number, topic = "/pose"): Message => {
    const half = yaw / 2;
    const values = [x, 0, 0, 0, 0, Math.sin(half), Math.cos(half)];
    return {
      topic,
      type: "geometry_msgs/PoseWithCovarianceStamped",
      timeNs: at(seconds),
      data: Buffer.concat([stampedPose(at(seconds), values, encoding), Buffer.alloc(36 * 8)]),
    };
  };
  const tf = (topic: string, seconds: number, list: Parameters<typeof transforms>[0]): Message => ({
    topic,
    type: "tf2_msgs/TFMessage",
    timeNs: at(seconds),
    data: transforms(list, at(seconds), encoding),
  });

  it("are points of a plane, empty where nothing was measured", async () => {
    const path = await write([scan(0)]);
    const source = await openFrames(path);
    expect(source.flat).toBe(true);
    await source.close();
    const [frame] = await readAll(path);
    expect(frame!.stampNs).toBe(START);
    expect(frame!.pose).toBeUndefined();
    expect(metadataOf(frame!, "frame_id")).toEqual(["laser"]);
    expect(positionsOf(frame!).map(([x, y, z]) => [x !== 0 || y !== 0, z])).toEqual(
      RANGES.map((_range, i) => [i === 0 || i === 4, 0]),
    );
    const [x, y] = positionsOf(frame!)[4]!;
    expect([x, y]).toEqual([
      expect.closeTo(10 * Math.cos(1), 5),
      expect.closeTo(10 * Math.sin(1), 5),
    ]);
    expect(valuesOf(frame!, frame!.layout.intensity)[4]).toBeCloseTo(4 / 255, 6);
  });

  it("get the pose between two, turned by the shorter way", async () => {
    const path = await write([scan(0.25), pose(0, 1, 3.1), pose(1, 2, -3.1), scan(1.5), scan(2.5)]);
    const [first, late, later] = await readAll(path);
    expect(first!.pose!.translation[0]).toBeCloseTo(1.25, 12);
    expect(yawOf(first!.pose!)).toBeCloseTo(3.1 + (2 * Math.PI - 6.2) / 4, 9);
    expect(late!.pose!.translation[0]).toBe(2);
    expect(later!.pose).toBeUndefined();
  });

  it("get no pose where the robot may have gone anywhere, but one where it stood", async () => {
    const poses = [pose(0, 0, 0), pose(60, 0.2, 0.1), pose(120, 9, 0)];
    const frames = await readAll(await write([...poses, scan(30), scan(90)]));
    expect(frames.map((frame) => frame.pose?.translation[0])).toEqual([
      expect.closeTo(0.1, 12),
      undefined,
    ]);
  });

  it("ask for the topic of the poses where several have some, goals left aside", async () => {
    const goal = pose(0, 99, 0, "/move_base_simple/goal");
    const path = await write([goal, pose(0, 1, 0), pose(0, 2, 0, "/amcl_pose"), scan(0)]);
    const error = await errorOf(path);
    expect(error).toMatchObject({ code: "BAD_INPUT", details: { field: "poseTopic" } });
    expect(error.message).toMatch(/2 topics hold poses/);
    const xOf = async (poseTopic: string) =>
      (await readAll(path, { poseTopic }))[0]!.pose?.translation[0];
    expect(await xOf("/pose")).toBe(1);
    expect(await xOf("/amcl_pose")).toBe(2);
    expect(await xOf("none")).toBeUndefined();
    expect((await errorOf(path, { poseTopic: "/scan" })).message).toMatch(
      /no poses on topic \/scan/,
    );
  });

  it("stand where tf says, or where the caller says", async () => {
    const up = Math.SQRT1_2;
    const frames = [
      tf("/tf_static", 0, [
        { parent: "base_link", child: "mast", pose: [0.2, 0, 0.5, 0, 0, up, up] },
        { parent: "/mast", child: "laser", pose: [0.1, 0, 0, 0, 0, 0, 1] },
      ]),
      tf("/tf", 0, [{ parent: "map", child: "base_link", pose: [5, 5, 0, 0, 0, 0, 1] }]),
    ];
    const path = await write([...frames, pose(0, 1, Math.PI / 2), scan(0)]);
    const [frame] = await readAll(path);
    // Ahead 0.2 and then 0.1 to the left, seen from a robot that looks to +y.
    expect(frame!.pose!.translation.map((v) => Number(v.toFixed(9)))).toEqual([0.9, 0.2, 0.5]);
    expect(Math.abs(yawOf(frame!.pose!))).toBeCloseTo(Math.PI, 9);
    const [told] = await readAll(path, { mount: planarPose(0.194, 0, 0) });
    expect(told!.pose!.translation.map((v) => Number(v.toFixed(9)))).toEqual([1, 0.194, 0]);
  });

  it("take no frame of /tf for fixed that moves", async () => {
    const moving = [0, 1].map((i) =>
      tf("/tf", i, [{ parent: "base_link", child: "laser", pose: [i, 0, 0, 0, 0, 0, 1] }]),
    );
    const [frame] = await readAll(await write([...moving, pose(0, 3, 0), scan(0)]));
    expect(frame!.pose!.translation).toEqual([3, 0, 0]);
  });

  it.each([
    ["angle_min", { angleMin: Number.NaN }],
    ["range_max", { rangeMax: Number.NaN }],
    ["ranges", { count: 70_000 }],
    ["ranges", { count: 60_000 }],
    ["intensities", { intensities: 3 }],
  ])("with a broken %s are refused", async (field, options) => {
    const data = laserScan(RANGES, { ...SCAN, encoding, ...options });
    const error = await errorOf(await write([{ ...scan(0), data }]));
    expect(error).toMatchObject({ code: "BAD_INPUT", details: { field } });
  });
});

describe("poses", () => {
  it("are found among many that came in any order", () => {
    const track = new PoseTrack();
    const order = Array.from({ length: 1000 }, (_, i) => (i * 387) % 1000);
    for (const i of order) track.add(START + BigInt(i) * SECOND, planarPose(i, 0, 0));
    track.add(START + 7n * SECOND, planarPose(-7, 0, 0));
    const xAt = (seconds: number) => track.at(at(seconds))?.translation[0];
    expect([xAt(0), xAt(7), xAt(500.25), xAt(999), xAt(1000), xAt(1000.5), xAt(-1.5)]).toEqual([
      0,
      -7,
      500.25,
      999,
      999,
      undefined,
      undefined,
    ]);
    expect(new PoseTrack().at(START)).toBeUndefined();
  });

  it("compose as their matrices do, and lie between their ends", () => {
    const s = Math.sqrt(0.5);
    const a: Pose = { translation: [1, 2, 3], quaternion: [s, 0, 0, s] };
    const b: Pose = { translation: [0, 1, 0], quaternion: [0, 0, s, s] };
    // A quarter turn about x takes +y to +z.
    const both = composePoses(a, b);
    expect(both.translation.map((v) => Number(v.toFixed(12)))).toEqual([1, 2, 4]);
    expect(both.quaternion.map((v) => Number(v.toFixed(12)))).toEqual([0.5, -0.5, 0.5, 0.5]);
    expect(poseBetween(a, b, 0).translation).toEqual(a.translation);
    const middle = poseBetween(planarPose(0, 0, 1), planarPose(2, 4, 2), 0.25);
    expect(middle.translation).toEqual([0.5, 1, 0]);
    expect(yawOf(middle)).toBeCloseTo(1.25, 12);
    expect(poseBetween(a, a, 0.5).quaternion).toEqual(
      a.quaternion.map((v) => expect.closeTo(v, 12)),
    );
  });
});
