/**
 * The voxel grid of one frame: every cell that holds a point, once. Exact where other grids
 * approximate or give up: keys are 63 bits wide, so no extent overflows.
 *
 * Bricks are numbered as they were met: BASES holds the number of each one's first voxel, SUMS and
 * ATTRIBUTES are in the order of these numbers. Only when Morton order is asked for are they sorted:
 *
 *   KEYS_A              Morton code of each brick, relative to the lowest     sorted
 *   KEYS_B              its mask
 *   ORDERED_SUMS        sums of its voxels
 *   ORDERED_ATTRIBUTES  their attributes
 */
import { E_FULL, MAX_POINTS } from "../abi.ts";
import {
  ATTRIBUTES_PTR,
  BASES_PTR,
  BRICKS_PTR,
  INDEX_A_PTR,
  INDEX_B_PTR,
  KEYS_A_PTR,
  KEYS_B_PTR,
  ORDERED_ATTRIBUTES_PTR,
  ORDERED_SUMS_PTR,
  SUMS_PTR,
} from "../memory.ts";
import { BRICK_BYTES, BRICK_MASK, brickCount } from "./bricks.ts";
import { BRICK_AXIS, BRICK_X, BRICK_Y, BRICK_Z } from "./cells.ts";
import { prepareMorton, spread16, spread21 } from "./morton.ts";
import { mergeRepeats } from "./repeats.ts";
import { noteSampleBytes, sampleCount, samplesHaveAttributes, sumSamples } from "./samples.ts";
import { sortKeys } from "./sort.ts";

/** Lowest corner of the bricks in cells, the origin of their Morton codes. */
export let originX: i32 = 0;
export let originY: i32 = 0;
export let originZ: i32 = 0;
/** Lowest cell of the grid, counted from that corner: 0..3 an axis. */
export let lowestX: i32 = 0;
export let lowestY: i32 = 0;
export let lowestZ: i32 = 0;
/** Levels of the octree, the two inside a brick included; 0 for an empty grid. */
export let gridDepth: u32 = 0;
/** Bricks and voxels in order. */
export let gridBricks: u32 = 0;
export let gridVoxels: u32 = 0;
/** Most of each since the last wipe. */
let bricksHigh: u32 = 0;
let voxelsHigh: u32 = 0;
let ordered = false;

/** Closes the grid: numbers its voxels and adds up their points; returns how many, or E_FULL. */
export function finishGrid(): i32 {
  ordered = false;
  const count = brickCount();
  bricksHigh = max<u32>(bricksHigh, count);
  mergeRepeats();
  let voxels: u32 = 0;
  for (let place: u32 = 0; place < count; place++) {
    store<u32>(BASES_PTR + (place << 2), voxels);
    voxels += <u32>popcnt<u64>(load<u64>(BRICKS_PTR + place * BRICK_BYTES, BRICK_MASK));
  }
  gridVoxels = voxels;
  if (voxels > <u32>MAX_POINTS) return E_FULL;
  if (sampleCount() > 0) {
    voxelsHigh = max<u32>(voxelsHigh, voxels);
    sumSamples(voxels);
  }
  return voxels;
}

/** Brings bricks into Morton order, and sums and attributes to their voxels. */
export function orderGrid(): void {
  if (ordered) return;
  ordered = true;
  const count = brickCount();
  gridBricks = 0;
  gridDepth = 0;
  originX = 0;
  originY = 0;
  originZ = 0;
  lowestX = 0;
  lowestY = 0;
  lowestZ = 0;
  if (count == 0) return;
  prepareMorton();
  const brickDepth = 32 - clz<u32>(findBounds(count));
  gridDepth = brickDepth + 2;
  encodeMorton(count, brickDepth <= 16);
  const inB = sortKeys(count, 3 * brickDepth);
  mergeBricks(count, inB);
  if (sampleCount() > 0) {
    noteSampleBytes(gridVoxels << 4);
    orderVectors(count, inB, SUMS_PTR, ORDERED_SUMS_PTR);
    if (samplesHaveAttributes()) {
      orderVectors(count, inB, ATTRIBUTES_PTR, ORDERED_ATTRIBUTES_PTR);
    }
  }
}

/** Notes that so many keys and voxels were written by somebody else. */
export function noteVoxels(voxels: u32): void {
  bricksHigh = max<u32>(bricksHigh, voxels);
  voxelsHigh = max<u32>(voxelsHigh, voxels);
}

/** Zeroes the grid as far as it was ever filled, and forgets where it lay. */
export function wipeGrid(): void {
  memory.fill(KEYS_A_PTR, 0, bricksHigh << 3);
  memory.fill(KEYS_B_PTR, 0, bricksHigh << 3);
  // Eight bytes a brick, and a vector: the coder of the octree works there as well.
  memory.fill(INDEX_A_PTR, 0, (bricksHigh << 3) + 64);
  memory.fill(INDEX_B_PTR, 0, bricksHigh << 2);
  memory.fill(BASES_PTR, 0, bricksHigh << 2);
  memory.fill(SUMS_PTR, 0, voxelsHigh << 4);
  memory.fill(ATTRIBUTES_PTR, 0, voxelsHigh << 4);
  bricksHigh = 0;
  voxelsHigh = 0;
  gridVoxels = 0;
  gridBricks = 0;
  originX = 0;
  originY = 0;
  originZ = 0;
  lowestX = 0;
  lowestY = 0;
  lowestZ = 0;
  gridDepth = 0;
  ordered = false;
}

