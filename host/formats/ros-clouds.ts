/**
 * From ROS messages in the order of a recording to frames: finds the topic with points, pairs each
 * cloud with the pose of its moment, and gathers what the recording says beside the points.
 * Shared by MCAP and ROS 1 bags.
 */
import type { Frame, MetadataField, Pose } from "../core/frame.ts";
import { badInput } from "./input-errors.ts";
import type { MessageCursor } from "./message-cursor.ts";
import { isoTime, MetadataList } from "./metadata-list.ts";
import { ousterIdentity } from "./ouster-identity.ts";
import { type PointCloud2, readPointCloud2 } from "./point-cloud2.ts";
import { layoutOf } from "./point-columns.ts";
import { readOdometry, readPoseStamped, readString, type StampedPose } from "./ros-messages.ts";

/** One message of a recording; `open` starts reading it. */
export interface RecordedMessage {
  readonly topic: string;
  /** Short type: sensor_msgs/PointCloud2. */
  readonly type: string;
  readonly logTimeNs: bigint;
  readonly open: () => MessageCursor;
}

export const POINT_CLOUD_TYPE = "sensor_msgs/PointCloud2";

const POSE_READERS: Readonly<Record<string, (cursor: MessageCursor) => StampedPose>> = {
  "geometry_msgs/PoseStamped": readPoseStamped,
  "nav_msgs/Odometry": readOdometry,
};

/** Poses kept while clouds wait for theirs: seconds of the fastest odometry. */
const POSES_KEPT = 4096;

/** A topic of strings may hold any number of them: enough to say that there are some. */
const NOTES_MAX = 256;

/**
 * The frames of a recording. Where `messages` ends with an error, the frame that was waiting comes
 * first, then the error.
 */
export async function* cloudFrames(
  clouds: RosClouds,
  messages: AsyncIterable<RecordedMessage>,
): AsyncGenerator<Frame> {
  let fault: unknown;
  try {
    for await (const message of messages) {
      const frame = clouds.push(message);
      if (frame) yield frame;
    }
  } catch (error) {
    fault = error;
  }
  const last = clouds.flush();
  if (last) yield last;
  if (fault !== undefined) throw fault;
}

interface PendingCloud {
  readonly cloud: PointCloud2;
  readonly logTimeNs: bigint;
}

export class RosClouds {
  readonly #file: string;
  readonly #metadata: MetadataList;
  #topic: string | undefined;
  #poseTopic: string | undefined;
  readonly #poses: StampedPose[] = [];
  #pending: PendingCloud | undefined;
  #delivered = 0;

  /** `topic`: the one to read; undefined takes the first that has points. */
  constructor(file: string, topic: string | undefined) {
    this.#file = file;
    this.#topic = topic;
    this.#metadata = MetadataList.ofFile(file);
  }

  /** Adds what the recording says of itself; every later frame carries it. */
  note(name: MetadataField["name"], value: string | undefined): void {
    if (this.#metadata.size < NOTES_MAX) this.#metadata.add(name, value);
  }

  /** Takes one message. Returns the frame that became complete with it, if one did. */
  push(message: RecordedMessage): Frame | undefined {
    if (message.type === POINT_CLOUD_TYPE) this.#topic ??= message.topic;
    if (message.type === POINT_CLOUD_TYPE && message.topic === this.#topic) {
      // Read first: if this one is damaged, the one before must not be lost.
      const cloud = readPointCloud2(message.open());
      const done = this.flush();
      this.#pending = { cloud, logTimeNs: message.logTimeNs };
      return done;
    }
    // Recorders write a pose and a cloud of one moment in any order: a cloud waits until the
    // recording has moved on.
    const later = this.#pending !== undefined && message.logTimeNs > this.#pending.logTimeNs;
    const done = later ? this.flush() : undefined;
    const readStamped = POSE_READERS[message.type];
    if (readStamped !== undefined) this.#poseTopic ??= message.topic;
    if (readStamped !== undefined && message.topic === this.#poseTopic) {
      this.#poses.push(readStamped(message.open()));
      if (this.#poses.length > POSES_KEPT) this.#poses.shift();
    } else if (message.type === "std_msgs/String") {
      this.#noteString(readString(message.open()));
    }
    return done;
  }

  /** The frame that still waits for its pose; call at the end of the recording. */
  flush(): Frame | undefined {
    const pending = this.#pending;
    if (pending === undefined) return undefined;
    this.#pending = undefined;
    this.#delivered++;
    return this.#toFrame(pending);
  }

  /** Throws BAD_INPUT if there was no frame; lists the topics and types that were there. */
  mustHaveDelivered(topics: Iterable<{ topic: string; type: string }>): void {
    if (this.#delivered > 0) return;
    const list = [...topics].map(({ topic, type }) => `${topic} (${type})`).sort();
    const wanted = this.#topic === undefined ? "no topic" : `no message on topic ${this.#topic}`;
    throw badInput(
      this.#file,
      `${wanted} with type ${POINT_CLOUD_TYPE}. Topics in the file: ${list.join(", ") || "none"}. ` +
        "Name a topic of that type, or record one.",
      { field: "topic" },
    );
  }

  #noteString(text: string): void {
    const ouster = ousterIdentity(text);
    for (const { name, value } of ouster ?? []) this.note(name, value);
    this.note("raw_text", text);
  }

  #toFrame({ cloud, logTimeNs }: PendingCloud): Frame {
    const { header, table } = cloud;
    const layout = layoutOf(this.#file, table, "byte");
    const stampNs = header.stampNs ?? (logTimeNs > 0n ? logTimeNs : undefined);
    const pose = this.#poseAt(stampNs);
    const metadata = new MetadataList(this.#metadata.list());
    metadata.add("topic", this.#topic);
    metadata.add("frame_id", header.frameId);
    for (const name of layout.otherFields ?? []) metadata.add("point_field", name);
    if (stampNs !== undefined) metadata.add("wall_clock", isoTime(stampNs));
    return {
      count: table.count,
      layout,
      data: table.data,
      ...(stampNs !== undefined && { stampNs }),
      ...(pose !== undefined && { pose }),
      metadata: metadata.list(),
    };
  }

  /** The latest pose that is not after `stampNs`. */
  #poseAt(stampNs: bigint | undefined): Pose | undefined {
    let best: StampedPose | undefined;
    for (const candidate of this.#poses) {
      const at = candidate.header.stampNs ?? 0n;
      if (stampNs !== undefined && at > stampNs) continue;
      if (best === undefined || at >= (best.header.stampNs ?? 0n)) best = candidate;
    }
    return best?.pose;
  }
}
