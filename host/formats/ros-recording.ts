/** What readers of ROS messages need of a recording: a bag, MCAP or rosbag2. */
import { type ByteFile, type Input, openByteFile } from "./byte-file.ts";
import { badInput } from "./input-errors.ts";
import type { MessageCursor } from "./message-cursor.ts";
import type { Tell } from "./metadata-list.ts";

/** One message of a recording; `open` starts reading it. */
export interface RecordedMessage {
  readonly topic: string;
  /** Short type: sensor_msgs/PointCloud2. */
  readonly type: string;
  readonly logTimeNs: bigint;
  /** What it reads is valid until the next message is asked for. */
  readonly open: () => MessageCursor;
}

export interface RosTopic {
  readonly topic: string;
  readonly type: string;
  /** Messages on it, if the recording counts them. */
  readonly messages?: number;
}

export interface RosRecording {
  readonly path: string;
  /** Topics by the recording's own index; undefined if it has no sound one. */
  indexedTopics(): Promise<readonly RosTopic[] | undefined>;
  /** Opens it for one pass over its messages; each pass has handles and progress of its own. */
  open(): Promise<RecordingPass>;
}

export interface RecordingPass extends Input {
  /** Every message in the order of the recording. Called once. */
  messages(tell: Tell): AsyncIterable<RecordedMessage>;
}

/** A pass over a recording that is one file. */
export async function openFilePass(
  path: string,
  messages: (file: ByteFile, tell: Tell) => AsyncIterable<RecordedMessage>,
): Promise<RecordingPass> {
  const file = await openByteFile(path);
  return {
    path,
    size: file.size,
    get bytesRead() {
      return file.bytesRead;
    },
    messages: (tell) => messages(file, tell),
    close: () => file.close(),
  };
}

/**
 * Calls `visit` for each message, in a pass of its own, so that it does not count as progress.
 * Where the recording breaks off, what was met until then stays and the fault is returned: the pass
 * that delivers will meet it again. Faults of `visit` itself are thrown.
 */
export async function visitMessages(
  recording: RosRecording,
  visit: (message: RecordedMessage) => void,
): Promise<unknown> {
  const pass = await recording.open();
  const messages = pass.messages(() => {})[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await messages.next().catch((fault: unknown) => ({ fault }));
      if ("fault" in next) return next.fault;
      if (next.done === true) return undefined;
      visit(next.value);
    }
  } finally {
    await pass.close();
  }
}

/** The topics of a recording, from its index or else from its messages. */
export async function topicsOf(recording: RosRecording): Promise<readonly RosTopic[]> {
  const indexed = await recording.indexedTopics();
  if (indexed !== undefined && indexed.length > 0) return indexed;
  const met = new Map<string, RosTopic>();
  const fault = await visitMessages(recording, ({ topic, type }) => {
    met.set(`${topic} ${type}`, { topic, type });
  });
  if (met.size === 0 && fault !== undefined) throw fault;
  return [...met.values()];
}

/**
 * The topic with one of `types`: the one that is named, else the first that has messages, types
 * that stand in front before others. BAD_INPUT if there is none.
 */
export function chooseTopic(
  path: string,
  topics: readonly RosTopic[],
  types: readonly string[],
  wanted: string | undefined,
): RosTopic {
  const fitting = types.flatMap((type) =>
    topics.filter((t) => t.type === type && (wanted === undefined || t.topic === wanted)),
  );
  const chosen = fitting.find((t) => t.messages !== 0);
  if (chosen === undefined) throw noSuchTopic(path, topics, types, wanted);
  return chosen;
}

/** BAD_INPUT that names what was looked for. */
export function noSuchTopic(
  path: string,
  topics: readonly RosTopic[],
  types: readonly string[],
  wanted: string | undefined,
) {
  const missing = wanted === undefined ? "no topic" : `no message on topic ${wanted}`;
  return badInput(
    path,
    `${missing} with type ${types.join(" or ")} among ${topics.length} topics. ${LIST_TOPICS} ` +
      "Name a topic of that type, or record one.",
    { field: "topic" },
  );
}

/** How to see the names of topics: errors do not repeat them, for they may name robot or home. */
export const LIST_TOPICS =
  "They are listed by `rosbag info`, `ros2 bag info` or `mcap list channels`.";
