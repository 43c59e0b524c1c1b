/**
 * Quantises a block: cell = floor(coordinate / leaf), both f32, the division rounded once.
 *
 * A cell is packed into 63 bits, 21 an axis, with 2^20 added so that each field is positive. Points
 * beyond that range get bit 63 and are counted later, never wrapped onto another cell.
 */
import { CELL_LIMIT } from "../abi.ts";
import { CELL, FRACTION, X, Y, Z } from "../frame/block.ts";

/** Bits of one axis in a packed cell. */
export const AXIS_BITS: u64 = 21;
export const AXIS_MASK: u64 = (1 << 21) - 1;
/** Steps of the fraction inside a cell: sums of 2^21 points still fit 32 bits. */
export const FRACTION_STEPS: i32 = 2048;
/** Packed cell of a point that is out of range. */
const OUTSIDE: u64 = 1 << 63;

const LIMIT: f32 = <f32>CELL_LIMIT;

/** Packs the cells of a block into CELL. */
export function cellsOfBlock(count: u32, leaf: f32): void {
  if (ASC_FEATURE_SIMD) {
    const edge = f32x4.splat(leaf);
    const bias = i32x4.splat(CELL_LIMIT);
    for (let i: u32 = 0; i < count << 2; i += 16) {
      const x = f32x4.div(v128.load(X + i), edge);
      const y = f32x4.div(v128.load(Y + i), edge);
      const z = f32x4.div(v128.load(Z + i), edge);
      const cx = i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.floor(x)), bias);
      const cy = i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.floor(y)), bias);
      const cz = i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.floor(z)), bias);
      storeCells(i, cx, cy, cz);
      // f32x4.max hands NaN on, and NaN is less than nothing.
      const far = f32x4.max(f32x4.max(f32x4.abs(x), f32x4.abs(y)), f32x4.abs(z));
      const outside = v128.not(f32x4.lt(far, f32x4.splat(LIMIT)));
      if (v128.any_true(outside)) markOutside(i, outside);
    }
  } else {
    for (let i: u32 = 0; i < count << 2; i += 4) {
      const x = load<f32>(X + i) / leaf;
      const y = load<f32>(Y + i) / leaf;
      const z = load<f32>(Z + i) / leaf;
      const inside = abs<f32>(x) < LIMIT && abs<f32>(y) < LIMIT && abs<f32>(z) < LIMIT;
      const cx = <u64>(<u32>(floor<f32>(inside ? x : 0) + LIMIT));
      const cy = <u64>(<u32>(floor<f32>(inside ? y : 0) + LIMIT));
      const cz = <u64>(<u32>(floor<f32>(inside ? z : 0) + LIMIT));
      const cell = cx | (cy << AXIS_BITS) | (cz << (2 * AXIS_BITS));
      store<u64>(CELL + (i << 1), inside ? cell : OUTSIDE);
    }
  }
}

/** Packs four cells into four u64. */
// @ts-ignore: decorator
@inline
function storeCells(i: u32, cx: v128, cy: v128, cz: v128): void {
  const low = v128.or(
    v128.or(i64x2.extend_low_i32x4_u(cx), i64x2.shl(i64x2.extend_low_i32x4_u(cy), 21)),
    i64x2.shl(i64x2.extend_low_i32x4_u(cz), 42),
  );
  const high = v128.or(
    v128.or(i64x2.extend_high_i32x4_u(cx), i64x2.shl(i64x2.extend_high_i32x4_u(cy), 21)),
    i64x2.shl(i64x2.extend_high_i32x4_u(cz), 42),
  );
  v128.store(CELL + (i << 1), low);
  v128.store(CELL + (i << 1), high, 16);
}

/** Marks those of four cells whose lane of the mask is set. */
function markOutside(i: u32, outside: v128): void {
  const at = CELL + (i << 1);
  if (i32x4.extract_lane(outside, 0)) store<u64>(at, OUTSIDE);
  if (i32x4.extract_lane(outside, 1)) store<u64>(at, OUTSIDE, 8);
  if (i32x4.extract_lane(outside, 2)) store<u64>(at, OUTSIDE, 16);
  if (i32x4.extract_lane(outside, 3)) store<u64>(at, OUTSIDE, 24);
}

/**
 * Writes where each point lies inside its cell: x, y, z in steps of leaf / 2048, then 1, so that
 * adding these vectors sums positions and counts points at once. Integers: the order of the points
 * does not change the sum.
 */
export function fractionsOfBlock(count: u32, leaf: f32): void {
  if (ASC_FEATURE_SIMD) {
    const edge = f32x4.splat(leaf);
    const one = i32x4.splat(1);
    for (let i: u32 = 0; i < count << 2; i += 16) {
      // Four points of one axis each, turned into four axes of one point each.
      const x = fractions(f32x4.div(v128.load(X + i), edge));
      const y = fractions(f32x4.div(v128.load(Y + i), edge));
      const z = fractions(f32x4.div(v128.load(Z + i), edge));
      const xy01 = v128.shuffle<i32>(x, y, 0, 4, 1, 5);
      const xy23 = v128.shuffle<i32>(x, y, 2, 6, 3, 7);
      const zo01 = v128.shuffle<i32>(z, one, 0, 4, 1, 5);
      const zo23 = v128.shuffle<i32>(z, one, 2, 6, 3, 7);
      const at = FRACTION + (i << 2);
      v128.store(at, v128.shuffle<i64>(xy01, zo01, 0, 2));
      v128.store(at, v128.shuffle<i64>(xy01, zo01, 1, 3), 16);
      v128.store(at, v128.shuffle<i64>(xy23, zo23, 0, 2), 32);
      v128.store(at, v128.shuffle<i64>(xy23, zo23, 1, 3), 48);
    }
  } else {
    for (let i: u32 = 0; i < count; i++) {
      const at = FRACTION + (i << 4);
      store<i32>(at, fraction(load<f32>(X + (i << 2)) / leaf));
      store<i32>(at, fraction(load<f32>(Y + (i << 2)) / leaf), 4);
      store<i32>(at, fraction(load<f32>(Z + (i << 2)) / leaf), 8);
      store<i32>(at, 1, 12);
    }
  }
}

/** Steps 0..2047 of four coordinates in cells; what a point out of range gets is never used. */
// @ts-ignore: decorator
@inline
function fractions(q: v128): v128 {
  const part = f32x4.sub(q, f32x4.floor(q));
  return i32x4.trunc_sat_f32x4_s(f32x4.mul(part, f32x4.splat(<f32>FRACTION_STEPS)));
}

function fraction(q: f32): i32 {
  return <i32>((q - floor<f32>(q)) * <f32>FRACTION_STEPS);
}
