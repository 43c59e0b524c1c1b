/**
 * LZ4 decompression of whole frames (github.com/lz4/lz4, doc/lz4_Frame_format.md 1.6), as MCAP
 * chunks and ROS 1 bags use it. Checksums are skipped: both containers have their own.
 */

/** No LZ4 block grows by more than this. */
export const LZ4_RATIO_MAX = 255;

const MAGIC = 0x184d2204;
const STORED = 0x80000000;

/**
 * Decompresses the frames in `source` into `target`. Returns the number of bytes written; -1 if the
 * stream is damaged, cut short or would exceed `target`.
 */
export function lz4Decompress(source: Uint8Array, target: Uint8Array): number {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let from = 0;
  let to = 0;
  while (from < source.length) {
    if (from + 7 > source.length || view.getUint32(from, true) !== MAGIC) return -1;
    const flags = source[from + 4]!;
    if (flags >> 6 !== 1) return -1;
    const blockChecksum = (flags & 0x10) !== 0 ? 4 : 0;
    const contentChecksum = (flags & 0x04) !== 0 ? 4 : 0;
    const independent = (flags & 0x20) !== 0;
    // Magic, flags, block size, then the optional content size and dictionary id, header checksum.
    from += 4 + 2 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1;
    const frameStart = to;
    for (;;) {
      if (from + 4 > source.length) return -1;
      const word = view.getUint32(from, true);
      from += 4;
      if (word === 0) break;
      const length = word & ~STORED;
      if (from + length > source.length) return -1;
      const block = source.subarray(from, from + length);
      if ((word & STORED) !== 0) {
        if (to + length > target.length) return -1;
        target.set(block, to);
        to += length;
      } else {
        to = decodeBlock(block, target, to, independent ? to : frameStart);
        if (to < 0) return -1;
      }
      from += length + blockChecksum;
    }
    from += contentChecksum;
  }
  return from === source.length ? to : -1;
}

/** One block; matches may reach back to `floor`. Returns the new end of the output, or -1. */
function decodeBlock(source: Uint8Array, target: Uint8Array, start: number, floor: number): number {
  let from = 0;
  let to = start;
  while (from < source.length) {
    const token = source[from++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more: number;
      do {
        if (from >= source.length) return -1;
        more = source[from++]!;
        literals += more;
      } while (more === 255);
    }
    if (from + literals > source.length || to + literals > target.length) return -1;
    if (literals > 16) target.set(source.subarray(from, from + literals), to);
    else for (let i = 0; i < literals; i++) target[to + i] = source[from + i]!;
    from += literals;
    to += literals;
    // The last sequence has literals only.
    if (from === source.length) return to;

    if (from + 2 > source.length) return -1;
    const distance = source[from]! | (source[from + 1]! << 8);
    from += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more: number;
      do {
        if (from >= source.length) return -1;
        more = source[from++]!;
        length += more;
      } while (more === 255);
    }
    if (distance === 0 || to - distance < floor || to + length > target.length) return -1;
    if (distance >= length && length > 32)
      target.copyWithin(to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++) target[to + i] = target[to - distance + i]!;
    to += length;
  }
  return to;
}
