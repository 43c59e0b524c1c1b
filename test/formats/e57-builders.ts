/** E57 files with one scan, written bit by bit as the standard has them. */
import { crc32c } from "../../host/formats/e57-pages.ts";

const PAGE_BYTES = 1024;
const CONTENT_BYTES = 1020;

export interface BuiltField {
  readonly name: string;
  /** Bits of an integer, or the type of a float. */
  readonly bits: number | "single" | "double";
  readonly minimum?: bigint;
  readonly scale?: number;
  readonly offset?: number;
}

export interface E57Options {
  readonly fields: readonly BuiltField[];
  /** A row a point: raw integers, or floats. */
  readonly rows: readonly (readonly (bigint | number)[])[];
  /** XML within the scan, and within the root. */
  readonly scan?: string;
  readonly root?: string;
  readonly recordCount?: number;
  /** Points a packet; a value may begin in one and end in the next. */
  readonly packetPoints?: number;
}

/** Values of a column behind one another, the lowest bit first. */
function streamOf(field: BuiltField, values: readonly (bigint | number)[]): Buffer {
  if (field.bits === "single" || field.bits === "double") {
    const bytes = Buffer.alloc(values.length * (field.bits === "single" ? 4 : 8));
    for (const [i, value] of values.entries()) {
      if (field.bits === "single") bytes.writeFloatLE(Number(value), 4 * i);
      else bytes.writeDoubleLE(Number(value), 8 * i);
    }
    return bytes;
  }
  const bytes = Buffer.alloc(Math.ceil((values.length * field.bits) / 8));
  let bit = 0;
  for (const value of values) {
    const raw = BigInt(value) - (field.minimum ?? 0n);
    for (let i = 0; i < field.bits; i++, bit++) {
      if ((raw >> BigInt(i)) & 1n) bytes[bit >> 3]! |= 1 << (bit & 7);
    }
  }
  return bytes;
}

function prototypeOf({ name, bits, minimum = 0n, scale, offset }: BuiltField): string {
  if (typeof bits !== "number") return `<${name} type="Float" precision="${bits}"/>`;
  const maximum = minimum + 2n ** BigInt(bits) - 1n;
  const range = `minimum="${minimum}" maximum="${maximum}"`;
  if (scale === undefined) return `<${name} type="Integer" ${range}/>`;
  return `<${name} type="ScaledInteger" ${range} scale="${scale}" offset="${offset ?? 0}"/>`;
}

/** Each stream is cut into as many parts as there are packets, wherever that falls. */
function packetsOf({ fields, rows, packetPoints = 100 }: E57Options): Buffer {
  const streams = fields.map((field, i) =>
    streamOf(
      field,
      rows.map((row) => row[i]!),
    ),
  );
  const packets = Math.max(1, Math.ceil(rows.length / packetPoints));
  const parts = Array.from({ length: packets }, (_, p) => {
    const cut = (stream: Buffer, at: number) => Math.floor((stream.length * at) / packets);
    const pieces = streams.map((stream) => stream.subarray(cut(stream, p), cut(stream, p + 1)));
    const length = 6 + 2 * pieces.length + pieces.reduce((sum, piece) => sum + piece.length, 0);
    const head = Buffer.alloc(6 + 2 * pieces.length);
    head[0] = 1;
    head.writeUInt16LE(Math.ceil(length / 4) * 4 - 1, 2);
    head.writeUInt16LE(pieces.length, 4);
    for (const [i, piece] of pieces.entries()) head.writeUInt16LE(piece.length, 6 + 2 * i);
    return Buffer.concat([head, ...pieces, Buffer.alloc(Math.ceil(length / 4) * 4 - length)]);
  });
  return Buffer.concat(parts);
}

/** Offset in the file of a place in the content of its pages. */
const physical = (logical: number) =>
  Math.floor(logical / CONTENT_BYTES) * PAGE_BYTES + (logical % CONTENT_BYTES);

export function e57(options: E57Options): Buffer {
  const { fields, rows, scan = "", root = "", recordCount = rows.length } = options;
  const packets = packetsOf(options);
  const section = Buffer.alloc(32);
  section[0] = 1;
  section.writeBigUInt64LE(BigInt(32 + packets.length), 8);
  section.writeBigUInt64LE(BigInt(physical(48 + 32)), 16);
  const xml = Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?><e57Root type="Structure" ' +
      `xmlns="http://www.astm.org/COMMIT/E57/2010-e57-v1.0">${root}<data3D type="Vector">` +
      `<vectorChild type="Structure">${scan}<points type="CompressedVector" ` +
      `fileOffset="${physical(48)}" recordCount="${recordCount}"><prototype type="Structure">` +
      `${fields.map(prototypeOf).join("")}</prototype><codecs type="Vector"/></points>` +
      "</vectorChild></data3D></e57Root>",
  );
  const xmlAt = 48 + 32 + packets.length;
  const content = Buffer.concat([Buffer.alloc(48), section, packets, xml]);
  const pages = Math.ceil(content.length / CONTENT_BYTES);
  content.write("ASTM-E57", 0, "latin1");
  content.writeUInt32LE(1, 8);
  content.writeBigUInt64LE(BigInt(pages * PAGE_BYTES), 16);
  content.writeBigUInt64LE(BigInt(physical(xmlAt)), 24);
  content.writeBigUInt64LE(BigInt(xml.length), 32);
  content.writeBigUInt64LE(BigInt(PAGE_BYTES), 40);
  return sealed(content, pages);
}

/** Pages with their checksums. */
function sealed(content: Buffer, pages: number): Buffer {
  const file = Buffer.alloc(pages * PAGE_BYTES);
  for (let i = 0; i < pages; i++) {
    const part = content.subarray(i * CONTENT_BYTES, (i + 1) * CONTENT_BYTES);
    file.set(part, i * PAGE_BYTES);
  }
  resealPages(file);
  return file;
}

/** Makes the checksums of whole pages right, in place. */
export function resealPages(file: Buffer): void {
  for (let at = 0; at + PAGE_BYTES <= file.length; at += PAGE_BYTES) {
    const page = file.subarray(at, at + PAGE_BYTES);
    page.writeUInt32BE(crc32c(page.subarray(0, CONTENT_BYTES)), CONTENT_BYTES);
  }
}
