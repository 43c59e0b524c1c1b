/**
 * The entropy coder of micro: the stream that tile/rans-encoder.ts describes. Decisions are gathered in
 * what is left of plain behind the stream, so that a block holds what there is room for: some 2,000
 * symbols of the first, which is all that most trees have, fewer of the next ones.
 */
import { PLAIN_BYTES, PLAIN_PTR } from "../memory.ts";
import { boundsOf, lowerBound, moveBounds, nextRate, upperBound } from "../tile/models.ts";
import { BLOCK_HEADER, BLOCK_SYMBOLS, coded, leavingOf, STATE_LOW } from "../tile/rans-encoder.ts";

const END: u32 = PLAIN_PTR + PLAIN_BYTES;
/** With room for less than so many bytes of decisions, the tile is said to be full. */
const LEAST: u32 = 64;

/** Where the block begins, its decisions, and the next of them. */
let out: u32 = 0;
let first: u32 = 0;
let next: u32 = 0;
let full = false;

/** Starts a stream at `to`. */
export function beginEncoder(to: u32): void {
  full = false;
  beginBlock(to);
}

function beginBlock(to: u32): void {
  out = to;
  first = (to + BLOCK_HEADER + 3) & ~3;
  next = first;
  full = full || first + LEAST > END;
}

/** Codes one of `symbols` symbols under a model, which learns from it. */
export function encodeSymbol(model: u32, symbol: u32, symbols: u32): void {
  if (next + 4 > END || next == first + (BLOCK_SYMBOLS << 2)) endBlock();
  if (full) return;
  const bounds = boundsOf(model);
  const lower = lowerBound(bounds, symbol);
  store<u32>(next, lower | ((upperBound(bounds, symbol) - lower) << 16));
  next += 4;
  moveBounds(bounds, symbol, symbols, nextRate(model));
}

/** Codes the gathered decisions back to front, over them: a decision gives at most half of its bytes. */
function endBlock(): void {
  let to = next;
  let state: u32 = STATE_LOW;
  let other: u32 = STATE_LOW;
  for (let at = next - 4; at >= first; at -= 4) {
    const decision = load<u32>(at);
    const leaves = leavingOf(state, decision);
    store<u16>(to - 2, <u16>state);
    to -= leaves << 1;
    const moved = coded(state >> (leaves << 4), decision);
    state = other;
    other = moved;
  }
  store<u16>(out, <u16>((next - first) >> 2));
  store<u32>(out, other, 2);
  store<u32>(out, state, 6);
  memory.copy(out + BLOCK_HEADER, to, next - to);
  beginBlock(out + BLOCK_HEADER + (next - to));
}

/** Ends the stream; returns where it ends, or 0 if it did not fit. */
export function endEncoder(): u32 {
  if (next > first) endBlock();
  return full ? 0 : out;
}
