/**
 * The records of a ROS 1 bag, version 2.0 (wiki.ros.org/Bags/Format/2.0), front to back: works on
 * recordings without an index too, and needs no more memory than one chunk.
 */
import type { ByteFile } from "./byte-file.ts";
import { CHUNK_BYTES_MAX, type Decompressor, loadDecompressor } from "./decompress.ts";
import { ForwardReader } from "./forward-reader.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import type { Tell } from "./metadata-list.ts";

export const BAG_MAGIC = "#ROSBAG V2.0\n";

export interface BagConnection {
  readonly topic: string;
  readonly type: string;
}

export interface BagMessage {
  readonly connection: BagConnection;
  /** Nanoseconds since the Unix epoch. */
  readonly timeNs: bigint;
  /** Valid until the next message is asked for. */
  readonly data: Uint8Array;
  /** Offset in the file of the chunk or record that holds the message. */
  readonly offset: number;
}

const OP_MESSAGE = 2;
const OP_BAG_HEADER = 3;
const OP_CHUNK = 5;
const OP_CHUNK_INFO = 6;
const OP_CONNECTION = 7;
const HEADER_BYTES_MAX = 1 << 20;

/** Keys of a connection that say nothing of who recorded, and the one that is told by its own name. */
const OF_THE_TYPE = new Set(["topic", "type", "message_definition", "callerid"]);

type Fields = ReadonlyMap<string, Uint8Array>;

/** Every message in the order of the file. `tell` hears what the connections say of who published. */
export async function* readBag(file: ByteFile, tell: Tell = () => {}): AsyncGenerator<BagMessage> {
  const reader = new ForwardReader(file);
  reader.skip(BAG_MAGIC.length, "the bag magic");
  const connections = new Connections(file.path, tell);
  const unpackers = new Map<string, Decompressor | undefined>();
  while (reader.remaining > 0) {
    const offset = reader.offset;
    const fields = await readFields(file.path, reader);
    const op = fields.get("op")?.[0];
    const length = u32(await reader.borrow(4, "a record's data length"), 0);
    if (op !== OP_CHUNK && op !== OP_MESSAGE && op !== OP_CONNECTION) {
      reader.skip(length, "a bag record");
      continue;
    }
    checkLength(file.path, length, offset);
    const data = await reader.borrow(length, op === OP_CHUNK ? "a chunk" : "a bag record");
    if (op !== OP_CHUNK) {
      const message = connections.take(offset, fields, data);
      if (message) yield message;
      continue;
    }
    const records = await unpackChunk(file.path, offset, fields, data, unpackers);
    yield* readChunk(file.path, offset, records, connections);
  }
}

/** Messages of one connection, by the index. */
export interface IndexedConnection {
  readonly connection: BagConnection;
  readonly messages: number;
}

/**
 * The connections by the index at the end of the bag, without reading the chunks; undefined if the
 * recorder did not come to write one. BAD_INPUT if there is one and it is damaged.
 */
export async function readBagIndex(file: ByteFile): Promise<IndexedConnection[] | undefined> {
  const reader = new ForwardReader(file);
  reader.skip(BAG_MAGIC.length, "the bag magic");
  const header = await readFields(file.path, reader);
  const position = header.get("index_pos");
  if (header.get("op")?.[0] !== OP_BAG_HEADER || position?.length !== 8) return undefined;
  const start = u32(position, 0) + u32(position, 4) * 2 ** 32;
  if (start <= reader.offset || start >= file.size) return undefined;
  reader.skip(start - reader.offset, "the chunks");
  const connections = new Connections(file.path, () => {});
  const counts = new Map<number, number>();
  while (reader.remaining > 0) {
    const offset = reader.offset;
    const fields = await readFields(file.path, reader);
    const length = u32(await reader.borrow(4, "a record's data length"), 0);
    checkLength(file.path, length, offset);
    const data = await reader.borrow(length, "a bag record");
    connections.take(offset, fields, data);
    if (fields.get("op")?.[0] !== OP_CHUNK_INFO) continue;
    for (let at = 0; at + 8 <= data.length; at += 8) {
      const conn = u32(data, at);
      counts.set(conn, (counts.get(conn) ?? 0) + u32(data, at + 4));
    }
  }
  return [...connections.byNumber].map(([conn, connection]) => ({
    connection,
    messages: counts.get(conn) ?? 0,
  }));
}

async function readFields(file: string, reader: ForwardReader): Promise<Fields> {
  const offset = reader.offset;
  const length = u32(await reader.borrow(4, "a record's header length"), 0);
  if (length > HEADER_BYTES_MAX) {
    const text = `the record at offset ${offset} declares a header of ${length} bytes; the file is damaged.`;
    throw badInput(file, text, { offset });
  }
  // Copied: the next borrow makes the view invalid.
  return parseFields(file, offset, (await reader.borrow(length, "a record's header")).slice());
}

