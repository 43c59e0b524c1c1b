/**
 * The decoder's half of range-coder.ts. Reading past the end gives zeros; who decodes checks in the
 * end that the stream was used up exactly.
 */
import { adapt, boundsOf, lowerBound, SCALE_BITS, upperBound } from "./models.ts";

/** Distance of the code word from low, and the range. */
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

/** Decodes a symbol (0..15) under a model, which learns from it. */
export function decodeSymbol(model: u32): u32 {
  const bounds = boundsOf(model);
  const step = range >> SCALE_BITS;
  // A damaged stream can put value beyond range; the clamp keeps the symbol a symbol.
  const place = <u32>min<u64>(value / step, 32767);
  const symbol = findSymbol(bounds, place);
  const lower = lowerBound(bounds, symbol);
  value -= step * <u64>lower;
  range = step * <u64>(upperBound(bounds, symbol) - lower);
  adapt(model, bounds, symbol);
  if (range < 0x100000000) {
    range <<= 32;
    value = (value << 32) | nextWord();
  }
  return symbol;
}

/** Number of the symbol whose bounds hold `place`: how many upper bounds it has passed. */
// @ts-expect-error: decorator
@inline
function findSymbol(bounds: u32, place: u32): u32 {
  if (ASC_FEATURE_SIMD) {
    const p = i16x8.splat(<i16>place);
    // The last bound reads as -32768 and always counts: hence the 1 less.
    const low = i16x8.bitmask(i16x8.le_s(v128.load(bounds), p));
    const high = i16x8.bitmask(i16x8.le_s(v128.load(bounds, 16), p));
    return popcnt<u32>(low | (high << 8)) - 1;
  }
  let symbol: u32 = 0;
  while (symbol < 15 && <u32>load<u16>(bounds + (symbol << 1)) <= place) symbol++;
  return symbol;
}
