/**
 * The decoder's half of rans-encoder.ts. Total on any bytes: a function that returns false has met
 * what no encoder writes. Whatever the states become, a symbol is a symbol.
 */
import {
  boundsOf,
  lowerBound,
  moveBounds,
  movedHigh16,
  movedLow16,
  movedOf9,
  nextRate,
  SCALE_BITS,
  SCALE_MASK,
  upperBound,
} from "./models.ts";
import { BLOCK_HEADER, BLOCK_SYMBOLS, STATE_LOW } from "./rans-encoder.ts";

/** Symbols left in this block. */
let left: u32 = 0;
/** The state of the next symbol, and that of the one after it. */
let next: u32 = 0;
let other: u32 = 0;
let from: u32 = 0;
let end: u32 = 0;

/** Starts at `at`; the stream ends before `limit`. */
export function beginDecoder(at: u32, limit: u32): void {
  from = at;
  end = limit;
  left = 0;
}

/** Where the decoder stands: behind the last word that it took. */
export function decoderAt(): u32 {
  return from;
}

/** Whether the last block that was begun has ended. */
export function decoderIsBetweenBlocks(): bool {
  return left == 0;
}

/** Opens a block if the last one is used up. */
function openBlock(): bool {
  if (left > 0) return true;
  if (from > end || end - from < BLOCK_HEADER) return false;
  left = load<u16>(from);
  next = load<u32>(from, 2);
  other = load<u32>(from, 6);
  from += BLOCK_HEADER;
  return left > 0 && left <= BLOCK_SYMBOLS;
}

/**
 * Notes where a run of symbols ended. Words beyond the end were read as whatever stands there, at
 * most a block of them, which is still memory: the stream is refused here.
 */
function closeRun(symbols: u32, at: u32, state: u32, second: u32): bool {
  left -= symbols;
  from = at;
  next = state;
  other = second;
  return at <= end && (left > 0 || (state == STATE_LOW && second == STATE_LOW));
}

/** Decodes `count` symbols of 9 values to bytes at `to`; see encode9. */
export function decode9(first: u32, index: u32, mask: u32, to: u32, count: u32): bool {
  for (let done: u32 = 0; done < count; ) {
    if (!openBlock()) return false;
    const n = min<u32>(left, count - done);
    let state = next;
    let second = other;
    let at = from;
    for (const stop = done + n; done < stop; done++) {
      const model = first + (<u32>load<u8>(index + done) & mask);
      const bounds = boundsOf(model);
      const place = state & SCALE_MASK;
      const rate = nextRate(model);
      let symbol: u32 = 0;
      let lower: u32 = 0;
      let width: u32 = 0;
      if (ASC_FEATURE_SIMD) {
        const old = v128.load(bounds);
        const above = i16x8.gt_s(old, i16x8.splat(<i16>place));
        symbol = ctz<u32>(i16x8.bitmask(above) | 256);
        lower = lowerBound(bounds, symbol);
        width = upperBound(bounds, symbol) - lower;
        v128.store(bounds, movedOf9(old, above, rate));
      } else {
        while (symbol < 8 && <u32>load<u16>(bounds + (symbol << 1)) <= place) symbol++;
        lower = lowerBound(bounds, symbol);
        width = upperBound(bounds, symbol) - lower;
        moveBounds(bounds, symbol, 9, rate);
      }
      store<u8>(to + done, <u8>symbol);
      const rest = width * (state >> SCALE_BITS) + place - lower;
      // Without a branch: whether a word is due is as good as random.
      const due = <u32>(rest < STATE_LOW);
      state = second;
      second = (rest << (due << 4)) | (<u32>load<u16>(at) & (0 - due));
      at += due << 1;
    }
    if (!closeRun(n, at, state, second)) return false;
  }
  return true;
}

/** Decodes `count` symbols of 16 values to bytes at `to`; see encode16. */
export function decode16(first: u32, index: u32, mask: u32, to: u32, count: u32): bool {
  for (let done: u32 = 0; done < count; ) {
    if (!openBlock()) return false;
    const n = min<u32>(left, count - done);
    let state = next;
    let second = other;
    let at = from;
    for (const stop = done + n; done < stop; done++) {
      const model = first + (<u32>load<u8>(index + done) & mask);
      const bounds = boundsOf(model);
      const place = state & SCALE_MASK;
      const rate = nextRate(model);
      let symbol: u32 = 0;
      let lower: u32 = 0;
      let width: u32 = 0;
      if (ASC_FEATURE_SIMD) {
        const p = i16x8.splat(<i16>place);
        const old0 = v128.load(bounds);
        const old1 = v128.load(bounds, 16);
        const above0 = i16x8.gt_s(old0, p);
        const above1 = i16x8.gt_s(old1, p);
        const above = i8x16.bitmask(i8x16.narrow_i16x8_s(above0, above1));
        symbol = ctz<u32>(above | 0x8000);
        lower = lowerBound(bounds, symbol);
        width = upperBound(bounds, symbol) - lower;
        v128.store(bounds, movedLow16(old0, above0, rate));
        v128.store(bounds, movedHigh16(old1, above1, rate), 16);
      } else {
        while (symbol < 15 && <u32>load<u16>(bounds + (symbol << 1)) <= place) symbol++;
        lower = lowerBound(bounds, symbol);
        width = upperBound(bounds, symbol) - lower;
        moveBounds(bounds, symbol, 16, rate);
      }
      store<u8>(to + done, <u8>symbol);
      const rest = width * (state >> SCALE_BITS) + place - lower;
      const due = <u32>(rest < STATE_LOW);
      state = second;
      second = (rest << (due << 4)) | (<u32>load<u16>(at) & (0 - due));
      at += due << 1;
    }
    if (!closeRun(n, at, state, second)) return false;
  }
  return true;
}
