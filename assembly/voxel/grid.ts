/**
 * The voxel grid of one frame: every cell that holds a point, once. Exact where other grids
 * approximate or give up: keys are 63 bits wide, so no extent overflows.
 *
 * Bricks are numbered as they were met: BASES holds the number of each one's first voxel, SUMS and
 * ATTRIBUTES are in the order of these numbers, and stay so. Only when Morton order is asked for are
 * bricks sorted, those that hold cells:
 *
 *   KEYS_A   Morton code of each, relative to the lowest brick
 *   KEYS_B   its mask
 *   INDEX_A  its place in the list
 */
import { CELL_LIMIT, E_FULL } from "../abi.ts";
import {
  ATTRIBUTES_PTR,
  BASES_PTR,
  BRICKS_PTR,
  INDEX_A_PTR,
  INDEX_B_PTR,
  KEYS_A_PTR,
  KEYS_B_PTR,
  SAMPLE_ATTRIBUTES_PTR,
  SUMS_PTR,
} from "../memory.ts";
import { MAX_POINTS } from "../profile.ts";
import { findBounds, lowestBrick, wipeBounds } from "./bounds.ts";
import { BRICK_BYTES, BRICK_MASK, brickCount } from "./bricks.ts";
import { BRICK_AXIS, BRICK_X, BRICK_Y, BRICK_Z } from "./cells.ts";
import { clearExtent, LOWEST, ORIGIN, setDepth, setVoxels } from "./extent.ts";
import { prepareMorton, spread16, spread21 } from "./morton.ts";
import { mergeRepeats } from "./repeats.ts";
import { noteSampleBytes, sampleCount, sumSamples } from "./samples.ts";
import { INDEX_BITS, INDEX_MASK, KEY_BITS_MAX, sortKeys } from "./sort.ts";

/** Codes that are too wide for an entry of the sort: u64 a brick of the list, over the samples. */
const CODES_PTR: u32 = SAMPLE_ATTRIBUTES_PTR;
/** Their lower bits: two digits of the sort. */
const LOW_BITS: u64 = 26;
const LOW_MASK: u64 = (1 << LOW_BITS) - 1;

/** Bricks in order. */
export let gridBricks: u32 = 0;
/** Most of each since the last wipe, and of keys that stood for something else. */
let bricksHigh: u32 = 0;
let voxelsHigh: u32 = 0;
let keysHigh: u32 = 0;
let ordered = false;

/** Closes the grid: numbers its voxels and adds up their points; returns how many, or E_FULL. */
export function finishGrid(): i32 {
  ordered = false;
  const count = brickCount();
  bricksHigh = max<u32>(bricksHigh, count);
  mergeRepeats();
  let voxels: u32 = 0;
  for (let at: u32 = 0; at < count << 2; at += 4) {
    store<u32>(at, voxels, BASES_PTR);
    voxels += <u32>popcnt<u64>(load<u64>(at << 2, BRICKS_PTR + <u32>BRICK_MASK));
  }
  setVoxels(voxels);
  if (voxels > MAX_POINTS) return E_FULL;
  if (sampleCount() > 0) {
    voxelsHigh = max<u32>(voxelsHigh, voxels);
    sumSamples(voxels);
  }
  return voxels;
}

/** Brings bricks into Morton order. */
export function orderGrid(): void {
  if (ordered) return;
  ordered = true;
  const count = brickCount();
  gridBricks = 0;
  clearExtent();
  if (count == 0) return;
  prepareMorton();
  const brickDepth = 32 - clz<u32>(findBounds(count));
  setDepth(brickDepth + 2);
  for (let k: u32 = 0; k < 3; k++) store<i32>(ORIGIN + (k << 2), cornerOf(k));
  const bits: u32 = 3 * brickDepth;
  const narrow = bits <= KEY_BITS_MAX;
  if (!narrow) noteSampleBytes(count << 3);
  gridBricks = enterCodes(count, narrow);
  takeOrder(narrow ? sortKeys(gridBricks, bits) : sortWide(bits), narrow);
}

/** Lowest cell of the lowest bricks along an axis. */
function cornerOf(axis: u32): i32 {
  return ((<i32>lowestBrick(axis)) << 2) - CELL_LIMIT;
}

/** Notes that so many keys were written by somebody else. */
export function noteKeys(keys: u32): void {
  keysHigh = max<u32>(keysHigh, keys);
}

/** Notes that so many voxels were written by somebody else. */
export function noteVoxels(voxels: u32): void {
  voxelsHigh = max<u32>(voxelsHigh, voxels);
}