function parseFields(file: string, offset: number, header: Uint8Array): Fields {
  const fields = new Map<string, Uint8Array>();
  for (let at = 0; at < header.length; ) {
    const length = at + 4 <= header.length ? u32(header, at) : Number.POSITIVE_INFINITY;
    const end = at + 4 + length;
    const equals = end <= header.length ? header.indexOf(61, at + 4) : -1;
    if (equals < 0 || equals >= end) {
      throw badInput(
        file,
        `the record at offset ${offset} has a damaged header (byte ${at} of ${header.length}); ` +
          "copy the bag again, or try `rosbag fix`.",
        { offset },
      );
    }
    const name = Buffer.from(header.subarray(at + 4, equals)).toString("latin1");
    fields.set(name, header.subarray(equals + 1, end));
    at = end;
  }
  return fields;
}

async function unpackChunk(
  file: string,
  offset: number,
  fields: Fields,
  data: Uint8Array,
  unpackers: Map<string, Decompressor | undefined>,
): Promise<Uint8Array> {
  const compression = textOf(fields.get("compression")) ?? "none";
  if (compression === "none") return data;
  if (!unpackers.has(compression)) {
    unpackers.set(compression, await loadDecompressor(compression));
  }
  const unpack = unpackers.get(compression);
  const size = fields.get("size");
  if (unpack === undefined || size?.length !== 4) {
    throw badInput(
      file,
      `the chunk at offset ${offset} has another compression than none, lz4 and bz2 with a size. ` +
        " The file is damaged or not a ROS 1 bag.",
      { field: "compression", offset },
    );
  }
  return unpack({ file, offset }, data, u32(size, 0));
}

function* readChunk(
  file: string,
  offset: number,
  records: Uint8Array,
  connections: Connections,
): Generator<BagMessage> {
  const cut = (at: number) =>
    badInput(
      file,
      `the chunk at offset ${offset} is damaged at byte ${at} of ${records.length}; ` +
        "copy the bag again, or try `rosbag fix`.",
      { offset },
    );
  for (let at = 0; at < records.length; ) {
    if (at + 4 > records.length) throw cut(at);
    const dataAt = at + 4 + u32(records, at);
    if (dataAt + 4 > records.length) throw cut(at);
    const end = dataAt + 4 + u32(records, dataAt);
    if (end > records.length) throw cut(at);
    const fields = parseFields(file, offset, records.subarray(at + 4, dataAt));
    const data = records.subarray(dataAt + 4, end);
    const message = connections.take(offset, fields, data);
    if (message) yield message;
    at = end;
  }
}

/** The connections that were met so far. */
class Connections {
  readonly byNumber = new Map<number, BagConnection>();
  readonly #file: string;
  readonly #tell: Tell;

  constructor(file: string, tell: Tell) {
    this.#file = file;
    this.#tell = tell;
  }

  /** Remembers a connection, or returns a message. */
  take(offset: number, fields: Fields, data: Uint8Array): BagMessage | undefined {
    const op = fields.get("op")?.[0];
    const conn = fields.get("conn");
    if (op !== OP_CONNECTION && op !== OP_MESSAGE) return undefined;
    if (conn?.length !== 4) throw missing(this.#file, offset, "conn");
    if (op === OP_CONNECTION) {
      const inner = parseFields(this.#file, offset, data);
      this.#say(inner);
      this.byNumber.set(u32(conn, 0), {
        topic: textOf(fields.get("topic")) ?? textOf(inner.get("topic")) ?? "",
        type: textOf(inner.get("type")) ?? "unknown type",
      });
      return undefined;
    }
    const time = fields.get("time");
    if (time?.length !== 8) throw missing(this.#file, offset, "time");
    const connection = this.byNumber.get(u32(conn, 0));
    if (connection === undefined) throw missing(this.#file, offset, "connection");
    const timeNs = BigInt(u32(time, 0)) * 1_000_000_000n + BigInt(u32(time, 4));
    return { connection, timeNs, data, offset };
  }

  /** Who published, and whatever else a recorder wrote beside the type. */
  #say(inner: Fields): void {
    this.#tell("software", textOf(inner.get("callerid")));
    for (const [key, value] of inner) {
      if (!OF_THE_TYPE.has(key)) this.#tell("raw_text", `${key}: ${textOf(value)}`);
    }
  }
}

function missing(file: string, offset: number, field: string) {
  return badInput(
    file,
    `a record at offset ${offset} has no sound "${field}"; copy the bag again, or try \`rosbag fix\`.`,
    { field, offset },
  );
}

function checkLength(file: string, length: number, offset: number): void {
  if (length <= CHUNK_BYTES_MAX) return;
  throw tooLarge(
    file,
    `the record at offset ${offset} has ${length} bytes; at most ${CHUNK_BYTES_MAX} are read.`,
    { offset },
  );
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
}
