/** Compressors for test data: as simple as the formats allow, for the program itself only unpacks. */

/** An LZ4 frame of one compressed block with overlapping matches, then a stored block. */
export function lz4Frame(bytes: Uint8Array): Buffer {
  const cut = Math.floor(bytes.length * 0.75);
  const block = lz4Block(bytes.subarray(0, cut));
  const stored = bytes.subarray(cut);
  const size = (value: number) => {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(value >>> 0);
    return word;
  };
  return Buffer.concat([
    // Magic; version 1, linked blocks; 4 MiB blocks; header checksum (not looked at).
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0]),
    size(block.length),
    block,
    size((stored.length | 0x80000000) >>> 0),
    stored,
    size(0),
  ]);
}

/** Greedy matches over the last 64 KiB. */
export function lz4Block(bytes: Uint8Array): Buffer {
  const out: number[] = [];
  const last = new Map<number, number>();
  const run = (length: number) => {
    for (let rest = length - 15; ; rest -= 255) {
      out.push(Math.min(rest, 255));
      if (rest < 255) return;
    }
  };
  const literals = (from: number, to: number, match: number) => {
    const length = to - from;
    out.push((Math.min(length, 15) << 4) | Math.min(match, 15));
    if (length >= 15) run(length);
    for (let i = from; i < to; i++) out.push(bytes[i]!);
  };
  const word = (i: number) =>
    bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
  let anchor = 0;
  let at = 0;
  // The format wants the last five bytes as literals.
  while (at + 12 < bytes.length) {
    const key = word(at);
    const earlier = last.get(key);
    last.set(key, at);
    if (earlier === undefined || at - earlier > 65535) {
      at++;
      continue;
    }
    let length = 4;
    while (at + length < bytes.length - 5 && bytes[at + length] === bytes[earlier + length])
      length++;
    literals(anchor, at, length - 4);
    out.push((at - earlier) & 255, (at - earlier) >> 8);
    if (length - 4 >= 15) run(length - 4);
    at += length;
    anchor = at;
  }
  literals(anchor, bytes.length, 0);
  return Buffer.from(out);
}

/** A Zstandard frame of raw blocks (RFC 8878, 3.1.1). */
export function zstdFrame(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUInt32LE(0xfd2fb528);
  // Single segment, content size in 4 bytes.
  head[4] = 0xa0;
  head.writeUInt32LE(bytes.length, 5);
  const parts: Uint8Array[] = [head];
  for (let at = 0; ; at += 131072) {
    const block = bytes.subarray(at, at + 131072);
    const isLast = at + 131072 >= bytes.length;
    const word = (block.length << 3) | (isLast ? 1 : 0);
    parts.push(Buffer.from([word & 255, (word >> 8) & 255, word >> 16]), block);
    if (isLast) return Buffer.concat(parts);
  }
}
