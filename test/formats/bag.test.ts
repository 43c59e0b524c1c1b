import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readBagIndex } from "../../host/formats/bag-records.ts";
import { openByteFile } from "../../host/formats/byte-file.ts";
import { XYZI } from "./clouds.ts";
import { lz4Frame } from "./packers.ts";
import { bag, type Message, pointCloud2, stampedPose } from "./ros-builders.ts";
import {
  errorOf,
  metadataOf,
  OS1,
  positionsOf,
  RAW_BAG,
  readAll,
  temporaryFolder,
  validPositions,
  writeInput,
} from "./samples.ts";

/** The index of a bag, found without its chunks. */
async function indexOf(path: string) {
  const file = await openByteFile(path);
  try {
    return await readBagIndex(file);
  } finally {
    await file.close();
  }
}

const folder = temporaryFolder();
let files = 0;
const input = (content: Uint8Array) => writeInput(folder, `${files++}.bag`, content);

const TIME = 1_700_000_000_500_000_000n;
const ROWS = [
  [1, 2, 3, 0],
  [4, 5, 6, 255],
];
const CLOUD: Message = {
  topic: "/points",
  type: "sensor_msgs/PointCloud2",
  timeNs: TIME,
  data: pointCloud2(XYZI, ROWS, { encoding: "ros1", stampNs: TIME }),
};
const POSE: Message = {
  topic: "/pose",
  type: "geometry_msgs/PoseStamped",
  timeNs: TIME,
  data: stampedPose(TIME, [1, 2, 3, 0, 0, 0, 1], "ros1"),
};
/** Two seconds of a bzip2 binary are better than none; machines without it skip the test. */
const bzip2 = (bytes: Buffer) => execFileSync("bzip2", ["-c"], { input: bytes });
const hasBzip2 = (() => {
  try {
    return bzip2(Buffer.from("x")).length > 0;
  } catch {
    return false;
  }
})();

async function expectTwoFrames(content: Buffer): Promise<void> {
  const frames = await readAll(input(content));
  expect(frames).toHaveLength(2);
  for (const frame of frames) {
    expect(positionsOf(frame)).toEqual(ROWS.map((row) => row.slice(0, 3)));
    expect(frame.stampNs).toBe(TIME);
    expect(frame.pose!.translation).toEqual([1, 2, 3]);
    expect(metadataOf(frame, "topic")).toEqual(["/points"]);
    expect(metadataOf(frame, "software")).toEqual(["/driver"]);
  }
}

describe("ROS 1 bag", () => {
  const messages = [CLOUD, POSE, CLOUD];
  it("tells its topics by its index, if the recorder came to write one", async () => {
    const topics = (await indexOf(RAW_BAG))!.map(({ connection, messages }) => [
      connection.type,
      messages,
    ]);
    expect(topics.sort()).toEqual([
      ["ouster_ros/PacketMsg", 10],
      ["ouster_ros/PacketMsg", 32],
      ["std_msgs/String", 1],
    ]);
    expect(await indexOf(input(bag([CLOUD])))).toBeUndefined();
  });

  it("gives clouds with poses from plain chunks", () => expectTwoFrames(bag(messages)));
  it("reads bags without chunks", () => expectTwoFrames(bag(messages, { chunks: false })));
  it("reads lz4 chunks", () =>
    expectTwoFrames(bag(messages, { compression: { name: "lz4", compress: lz4Frame } })));
  it.runIf(hasBzip2)("reads bz2 chunks and leaves the process's error events alone", async () => {
    const before = process.listenerCount("unhandledRejection");
    await expectTwoFrames(bag(messages, { compression: { name: "bz2", compress: bzip2 } }));
    expect(process.listenerCount("unhandledRejection")).toBe(before);
  });

  it("lists the topics if none has points", async () => {
    const error = await errorOf(input(bag([POSE])));
    expect(error.message).toContain("among 1 topics. They are listed by");
    const named = await errorOf(input(bag([POSE, CLOUD])), { topic: "/front" });
    expect(named.message).toContain("no message on topic /front");
  });

  it("refuses an unknown compression", async () => {
    const compression = { name: "lzma", compress: (bytes: Buffer) => bytes };
    const error = await errorOf(input(bag(messages, { compression })));
    expect(error.message).toMatch(/another compression than none, lz4 and bz2/);
  });

  it("refuses a chunk that does not unpack to its size", async () => {
    const compression = { name: "lz4", compress: (bytes: Buffer) => lz4Frame(bytes.subarray(1)) };
    const error = await errorOf(input(bag(messages, { compression })));
    expect(error.message).toMatch(/lz4 chunk at offset \d+ .* does not unpack/);
  });
});

describe("Ouster packets in a bag", () => {
  it("are decoded with the metadata that the bag holds", async () => {
    const frames = await readAll(RAW_BAG);
    expect(frames.map((frame) => frame.count)).toEqual([65536]);
    expect(validPositions(frames[0]!)).toHaveLength(28751);
    expect(metadataOf(frames[0]!, "serial_number")).toEqual(["992108000265"]);
    expect(metadataOf(frames[0]!, "ip_address")).toEqual(["169.254.29.215"]);
    expect(metadataOf(frames[0]!, "topic")).toEqual(["/os_node0/lidar_packets"]);
  });

  it("that do not fit the metadata are named", async () => {
    const metadataPath = OS1.replace("_lb_n3.pcap", ".json");
    const error = await errorOf(RAW_BAG, { metadataPath });
    expect(error.message).toMatch(/no lidar packet fits.*Packets found: .*48 bytes/);
  });

  it("without any metadata ask for it", async () => {
    const data = Buffer.concat([Buffer.from([4, 0, 0, 0]), Buffer.alloc(4)]);
    const message = { topic: "/lidar_packets", type: "ouster_ros/PacketMsg", timeNs: TIME, data };
    const error = await errorOf(input(bag([message])));
    expect(error.message).toMatch(/--metadata/);
  });
});
