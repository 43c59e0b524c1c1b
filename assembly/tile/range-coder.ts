/**
 * An adaptive range coder (Martin 1979) over symbols of 16 values.
 *
 * Encoding is split in two: modelling appends decisions {lower bound u16, width u16} to a small
 * buffer, and the coder works it off in one tight loop with its state in registers. The models'
 * memory traffic and the coder's chain of multiplications so overlap.
 *
 * low is 0 and range 2^64 - 1 at first, both 64 bits wide. A symbol of bounds [a, b) takes
 *
 *   step = range >> 15        low += step * a        range = step * (b - a)
 *
 * and if range is then below 2^32, which happens once a symbol at the most, the upper 32 bits of low
 * leave as one little-endian word and both move up by 32 bits; a carry into words that have left is
 * added to them in place. The stream ends with the upper and the lower word of low.
 *
 * A decoder starts with the first two words, the first one above the second, less low: a symbol is the
 * one whose bounds hold min(value / step, 32767), and value loses step * a. It takes a word whenever
 * the encoder gives one, and in the end has taken all.
 */
import { DECISIONS_BYTES, DECISIONS_PTR } from "../memory.ts";
import { adapt, boundsOf, lowerBound, SCALE_BITS, upperBound } from "./models.ts";

/** No parent or voxel appends more decisions than this between two checks: 8 nodes of 3. */
const DECISIONS_SLACK: u32 = 32 * 4;
/** A buffer of decisions never writes more than this: 15 bits each, and one word. */
const OUTPUT_SLACK: u32 = DECISIONS_BYTES;

let low: u64 = 0;
let range: u64 = -1;
let out: u32 = 0;
let start: u32 = 0;
let limit: u32 = 0;
let full = false;

/** Starts a stream at `to` that must end before `end`; returns where decisions go. */
export function beginEncoder(to: u32, end: u32): u32 {
  low = 0;
  range = -1;
  start = to;
  out = to;
  limit = end;
  full = false;
  return DECISIONS_PTR;
}

/** Appends a symbol (0..15) under a model, which learns from it; returns where the next one goes. */
// @ts-expect-error: decorator
@inline
export function decide(at: u32, model: u32, symbol: u32): u32 {
  const bounds = boundsOf(model);
  const lower = lowerBound(bounds, symbol);
  store<u32>(at, lower | ((upperBound(bounds, symbol) - lower) << 16));
  adapt(model, bounds, symbol);
  return at + 4;
}

/** Works off the buffer if it is nearly full; returns where the next decision goes. */
// @ts-expect-error: decorator
@inline
export function checkDecisions(at: u32): u32 {
  return at > DECISIONS_PTR + DECISIONS_BYTES - DECISIONS_SLACK ? flushDecisions(at) : at;
}

/** Codes the decisions up to `at`; returns the empty buffer's start. */
export function flushDecisions(at: u32): u32 {
  if (out + OUTPUT_SLACK > limit) {
    full = true;
    return DECISIONS_PTR;
  }
  let lo = low;
  let span = range;
  let to = out;
  for (let from = DECISIONS_PTR; from < at; from += 4) {
    const decision = load<u32>(from);
    const step = span >> SCALE_BITS;
    const add = step * <u64>(decision & 0xffff);
    lo += add;
    if (lo < add) carry(to);
    span = step * <u64>(decision >> 16);
    if (span < 0x100000000) {
      store<u32>(to, <u32>(lo >> 32));
      to += 4;
      lo <<= 32;
      span <<= 32;
    }
  }
  low = lo;
  range = span;
  out = to;
  return DECISIONS_PTR;
}

/** Adds 1 to the words that have left, the last one first. */
function carry(to: u32): void {
  let word: u32 = 0;
  while (word == 0 && to > start) {
    to -= 4;
    word = load<u32>(to) + 1;
    store<u32>(to, word);
  }
}

/** Ends the stream; returns its bytes, or -1 if it did not fit. */
export function endEncoder(at: u32): i32 {
  flushDecisions(at);
  if (full) return -1;
  store<u32>(out, <u32>(low >> 32));
  store<u32>(out, <u32>low, 4);
  return out + 8 - start;
}
