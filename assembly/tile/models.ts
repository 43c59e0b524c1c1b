/**
 * The probability models of the tile: what the coder expects of a node, given its parent.
 *
 * A node is looked at in a mirrored frame in which its siblings lie in the direction of child 0: child
 * numbers are xored with the node's own number. Surfaces go on into their siblings, so in that frame
 * "near the sibling" is one statement for all eight positions, and few contexts learn fast.
 *
 *   siblings   3 bits: is the sibling across the x, y, z face occupied
 *   crowd      min(occupied children of the parent, 4) - 1
 *   rank       levels above the leaves: 0, 1, 2, 3 and more
 *
 * A node is coded as: has it one child only (ONLY)? If so which one, three bits, the highest first
 * (WHICH). If not, its eight mirrored children from 0 up (EACH). Each bit has a model of its own for
 * every sequence of bits before it.
 *
 * Probabilities are u16: chance of a 0 in 1/65536. After a bit they move 1/16 of the way, and never
 * reach certainty (15 <= p <= 65521).
 */
import { MODELS_PTR } from "../memory.ts";

/** Ranks of levels that have models of their own. */
export const RANKS: u32 = 4;

/** [rank 4][crowd 4][siblings 8] */
export const ONLY: u32 = MODELS_PTR;
/** [rank 4][siblings 8][tree node 8]: a leading 1, then the bits before. */
export const WHICH: u32 = ONLY + RANKS * 32 * 2;
/** [rank 4][siblings 8][tree node 256] */
export const EACH: u32 = WHICH + RANKS * 64 * 2;
/** [value 6][tree node 256] */
export const VALUE: u32 = EACH + RANKS * 2048 * 2;
const END: u32 = VALUE + 6 * 256 * 2;

/** All bits equally likely. */
export function resetModels(): void {
  const pair: u32 = 0x80008000;
  for (let at = ONLY; at < END; at += 4) store<u32>(at, pair);
}

/** The probability after a bit; `bit` is 0 or 1. */
// @ts-ignore: decorator
@inline
export function adapt(p: u32, bit: u32): u32 {
  // The target is 65536 for a 0 and 15 for a 1, so that rounding never reaches either end.
  return p + (<i32>(65536 - bit * 65521 - p) >> 4);
}

/** Siblings of child `i` in a parent of occupancy `parent`: bit k tells of the one across axis k. */
// @ts-ignore: decorator
@inline
export function siblings(parent: u32, i: u32): u32 {
  return (
    ((parent >> (i ^ 1)) & 1) | (((parent >> (i ^ 2)) & 1) << 1) | (((parent >> (i ^ 4)) & 1) << 2)
  );
}

/** Index of ONLY for a node, without its rank. */
// @ts-ignore: decorator
@inline
export function crowd(parent: u32): u32 {
  return min<u32>(popcnt<u32>(parent), 4) - 1;
}
