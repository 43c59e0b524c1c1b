/**
 * Quantises a block: cell = floor(coordinate / leaf), both f32, the division rounded once.
 *
 * Cells are gathered in bricks of 4 x 4 x 4, so a cell is packed as the brick it is in and its number
 * there, in Morton order (z1 y1 x1 z0 y0 x0):
 *
 *   63  62      44 43      25 24       6 5    0
 *   ┌─┬───────────┬──────────┬──────────┬──────┐
 *   │0│ z / 4     │ y / 4    │ x / 4    │ cell │      each axis with 2^20 added to be positive
 *   └─┴───────────┴──────────┴──────────┴──────┘
 *
 * Points out of range get bit 63 and are counted later, never wrapped onto another cell.
 */
import { CELL_LIMIT } from "../abi.ts";
import { CELL, FRACTION, X, Y, Z } from "../frame/block.ts";

/** Mask of one axis of a brick, and where the axes begin. */
export const BRICK_AXIS: u64 = (1 << 19) - 1;
export const BRICK_X: u64 = 6;
export const BRICK_Y: u64 = 25;
export const BRICK_Z: u64 = 44;
/** Mask of the cell's number in its brick. */
export const IN_BRICK: u64 = 63;
/** Steps of the fraction inside a cell: sums of 2^21 points still fit 32 bits. */
export const FRACTION_STEPS: i32 = 2048;
/** Packed cell of a point that is out of range. */
const OUTSIDE: u64 = 1 << 63;

const LIMIT: f32 = <f32>CELL_LIMIT;
const STEPS: f32 = <f32>FRACTION_STEPS;
/** x - floor(x) rounds to 1 for an x just below 0. */
const LAST_STEP: i32 = FRACTION_STEPS - 1;

/**
 * Packs the cells of a block into CELL; with fractions, also writes to FRACTION where each point lies
 * inside its cell: x, y, z in steps of leaf / 2048, then 1, so that adding these vectors sums
 * positions and counts points at once. Integers: the order of the points does not change the sum.
 */
export function cellsOfBlock(count: u32, leaf: f32, withFractions: bool): void {
  if (ASC_FEATURE_SIMD) cellsBy4(count, leaf, withFractions);
  else cellsBy1(count, leaf, withFractions);
}

function cellsBy4(count: u32, leaf: f32, withFractions: bool): void {
  const edge = f32x4.splat(leaf);
  const bias = i32x4.splat(CELL_LIMIT);
  for (let i: u32 = 0; i < count << 2; i += 16) {
    const x = f32x4.div(v128.load(X + i), edge);
    const y = f32x4.div(v128.load(Y + i), edge);
    const z = f32x4.div(v128.load(Z + i), edge);
    const fx = f32x4.floor(x);
    const fy = f32x4.floor(y);
    const fz = f32x4.floor(z);
    storeCells(
      i,
      i32x4.add(i32x4.trunc_sat_f32x4_s(fx), bias),
      i32x4.add(i32x4.trunc_sat_f32x4_s(fy), bias),
      i32x4.add(i32x4.trunc_sat_f32x4_s(fz), bias),
    );
    // f32x4.max hands NaN on, and NaN is less than nothing.
    const far = f32x4.max(f32x4.max(f32x4.abs(x), f32x4.abs(y)), f32x4.abs(z));
    const outside = v128.not(f32x4.lt(far, f32x4.splat(LIMIT)));
    if (v128.any_true(outside)) markOutside(i, outside);
    if (withFractions) {
      storeFractions(i, f32x4.sub(x, fx), f32x4.sub(y, fy), f32x4.sub(z, fz));
    }
  }
}

