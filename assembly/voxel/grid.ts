/**
 * The voxel grid of one frame: every cell that holds a point, once. Exact where other grids
 * approximate or give up: keys are 63 bits wide, so no extent overflows.
 *
 * Bricks are counted as they stand, and brought into Morton order when the order is asked for:
 *
 *   KEYS_A  Morton code of each brick, relative to the lowest     sorted, each once
 *   KEYS_B  its mask
 *   BASES   number of its first voxel
 *
 * The number of a voxel is the base of its brick plus the occupied cells before its own there.
 */
import { E_FULL, MAX_POINTS, POINT_CENTROID, POLICY_LEAF_M, POLICY_POINT } from "../abi.ts";
import {
  ATTRIBUTES_PTR,
  BASES_PTR,
  BRICKS_PTR,
  INDEX_A_PTR,
  INDEX_B_PTR,
  KEYS_A_PTR,
  KEYS_B_PTR,
  POLICY_PTR,
  RUN_ATTRIBUTES_PTR,
  RUN_PLACES_PTR,
  RUN_SUMS_PTR,
  SUMS_PTR,
} from "../memory.ts";
import { addVector } from "./add-vector.ts";
import { BRICK_BYTES, BRICK_MASK, brickCount, bricksRepeat } from "./bricks.ts";
import { BRICK_AXIS, BRICK_X, BRICK_Y, BRICK_Z, FRACTION_STEPS } from "./cells.ts";
import { compact21, prepareMorton, spread16, spread21 } from "./morton.ts";
import { runCount, runsHaveAttributes, runsHighWater } from "./runs.ts";
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

/** Closes the grid; returns the number of voxels, or E_FULL. */
export function finishGrid(): i32 {
  ordered = false;
  gridVoxels = 0;
  if (bricksRepeat()) {
    orderGrid();
  } else {
    const end = BRICKS_PTR + brickCount() * BRICK_BYTES;
    for (let at = BRICKS_PTR; at < end; at += BRICK_BYTES) {
      gridVoxels += <u32>popcnt<u64>(load<u64>(at, BRICK_MASK));
    }
  }
  return gridVoxels > <u32>MAX_POINTS ? E_FULL : gridVoxels;
}

/** Brings bricks into Morton order, and sums and attributes to their voxels. */
export function orderGrid(): void {
  if (ordered) return;
  ordered = true;
  const count = brickCount();
  bricksHigh = max<u32>(bricksHigh, count);
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
  mergeBricks(count, sortKeys(count, 3 * brickDepth));
  if (runCount() > 0 && gridVoxels <= <u32>MAX_POINTS) {
    voxelsHigh = max<u32>(voxelsHigh, gridVoxels);
    sumVoxels(SUMS_PTR, RUN_SUMS_PTR);
    if (runsHaveAttributes()) sumVoxels(ATTRIBUTES_PTR, RUN_ATTRIBUTES_PTR);
  }
}

/** Notes that so many keys and voxels were written by somebody else. */
export function noteVoxels(voxels: u32): void {
  bricksHigh = max<u32>(bricksHigh, voxels);
  voxelsHigh = max<u32>(voxelsHigh, voxels);
}

/** Zeroes the grid as far as it was ever filled, and forgets where it lay. */
export function wipeGrid(): void {
  noteVoxels(runsHighWater());
  memory.fill(KEYS_A_PTR, 0, bricksHigh << 3);
  memory.fill(KEYS_B_PTR, 0, bricksHigh << 3);
  memory.fill(INDEX_A_PTR, 0, bricksHigh << 2);
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
 * Merges the sorted bricks: codes to KEYS_A, masks to KEYS_B, bases to BASES; each brick of the list
 * learns its number. Reading runs ahead of writing, so both may use the same memory.
 */
function mergeBricks(count: u32, inB: u32): void {
  const codes = inB ? KEYS_B_PTR : KEYS_A_PTR;
  const index = inB ? INDEX_B_PTR : INDEX_A_PTR;
  let number: u32 = -1;
  let last: u64 = -1;
  let cells: u64 = 0;
  let voxels: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const code = load<u64>(codes + (i << 3));
    const brick = BRICKS_PTR + load<u32>(index + (i << 2)) * BRICK_BYTES;
    const isNew = <u32>(code != last);
    voxels += <u32>popcnt<u64>(cells) & (0 - isNew);
    number += isNew;
    cells = (cells & (<u64>isNew - 1)) | load<u64>(brick, BRICK_MASK);
    store<u64>(brick, number);
    store<u64>(KEYS_A_PTR + (number << 3), code);
    store<u64>(KEYS_B_PTR + (number << 3), cells);
    store<u32>(BASES_PTR + (number << 2), voxels);
    last = code;
  }
  gridBricks = number + 1;
  gridVoxels = voxels + <u32>popcnt<u64>(cells);
}

/** Adds the vectors of all runs to those of their voxels. */
function sumVoxels(to: u32, vectors: u32): void {
  memory.fill(to, 0, gridVoxels << 4);
  const runs = runCount();
  for (let r: u32 = 0; r < runs; r++) {
    const place = load<u32>(RUN_PLACES_PTR + (r << 2));
    const number = <u32>load<u64>(BRICKS_PTR + (place >> 6) * BRICK_BYTES);
    const before = load<u64>(KEYS_B_PTR + (number << 3)) & (((<u64>1) << (<u64>(place & 63))) - 1);
    const voxel = load<u32>(BASES_PTR + (number << 2)) + <u32>popcnt<u64>(before);
    addVector(to + (voxel << 4), vectors + (r << 4), false);
  }
}

/**
 * Writes voxels first..first+count as f32 x, y, z and the number of points (0 for centres), in metres
 * of the output frame: cell centres, or centroids if the policy asks for them.
 */
export function writeVoxels(first: u32, count: u32, to: u32): void {
  orderGrid();
  const end = to + (count << 4);
  let voxel: u32 = 0;
  for (let b: u32 = 0; b < gridBricks && to < end; b++) {
    const code = load<u64>(KEYS_A_PTR + (b << 3));
    const cells = load<u64>(KEYS_B_PTR + (b << 3));
    const size = <u32>popcnt<u64>(cells);
    if (voxel + size <= first) {
      voxel += size;
      continue;
    }
    for (let rest = cells; rest && to < end; rest &= rest - 1, voxel++) {
      if (voxel < first) continue;
      writeVoxel((code << 6) | ctz<u64>(rest), voxel, to);
      to += 16;
    }
  }
}

function writeVoxel(code: u64, voxel: u32, to: u32): void {
  const leaf = <f64>load<f32>(POLICY_PTR, POLICY_LEAF_M);
  const centroid = load<u32>(POLICY_PTR, POLICY_POINT) == POINT_CENTROID;
  const sums = SUMS_PTR + (voxel << 4);
  const points = centroid ? load<u32>(sums, 12) : 0;
  store<f32>(to, place(originX + compact21(code), load<u32>(sums), points, leaf));
  store<f32>(to, place(originY + compact21(code >> 1), load<u32>(sums, 4), points, leaf), 4);
  store<f32>(to, place(originZ + compact21(code >> 2), load<u32>(sums, 8), points, leaf), 8);
  store<f32>(to, <f32>points, 12);
}

/** Metres of a cell's centre, or of the mean of its points (each at the middle of its step). */
function place(cell: i32, sum: u32, points: u32, leaf: f64): f32 {
  const steps = points ? (<f64>sum / <f64>points + 0.5) / <f64>FRACTION_STEPS : 0.5;
  return <f32>((<f64>cell + steps) * leaf);
}
