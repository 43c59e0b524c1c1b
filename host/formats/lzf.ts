/** LZF decompression (liblzf by Marc Lehmann), as PCD binary_compressed uses it. */

/** No LZF stream grows by more than this: three bytes stand for at most 264. */
export const LZF_RATIO_MAX = 88;

/**
 * Decompresses `source` into `target`. Returns the number of bytes written; -1 if the stream is
 * damaged, that is, refers before its start, ends inside a token or would exceed `target`.
 */
export function lzfDecompress(source: Uint8Array, target: Uint8Array): number {
  let from = 0;
  let to = 0;
  while (from < source.length) {
    const control = source[from++]!;
    if (control < 32) {
      const length = control + 1;
      if (from + length > source.length || to + length > target.length) return -1;
      target.set(source.subarray(from, from + length), to);
      from += length;
      to += length;
      continue;
    }
    let length = (control >> 5) + 2;
    if (length === 9) {
      if (from >= source.length) return -1;
      length += source[from++]!;
    }
    if (from >= source.length) return -1;
    const distance = (((control & 31) << 8) | source[from++]!) + 1;
    if (distance > to || to + length > target.length) return -1;
    // Byte by byte: the copy may overlap itself, which repeats a pattern.
    for (const end = to + length; to < end; to++) target[to] = target[to - distance]!;
  }
  return to;
}
