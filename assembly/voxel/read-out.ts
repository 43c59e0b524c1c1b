/**
 * Gives out the voxels of a finished grid: bricks in the order in which the frame met them, the voxels
 * of a brick in Morton order. No sort is needed for it, and the same pushes give the same order.
 *
 * All arithmetic is f32, each operation rounded once and in this order, four voxels or one at a time:
 *
 *   centre   = (cell + 0.5) * leaf
 *   centroid = (cell + (sum * (1 / points) + 0.5) * (1 / 2048)) * leaf
 *
 * since each point counts as the middle of its step. A centre is the exact one rounded once.
 */
import { CELL_LIMIT, POINT_CENTROID, POLICY_LEAF_M, POLICY_POINT } from "../abi.ts";
import { BLOCK_POINTS, RUN } from "../frame/block.ts";
import { BASES_PTR, BRICKS_PTR, LISTED_PTR, POLICY_PTR, SUMS_PTR } from "../memory.ts";
import { BRICK_BYTES, BRICK_MASK, brickCount } from "./bricks.ts";
import { BRICK_AXIS, BRICK_X, BRICK_Y, BRICK_Z, SAMPLE_STEPS } from "./cells.ts";

/** As LISTED_PTR for cells without samples, as many as a block has points. */
const LISTED: u32 = RUN;
const LISTED_MAX: u32 = BLOCK_POINTS;
/** Voxels that every brick writes; those it does not have are written over by the next brick. */
const USUAL: u32 = 4;
const STEP: f32 = <f32>1 / <f32>SAMPLE_STEPS;

/** The brick up to which voxels are listed, and which of its cells are not yet. */
let brick: u32 = 0;
let rest: u64 = 0;

/**
 * Writes voxels first..first+count as f32 x, y, z and the number of points (0 for centres), in metres
 * of the output frame: cell centres, or centroids if the policy asks for them.
 */
export function writeVoxels(first: u32, count: u32, to: u32): void {
  if (count == 0) return;
  const leaf = load<f32>(POLICY_PTR, POLICY_LEAF_M);
  if (load<u32>(POLICY_PTR, POLICY_POINT) == POINT_CENTROID) {
    writeCentroids(count, LISTED_PTR + (first << 2), SUMS_PTR + (first << 4), leaf, to);
    return;
  }
  findVoxel(first);
  const end = first + count;
  for (let voxel = first; voxel < end; ) {
    const listed = min<u32>(listVoxels(), end - voxel);
    writeCentres(listed, leaf, to);
    voxel += listed;
    to += listed << 4;
  }
}

function writeCentres(listed: u32, leaf: f32, to: u32): void {
  let i: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= listed; i += 4) writeFour(LISTED + (i << 2), 0, leaf, to + (i << 4));
  }
  for (; i < listed; i++) writeCentre(load<u32>(LISTED + (i << 2)), leaf, to + (i << 4));
}

function writeCentroids(count: u32, listed: u32, sums: u32, leaf: f32, to: u32): void {
  let i: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 4 <= count; i += 4) writeFour(listed + (i << 2), sums + (i << 4), leaf, to + (i << 4));
  }
  for (; i < count; i++) {
    writeCentroid(load<u32>(listed + (i << 2)), sums + (i << 4), leaf, to + (i << 4));
  }
}

/** Goes to voxel `first`: the last brick whose base is not above it is its own. */
function findVoxel(first: u32): void {
  let low: u32 = 0;
  let high = brickCount();
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (load<u32>(BASES_PTR + (middle << 2)) <= first) low = middle;
    else high = middle;
  }
  brick = low;
  rest = load<u64>(BRICKS_PTR + low * BRICK_BYTES, BRICK_MASK);
  for (let skip = first - load<u32>(BASES_PTR + (low << 2)); skip > 0; skip--) rest &= rest - 1;
}

/** Lists the next voxels, whole bricks as long as any could have room; returns how many. */
function listVoxels(): u32 {
  const bricks = brickCount();
  let listed: u32 = 0;
  while (brick < bricks && listed <= LISTED_MAX - 64) {
    const code = brick << 6;
    const size = <u32>popcnt<u64>(rest);
    let at = LISTED + (listed << 2);
    // How many there are is as good as random: the usual number is written without asking.
    for (let k: u32 = 0; k < USUAL; k++, at += 4) {
      store<u32>(at, code | (<u32>ctz<u64>(rest) & 63));
      rest &= rest - 1;
    }
    for (; rest; rest &= rest - 1, at += 4) store<u32>(at, code | <u32>ctz<u64>(rest));
    listed += size;
    brick++;
    rest = load<u64>(BRICKS_PTR + brick * BRICK_BYTES, BRICK_MASK);
  }
  return listed;
}

/** Cell of a listed voxel along an axis: `start` is where the axis stands in keys, `axis` 0..2. */
// @ts-expect-error: decorator
@inline
function cellAlong(listed: u32, key: u64, start: u64, axis: u32): f32 {
  const number = listed >> axis;
  const cell = (<u32>((key >> start) & BRICK_AXIS) << 2) | (number & 1) | ((number >> 2) & 2);
  return <f32>(<i32>cell - CELL_LIMIT);
}

function writeCentre(listed: u32, leaf: f32, to: u32): void {
  const key = load<u64>(keyAt(listed));
  store<f32>(to, (cellAlong(listed, key, BRICK_X, 0) + 0.5) * leaf);
  store<f32>(to, (cellAlong(listed, key, BRICK_Y, 1) + 0.5) * leaf, 4);
  store<f32>(to, (cellAlong(listed, key, BRICK_Z, 2) + 0.5) * leaf, 8);
  store<f32>(to, 0, 12);
}

