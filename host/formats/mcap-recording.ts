/** MCAP recordings: their messages front to back in constant memory, and their index. */
import { McapIndexedReader, McapStreamReader, type McapTypes } from "@mcap/core";
import { MapveilError } from "../core/errors.ts";
import { type ByteFile, openByteFile } from "./byte-file.ts";
import { CHUNK_BYTES_MAX, type Decompressor, loadDecompressor } from "./decompress.ts";
import { ForwardReader } from "./forward-reader.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import { MessageCursor } from "./message-cursor.ts";
import type { Tell } from "./metadata-list.ts";
import { shortType } from "./ros-messages.ts";
import {
  openFilePass,
  type RecordedMessage,
  type RosRecording,
  type RosTopic,
} from "./ros-recording.ts";

const MAGIC_BYTES = 8;
const RECORD_HEADER_BYTES = 9;
const OPCODE_HEADER = 0x01;
const OPCODE_FOOTER = 0x02;
const OPCODE_ATTACHMENT = 0x09;
/** Summaries are kilobytes; a larger one is not worth knowing the number of frames. */
const SUMMARY_BYTES_MAX = 1 << 26;
/** Of an attachment only the names are wanted, which stand in front. */
const ATTACHMENT_HEAD_BYTES = 1024;

type McapRecord = McapTypes.TypedMcapRecord;

/** The messages of an MCAP file in CDR or ROS 1 encoding, as bags give theirs. */
export function mcapRecording(path: string): RosRecording {
  return {
    path,
    indexedTopics: () => indexedTopics(path),
    open: () => openFilePass(path, readMessages),
  };
}

async function* readMessages(file: ByteFile, tell: Tell): AsyncGenerator<RecordedMessage> {
  const directory = new Directory();
  for await (const { record, offset } of readRecords(file, tell)) {
    if (record.type === "Schema") directory.addType(record);
    else if (record.type === "Channel") directory.addChannel(record);
    tellRecord(record, tell);
    const channel = record.type === "Message" && directory.channels.get(record.channelId);
    if (!channel) continue;
    const open = () => openMessage(file.path, offset, channel, record.data);
    yield { topic: channel.topic, type: channel.type, logTimeNs: record.logTime, open };
  }
}

/** What is needed of a channel to read its messages. */
interface Channel {
  readonly topic: string;
  readonly type: string;
  readonly encoding: string;
}

class Directory {
  readonly channels = new Map<number, Channel>();
  readonly #types = new Map<number, string>();

  addType({ id, name }: McapTypes.TypedMcapRecords["Schema"]): void {
    this.#types.set(id, shortType(name));
  }

  addChannel({
    id,
    schemaId,
    topic,
    messageEncoding,
  }: McapTypes.TypedMcapRecords["Channel"]): void {
    const type = this.#types.get(schemaId) ?? "unknown type";
    this.channels.set(id, { topic, type, encoding: messageEncoding });
  }
}

/** Tells what a record says of who recorded, and lets the library's copy of it go. */
function tellRecord(record: McapRecord, tell: Tell): void {
  if (record.type === "Header") {
    tell("software", record.library);
    // The library keeps it, for its errors alone.
    record.library = "";
  }
  if (record.type !== "Metadata" && record.type !== "Channel") return;
  if (record.type === "Metadata") tell("raw_text", record.name);
  for (const [key, value] of record.metadata) tell("raw_text", `${key}: ${value}`);
  if (record.type === "Channel") {
    // The library keeps every channel, to compare its repeats with: as many entries, all of them equal.
    const { size } = record.metadata;
    record.metadata.clear();
    Object.defineProperty(record.metadata, "size", { value: size });
  }
}

function openMessage(
  file: string,
  offset: number,
  channel: Channel,
  data: Uint8Array,
): MessageCursor {
  const source = { file, offset };
  if (channel.encoding === "cdr") return MessageCursor.cdr(source, data);
  if (channel.encoding === "ros1") return MessageCursor.ros1(source, data);
  throw badInput(
    file,
    `the message at offset ${offset} is on a channel with another message encoding than cdr and ` +
      "ros1, which are read. Convert the recording.",
    { field: "messageEncoding", offset },
  );
}