/** Finds the lowest brick; returns the largest extent in bricks, minus one. */
function findBounds(count: u32): u32 {
  let xLow: u64 = BRICK_AXIS;
  let yLow: u64 = BRICK_AXIS;
  let zLow: u64 = BRICK_AXIS;
  let xHigh: u64 = 0;
  let yHigh: u64 = 0;
  let zHigh: u64 = 0;
  const end = BRICKS_PTR + count * BRICK_BYTES;
  for (let at = BRICKS_PTR; at < end; at += BRICK_BYTES) {
    const key = load<u64>(at);
    const x = (key >> BRICK_X) & BRICK_AXIS;
    const y = (key >> BRICK_Y) & BRICK_AXIS;
    const z = key >> BRICK_Z;
    xLow = min<u64>(xLow, x);
    yLow = min<u64>(yLow, y);
    zLow = min<u64>(zLow, z);
    xHigh = max<u64>(xHigh, x);
    yHigh = max<u64>(yHigh, y);
    zHigh = max<u64>(zHigh, z);
  }
  originX = ((<i32>xLow) << 2) - (1 << 20);
  originY = ((<i32>yLow) << 2) - (1 << 20);
  originZ = ((<i32>zLow) << 2) - (1 << 20);
  return <u32>max<u64>(max<u64>(xHigh - xLow, yHigh - yLow), zHigh - zLow);
}

/** Writes the Morton code of each brick relative to the lowest one, and its place. */
function encodeMorton(count: u32, narrow: bool): void {
  const xLow = <u64>((originX + (1 << 20)) >> 2);
  const yLow = <u64>((originY + (1 << 20)) >> 2);
  const zLow = <u64>((originZ + (1 << 20)) >> 2);
  // No field is below the lowest brick's, so nothing borrows across fields.
  const low = (xLow << BRICK_X) | (yLow << BRICK_Y) | (zLow << BRICK_Z);
  let xFirst: u64 = 0;
  let yFirst: u64 = 0;
  let zFirst: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const brick = BRICKS_PTR + i * BRICK_BYTES;
    const key = load<u64>(brick) - low;
    const x = <u32>((key >> BRICK_X) & BRICK_AXIS);
    const y = <u32>((key >> BRICK_Y) & BRICK_AXIS);
    const z = <u32>(key >> BRICK_Z);
    const code = narrow
      ? spread16(x) | (spread16(y) << 1) | (spread16(z) << 2)
      : spread21(x) | (spread21(y) << 1) | (spread21(z) << 2);
    store<u64>(KEYS_A_PTR + (i << 3), code);
    store<u32>(INDEX_A_PTR + (i << 2), i);
    if (x == 0) xFirst |= load<u64>(brick, BRICK_MASK);
    if (y == 0) yFirst |= load<u64>(brick, BRICK_MASK);
    if (z == 0) zFirst |= load<u64>(brick, BRICK_MASK);
  }
  lowestX = lowestIn(xFirst, 0);
  lowestY = lowestIn(yFirst, 1);
  lowestZ = lowestIn(zFirst, 2);
}

/** Lowest coordinate along an axis among the cells of a mask. */
function lowestIn(cells: u64, axis: u32): i32 {
  let lowest: u32 = 3;
  for (let rest = cells; rest; rest &= rest - 1) {
    const number = <u32>ctz<u64>(rest) >> axis;
    lowest = min<u32>(lowest, (number & 1) | ((number >> 2) & 2));
  }
  return lowest;
}

/**
 * Merges the sorted bricks: codes to KEYS_A, masks to KEYS_B. Those that stood in the list before have
 * no cells and go into the first. Reading runs ahead of writing, so both may use the same memory.
 */
function mergeBricks(count: u32, inB: u32): void {
  const codes = inB ? KEYS_B_PTR : KEYS_A_PTR;
  const index = inB ? INDEX_B_PTR : INDEX_A_PTR;
  let number: u32 = -1;
  let last: u64 = -1;
  let cells: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const code = load<u64>(codes + (i << 3));
    const brick = BRICKS_PTR + load<u32>(index + (i << 2)) * BRICK_BYTES;
    const isNew = <u32>(code != last);
    number += isNew;
    cells = (cells & (<u64>isNew - 1)) | load<u64>(brick, BRICK_MASK);
    store<u64>(KEYS_A_PTR + (number << 3), code);
    store<u64>(KEYS_B_PTR + (number << 3), cells);
    last = code;
  }
  gridBricks = number + 1;
}

/**
 * Copies 16 bytes a voxel into Morton order: bricks as the sort left them in the index, the voxels of
 * each together.
 */
function orderVectors(count: u32, inB: u32, from: u32, to: u32): void {
  const index = inB ? INDEX_B_PTR : INDEX_A_PTR;
  for (let i: u32 = 0; i < count; i++) {
    const place = load<u32>(index + (i << 2));
    const cells = load<u64>(BRICKS_PTR + place * BRICK_BYTES, BRICK_MASK);
    let at = from + (load<u32>(BASES_PTR + (place << 2)) << 4);
    // A loop: so few vectors are copied before memory.copy is called.
    for (const end = to + ((<u32>popcnt<u64>(cells)) << 4); to < end; to += 16, at += 16) {
      store<u64>(to, load<u64>(at));
      store<u64>(to, load<u64>(at, 8), 8);
    }
  }
}
