/** Recordings of ROS messages: topics with points, or with the packets of a lidar. */
import type { CapturedPayload, PacketVendor, Payloads } from "./captured-payload.ts";
import {
  type FrameSource,
  makeSource,
  type OpenOptions,
  type RecordingFormat,
} from "./frame-source.ts";
import { MetadataList, type Tell } from "./metadata-list.ts";
import { packetFrames } from "./packet-frames.ts";
import { PACKET_MESSAGES } from "./packet-messages.ts";
import { vendorNamed, vendorOf } from "./packet-vendors.ts";
import { recordingAt } from "./recordings.ts";
import { openRosFrames, POINT_TYPES } from "./ros-frames.ts";
import { readString } from "./ros-messages.ts";
import { RosNotes } from "./ros-notes.ts";
import { readRosPoses } from "./ros-poses.ts";
import { type RecordingPass, type RosRecording, type RosTopic, topicsOf } from "./ros-recording.ts";

/**
 * A recording with sensor_msgs/PointCloud2 or LaserScan, which are preferred, or with the packets of
 * a lidar, and poses from the same recording. One that was cut off gives its frames and then
 * BAD_INPUT.
 */
export async function openRecording(
  path: string,
  format: RecordingFormat,
  options: OpenOptions,
): Promise<FrameSource> {
  const recording = recordingAt(path, format);
  const topics = await topicsOf(recording);
  const wanted = topics.filter(
    ({ topic, messages }) =>
      messages !== 0 && (options.topic === undefined || topic === options.topic),
  );
  const packets = wanted.filter(({ type }) => Object.hasOwn(PACKET_MESSAGES, type));
  const hasPoints = wanted.some(({ type }) => (POINT_TYPES as readonly string[]).includes(type));
  if (hasPoints || packets.length === 0) return openRosFrames(format, recording, topics, options);
  return openPackets(format, recording, topics, packets, options);
}

async function openPackets(
  format: RecordingFormat,
  recording: RosRecording,
  topics: readonly RosTopic[],
  packets: readonly RosTopic[],
  options: OpenOptions,
): Promise<FrameSource> {
  const vendor = await vendorOfTopic(recording, packets[0]!);
  const said = MetadataList.ofFile(recording.path, options.reads);
  const input = { path: recording.path, said, texts: () => textsOf(recording) };
  const opened = await vendor.open(input, options);
  // Where the maker's decoder knows whose packets it takes, they may come on several topics.
  const chosen = opened.isOneSensor ? packets : packets.slice(0, 1);
  const { poseTopic, mount } = options;
  const poses = await readRosPoses(recording, topics, {
    poseTopic,
    isMounted: mount !== undefined,
  });
  const { periodSeconds } = opened;
  const facts = { format, ...(periodSeconds !== undefined && { periodSeconds }) };
  const pass = await recording.open();
  return makeSource(facts, pass, async function* () {
    const packetsRead = new MessagePackets(pass, new Set(chosen.map(({ topic }) => topic)), {
      notes: new RosNotes(said),
      keepsFrameId: poses !== undefined,
    });
    const payloads: Payloads = (tell) => packetsRead.payloads(tell);
    for await (const frame of packetFrames(input, payloads, vendor, opened)) {
      const pose = poses?.(frame.stampNs, packetsRead.frameId);
      yield pose === undefined ? frame : { ...frame, pose };
    }
  });
}

interface PacketOptions {
  /** Take what other messages say. */
  readonly notes?: RosNotes;
  /** True where poses are joined with where the sensor's frame sits. */
  readonly keepsFrameId?: boolean;
}

/** The payloads inside a recording's messages. */
class MessagePackets {
  readonly #pass: RecordingPass;
  readonly #topics: ReadonlySet<string>;
  readonly #options: PacketOptions;
  #frameId = "";

  constructor(pass: RecordingPass, topics: ReadonlySet<string>, options: PacketOptions = {}) {
    this.#pass = pass;
    this.#topics = topics;
    this.#options = options;
  }

  /** The sensor's frame by the last message, if it is kept; empty if messages do not say. */
  get frameId(): string {
    return this.#frameId;
  }

  async *payloads(tell: Tell): AsyncGenerator<CapturedPayload> {
    const tellOrigin = () => {};
    for await (const message of this.#pass.messages(tell)) {
      const { topic, type, logTimeNs } = message;
      const reader = Object.hasOwn(PACKET_MESSAGES, type) ? PACKET_MESSAGES[type] : undefined;
      if (reader === undefined) this.#options.notes?.take(message);
      if (reader === undefined || !this.#topics.has(topic)) continue;
      tell("topic", topic);
      const packets = reader.read(message.open(), (frameId) => {
        if (this.#options.keepsFrameId) this.#frameId = frameId;
        tell("frame_id", frameId);
      });
      for (const { payload, stampNs = logTimeNs } of packets) {
        yield { payload, stampNs, source: topic, tellOrigin };
      }
    }
  }
}

/** By the type of the topic's messages, or else by their packets. */
async function vendorOfTopic(
  recording: RosRecording,
  { topic, type }: RosTopic,
): Promise<PacketVendor> {
  const known = PACKET_MESSAGES[type]!.vendor;
  if (known !== undefined) return vendorNamed(known);
  const pass = await recording.open();
  try {
    return await vendorOf(new MessagePackets(pass, new Set([topic])).payloads(() => {}));
  } finally {
    await pass.close();
  }
}

async function* textsOf(recording: RosRecording): AsyncGenerator<string> {
  const pass = await recording.open();
  try {
    for await (const message of pass.messages(() => {})) {
      if (message.type === "std_msgs/String") yield readString(message.open());
    }
  } finally {
    await pass.close();
  }
}
