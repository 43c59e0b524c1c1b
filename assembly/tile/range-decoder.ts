/**
 * The decoder's half of range-coder.ts.
 *
 * A symbol is a walk of `bits` decisions down a tree of models, node 1 first: the inverse of every
 * way in which the encoder appends decisions. Reading past the end gives zeros, as the encoder's last
 * words do; who decodes checks in the end that all bytes were used.
 */
import { adapt } from "./models.ts";

/** Distance of the code word from low, and the range: what the caller keeps between symbols. */
let value: u64 = 0;
let range: u64 = -1;
let from: u32 = 0;
let end: u32 = 0;

/** Starts at `at`; the stream ends before `limit`. */
export function beginDecoder(at: u32, limit: u32): void {
  from = at;
  end = limit;
  range = -1;
  value = <u64>nextWord() << 32;
  value |= nextWord();
}

/** The next word, or zero past the end. */
function nextWord(): u32 {
  const word = from + 4 <= end ? load<u32>(from) : 0;
  from += 4;
  return word;
}

/** Whether the stream was used up to its last byte, no more and no less. */
export function decoderIsExact(): bool {
  return from == end;
}

/** Decodes `bits` (1..8) decisions under the tree of models at `model`; the first is the highest. */
export function decodeSymbol(model: u32, bits: u32): u32 {
  let v = value;
  let span = range;
  let node: u32 = 1;
  for (let k = bits; k > 0; k--) {
    const at = model + (node << 1);
    const p = <u32>load<u16>(at);
    const bound = (span >> 16) * <u64>p;
    const bit = <u32>(v >= bound);
    const mask = -(<u64>bit);
    v -= bound & mask;
    span = bound + ((span - bound - bound) & mask);
    store<u16>(at, <u16>adapt(p, bit));
    node = (node << 1) | bit;
    if (span < 0x100000000) {
      span <<= 32;
      v = (v << 32) | nextWord();
    }
  }
  value = v;
  range = span;
  return node ^ (1 << bits);
}
