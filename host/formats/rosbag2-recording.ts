/**
 * rosbag2 recordings as ROS 2 makes them: a .db3 alone, or a folder with metadata.yaml and one or
 * several parts, each .db3 (also compressed whole, .db3.zstd) or .mcap. Messages that were
 * compressed one by one are told by their first bytes.
 */
import { statSync } from "node:fs";
import { openByteFile } from "./byte-file.ts";
import { CHUNK_BYTES_MAX, unpackZstd, zstdContentBytes } from "./decompress.ts";
import { badInput } from "./input-errors.ts";
import { mcapRecording } from "./mcap-recording.ts";
import { MessageCursor } from "./message-cursor.ts";
import type { Tell } from "./metadata-list.ts";
import { shortType } from "./ros-messages.ts";
import type { RecordedMessage, RecordingPass, RosRecording, RosTopic } from "./ros-recording.ts";
import { type DatabaseMessage, type DatabaseTopic, Rosbag2Database } from "./rosbag2-database.ts";
import { readRosbag2Metadata } from "./rosbag2-metadata.ts";

/** RFC 8878, 3.1.1: a CDR message begins with a zero byte, so that the two are never confused. */
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];

/** The recording in the file or folder `path`. */
export function rosbag2Recording(path: string): RosRecording {
  const isFolder = () => statSync(path).isDirectory();
  return {
    path,
    indexedTopics: async () =>
      isFolder() ? (await readRosbag2Metadata(path, () => {})).topics : countTopics(path),
    open: async () => openParts(path, isFolder()),
  };
}

/** Undefined if the database breaks while they are counted: what is before that is read anyway. */
async function countTopics(path: string): Promise<RosTopic[] | undefined> {
  const database = await Rosbag2Database.open(path);
  try {
    const counts = database.countMessages();
    const topics = database.topics();
    if ([...counts.keys()].some((id) => !topics.has(id))) return undefined;
    return [...topics].map(([id, { topic, type }]) => ({
      topic,
      type: shortType(type),
      messages: counts.get(id) ?? 0,
    }));
  } catch {
    return undefined;
  } finally {
    await database.close();
  }
}

async function openParts(path: string, isFolder: boolean): Promise<RecordingPass> {
  const paths = isFolder ? (await readRosbag2Metadata(path, () => {})).paths : [path];
  const sizes: number[] = [];
  for (const part of paths) sizes.push(await sizeOf(part));
  return new PartsPass(path, isFolder, paths, sizes);
}

/** Asked before reading, so that a part which is missing is named before the first frame. */
async function sizeOf(path: string): Promise<number> {
  const file = await openByteFile(path);
  await file.close();
  return file.size;
}

class PartsPass implements RecordingPass {
  readonly path: string;
  readonly size: number;
  readonly #paths: readonly string[];
  readonly #sizes: readonly number[];
  readonly #isFolder: boolean;
  /** Bytes of the parts that were read to their end. */
  #before = 0;
  #part: { readonly bytesRead: number; close(): Promise<void> } | undefined;

  constructor(path: string, isFolder: boolean, paths: readonly string[], sizes: readonly number[]) {
    this.path = path;
    this.size = sizes.reduce((sum, size) => sum + size, 0);
    this.#paths = paths;
    this.#sizes = sizes;
    this.#isFolder = isFolder;
  }

  get bytesRead(): number {
    return this.#before + (this.#part?.bytesRead ?? 0);
  }

  async *messages(tell: Tell): AsyncGenerator<RecordedMessage> {
    // Read once more, so that nothing of it is held meanwhile.
    if (this.#isFolder) await readRosbag2Metadata(this.path, tell);
    for (const [i, path] of this.#paths.entries()) {
      const part = path.endsWith(".mcap")
        ? await mcapRecording(path).open()
        : await DatabasePass.open(path, this.#sizes[i]!);
      this.#part = part;
      yield* part.messages(tell);
      await this.close();
      this.#before += this.#sizes[i]!;
    }
  }

  async close(): Promise<void> {
    const part = this.#part;
    this.#part = undefined;
    await part?.close();
  }
}

/** A pass over one database. */
class DatabasePass implements RecordingPass {
  readonly path: string;
  readonly size: number;
  readonly #database: Rosbag2Database;
  readonly #topics: ReadonlyMap<number, DatabaseTopic>;
  #bytesRead = 0;

  private constructor(path: string, size: number, database: Rosbag2Database) {
    this.path = path;
    this.size = size;
    this.#database = database;
    this.#topics = database.topics();
  }

  static async open(path: string, size: number): Promise<DatabasePass> {
    const database = await Rosbag2Database.open(path);
    try {
      return new DatabasePass(path, size, database);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** Of a database only the messages count, and those of a compressed one are more than the file. */
  get bytesRead(): number {
    return Math.min(this.#bytesRead, this.size);
  }

  async *messages(tell: Tell): AsyncGenerator<RecordedMessage> {
    tell("software", this.#database.distribution());
    for (const message of this.#database.messages()) {
      const topic = this.#topics.get(message.topicId);
      if (topic === undefined) {
        const text = `message ${message.index} is of a topic that table topics does not have.`;
        throw badInput(this.path, text, { field: "messages.topic_id" });
      }
      this.#bytesRead += message.data.length;
      const open = () => this.#openMessage(topic, message);
      const { timeNs: logTimeNs } = message;
      yield { topic: topic.topic, type: shortType(topic.type), logTimeNs, open };
    }
    this.#bytesRead = this.size;
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #openMessage({ serialization }: DatabaseTopic, message: DatabaseMessage): MessageCursor {
    // Early recorders left it empty, and there is no other one in use.
    if (serialization !== "cdr" && serialization !== "") {
      const text = `message ${message.index} is not in CDR; record it with rmw_serialization_format cdr.`;
      throw badInput(this.path, text, { field: "serialization_format" });
    }
    const { index } = message;
    const source = { file: this.path, offset: index, place: `message ${index}` };
    return MessageCursor.cdr(source, this.#unpacked(message));
  }

  #unpacked({ data, index }: DatabaseMessage): Uint8Array {
    if (!ZSTD_MAGIC.every((byte, i) => data[i] === byte)) return data;
    const size = zstdContentBytes(data);
    const fits = size !== undefined && size <= CHUNK_BYTES_MAX;
    const unpacked = fits ? guarded(() => unpackZstd(data, size)) : undefined;
    if (unpacked !== undefined && unpacked.length === size) return unpacked;
    const text =
      `message ${index} (${data.length} bytes of zstd) does not unpack to a size that it states, ` +
      `of at most ${CHUNK_BYTES_MAX}: the recording is damaged; copy or record it again.`;
    throw badInput(this.path, text);
  }
}

/** Undefined for what the library refuses. */
function guarded<T>(unpack: () => T): T | undefined {
  try {
    return unpack();
  } catch {
    return undefined;
  }
}
