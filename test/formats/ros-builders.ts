/** Writes ROS messages and the containers around them, field by field, for the readers to read. */
import { McapWriter } from "@mcap/core";
import { type Column, packed, type Rows } from "./clouds.ts";

export type Encoding = "cdr" | "cdr-big" | "ros1";

const DATATYPE: Readonly<Record<string, number>> = {
  i8: 1,
  u8: 2,
  i16: 3,
  u16: 4,
  i32: 5,
  u32: 6,
  f32: 7,
  f64: 8,
};
const SIZE: Readonly<Record<string, number>> = { u8: 1, i8: 1, u16: 2, i16: 2, f64: 8 };

/** Appends values with CDR alignment, or without any as ROS 1 does. */
export class MessageWriter {
  readonly #parts: Buffer[] = [];
  #length = 0;
  readonly #encoding: Encoding;

  constructor(encoding: Encoding) {
    this.#encoding = encoding;
  }

  value(type: "u8" | "u32" | "i32" | "f32" | "f64", value: number): this {
    const size = SIZE[type] ?? 4;
    const little = this.#encoding !== "cdr-big";
    return this.align(size).bytes(packed([{ name: "", type }], [[value]], little));
  }

  /** Fills up to a multiple of `size`; ROS 1 does not. */
  align(size: number): this {
    const misfit = this.#encoding === "ros1" ? 0 : (size - (this.#length % size)) % size;
    return this.bytes(Buffer.alloc(misfit));
  }

