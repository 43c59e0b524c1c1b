/** ROS 1 bags: PointCloud2 topics, or the raw packets that the Ouster driver records. */
import type { Frame } from "../core/frame.ts";
import { type BagConnection, type BagMessage, readBag } from "./bag-records.ts";
import { type ByteFile, openByteFile } from "./byte-file.ts";
import { type FrameSource, makeSource } from "./frame-source.ts";
import { badInput } from "./input-errors.ts";
import { MessageCursor } from "./message-cursor.ts";
import { type CapturedPayload, OusterFrames, packetFrames } from "./ouster-frames.ts";
import { type OusterMetadata, parseOusterMetadata, readOusterMetadata } from "./ouster-metadata.ts";
import { cloudFrames, POINT_CLOUD_TYPE, type RecordedMessage, RosClouds } from "./ros-clouds.ts";
import { readString } from "./ros-messages.ts";

export interface BagOptions {
  readonly topic: string | undefined;
  readonly metadataPath: string | undefined;
}

/** What the driver calls a message that holds one UDP payload. */
const PACKET_TYPES = new Set(["ouster_ros/PacketMsg", "ouster_sensor_msgs/PacketMsg"]);

/**
 * A ROS 1 bag, indexed or not, chunks plain, lz4 or bz2. Topics with sensor_msgs/PointCloud2 are
 * preferred; without one, Ouster lidar packets are decoded with the metadata that the bag (or
 * `metadataPath`) holds. Otherwise BAD_INPUT with the topics that are there.
 */
export async function openBag(file: ByteFile, options: BagOptions): Promise<FrameSource> {
  const survey = await surveyBag(file.path, options.topic);
  if (survey.kind === "clouds") {
    return makeSource({ format: "rosbag" }, file, () => readClouds(file, options.topic));
  }
  const path = options.metadataPath;
  const metadata = path === undefined ? survey.metadata : await readOusterMetadata(path);
  if (metadata === undefined) {
    throw badInput(
      file.path,
      `the bag holds Ouster packets (${survey.topics.join(", ")}) but no metadata string; ` +
        "give the sensor's metadata .json with --metadata.",
      { field: "metadata" },
    );
  }
  const facts = { format: "rosbag" as const, periodSeconds: metadata.periodSeconds };
  return makeSource(facts, file, () => readPackets(file, metadata, survey.topics));
}

async function* readClouds(file: ByteFile, topic: string | undefined): AsyncGenerator<Frame> {
  const clouds = new RosClouds(file.path, topic);
  const connections = new Map<number, BagConnection>();
  yield* cloudFrames(clouds, readMessages(file, clouds, connections));
  clouds.mustHaveDelivered(connections.values());
}

async function* readMessages(
  file: ByteFile,
  clouds: RosClouds,
  connections: Map<number, BagConnection>,
): AsyncGenerator<RecordedMessage> {
  for await (const { connection, timeNs, data, offset } of readBag(file, connections)) {
    const { topic, type, callerId } = connection;
    clouds.note("software", callerId);
    // Copied where points may wait for their pose beyond the life of the chunk.
    const lasting = () => (type === POINT_CLOUD_TYPE ? data.slice() : data);
    const open = () => MessageCursor.ros1({ file: file.path, topic, offset }, lasting());
    yield { topic, type, logTimeNs: timeNs, open };
  }
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

type Survey =
  | { readonly kind: "clouds" }
  | {
      readonly kind: "packets";
      readonly topics: readonly string[];
      readonly metadata: OusterMetadata | undefined;
    };

/** Looks through the bag until it is clear what it offers; most often that is the first chunk. */
async function surveyBag(path: string, topic: string | undefined): Promise<Survey> {
  const file = await openByteFile(path);
  try {
    const connections = new Map<number, BagConnection>();
    const packets = new Set<string>();
    let metadata: OusterMetadata | undefined;
    for await (const { connection, data, offset } of readBag(file, connections)) {
      const wanted = topic === undefined || connection.topic === topic;
      if (wanted && connection.type === POINT_CLOUD_TYPE) return { kind: "clouds" };
      if (wanted && PACKET_TYPES.has(connection.type)) packets.add(connection.topic);
      if (connection.type === "std_msgs/String" && metadata === undefined) {
        const source = { file: path, topic: connection.topic, offset };
        metadata = metadataOf(path, readString(MessageCursor.ros1(source, data)));
      }
      if (topic !== undefined && packets.size > 0 && metadata !== undefined) break;
    }
    if (packets.size > 0) return { kind: "packets", topics: [...packets], metadata };
    new RosClouds(path, topic).mustHaveDelivered(connections.values());
    return { kind: "clouds" };
  } finally {
    await file.close();
  }
}

function metadataOf(path: string, text: string): OusterMetadata | undefined {
  return text.includes("beam_altitude_angles") ? parseOusterMetadata(path, text) : undefined;
}