/** Zeroes the grid as far as it was ever filled, and forgets where it lay. */
export function wipeGrid(): void {
  const keys = max<u32>(bricksHigh, keysHigh);
  memory.fill(KEYS_A_PTR, 0, keys << 3);
  memory.fill(KEYS_B_PTR, 0, keys << 3);
  memory.fill(INDEX_A_PTR, 0, bricksHigh << 2);
  memory.fill(INDEX_B_PTR, 0, bricksHigh << 2);
  memory.fill(BASES_PTR, 0, bricksHigh << 2);
  memory.fill(SUMS_PTR, 0, voxelsHigh << 4);
  memory.fill(ATTRIBUTES_PTR, 0, voxelsHigh << 4);
  bricksHigh = 0;
  voxelsHigh = 0;
  keysHigh = 0;
  setVoxels(0);
  gridBricks = 0;
  clearExtent();
  ordered = false;
  wipeBounds();
}

/** Enters the codes of the bricks that hold cells, or the lower bits of wide ones; returns how many. */
function enterCodes(count: u32, narrow: bool): u32 {
  // No field of a key is below that of the lowest: differences do not borrow.
  const xLow = (<u64>lowestBrick(0)) << BRICK_X;
  const low = xLow | ((<u64>lowestBrick(1)) << BRICK_Y) | ((<u64>lowestBrick(2)) << BRICK_Z);
  let xFirst: u64 = 0;
  let yFirst: u64 = 0;
  let zFirst: u64 = 0;
  let entered: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const brick = BRICKS_PTR + i * BRICK_BYTES;
    const key = load<u64>(brick) - low;
    const cells = load<u64>(brick, BRICK_MASK);
    const x = <u32>((key >> BRICK_X) & BRICK_AXIS);
    const y = <u32>((key >> BRICK_Y) & BRICK_AXIS);
    const z = <u32>(key >> BRICK_Z);
    let code: u64 = 0;
    if (narrow) {
      code = spread16(x) | (spread16(y) << 1) | (spread16(z) << 2);
    } else {
      const wide = spread21(x) | (spread21(y) << 1) | (spread21(z) << 2);
      store<u64>(CODES_PTR + (i << 3), wide);
      code = wide & LOW_MASK;
    }
    store<u64>(KEYS_A_PTR + (entered << 3), (code << INDEX_BITS) | i);
    entered += <u32>(cells != 0);
    if (x == 0) xFirst |= cells;
    if (y == 0) yFirst |= cells;
    if (z == 0) zFirst |= cells;
  }
  store<u32>(LOWEST, lowestIn(xFirst, 0));
  store<u32>(LOWEST, lowestIn(yFirst, 1), 4);
  store<u32>(LOWEST, lowestIn(zFirst, 2), 8);
  return entered;
}

/** Sorts the entries by the lower bits of their codes, then by the others; 1 if they stand in KEYS_B. */
function sortWide(bits: u32): u32 {
  const from = sortKeys(gridBricks, <u32>LOW_BITS) ? KEYS_B_PTR : KEYS_A_PTR;
  for (let i: u32 = 0; i < gridBricks; i++) {
    const place = <u32>load<u64>(from + (i << 3)) & INDEX_MASK;
    const code = load<u64>(CODES_PTR + (place << 3));
    store<u64>(KEYS_A_PTR + (i << 3), ((code >> LOW_BITS) << INDEX_BITS) | place);
  }
  return sortKeys(gridBricks, bits - <u32>LOW_BITS);
}

/** Writes codes, masks and places in the order of the entries, over the entries that it has read. */
function takeOrder(inB: u32, narrow: bool): void {
  const entries = inB ? KEYS_B_PTR : KEYS_A_PTR;
  for (let i: u32 = 0; i < gridBricks; i++) {
    const entry = load<u64>(entries + (i << 3));
    const place = <u32>entry & INDEX_MASK;
    const brick = BRICKS_PTR + place * BRICK_BYTES;
    const code = narrow ? entry >> INDEX_BITS : load<u64>(CODES_PTR + (place << 3));
    store<u64>(KEYS_A_PTR + (i << 3), code);
    store<u64>(KEYS_B_PTR + (i << 3), load<u64>(brick, BRICK_MASK));
    store<u32>(INDEX_A_PTR + (i << 2), place);
  }
}

/** Lowest coordinate along an axis among the cells of a mask. */
function lowestIn(cells: u64, axis: u32): u32 {
  let lowest: u32 = 3;
  for (let rest = cells; rest; rest &= rest - 1) {
    const number = <u32>ctz<u64>(rest) >> axis;
    lowest = min<u32>(lowest, (number & 1) | ((number >> 2) & 2));
  }
  return lowest;
}
