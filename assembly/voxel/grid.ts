/**
 * The voxel grid of one frame: every cell that holds a point, once, in Morton order.
 *
 * Exact where other grids approximate or give up: keys are 63 bits wide, so no extent overflows.
 */
import { POINT_CENTROID, POLICY_LEAF_M, POLICY_POINT } from "../abi.ts";
import { KEYS_A_PTR, POLICY_PTR, SUMS_PTR } from "../memory.ts";
import { AXIS_BITS, AXIS_MASK, FRACTION_STEPS } from "./cells.ts";
import { listCount, listRepeats, mergeList } from "./list.ts";
import { compact21, prepareMorton, spread16, spread21 } from "./morton.ts";

/** Lowest cell of the frame, the origin of its Morton codes. */
export let originX: i32 = 0;
export let originY: i32 = 0;
export let originZ: i32 = 0;
/** Levels of the octree: its root is 2^depth cells wide. */
export let gridDepth: u32 = 0;

const AXIS_BIAS: i32 = 1 << 20;

/** Whether the list is in Morton order already. */
let ordered = false;

/** Closes the grid; returns the number of voxels. Their order is made when it is asked for. */
export function finishGrid(): u32 {
  ordered = false;
  if (listRepeats()) orderGrid();
  return listCount();
}

/** Brings the voxels into Morton order, relative to the lowest cell. */
export function orderGrid(): void {
  if (ordered) return;
  ordered = true;
  const points = listCount();
  gridDepth = 0;
  originX = 0;
  originY = 0;
  originZ = 0;
  if (points == 0) return;
  prepareMorton();
  const extent = findBounds(points);
  gridDepth = max<u32>(1, 32 - clz<u32>(extent));
  encodeMorton(points, gridDepth <= 16);
  mergeList(3 * gridDepth);
}

/** Forgets where the last grid lay. */
export function wipeGrid(): void {
  originX = 0;
  originY = 0;
  originZ = 0;
  gridDepth = 0;
}

/** Finds the lowest cell; returns the largest extent in cells, minus one. */
function findBounds(points: u32): u32 {
  let xLow: u64 = AXIS_MASK;
  let yLow: u64 = AXIS_MASK;
  let zLow: u64 = AXIS_MASK;
  let xHigh: u64 = 0;
  let yHigh: u64 = 0;
  let zHigh: u64 = 0;
  const end = KEYS_A_PTR + (points << 3);
  for (let at = KEYS_A_PTR; at < end; at += 8) {
    const key = load<u64>(at);
    const x = key & AXIS_MASK;
    const y = (key >> AXIS_BITS) & AXIS_MASK;
    const z = key >> (2 * AXIS_BITS);
    xLow = min<u64>(xLow, x);
    yLow = min<u64>(yLow, y);
    zLow = min<u64>(zLow, z);
    xHigh = max<u64>(xHigh, x);
    yHigh = max<u64>(yHigh, y);
    zHigh = max<u64>(zHigh, z);
  }
  originX = <i32>xLow - AXIS_BIAS;
  originY = <i32>yLow - AXIS_BIAS;
  originZ = <i32>zLow - AXIS_BIAS;
  return <u32>max<u64>(max<u64>(xHigh - xLow, yHigh - yLow), zHigh - zLow);
}

/** Replaces packed cells by Morton codes relative to the lowest cell. */
function encodeMorton(points: u32, narrow: bool): void {
  const low =
    <u64>(originX + AXIS_BIAS) |
    (<u64>(originY + AXIS_BIAS) << AXIS_BITS) |
    (<u64>(originZ + AXIS_BIAS) << (2 * AXIS_BITS));
  const end = KEYS_A_PTR + (points << 3);
  if (narrow) {
    for (let at = KEYS_A_PTR; at < end; at += 8) {
      // No field is below the lowest cell's, so nothing borrows across fields.
      const key = load<u64>(at) - low;
      const x = spread16(<u32>(key & AXIS_MASK));
      const y = spread16(<u32>((key >> AXIS_BITS) & AXIS_MASK));
      const z = spread16(<u32>(key >> (2 * AXIS_BITS)));
      store<u64>(at, x | (y << 1) | (z << 2));
    }
  } else {
    for (let at = KEYS_A_PTR; at < end; at += 8) {
      const key = load<u64>(at) - low;
      const x = spread21(<u32>(key & AXIS_MASK));
      const y = spread21(<u32>((key >> AXIS_BITS) & AXIS_MASK));
      const z = spread21(<u32>(key >> (2 * AXIS_BITS)));
      store<u64>(at, x | (y << 1) | (z << 2));
    }
  }
}

/**
 * Writes voxels first..first+count as f32 x, y, z and the number of points (0 without sums), in
 * metres of the output frame: cell centres, or centroids if the policy asks for them.
 */
export function writeVoxels(first: u32, count: u32, to: u32): void {
  orderGrid();
  const leaf = <f64>load<f32>(POLICY_PTR, POLICY_LEAF_M);
  const centroid = load<u32>(POLICY_PTR, POLICY_POINT) == POINT_CENTROID;
  for (let i: u32 = first; i < first + count; i++, to += 16) {
    const code = load<u64>(KEYS_A_PTR + (i << 3));
    const sums = SUMS_PTR + (i << 4);
    const points = centroid ? load<u32>(sums, 12) : 0;
    store<f32>(to, place(originX + compact21(code), load<u32>(sums), points, leaf));
    store<f32>(to, place(originY + compact21(code >> 1), load<u32>(sums, 4), points, leaf), 4);
    store<f32>(to, place(originZ + compact21(code >> 2), load<u32>(sums, 8), points, leaf), 8);
    store<f32>(to, <f32>points, 12);
  }
}

/** Metres of a cell's centre, or of the mean of its points (each at the middle of its step). */
function place(cell: i32, sum: u32, points: u32, leaf: f64): f32 {
  const steps = points ? (<f64>sum / <f64>points + 0.5) / <f64>FRACTION_STEPS : 0.5;
  return <f32>((<f64>cell + steps) * leaf);
}
