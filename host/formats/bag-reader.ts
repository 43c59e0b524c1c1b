/** ROS 1 bags: topics with points, or the raw packets that the Ouster driver records. */
import type { Frame } from "../core/frame.ts";
import { bagRecording } from "./bag-recording.ts";
import { type BagMessage, readBag } from "./bag-records.ts";
import { type ByteFile, openByteFile } from "./byte-file.ts";
import { type FrameSource, makeSource, type OpenOptions } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { MessageCursor } from "./message-cursor.ts";
import { type CapturedPayload, OusterFrames, packetFrames } from "./ouster-frames.ts";
import { type OusterMetadata, parseOusterMetadata, readOusterMetadata } from "./ouster-metadata.ts";
import { openRosFrames, POINT_TYPES } from "./ros-frames.ts";
import { readString } from "./ros-messages.ts";
import { topicsOf } from "./ros-recording.ts";

/** What the driver calls a message that holds one UDP payload. */
const PACKET_TYPES = ["ouster_ros/PacketMsg", "ouster_sensor_msgs/PacketMsg"];

/**
 * A ROS 1 bag, indexed or not, chunks plain, lz4 or bz2. Topics with sensor_msgs/PointCloud2 and
 * LaserScan are preferred; without one, Ouster lidar packets are decoded with the metadata that the
 * bag (or `metadataPath`) holds. Otherwise BAD_INPUT with the topics that are there.
 */
export async function openBag(file: ByteFile, options: OpenOptions): Promise<FrameSource> {
  const recording = bagRecording(file.path);
  const wanted = (await topicsOf(recording)).filter(
    ({ topic }) => options.topic === undefined || topic === options.topic,
  );
  const packets = wanted.filter(({ type }) => PACKET_TYPES.includes(type));
  const hasPoints = wanted.some(({ type }) => (POINT_TYPES as readonly string[]).includes(type));
  if (hasPoints || packets.length === 0) return openRosFrames("rosbag", file, recording, options);
  const topics = packets.map(({ topic }) => topic);
  const path = options.metadataPath;
  const metadata =
    path === undefined ? await findMetadata(file.path) : await readOusterMetadata(path);
  if (metadata === undefined) {
    throw badInput(
      file.path,
      `the bag holds Ouster packets (${topics.join(", ")}) but no metadata string; ` +
        "give the sensor's metadata .json with --metadata.",
      { field: "metadata" },
    );
  }
  const facts = { format: "rosbag" as const, periodSeconds: metadata.periodSeconds };
  return makeSource(facts, file, () => readPackets(file, metadata, topics));
}

async function* readPackets(
  file: ByteFile,
  metadata: OusterMetadata,
  topics: readonly string[],
): AsyncGenerator<Frame> {
  const frames = new OusterFrames(file.path, metadata);
  yield* packetFrames(frames, readPayloads(file, frames, topics));
}

async function* readPayloads(
  file: ByteFile,
  frames: OusterFrames,
  topics: readonly string[],
): AsyncGenerator<CapturedPayload> {
  for await (const message of readBag(file, new Map())) {
    if (!topics.includes(message.connection.topic)) continue;
    frames.note("topic", message.connection.topic);
    frames.note("software", message.connection.callerId);
    yield { payload: payloadOf(file.path, message), stampNs: message.timeNs, origin: [] };
  }
}

/** uint8[] buf. */
function payloadOf(file: string, { connection, data, offset }: BagMessage): Uint8Array {
  const cursor = MessageCursor.ros1({ file, topic: connection.topic, offset }, data);
  return cursor.borrowBytes(cursor.u32("buf"), "buf");
}

/** The first string of the bag that is the metadata of an Ouster sensor. */
async function findMetadata(path: string): Promise<OusterMetadata | undefined> {
  const file = await openByteFile(path);
  try {
    for await (const { connection, data, offset } of readBag(file, new Map())) {
      if (connection.type !== "std_msgs/String") continue;
      const source = { file: path, topic: connection.topic, offset };
      const text = readString(MessageCursor.ros1(source, data));
      if (text.includes("beam_altitude_angles")) return parseOusterMetadata(path, text);
    }
    return undefined;
  } finally {
    await file.close();
  }
}