/** The records of the data section, those inside chunks included. Attachments are only named. */
async function* readRecords(
  file: ByteFile,
  tell: Tell,
): AsyncGenerator<{ record: McapRecord; offset: number }> {
  const reader = new ForwardReader(file);
  const parser = await McapParser.create(file.path);
  parser.append(0, await reader.borrow(MAGIC_BYTES, "the MCAP magic"));
  for (let first = true; ; first = false) {
    const offset = reader.offset;
    const head = await reader.borrow(RECORD_HEADER_BYTES, "an MCAP record header");
    const opcode = head[0]!;
    const length = recordLength(file, reader, head, offset);
    if (first && opcode !== OPCODE_HEADER) {
      const text = `the first record (offset ${offset}) has opcode ${opcode} instead of 1 (Header); the file is damaged.`;
      throw badInput(file.path, text, { offset });
    }
    if (opcode === OPCODE_FOOTER) return;
    if (opcode === OPCODE_ATTACHMENT) {
      const known = Math.min(length, ATTACHMENT_HEAD_BYTES);
      noteAttachment(tell, await reader.borrow(known, "an attachment"));
      reader.skip(length - known, "an attachment");
      continue;
    }
    // Copied before the next borrow makes the view invalid.
    parser.append(offset, head);
    parser.append(offset, await reader.borrow(length, "an MCAP record"));
    for (let record = parser.next(offset); record; record = parser.next(offset)) {
      yield { record, offset };
    }
  }
}

function recordLength(file: ByteFile, reader: ForwardReader, head: Uint8Array, offset: number) {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = Number(view.getBigUint64(1, true));
  if (length > reader.remaining) {
    throw badInput(
      file.path,
      `the record at offset ${offset} (opcode ${head[0]}) declares ${length} bytes but the file ` +
        `has ${reader.remaining} left: it was cut off or is damaged. The frames before were read; ` +
        "`mcap recover` may save more.",
      { offset },
    );
  }
  if (length > CHUNK_BYTES_MAX && head[0] !== OPCODE_ATTACHMENT) {
    throw tooLarge(
      file.path,
      `the record at offset ${offset} has ${length} bytes; at most ${CHUNK_BYTES_MAX} are read. ` +
        "Record with smaller chunks.",
      { offset },
    );
  }
  return length;
}

/** log time u64, create time u64, name, media type (strings with a u32 length). */
function noteAttachment(tell: Tell, head: Uint8Array): void {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (head.length < 20) return;
  const length = Math.min(view.getUint32(16, true), head.length - 20);
  tell("raw_text", Buffer.from(head.subarray(20, 20 + length)).toString("utf8"));
}

/** The library's parser, fed one record at a time, with its errors turned into BAD_INPUT. */
class McapParser {
  readonly #file: string;
  readonly #reader: McapStreamReader;
  #offset = 0;

  private constructor(file: string, lz4: Decompressor, zstd: Decompressor) {
    this.#file = file;
    const handler = (unpack: Decompressor) => (data: Uint8Array, size: bigint) =>
      unpack({ file, offset: this.#offset }, data, Number(size));
    this.#reader = new McapStreamReader({
      includeChunks: false,
      validateCrcs: true,
      decompressHandlers: { lz4: handler(lz4), zstd: handler(zstd) },
    });
  }

  static async create(file: string): Promise<McapParser> {
    const [lz4, zstd] = await Promise.all(["lz4", "zstd"].map(loadDecompressor));
    return new McapParser(file, lz4!, zstd!);
  }

  append(offset: number, bytes: Uint8Array): void {
    this.#guarded(offset, () => this.#reader.append(bytes));
  }

  next(offset: number): McapRecord | undefined {
    return this.#guarded(offset, () => this.#reader.nextRecord());
  }

  #guarded<T>(offset: number, action: () => T): T {
    this.#offset = offset;
    try {
      return action();
    } catch (error) {
      if (error instanceof MapveilError) throw error;
      throw badInput(
        this.#file,
        `the MCAP record at offset ${offset} is damaged; copy or record the file again.`,
        { offset },
        error,
      );
    }
  }
}

/** The channels that the recording's own summary lists, with their messages if it counts them. */
async function indexedTopics(path: string): Promise<RosTopic[] | undefined> {
  const index = await readSummary(path);
  if (index === undefined) return undefined;
  const counts = index.statistics?.channelMessageCounts;
  return [...index.channelsById.values()].map(({ id, topic, schemaId }) => ({
    topic,
    type: shortType(index.schemasById.get(schemaId)?.name ?? "unknown type"),
    ...(counts && { messages: Number(counts.get(id) ?? 0n) }),
  }));
}

/** The summary at the end; undefined if there is none or it is damaged: frames are read anyway. */
async function readSummary(path: string): Promise<McapIndexedReader | undefined> {
  // A handle of its own: reading the end must not count as progress.
  const file = await openByteFile(path);
  const readable = {
    size: async () => BigInt(file.size),
    read: async (offset: bigint, size: bigint) => {
      if (size > SUMMARY_BYTES_MAX) throw new RangeError("summary too large");
      return file.read(Number(offset), Number(size));
    },
  };
  try {
    return await McapIndexedReader.Initialize({ readable });
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