  string(text: string): this {
    const bytes = Buffer.from(this.#encoding === "ros1" ? text : `${text}\0`);
    return this.value("u32", bytes.length).bytes(bytes);
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes));
    this.#length += bytes.length;
    return this;
  }

  header(stampNs: bigint, frameId: string): this {
    if (this.#encoding === "ros1") this.value("u32", 7);
    this.value("i32", Number(stampNs / 1_000_000_000n));
    return this.value("u32", Number(stampNs % 1_000_000_000n)).string(frameId);
  }

  finish(): Buffer {
    const front = { cdr: [0, 1, 0, 0], "cdr-big": [0, 0, 0, 0], ros1: [] }[this.#encoding];
    return Buffer.concat([Buffer.from(front), ...this.#parts]);
  }
}

export interface CloudOptions {
  readonly encoding?: Encoding;
  readonly stampNs?: bigint;
  readonly frameId?: string;
  readonly height?: number;
  readonly width?: number;
  /** Bytes between the end of a row and the next. */
  readonly rowPadding?: number;
  readonly rowStep?: number;
  readonly pointStep?: number;
  readonly bigEndian?: boolean;
  readonly datatype?: number;
  readonly fieldOffset?: number;
}

/** sensor_msgs/PointCloud2; every option replaces what would be right. */
export function pointCloud2(
  columns: readonly Column[],
  rows: Rows,
  options: CloudOptions = {},
): Buffer {
  const step = columns.reduce((sum, c) => sum + (SIZE[c.type] ?? 4), 0);
  const height = options.height ?? 1;
  const width = rows.length / height;
  const padding = Buffer.alloc(options.rowPadding ?? 0, 0xee);
  const data = Buffer.concat(
    Array.from({ length: height }, (_, h) => [
      packed(columns, rows.slice(h * width, (h + 1) * width)),
      padding,
    ]).flat(),
  );
  const writer = new MessageWriter(options.encoding ?? "cdr");
  writer.header(options.stampNs ?? 1_700_000_000_123_456_789n, options.frameId ?? "lidar");
  writer.value("u32", height).value("u32", options.width ?? width);
  writer.value("u32", columns.length);
  let offset = options.fieldOffset ?? 0;
  for (const column of columns) {
    writer.string(column.name).value("u32", offset);
    writer.value("u8", options.datatype ?? DATATYPE[column.type]!).value("u32", 1);
    offset += SIZE[column.type] ?? 4;
  }
  writer.value("u8", options.bigEndian ? 1 : 0);
  writer.value("u32", options.pointStep ?? step);
  writer.value("u32", options.rowStep ?? width * step + padding.length);
  writer.value("u32", data.length).bytes(data).value("u8", 1);
  return writer.finish();
}

export interface ScanOptions {
  readonly encoding?: Encoding;
  readonly stampNs?: bigint;
  readonly frameId?: string;
  readonly angleMin?: number;
  readonly angleIncrement?: number;
  readonly rangeMin?: number;
  readonly rangeMax?: number;
  /** Declared number of ranges. */
  readonly count?: number;
  readonly intensities?: number;
}

/** sensor_msgs/LaserScan; intensity i for reading i. */
export function laserScan(ranges: readonly number[], options: ScanOptions = {}): Buffer {
  const writer = new MessageWriter(options.encoding ?? "cdr");
  writer.header(options.stampNs ?? 1_700_000_000_000_000_000n, options.frameId ?? "laser");
  const { angleMin = 0, angleIncrement = 0.1, rangeMin = 0, rangeMax = 10 } = options;
  const front = [angleMin, angleMin + ranges.length * angleIncrement, angleIncrement, 0, 0.1];
  for (const value of [...front, rangeMin, rangeMax]) writer.value("f32", value);
  writer.value("u32", options.count ?? ranges.length);
  for (const range of ranges) writer.value("f32", range);
  const intensities = options.intensities ?? ranges.length;
  writer.value("u32", intensities);
  for (let i = 0; i < intensities; i++) writer.value("f32", i);
  return writer.finish();
}

export interface GridOptions {
  readonly encoding?: Encoding;
  readonly stampNs?: bigint;
  readonly resolution?: number;
  readonly width?: number;
  readonly height?: number;
  /** x y z and quaternion x y z w. */
  readonly origin?: readonly number[];
}

/** nav_msgs/OccupancyGrid; as many rows as the cells fill, if no height is given. */
export function occupancyGrid(cells: readonly number[], options: GridOptions = {}): Buffer {
  const width = options.width ?? cells.length;
  const writer = new MessageWriter(options.encoding ?? "cdr").header(options.stampNs ?? 0n, "map");
  writer
    .value("i32", 0)
    .value("u32", 0)
    .value("f32", options.resolution ?? 0.05);
  writer.value("u32", width).value("u32", options.height ?? Math.ceil(cells.length / width));
  for (const part of options.origin ?? [0, 0, 0, 0, 0, 0, 1]) writer.value("f64", part);
  writer.value("u32", cells.length).bytes(Int8Array.from(cells) as unknown as Uint8Array);
  return writer.finish();
}

export interface Transform {
  readonly parent: string;
  readonly child: string;
  /** x y z and quaternion x y z w. */
  readonly pose: readonly number[];
}

/** tf2_msgs/TFMessage. */
export function transforms(
  list: readonly Transform[],
  stampNs: bigint,
  encoding: Encoding = "cdr",
): Buffer {
  const writer = new MessageWriter(encoding).value("u32", list.length);
  for (const { parent, child, pose } of list) {
    writer.header(stampNs, parent).string(child);
    for (const part of pose) writer.value("f64", part);
  }
  return writer.finish();
}

/** geometry_msgs/PoseStamped, or nav_msgs/Odometry up to its pose if `child` is given. */
export function stampedPose(
  stampNs: bigint,
  pose: readonly number[],
  encoding: Encoding = "cdr",
  child?: string,
): Buffer {
  const writer = new MessageWriter(encoding).header(stampNs, "map");
  if (child !== undefined) writer.string(child);
  for (const part of pose) writer.value("f64", part);
  return writer.finish();
}

export function stringMessage(text: string, encoding: Encoding = "cdr"): Buffer {
  return new MessageWriter(encoding).string(text).finish();
}

/** What packets' drivers record: a header, then each packet with its stamp. */
export function packetMessage(
  type: "pandar_msgs/PandarScan" | "hesai_ros_driver/UdpFrame" | "nebula_msgs/NebulaPackets",
  packets: readonly { readonly payload: Uint8Array; readonly timeNs: bigint }[],
  frameId: string,
  encoding: Encoding = "cdr",
): Buffer {
  const writer = new MessageWriter(encoding).header(packets[0]!.timeNs, frameId);
  writer.value("u32", packets.length);
  for (const { payload, timeNs } of packets) {
    writer.value("u32", Number(timeNs / 1_000_000_000n));
    writer.value("u32", Number(timeNs % 1_000_000_000n));
    const isFixed = type === "pandar_msgs/PandarScan";
    if (!isFixed) writer.value("u32", payload.length);
    writer.bytes(payload);
    if (isFixed) writer.bytes(Buffer.alloc(1500 - payload.length, 0xa5));
    if (type !== "nebula_msgs/NebulaPackets") writer.value("u32", payload.length);
  }
  return writer.finish();
}

/** What RoboSense's driver records: one packet in each message. */
export function rslidarMessage(
  packet: { readonly payload: Uint8Array; readonly timeNs: bigint },
  frameId: string,
  encoding: Encoding = "cdr",
): Buffer {
  const writer = new MessageWriter(encoding).header(packet.timeNs, frameId);
  writer.value("u8", packet.payload[0] === 0xa5 ? 1 : 0).value("u8", 0);
  return writer.value("u32", packet.payload.length).bytes(packet.payload).finish();
}

export interface LivoxPoint {
  readonly offsetNs: number;
  readonly place: readonly number[];
  readonly reflectivity: number;
  readonly line: number;
}

/** CustomMsg of the Livox drivers. */
export function livoxMessage(
  points: readonly LivoxPoint[],
  options: { encoding: Encoding; stampNs: bigint; frameId: string; lidarId: number },
): Buffer {
  const writer = new MessageWriter(options.encoding).header(options.stampNs, options.frameId);
  const timebase = options.stampNs - 500n;
  const words = [Number(timebase & 0xffffffffn), Number(timebase >> 32n)];
  writer.align(8);
  for (const word of options.encoding === "cdr-big" ? words.reverse() : words) {
    writer.value("u32", word);
  }
  writer.value("u32", points.length).value("u8", options.lidarId).bytes(Buffer.alloc(3));
  writer.value("u32", points.length);
  for (const { offsetNs, place, reflectivity, line } of points) {
    writer.value("u32", offsetNs);
    for (const part of place) writer.value("f32", part);
    writer.value("u8", reflectivity).value("u8", 0x10).value("u8", line);
  }
  return writer.finish();
}

export interface Message {
  readonly topic: string;
  readonly type: string;
  readonly timeNs: bigint;
  readonly data: Buffer;
}

export interface McapOptions {
  readonly compression?: { name: string; compress: (bytes: Uint8Array) => Uint8Array };
  readonly chunkBytes?: number;
  readonly messageEncoding?: string;
  readonly summary?: boolean;
}

/** An MCAP file; `write` takes its bytes as they come. */
export async function writeMcap(
  messages: Iterable<Message>,
  write: (bytes: Uint8Array) => void,
  options: McapOptions = {},
): Promise<void> {
  let position = 0n;
  const useSummary = options.summary ?? true;
  const writer = new McapWriter({
    writable: {
      write: async (bytes) => {
        write(bytes.slice());
        position += BigInt(bytes.length);
      },
      position: () => position,
    },
    chunkSize: options.chunkBytes ?? 1 << 20,
    useStatistics: useSummary,
    useSummaryOffsets: useSummary,
    useChunkIndex: useSummary,
    ...(options.compression && {
      compressChunk: (bytes: Uint8Array) => ({
        compression: options.compression!.name,
        compressedData: options.compression!.compress(bytes),
      }),
    }),
  });
  await writer.start({ profile: "ros2", library: "writer 1.2.3" });
  await writer.addMetadata({ name: "robot", metadata: new Map([["owner", "Ada"]]) });
  await writer.addAttachment({
    name: "floor plan.png",
    logTime: 1n,
    createTime: 1n,
    mediaType: "image/png",
    data: Buffer.alloc(5000, 1),
  });
  const channels = new Map<string, number>();
  for (const { topic, type, timeNs, data } of messages) {
    let channelId = channels.get(topic);
    if (channelId === undefined) {
      const schemaId = await writer.registerSchema({
        name: type,
        encoding: "ros2msg",
        data: new Uint8Array(),
      });
      const messageEncoding = options.messageEncoding ?? "cdr";
      channelId = await writer.registerChannel({
        schemaId,
        topic,
        messageEncoding,
        metadata: new Map([["qos", "best effort"]]),
      });
      channels.set(topic, channelId);
    }
    await writer.addMessage({ channelId, sequence: 0, logTime: timeNs, publishTime: timeNs, data });
  }
  await writer.end();
}

/** As writeMcap, in memory. */
export async function mcap(messages: Iterable<Message>, options?: McapOptions): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  await writeMcap(messages, (bytes) => parts.push(bytes), options);
  return Buffer.concat(parts);
}

function bagRecord(fields: Readonly<Record<string, Buffer | string>>, data: Buffer): Buffer {
  const header = Buffer.concat(
    Object.entries(fields).map(([name, value]) => {
      const field = Buffer.concat([Buffer.from(`${name}=`), Buffer.from(value as string)]);
      return Buffer.concat([u32(field.length), field]);
    }),
  );
  return Buffer.concat([u32(header.length), header, u32(data.length), data]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export interface BagOptions {
  readonly compression?: { name: string; compress: (bytes: Buffer) => Buffer };
  /** False writes messages without a chunk around them. */
  readonly chunks?: boolean;
}

/** A ROS 1 bag as a recorder leaves it before it writes the index. */
export function bag(messages: readonly Message[], options: BagOptions = {}): Buffer {
  const numbers = new Map<string, number>();
  const records = messages.map(({ topic, type, timeNs, data }) => {
    const known = numbers.get(topic);
    const conn = known ?? numbers.size;
    numbers.set(topic, conn);
    const time = Buffer.concat([
      u32(Number(timeNs / 1_000_000_000n)),
      u32(Number(timeNs % 1_000_000_000n)),
    ]);
    const message = bagRecord({ op: "\x02", conn: u32(conn), time }, data);
    if (known !== undefined) return message;
    const fields = [`topic=${topic}`, `type=${type}`, "callerid=/driver", "md5sum=*"];
    const inner = Buffer.concat(
      fields.map((field) => Buffer.concat([u32(field.length), Buffer.from(field)])),
    );
    return Buffer.concat([bagRecord({ op: "\x07", conn: u32(conn), topic }, inner), message]);
  });
  const head = bagRecord({ op: "\x03", index_pos: Buffer.alloc(8) }, Buffer.alloc(100, " "));
  const { name, compress } = options.compression ?? { name: "none", compress: (b: Buffer) => b };
  const body =
    options.chunks === false
      ? records
      : records.map((record) =>
          bagRecord({ op: "\x05", compression: name, size: u32(record.length) }, compress(record)),
        );
  return Buffer.concat([Buffer.from("#ROSBAG V2.0\n"), head, ...body]);
}
