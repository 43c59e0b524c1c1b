/**
 * Merges bricks that stand in the list more than once, which they only do once a frame's budget of
 * probes is spent: the first of each takes over the cells of the others and their points; the others
 * stay as bricks without cells. So the order of bricks with cells is that in which they were met,
 * whatever the table did.
 */
import { BRICKS_PTR, INDEX_A_PTR, INDEX_B_PTR, KEYS_A_PTR, KEYS_B_PTR } from "../memory.ts";
import { BRICK_BYTES, BRICK_MASK, brickCount, bricksAreMerged, bricksRepeat } from "./bricks.ts";
import { BRICK_X } from "./cells.ts";
import { moveSamples } from "./samples.ts";
import { sortKeys } from "./sort.ts";

const KEY_BITS: u32 = 57;

/** Merges them, if there are any; uses keys and index. */
export function mergeRepeats(): void {
  if (!bricksRepeat()) return;
  const count = brickCount();
  for (let place: u32 = 0; place < count; place++) {
    const key = load<u64>(BRICKS_PTR + place * BRICK_BYTES) >> BRICK_X;
    store<u64>(KEYS_A_PTR + (place << 3), key);
    store<u32>(INDEX_A_PTR + (place << 2), place);
  }
  const inB = sortKeys(count, KEY_BITS);
  const keys = inB ? KEYS_B_PTR : KEYS_A_PTR;
  const sorted = inB ? INDEX_B_PTR : INDEX_A_PTR;
  const places = inB ? INDEX_A_PTR : INDEX_B_PTR;
  let first: u32 = 0;
  let last: u64 = -1;
  for (let i: u32 = 0; i < count; i++) {
    const place = load<u32>(sorted + (i << 2));
    const key = load<u64>(keys + (i << 3));
    // The sort is stable, so the first of equals is the one that was met first.
    if (key != last) first = place;
    else moveCells(place, first);
    store<u32>(places + (place << 2), first);
    last = key;
  }
  moveSamples(places);
  bricksAreMerged();
}

function moveCells(from: u32, to: u32): void {
  const brick = BRICKS_PTR + from * BRICK_BYTES;
  const other = BRICKS_PTR + to * BRICK_BYTES;
  store<u64>(other, load<u64>(other, BRICK_MASK) | load<u64>(brick, BRICK_MASK), BRICK_MASK);
  store<u64>(brick, 0, BRICK_MASK);
}
