/**
 * Reads a block of raw points into the columns and drops what is no measurement: NaN, infinity and
 * the exact (0, 0, 0) that drivers write for an empty slot. Each kind is counted.
 */
import {
  FIELD_OFFSET,
  LAYOUT_X,
  LAYOUT_Y,
  LAYOUT_Z,
  STATS_INF,
  STATS_NAN,
  STATS_ZERO,
} from "../abi.ts";
import { LAYOUT_PTR, STATS_PTR } from "../memory.ts";
import { PACK, SOURCE, X, Y, Z } from "./block.ts";
import { fieldValue } from "./layout.ts";

function count(counter: u32, by: u32): void {
  store<u32>(STATS_PTR + counter, load<u32>(STATS_PTR + counter) + by);
}

/** Adds one to a counter of STATS. */
export function countOne(counter: u32): void {
  count(counter, 1);
}

/** Counts why a point is dropped; 1 if it stays. NaN weighs more than infinity. */
export function classify(x: f32, y: f32, z: f32): u32 {
  // NaN or infinite; a NaN among them says which.
  if (x - x != 0 || y - y != 0 || z - z != 0) {
    count(x != x || y != y || z != z ? STATS_NAN : STATS_INF, 1);
    return 0;
  }
  if (x == 0 && y == 0 && z == 0) {
    count(STATS_ZERO, 1);
    return 0;
  }
  return 1;
}

/**
 * Any layout, point by point; appends to the columns.
 * @param source the first point, `step` bytes before the second
 * @param first number of the first point in its push, `rows` less than that of the second
 * @param kept points in the columns so far
 * @returns points in the columns
 */
export function readGeneral(
  source: u32,
  step: u32,
  first: u32,
  rows: u32,
  points: u32,
  kept: u32,
): u32 {
  for (let i: u32 = 0; i < points; i++) {
    const point = source + i * step;
    const x = <f32>fieldValue(LAYOUT_X, point);
    const y = <f32>fieldValue(LAYOUT_Y, point);
    const z = <f32>fieldValue(LAYOUT_Z, point);
    const to = kept << 2;
    store<f32>(to, x, X);
    store<f32>(to, y, Y);
    store<f32>(to, z, Z);
    store<u32>(to, first + i * rows, SOURCE);
    kept += classify(x, y, z);
  }
  return kept;
}

/** As readGeneral, for three f32 in a row, the layout of nearly every driver; four points a step. */
export function readPlainF32(
  source: u32,
  step: u32,
  first: u32,
  rows: u32,
  points: u32,
  kept: u32,
): u32 {
  let at = source + load<u32>(LAYOUT_PTR, LAYOUT_X + FIELD_OFFSET);
  if (ASC_FEATURE_SIMD) {
    let number = i32x4.add(i32x4.splat(first), i32x4.mul(i32x4.splat(rows), i32x4(0, 1, 2, 3)));
    const next = i32x4.splat(rows << 2);
    for (; points >= 4; points -= 4, at += step << 2) {
      kept = readFour(at, at + step, at + 2 * step, at + 3 * step, 15, number, kept);
      number = i32x4.add(number, next);
    }
    if (points > 0) {
      // What stands in for the lanes beyond the end is a point that is there to be read.
      const second = at + (points > 1 ? step : 0);
      const third = at + (points > 2 ? step << 1 : 0);
      kept = readFour(at, second, third, at, (1 << points) - 1, number, kept);
    }
    return kept;
  }
  for (let i: u32 = 0; i < points; i++, at += step) {
    const x = load<f32>(at);
    const y = load<f32>(at, 4);
    const z = load<f32>(at, 8);
    const to = kept << 2;
    store<f32>(to, x, X);
    store<f32>(to, y, Y);
    store<f32>(to, z, Z);
    store<u32>(to, first + i * rows, SOURCE);
    kept += classify(x, y, z);
  }
  return kept;
}

/** Appends those of four points whose bit is set in `live` and that are measurements. */
// @ts-expect-error: decorator
@inline
function readFour(a: u32, b: u32, c: u32, d: u32, live: i32, number: v128, kept: u32): u32 {
  // The loads reach 4 bytes past z: still inside memory, and never used.
  const p0 = v128.load(a);
  const p1 = v128.load(b);
  const p2 = v128.load(c);
  const p3 = v128.load(d);
  const xy01 = v128.shuffle<f32>(p0, p1, 0, 4, 1, 5);
  const xy23 = v128.shuffle<f32>(p2, p3, 0, 4, 1, 5);
  const z01 = v128.shuffle<f32>(p0, p1, 2, 6, 3, 7);
  const z23 = v128.shuffle<f32>(p2, p3, 2, 6, 3, 7);
  const x = v128.shuffle<f32>(xy01, xy23, 0, 1, 4, 5);
  const y = v128.shuffle<f32>(xy01, xy23, 2, 3, 6, 7);
  const z = v128.shuffle<f32>(z01, z23, 0, 1, 4, 5);
  // v - v is 0 for a finite v and NaN otherwise.
  const residue = f32x4.add(f32x4.add(f32x4.sub(x, x), f32x4.sub(y, y)), f32x4.sub(z, z));
  const finite = i32x4.bitmask(f32x4.eq(residue, f32x4.splat(0)));
  // Shifting the sign out makes -0 equal 0.
  const bits = i32x4.shl(v128.or(v128.or(x, y), z), 1);
  const some = i32x4.bitmask(i32x4.ne(bits, i32x4.splat(0)));
  const mask = finite & some & live;
  if (mask != live) {
    const nan = i32x4.bitmask(v128.or(v128.or(f32x4.ne(x, x), f32x4.ne(y, y)), f32x4.ne(z, z)));
    count(STATS_NAN, popcnt(nan & live));
    count(STATS_INF, popcnt(live & ~finite & ~nan));
    count(STATS_ZERO, popcnt(live & finite & ~some));
  }
  const pack = v128.load(PACK + (mask << 4));
  const to = kept << 2;
  v128.store(X + to, i8x16.swizzle(x, pack));
  v128.store(Y + to, i8x16.swizzle(y, pack));
  v128.store(Z + to, i8x16.swizzle(z, pack));
  v128.store(SOURCE + to, i8x16.swizzle(number, pack));
  return kept + popcnt(mask);
}