function cellsBy1(count: u32, leaf: f32, withFractions: bool): void {
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const x = load<f32>(X + i) / leaf;
    const y = load<f32>(Y + i) / leaf;
    const z = load<f32>(Z + i) / leaf;
    const inside = abs<f32>(x) < LIMIT && abs<f32>(y) < LIMIT && abs<f32>(z) < LIMIT;
    const fx = floor<f32>(inside ? x : 0);
    const fy = floor<f32>(inside ? y : 0);
    const fz = floor<f32>(inside ? z : 0);
    const cx = <u32>(fx + LIMIT);
    const cy = <u32>(fy + LIMIT);
    const cz = <u32>(fz + LIMIT);
    const low = (cx & 1) | ((cy & 1) << 1) | ((cz & 1) << 2);
    const number = low | ((cx & 2) << 2) | ((cy & 2) << 3) | ((cz & 2) << 4);
    const xPart = <u64>(number | ((cx >> 2) << 6));
    const cell = xPart | (<u64>(cy >> 2) << BRICK_Y) | (<u64>(cz >> 2) << BRICK_Z);
    store<u64>(CELL + (i << 1), inside ? cell : OUTSIDE);
    if (withFractions) {
      const at = FRACTION + (i << 2);
      store<i32>(at, min<i32>(<i32>((x - fx) * STEPS), LAST_STEP));
      store<i32>(at, min<i32>(<i32>((y - fy) * STEPS), LAST_STEP), 4);
      store<i32>(at, min<i32>(<i32>((z - fz) * STEPS), LAST_STEP), 8);
      store<i32>(at, 1, 12);
    }
  }
}

/** Packs four cells into four u64. */
// @ts-expect-error: decorator
@inline
function storeCells(i: u32, cx: v128, cy: v128, cz: v128): void {
  const one = i32x4.splat(1);
  const two = i32x4.splat(2);
  const low = v128.or(
    v128.or(v128.and(cx, one), i32x4.shl(v128.and(cy, one), 1)),
    i32x4.shl(v128.and(cz, one), 2),
  );
  const high = v128.or(
    v128.or(i32x4.shl(v128.and(cx, two), 2), i32x4.shl(v128.and(cy, two), 3)),
    i32x4.shl(v128.and(cz, two), 4),
  );
  const xPart = v128.or(v128.or(low, high), i32x4.shl(i32x4.shr_u(cx, 2), 6));
  const yPart = i32x4.shr_u(cy, 2);
  const zPart = i32x4.shr_u(cz, 2);
  const first = v128.or(
    v128.or(i64x2.extend_low_i32x4_u(xPart), i64x2.shl(i64x2.extend_low_i32x4_u(yPart), 25)),
    i64x2.shl(i64x2.extend_low_i32x4_u(zPart), 44),
  );
  const second = v128.or(
    v128.or(i64x2.extend_high_i32x4_u(xPart), i64x2.shl(i64x2.extend_high_i32x4_u(yPart), 25)),
    i64x2.shl(i64x2.extend_high_i32x4_u(zPart), 44),
  );
  v128.store(CELL + (i << 1), first);
  v128.store(CELL + (i << 1), second, 16);
}

/** Marks those of four cells whose lane of the mask is set. */
function markOutside(i: u32, outside: v128): void {
  const at = CELL + (i << 1);
  if (i32x4.extract_lane(outside, 0)) store<u64>(at, OUTSIDE);
  if (i32x4.extract_lane(outside, 1)) store<u64>(at, OUTSIDE, 8);
  if (i32x4.extract_lane(outside, 2)) store<u64>(at, OUTSIDE, 16);
  if (i32x4.extract_lane(outside, 3)) store<u64>(at, OUTSIDE, 24);
}

/** Four points of one axis each, turned into four axes of one point each. */
// @ts-expect-error: decorator
@inline
function storeFractions(i: u32, x: v128, y: v128, z: v128): void {
  const one = i32x4.splat(1);
  const steps = f32x4.splat(STEPS);
  const last = i32x4.splat(LAST_STEP);
  const sx = i32x4.min_s(i32x4.trunc_sat_f32x4_s(f32x4.mul(x, steps)), last);
  const sy = i32x4.min_s(i32x4.trunc_sat_f32x4_s(f32x4.mul(y, steps)), last);
  const sz = i32x4.min_s(i32x4.trunc_sat_f32x4_s(f32x4.mul(z, steps)), last);
  const xy01 = v128.shuffle<i32>(sx, sy, 0, 4, 1, 5);
  const xy23 = v128.shuffle<i32>(sx, sy, 2, 6, 3, 7);
  const zo01 = v128.shuffle<i32>(sz, one, 0, 4, 1, 5);
  const zo23 = v128.shuffle<i32>(sz, one, 2, 6, 3, 7);
  const at = FRACTION + (i << 2);
  v128.store(at, v128.shuffle<i64>(xy01, zo01, 0, 2));
  v128.store(at, v128.shuffle<i64>(xy01, zo01, 1, 3), 16);
  v128.store(at, v128.shuffle<i64>(xy23, zo23, 0, 2), 32);
  v128.store(at, v128.shuffle<i64>(xy23, zo23, 1, 3), 48);
}
