import { describe, expect, it } from "vitest";
import { openFrames } from "../../host/formats/index.ts";
import { type Column, XYZI } from "./clouds.ts";
import { lz4Frame, zstdFrame } from "./packers.ts";
import { type Message, mcap, pointCloud2, stampedPose, stringMessage } from "./ros-builders.ts";
import {
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const input = (content: Uint8Array) => writeInput(folder, `${files++}.mcap`, content);

const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;
const ROWS = [
  [1, 2, 3, 0],
  [4, 5, 6, 255],
];
const CLOUD = "sensor_msgs/msg/PointCloud2";
const POSE = "geometry_msgs/msg/PoseStamped";
const cloud = (
  i: number,
  data = pointCloud2(XYZI, ROWS, { stampNs: START + BigInt(i) * SECOND }),
) =>
  ({ topic: "/points", type: CLOUD, timeNs: START + BigInt(i) * SECOND, data }) satisfies Message;
const pose = (i: number, x: number): Message => {
  const timeNs = START + BigInt(i) * SECOND;
  return { topic: "/pose", type: POSE, timeNs, data: stampedPose(timeNs, [x, 0, 0, 0, 0, 0, 1]) };
};

describe("MCAP", () => {
  it("gives clouds, stamps and everything that the recording says", async () => {
    const note = {
      topic: "/note",
      type: "std_msgs/msg/String",
      timeNs: START,
      data: stringMessage("Ada's"),
    };
    const [frame] = await readAll(input(await mcap([note, cloud(0)])));
    expect(positionsOf(frame!)).toEqual(ROWS.map((row) => row.slice(0, 3)));
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual([0, 1]);
    expect(frame!.stampNs).toBe(START);
    expect(metadataOf(frame!, "frame_id")).toEqual(["lidar"]);
    expect(metadataOf(frame!, "topic")).toEqual(["/points"]);
    expect(metadataOf(frame!, "software")).toEqual(["writer 1.2.3"]);
    expect(metadataOf(frame!, "wall_clock")).toEqual(["2023-11-14T22:13:20.000000000Z"]);
    expect(metadataOf(frame!, "raw_text").sort()).toEqual([
      "Ada's",
      "floor plan.png",
      "owner: Ada",
      "qos: best effort",
      "robot",
      "topic: /note",
    ]);
  });

  it.each([
    ["lz4", lz4Frame],
    ["zstd", zstdFrame],
  ])("reads %s chunks", async (name, compress) => {
    const compression = { name, compress };
    const path = input(await mcap([cloud(0), cloud(1)], { compression, chunkBytes: 1 }));
    expect((await readAll(path)).map((frame) => positionsOf(frame))).toHaveLength(2);
  });

  it.each(["cdr-big", "ros1"] as const)("reads messages encoded as %s", async (encoding) => {
    const data = pointCloud2(XYZI, ROWS, { encoding });
    const messageEncoding = encoding === "ros1" ? "ros1" : "cdr";
    const [frame] = await readAll(input(await mcap([cloud(0, data)], { messageEncoding })));
    expect(positionsOf(frame!)).toEqual(ROWS.map((row) => row.slice(0, 3)));
    expect(metadataOf(frame!, "frame_id")).toEqual(["lidar"]);
  });

  it("scales absolute times to the frame, empty slots left aside", async () => {
    const columns: Column[] = [...XYZI.slice(0, 3), { name: "timestamp", type: "f64" }];
    const rows = [1.7e9, 0, 1.7e9 + 0.05, 1.7e9 + 0.1].map((t) => [1, 2, 3, t]);
    const [frame] = await readAll(input(await mcap([cloud(0, pointCloud2(columns, rows))])));
    const [first, , middle, last] = valuesOf(frame!, frame!.layout.time);
    expect(first).toBeCloseTo(0, 4);
    expect(middle).toBeCloseTo(0.5, 4);
    expect(last).toBeCloseTo(1, 4);
  });

  it("packs the rows of padded organised clouds", async () => {
    const rows = Array.from({ length: 6 }, (_, i) => [i, i + 1, i + 2, 0]);
    const data = pointCloud2(XYZI, rows, { height: 3, rowPadding: 10 });
    const [frame] = await readAll(input(await mcap([cloud(0, data)])));
    expect(positionsOf(frame!)).toEqual(rows.map((row) => row.slice(0, 3)));
  });

  it("gives each cloud the pose between its neighbours in time, whichever was written first", async () => {
    const messages = [
      cloud(0),
      pose(0, 10),
      pose(1, 11),
      cloud(1),
      cloud(2),
      pose(3, 13),
      cloud(4),
    ];
    const frames = await readAll(input(await mcap(messages)));
    expect(frames.map((frame) => frame.pose?.translation[0])).toEqual([10, 11, 12, 13]);
  });

  it("takes poses from odometry too", async () => {
    const data = stampedPose(START, [1, 2, 3, 0, 0, 0, 1], "cdr", "base_link");
    const odometry = { topic: "/odom", type: "nav_msgs/msg/Odometry", timeNs: START, data };
    const [frame] = await readAll(input(await mcap([odometry, cloud(0)])));
    expect(frame!.pose!.translation).toEqual([1, 2, 3]);
  });

  it("reads the first topic with points, or the one that is named", async () => {
    const other = { ...cloud(1, pointCloud2(XYZI, [[9, 9, 9, 9]])), topic: "/rear" };
    const path = input(await mcap([cloud(0), other]));
    expect((await readAll(path)).map((frame) => frame.count)).toEqual([2]);
    expect((await readAll(path, { topic: "/rear" })).map((frame) => frame.count)).toEqual([1]);
  });

  it.each([true, false])("lists the topics if none fits (summary: %s)", async (summary) => {
    const path = input(await mcap([pose(0, 0), cloud(0)], { summary }));
    const error = await errorOf(path, { topic: "/front" });
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toContain("among 2 topics. They are listed by");
  });

  it("knows the number of frames from the summary", async () => {
    const source = await openFrames(input(await mcap([cloud(0), pose(0, 0), cloud(1)])));
    expect(source.expectedFrames).toBe(2);
    await source.close();
  });

  it("gives the frames before the end of a recording that was cut off", async () => {
    const whole = await mcap([cloud(0), cloud(1), cloud(2)], { chunkBytes: 1 });
    const source = await openFrames(input(whole.subarray(0, whole.lastIndexOf("lidar"))));
    let frames = 0;
    const reading = (async () => {
      for await (const _ of source.frames()) frames++;
    })();
    await expect(reading).rejects.toMatchObject({ code: "BAD_INPUT" });
    expect(frames).toBe(2);
    await source.close();
  });
});

describe("PointCloud2", () => {
  const cases: [string, Parameters<typeof pointCloud2>[2], RegExp][] = [
    ["big-endian points", { bigEndian: true }, /field is_bigendian .* is true/],
    ["an unknown datatype", { datatype: 9 }, /field fields.datatype .* unknown at entry \d/],
    [
      "a field beyond the point",
      { fieldOffset: 8 },
      /field 3 ends at byte 20 of a point that has 16 bytes/,
    ],
    ["a row step that is too short", { rowStep: 31 }, /field row_step .*is 31, less than the 32/],
    ["a width that is too large", { width: 4_000_000_000 }, /field (row_step|data) /],
    ["too few bytes", { width: 3, rowStep: 48 }, /field data .*has 32 bytes.*need 48/],
    ["no bytes a point", { pointStep: 0 }, /a point has 0 bytes/],
    ["a point of 5000 bytes", { pointStep: 5000, rowStep: 10000 }, /field data .*need 10000/],
  ];
  it.each(cases)("with %s is refused", async (_, options, message) => {
    const data = pointCloud2(XYZI, ROWS, options);
    const error = await errorOf(input(await mcap([cloud(0, data)])));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(message);
  });

  it("that is cut short anywhere is refused", async () => {
    const data = pointCloud2(XYZI, ROWS);
    // The last byte, is_dense, is not read.
    for (let length = 0; length < data.length - 1; length++) {
      const error = await errorOf(input(await mcap([cloud(0, data.subarray(0, length))])));
      expect(error.code).toBe("BAD_INPUT");
    }
  });

  it("in an unknown encoding is refused", async () => {
    const error = await errorOf(input(await mcap([cloud(0)], { messageEncoding: "json" })));
    expect(error.message).toMatch(/another message encoding than cdr and ros1/);
  });
});
