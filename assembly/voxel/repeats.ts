/**
 * Merges bricks that stand in the list more than once, which they only do once a frame's budget of
 * probes is spent: the first of each takes over the cells of the others and their points; the others
 * stay as bricks without cells. So the order of bricks with cells is that in which they were met,
 * whatever the table did.
 */
import { BRICKS_PTR, INDEX_A_PTR, KEYS_A_PTR, KEYS_B_PTR } from "../memory.ts";
import { BRICK_BYTES, BRICK_MASK, brickCount, bricksAreMerged, bricksRepeat } from "./bricks.ts";
import { BRICK_X } from "./cells.ts";
import { moveSamples } from "./samples.ts";
import { INDEX_BITS, INDEX_MASK, sortKeys } from "./sort.ts";

/** Keys are too wide for an entry of the sort: first come their lower bits, then the others. */
const LOW_BITS: u64 = 28;
const HIGH_BITS: u64 = 29;

/** Merges them, if there are any; uses keys and index. */
export function mergeRepeats(): void {
  if (!bricksRepeat()) return;
  const count = brickCount();
  for (let place: u32 = 0; place < count; place++) enter(place, place, 0, LOW_BITS);
  const half = sortKeys(count, <u32>LOW_BITS) ? KEYS_B_PTR : KEYS_A_PTR;
  for (let i: u32 = 0; i < count; i++) enter(i, placeAt(half, i), LOW_BITS, HIGH_BITS);
  const sorted = sortKeys(count, <u32>HIGH_BITS) ? KEYS_B_PTR : KEYS_A_PTR;
  let first: u32 = 0;
  let last: u64 = -1;
  for (let i: u32 = 0; i < count; i++) {
    const place = placeAt(sorted, i);
    const key = load<u64>(BRICKS_PTR + place * BRICK_BYTES);
    // The sort is stable, so the first of equals is the one that was met first.
    if (key != last) first = place;
    else moveCells(place, first);
    store<u32>(INDEX_A_PTR + (place << 2), first);
    last = key;
  }
  moveSamples(INDEX_A_PTR);
  bricksAreMerged();
}

/** Entry number `i`: so many bits of a brick's key from `from` on, and its place. */
function enter(i: u32, place: u32, from: u64, bits: u64): void {
  const key = load<u64>(BRICKS_PTR + place * BRICK_BYTES) >> (BRICK_X + from);
  const part = key & (((<u64>1) << bits) - 1);
  store<u64>(KEYS_A_PTR + (i << 3), (part << INDEX_BITS) | place);
}

function placeAt(entries: u32, i: u32): u32 {
  return <u32>load<u64>(entries + (i << 3)) & INDEX_MASK;
}

function moveCells(from: u32, to: u32): void {
  const brick = BRICKS_PTR + from * BRICK_BYTES;
  const other = BRICKS_PTR + to * BRICK_BYTES;
  store<u64>(other, load<u64>(other, BRICK_MASK) | load<u64>(brick, BRICK_MASK), BRICK_MASK);
  store<u64>(brick, 0, BRICK_MASK);
}
