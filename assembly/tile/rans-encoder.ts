/**
 * An entropy coder of adaptive symbols: rANS (Duda, "Asymmetric numeral systems", 2013) with two
 * states that take turns, so that a decoder works on two symbols at once and never divides.
 *
 * rANS decodes in the reverse order of encoding, so symbols are gathered as decisions {lower bound
 * u16, width u16}, and coded back to front when a block is full. A stream is a row of blocks:
 *
 *   ┌ u16 symbols n, 1..8192 ┬ u32 state 0 ┬ u32 state 1 ┬ u16 words … ┐
 *
 * States lie in [2^16, 2^32). Symbol number j of a block belongs to state j mod 2. Its bounds [a, b)
 * are those of the model before it learns from the symbol. A decoder takes
 *
 *   place = state mod 2^15, the symbol whose bounds hold it
 *   state = (b - a) * floor(state / 2^15) + place - a
 *   if state < 2^16: state = state * 2^16 + next word
 *
 * and ends a block with both states at 2^16, where the encoder began.
 */
import { DECISIONS_PTR } from "../memory.ts";
import {
  boundsOf,
  learn9,
  learn16,
  lowerBound,
  nextRate,
  SCALE_BITS,
  upperBound,
} from "./models.ts";

/** Most symbols of a block. */
export const BLOCK_SYMBOLS: u32 = 8192;
/** Bytes before the words of a block. */
export const BLOCK_HEADER: u32 = 10;
/** Lowest state, where encoding begins. */
export const STATE_LOW: u32 = 1 << 16;

let used: u32 = 0;
let out: u32 = 0;
let start: u32 = 0;
let limit: u32 = 0;
let full = false;

/** Starts a stream at `to` that must end before `end`. */
export function beginEncoder(to: u32, end: u32): void {
  used = 0;
  start = to;
  out = to;
  limit = end;
  full = false;
}

/** Room for symbols in this block, `wanted` at the most and 1 at least. */
function reserve(wanted: u32): u32 {
  if (used == BLOCK_SYMBOLS) flushBlock();
  const granted = min<u32>(wanted, BLOCK_SYMBOLS - used);
  used += granted;
  return granted;
}

/**
 * Codes `count` symbols of 9 values: the bytes at `symbols` under the models `first` + (the bytes at
 * `index` & `mask`).
 */
export function encode9(first: u32, index: u32, mask: u32, symbols: u32, count: u32): void {
  for (let done: u32 = 0; done < count; ) {
    const n = reserve(count - done);
    let at = DECISIONS_PTR + ((used - n) << 2);
    for (const end = done + n; done < end; done++, at += 4) {
      const model = first + (<u32>load<u8>(index + done) & mask);
      const bounds = boundsOf(model);
      const symbol = <u32>load<u8>(symbols + done);
      const lower = lowerBound(bounds, symbol);
      store<u32>(at, lower | ((upperBound(bounds, symbol) - lower) << 16));
      learn9(bounds, symbol, nextRate(model));
    }
  }
}

/** The same for symbols of 16 values. */
export function encode16(first: u32, index: u32, mask: u32, symbols: u32, count: u32): void {
  for (let done: u32 = 0; done < count; ) {
    const n = reserve(count - done);
    let at = DECISIONS_PTR + ((used - n) << 2);
    for (const end = done + n; done < end; done++, at += 4) {
      const model = first + (<u32>load<u8>(index + done) & mask);
      const bounds = boundsOf(model);
      const symbol = <u32>load<u8>(symbols + done);
      const lower = lowerBound(bounds, symbol);
      store<u32>(at, lower | ((upperBound(bounds, symbol) - lower) << 16));
      learn16(bounds, symbol, nextRate(model));
    }
  }
}

/**
 * Codes the gathered block, back to front. Words go where the decisions stood, from the end down: a
 * decision takes four bytes and gives at most one word, so none is overwritten before it was read.
 */
function flushBlock(): void {
  const end = DECISIONS_PTR + (used << 2);
  let to = end;
  let state: u32 = STATE_LOW;
  let other: u32 = STATE_LOW;
  // The last symbol belongs to state 1 if their number is even; both states begin alike.
  for (let at = end - 4; at >= DECISIONS_PTR; at -= 4) {
    const decision = load<u32>(at);
    const width = decision >> 16;
    // Where the state would outgrow 32 bits, its lower half leaves.
    const leaves = <u32>(state >> (32 - SCALE_BITS) >= width);
    store<u16>(to - 2, <u16>state);
    to -= leaves << 1;
    state >>= leaves << 4;
    const next = state + (state / width) * ((1 << SCALE_BITS) - width) + (decision & 0xffff);
    state = other;
    other = next;
  }
  const words = end - to;
  const symbols = used;
  used = 0;
  if (out + BLOCK_HEADER + words > limit) {
    full = true;
    return;
  }
  store<u16>(out, <u16>symbols);
  store<u32>(out, other, 2);
  store<u32>(out, state, 6);
  memory.copy(out + BLOCK_HEADER, to, words);
  out += BLOCK_HEADER + words;
}

/** Ends the stream; returns its bytes, or -1 if it did not fit. */
export function endEncoder(): i32 {
  if (used > 0) flushBlock();
  return full ? -1 : out - start;
}