function writeCentroid(listed: u32, sums: u32, leaf: f32, to: u32): void {
  const key = load<u64>(keyAt(listed));
  const points = <f32>load<u32>(sums, 12);
  const share: f32 = <f32>1 / points;
  const x: f32 = (<f32>load<u32>(sums) * share + 0.5) * STEP;
  const y: f32 = (<f32>load<u32>(sums, 4) * share + 0.5) * STEP;
  const z: f32 = (<f32>load<u32>(sums, 8) * share + 0.5) * STEP;
  store<f32>(to, (cellAlong(listed, key, BRICK_X, 0) + x) * leaf);
  store<f32>(to, (cellAlong(listed, key, BRICK_Y, 1) + y) * leaf, 4);
  store<f32>(to, (cellAlong(listed, key, BRICK_Z, 2) + z) * leaf, 8);
  store<f32>(to, points, 12);
}

// @ts-expect-error: decorator
@inline
function keyAt(listed: u32): usize {
  return BRICKS_PTR + (listed >> 6) * BRICK_BYTES;
}

/** Cells of four listed voxels along an axis, from what their keys hold of it, times four. */
// @ts-expect-error: decorator
@inline
function cellsAlong(numbers: v128, brickPart: v128): v128 {
  const low = v128.and(numbers, i32x4.splat(1));
  const high = v128.and(i32x4.shr_u(numbers, 2), i32x4.splat(2));
  const cells = v128.or(brickPart, v128.or(low, high));
  return f32x4.convert_i32x4_s(i32x4.sub(cells, i32x4.splat(CELL_LIMIT)));
}

/**
 * Four listed voxels from `at` on: where they lie in their cells is 0.5, or the mean of their points.
 * Bits of keys are taken apart in words: x stands in the low one, z in the high one, y in both.
 */
// @ts-expect-error: decorator
@inline
function writeFour(at: u32, sums: u32, leaf: f32, to: u32): void {
  const listed = v128.load(at);
  const first = v128.load64_zero(keyAt(load<u32>(at)));
  const third = v128.load64_zero(keyAt(load<u32>(at, 8)));
  const ab = v128.load64_lane(keyAt(load<u32>(at, 4)), first, 1);
  const cd = v128.load64_lane(keyAt(load<u32>(at, 12)), third, 1);
  const low = v128.shuffle<i32>(ab, cd, 0, 2, 4, 6);
  const high = v128.shuffle<i32>(ab, cd, 1, 3, 5, 7);
  const axis = i32x4.splat(<i32>BRICK_AXIS << 2);
  const yLow = v128.and(i32x4.shr_u(low, 23), i32x4.splat(0x1fc));
  const yHigh = v128.and(i32x4.shl(high, 9), i32x4.splat(0x1ffe00));
  const cx = cellsAlong(listed, v128.and(i32x4.shr_u(low, 4), axis));
  const cy = cellsAlong(i32x4.shr_u(listed, 1), v128.or(yLow, yHigh));
  const cz = cellsAlong(i32x4.shr_u(listed, 2), v128.and(i32x4.shr_u(high, 10), axis));
  let x = f32x4.splat(0.5);
  let y = x;
  let z = x;
  let points = f32x4.splat(0);
  if (sums != 0) {
    const s0 = v128.load(sums);
    const s1 = v128.load(sums, 16);
    const s2 = v128.load(sums, 32);
    const s3 = v128.load(sums, 48);
    const xy01 = v128.shuffle<i32>(s0, s1, 0, 4, 1, 5);
    const xy23 = v128.shuffle<i32>(s2, s3, 0, 4, 1, 5);
    const zn01 = v128.shuffle<i32>(s0, s1, 2, 6, 3, 7);
    const zn23 = v128.shuffle<i32>(s2, s3, 2, 6, 3, 7);
    points = f32x4.convert_i32x4_u(v128.shuffle<i64>(zn01, zn23, 1, 3));
    const share = f32x4.div(f32x4.splat(1), points);
    x = meanOf(v128.shuffle<i64>(xy01, xy23, 0, 2), share);
    y = meanOf(v128.shuffle<i64>(xy01, xy23, 1, 3), share);
    z = meanOf(v128.shuffle<i64>(zn01, zn23, 0, 2), share);
  }
  const edge = f32x4.splat(leaf);
  const px = f32x4.mul(f32x4.add(cx, x), edge);
  const py = f32x4.mul(f32x4.add(cy, y), edge);
  const pz = f32x4.mul(f32x4.add(cz, z), edge);
  const xyLow = v128.shuffle<i32>(px, py, 0, 4, 1, 5);
  const xyHigh = v128.shuffle<i32>(px, py, 2, 6, 3, 7);
  const znLow = v128.shuffle<i32>(pz, points, 0, 4, 1, 5);
  const znHigh = v128.shuffle<i32>(pz, points, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(xyLow, znLow, 0, 2));
  v128.store(to, v128.shuffle<i64>(xyLow, znLow, 1, 3), 16);
  v128.store(to, v128.shuffle<i64>(xyHigh, znHigh, 0, 2), 32);
  v128.store(to, v128.shuffle<i64>(xyHigh, znHigh, 1, 3), 48);
}

// @ts-expect-error: decorator
@inline
function meanOf(sums: v128, share: v128): v128 {
  const steps = f32x4.add(f32x4.mul(f32x4.convert_i32x4_u(sums), share), f32x4.splat(0.5));
  return f32x4.mul(steps, f32x4.splat(STEP));
}
