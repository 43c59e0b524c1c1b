/**
 * An entropy coder of adaptive symbols: rANS (Duda, "Asymmetric numeral systems", 2013) with two
 * states that take turns, so that a decoder works on two symbols at once and never divides.
 *
 * rANS decodes in the reverse order of encoding, so symbols are gathered as decisions {lower bound
 * u16, width u16}, and coded back to front when two blocks are full. A stream is a row of blocks:
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

/** Decisions of the second block of two. */
const SECOND_PTR: u32 = DECISIONS_PTR + (BLOCK_SYMBOLS << 2);

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

/** Room for symbols, `wanted` at the most and 1 at least. */
function reserve(wanted: u32): u32 {
  if (used == 2 * BLOCK_SYMBOLS) flushBlocks();
  const granted = min<u32>(wanted, 2 * BLOCK_SYMBOLS - used);
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
 * Codes the gathered decisions, one block or two, each back to front. Two are coded side by side: their
 * four states depend on nothing of each other, and a division is waited for most of the time. Words go
 * where a block's decisions stood, from the end down: a decision takes four bytes and gives at most one
 * word, so none is overwritten before it was read.
 */
function flushBlocks(): void {
  const first = min<u32>(used, BLOCK_SYMBOLS);
  const second = used - first;
  const end = DECISIONS_PTR + (first << 2);
  const secondEnd = SECOND_PTR + (second << 2);
  let to = end;
  let secondTo = secondEnd;
  // The last symbol belongs to state 1 if their number is even; both states begin alike.
  let state: u32 = STATE_LOW;
  let other: u32 = STATE_LOW;
  let secondState: u32 = STATE_LOW;
  let secondOther: u32 = STATE_LOW;
  let at = end - 4;
  for (; at >= DECISIONS_PTR + (second << 2); at -= 4) {
    const decision = load<u32>(at);
    const leaves = leavingOf(state, decision);
    store<u16>(to - 2, <u16>state);
    to -= leaves << 1;
    const next = coded(state >> (leaves << 4), decision);
    state = other;
    other = next;
  }
  for (; at >= DECISIONS_PTR; at -= 4) {
    const decision = load<u32>(at);
    const leaves = leavingOf(state, decision);
    store<u16>(to - 2, <u16>state);
    to -= leaves << 1;
    const next = coded(state >> (leaves << 4), decision);
    state = other;
    other = next;
    const secondDecision = load<u32>(at + (BLOCK_SYMBOLS << 2));
    const secondLeaves = leavingOf(secondState, secondDecision);
    store<u16>(secondTo - 2, <u16>secondState);
    secondTo -= secondLeaves << 1;
    const secondNext = coded(secondState >> (secondLeaves << 4), secondDecision);
    secondState = secondOther;
    secondOther = secondNext;
  }
  used = 0;
  writeBlock(first, other, state, to, end);
  if (second > 0) writeBlock(second, secondOther, secondState, secondTo, secondEnd);
}

/** 1 where the state would outgrow 32 bits: its lower half leaves. */
// @ts-expect-error: decorator
@inline
export function leavingOf(state: u32, decision: u32): u32 {
  return <u32>(state >> (32 - SCALE_BITS) >= decision >> 16);
}

// @ts-expect-error: decorator
@inline
export function coded(state: u32, decision: u32): u32 {
  const width = decision >> 16;
  return state + (state / width) * ((1 << SCALE_BITS) - width) + (decision & 0xffff);
}

/** Writes a block whose words stand at [from, end). */
function writeBlock(symbols: u32, state0: u32, state1: u32, from: u32, end: u32): void {
  const words = end - from;
  if (out + BLOCK_HEADER + words > limit) {
    full = true;
    return;
  }
  store<u16>(out, <u16>symbols);
  store<u32>(out, state0, 2);
  store<u32>(out, state1, 6);
  memory.copy(out + BLOCK_HEADER, from, words);
  out += BLOCK_HEADER + words;
}

/** Ends the stream; returns its bytes, or -1 if it did not fit. */
export function endEncoder(): i32 {
  if (used > 0) flushBlocks();
  return full ? -1 : out - start;
}
