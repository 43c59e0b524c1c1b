/** MCAP and ROS 1 bags with planted topics, frame ids, fields, notes, attachments and libraries. */
import { McapWriter } from "@mcap/core";
import type { Planter } from "../planter.ts";
import { oneLine, type PlantedFile, plantedName } from "./file.ts";
import { roomPoints } from "./room.ts";

/** Notes of std_msgs/String: as many topics would be more than a recorder has. */
const NOTES = 200;
const CALLERS = 20;

interface Message {
  readonly topic: string;
  readonly type: string;
  readonly data: Buffer;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** Values one behind the other: as CDR aligns them (OMG DDS-XTypes 7.4), or as ROS 1 does not. */
class Writer {
  readonly #parts: Buffer[] = [];
  #length = 0;
  readonly #isCdr: boolean;

  constructor(isCdr: boolean) {
    this.#isCdr = isCdr;
  }

  bytes(bytes: Uint8Array): this {
    this.#parts.push(Buffer.from(bytes));
    this.#length += bytes.length;
    return this;
  }

  u32(value: number): this {
    if (this.#isCdr) this.bytes(Buffer.alloc(-this.#length & 3));
    return this.bytes(u32(value));
  }

  string(text: string): this {
    const bytes = Buffer.from(this.#isCdr ? `${text}\0` : text);
    return this.u32(bytes.length).bytes(bytes);
  }

  finish(): Buffer {
    return Buffer.concat([...(this.#isCdr ? [Buffer.from([0, 1, 0, 0])] : []), ...this.#parts]);
  }
}

/** sensor_msgs/PointCloud2 of the room with a planted frame id, field and column. */
function cloud(planter: Planter, isCdr: boolean, stampNs: bigint): Buffer {
  const writer = new Writer(isCdr);
  if (!isCdr) writer.u32(7);
  writer.u32(Number(stampNs / 1_000_000_000n)).u32(Number(stampNs % 1_000_000_000n));
  writer.string(planter.text("robot_number", "frame ids of messages"));
  const all = roomPoints(0);
  writer.u32(1).u32(all.length).u32(4);
  const names = ["x", "y", "z", planter.text("nickname", "fields of messages")];
  for (const [i, name] of names.entries()) {
    // Offset, then FLOAT32 or FLOAT64, then one.
    writer
      .string(name)
      .u32(4 * i)
      .bytes(Buffer.from([i < 3 ? 7 : 8]))
      .u32(1);
  }
  const step = 20;
  writer
    .bytes(Buffer.from([0]))
    .u32(step)
    .u32(step * all.length)
    .u32(step * all.length);
  const data = Buffer.alloc(step * all.length);
  const degrees = Number(planter.value("latitude", "columns of messages"));
  for (const [i, point] of all.entries()) {
    for (const [axis, metres] of point.entries()) data.writeFloatLE(metres, i * step + 4 * axis);
    data.writeDoubleLE(degrees, i * step + 12);
  }
  return writer
    .bytes(data)
    .bytes(Buffer.from([1]))
    .finish();
}

function messages(planter: Planter, isCdr: boolean, stampNs: bigint): Message[] {
  const [clouds, notes, strange] = isCdr
    ? ["sensor_msgs/msg/PointCloud2", "std_msgs/msg/String", "maker_msgs/msg/Unknown"]
    : ["sensor_msgs/PointCloud2", "std_msgs/String", "maker_msgs/Unknown"];
  const topic = () => `/${planter.text("nickname", "topics")}/points`;
  const texts = planter.texts("notes in recordings").slice(0, NOTES);
  return [
    ...texts.map((text, i) => ({
      topic: `/note${i % 4}`,
      type: notes,
      data: new Writer(isCdr).string(text).finish(),
    })),
    ...planter.bytes("messages of unknown types").map((data) => ({
      topic: "/unknown",
      type: strange,
      data: Buffer.from(data),
    })),
    { topic: topic(), type: clouds, data: cloud(planter, isCdr, stampNs) },
  ];
}

export async function plantedMcap(planter: Planter): Promise<PlantedFile> {
  const parts: Uint8Array[] = [];
  let position = 0n;
  const writer = new McapWriter({
    writable: {
      write: async (bytes) => {
        parts.push(bytes.slice());
        position += BigInt(bytes.length);
      },
      position: () => position,
    },
  });
  const stampNs = BigInt(planter.value("visit_time", "times of messages"));
  await writer.start({
    profile: "ros2",
    library: planter.text("file_data", "library of MCAP"),
  });
  const facts = planter.texts("metadata of MCAP").map((text, i) => [`key${i}`, text] as const);
  await writer.addMetadata({ name: planter.next("metadata of MCAP"), metadata: new Map(facts) });
  await writer.addAttachment({
    name: planter.text("room", "attachments of MCAP"),
    logTime: stampNs,
    createTime: stampNs,
    mediaType: planter.text("user_agent", "attachments of MCAP"),
    data: Buffer.concat(planter.bytes("attachments of MCAP")),
  });
  const channels = new Map<string, number>();
  for (const { topic, type, data } of messages(planter, true, stampNs)) {
    let channelId = channels.get(topic);
    if (channelId === undefined) {
      const schemaId = await writer.registerSchema({
        name: type,
        encoding: "ros2msg",
        data: Buffer.from(planter.next("schemas of MCAP")),
      });
      const metadata = new Map([["owner", planter.next("channels of MCAP")]]);
      channelId = await writer.registerChannel({
        schemaId,
        topic,
        messageEncoding: "cdr",
        metadata,
      });
      channels.set(topic, channelId);
    }
    const times = { logTime: stampNs, publishTime: stampNs };
    await writer.addMessage({ channelId, sequence: 0, ...times, data });
  }
  await writer.end();
  return { name: plantedName(planter, ".mcap"), bytes: Buffer.concat(parts), kind: "scans" };
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

/** A ROS 1 bag (wiki.ros.org/Bags/Format/2.0) without an index, as a recorder leaves it. */
export function plantedBag(planter: Planter): PlantedFile {
  const stampNs = BigInt(planter.value("visit_time", "times of messages"));
  const time = Buffer.concat([
    u32(Number(stampNs / 1_000_000_000n)),
    u32(Number(stampNs % 1_000_000_000n)),
  ]);
  const numbers = new Map<string, number>();
  const callers = planter.texts("callers of bags").filter(oneLine).slice(0, CALLERS);
  const records = messages(planter, false, stampNs).map(({ topic, type, data }) => {
    const known = numbers.get(topic);
    const conn = u32(known ?? numbers.size);
    const message = bagRecord({ op: "\x02", conn, time }, data);
    if (known !== undefined) return message;
    numbers.set(topic, numbers.size);
    const facts = [`topic=${topic}`, `type=${type}`, "md5sum=*"];
    for (const [i, text] of callers.entries())
      facts.push(`${i === 0 ? "callerid" : `key${i}`}=${text}`);
    const inner = facts.map((fact) =>
      Buffer.concat([u32(Buffer.byteLength(fact)), Buffer.from(fact)]),
    );
    return Buffer.concat([bagRecord({ op: "\x07", conn, topic }, Buffer.concat(inner)), message]);
  });
  const head = bagRecord({ op: "\x03", index_pos: Buffer.alloc(8) }, Buffer.alloc(100, " "));
  const chunks = records.map((record) =>
    bagRecord({ op: "\x05", compression: "none", size: u32(record.length) }, record),
  );
  const bytes = Buffer.concat([Buffer.from("#ROSBAG V2.0\n"), head, ...chunks]);
  return { name: plantedName(planter, ".bag"), bytes, kind: "scans" };
}
