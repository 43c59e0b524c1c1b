/** Compressed streams inside of bytes: whatever somebody packed is unpacked, and searched as well. */
import { constants, inflateRawSync, inflateSync } from "node:zlib";

/** Bytes that one stream may unpack to; what is larger is no text that somebody hid. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;
/** Streams in one haystack, so that bytes made to look like many cost little. */
const STREAMS_MAX = 4096;
const GZIP_HEADER_BYTES = 10;
const ZIP_HEADER_BYTES = 30;

export interface Unpacked {
  readonly format: "gzip" | "zlib" | "zip";
  /** Where the stream begins. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What is cut off at the end still gives the bytes before. */
const OPTIONS = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: UNPACKED_BYTES_MAX };

/** The start of a zlib stream (RFC 1950, 2.2) whose first block can be one (RFC 1951, 3.2.3). */
function isZlib(bytes: Uint8Array, at: number): boolean {
  const flags = bytes[at + 1]!;
  if (((0x78 << 8) | flags) % 31 !== 0 || (flags & 0x20) !== 0) return false;
  const type = (bytes[at + 2]! >> 1) & 3;
  if (type !== 0) return type !== 3;
  const length = bytes[at + 3]! | (bytes[at + 4]! << 8);
  const inverse = bytes[at + 5]! | (bytes[at + 6]! << 8);
  return length !== 0 && (length ^ inverse) === 0xffff;
}

/** Places of gzip (RFC 1952), zlib and zip members (APPNOTE 4.3.7) that are deflated. */
function* startsOf(bytes: Buffer): Generator<Pick<Unpacked, "format" | "offset">> {
  const magics = [
    ["gzip", Buffer.from([0x1f, 0x8b, 8])],
    ["zlib", Buffer.from([0x78])],
    ["zip", Buffer.from("PK\x03\x04")],
  ] as const;
  for (const [format, magic] of magics) {
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
      if (format !== "zlib" || isZlib(bytes, at)) yield { format, offset: at };
    }
  }
}

/** Behind the header of a gzip member (RFC 1952, 2.3): zlib's own reader wants nothing behind the end. */
function gzipBody(bytes: Buffer, offset: number): number {
  const flags = bytes[offset + 3] ?? 0;
  let at = offset + GZIP_HEADER_BYTES;
  if (flags & 4) at += 2 + bytes.readUInt16LE(at);
  // Name and comment, each up to a zero.
  for (const flag of [8, 16]) if (flags & flag) at = bytes.indexOf(0, at) + 1;
  return flags & 2 ? at + 2 : at;
}

function unpack(bytes: Buffer, { format, offset }: Pick<Unpacked, "format" | "offset">): Buffer {
  if (format === "zlib") return inflateSync(bytes.subarray(offset), OPTIONS);
  if (format === "gzip") return inflateRawSync(bytes.subarray(gzipBody(bytes, offset)), OPTIONS);
  const isDeflated = bytes.length >= offset + ZIP_HEADER_BYTES && bytes[offset + 8] === 8;
  if (!isDeflated) return Buffer.alloc(0);
  const names = bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  return inflateRawSync(bytes.subarray(offset + ZIP_HEADER_BYTES + names), OPTIONS);
}

/** The streams that can be unpacked; what only looks like one is passed over. */
export function* unpackedStreams(haystack: Uint8Array): Generator<Unpacked> {
  const bytes = Buffer.from(haystack.buffer, haystack.byteOffset, haystack.byteLength);
  let streams = 0;
  for (const start of startsOf(bytes)) {
    if (++streams > STREAMS_MAX) return;
    let out: Buffer;
    try {
      out = unpack(bytes, start);
    } catch {
      // No stream, or a damaged one.
      continue;
    }
    if (out.length > 0) yield { ...start, bytes: out };
  }
}
