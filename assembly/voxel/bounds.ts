/** Where the bricks of a frame lie: the lowest and the highest along each axis. */
import { BRICKS_PTR } from "../memory.ts";
import { BRICK_BYTES } from "./bricks.ts";
import { BRICK_AXIS, BRICK_X, BRICK_Y, BRICK_Z } from "./cells.ts";

/** Lowest brick, then highest, x y z each. */
// @ts-expect-error: decorator
@lazy
const BOUNDS: usize = memory.data(24, 16);

/** Finds the lowest brick; returns the largest extent in bricks, minus one. */
export function findBounds(count: u32): u32 {
  if (ASC_FEATURE_SIMD) boundsBy2(count);
  else boundsBy1(count);
  let extent: u32 = 0;
  for (let k: u32 = 0; k < 12; k += 4) {
    extent = max<u32>(extent, load<u32>(BOUNDS + k, 12) - load<u32>(BOUNDS + k));
  }
  return extent;
}

/** Lowest brick along an axis, 0..2, as it stands in keys. */
export function lowestBrick(axis: u32): u32 {
  return load<u32>(BOUNDS + (axis << 2));
}

export function wipeBounds(): void {
  memory.fill(BOUNDS, 0, 24);
}

/** Two bricks at a time; of an odd number, the last one twice. */
function boundsBy2(count: u32): void {
  const axis = i64x2.splat(BRICK_AXIS);
  let xLow = axis;
  let yLow = axis;
  let zLow = axis;
  let xHigh = i64x2.splat(0);
  let yHigh = xHigh;
  let zHigh = xHigh;
  const last = BRICKS_PTR + (count - 1) * BRICK_BYTES;
  for (let at = BRICKS_PTR; at <= last; at += 2 * BRICK_BYTES) {
    const keys = v128.load64_lane(min<u32>(at + BRICK_BYTES, last), v128.load64_zero(at), 1);
    const x = v128.and(i64x2.shr_u(keys, <i32>BRICK_X), axis);
    const y = v128.and(i64x2.shr_u(keys, <i32>BRICK_Y), axis);
    const z = i64x2.shr_u(keys, <i32>BRICK_Z);
    xLow = i32x4.min_u(xLow, x);
    yLow = i32x4.min_u(yLow, y);
    zLow = i32x4.min_u(zLow, z);
    xHigh = i32x4.max_u(xHigh, x);
    yHigh = i32x4.max_u(yHigh, y);
    zHigh = i32x4.max_u(zHigh, z);
  }
  putBounds(0, xLow, xHigh);
  putBounds(4, yLow, yHigh);
  putBounds(8, zLow, zHigh);
}

/** Lower and upper bound of an axis, from those of both lanes. */
// @ts-expect-error: decorator
@inline
function putBounds(axis: u32, low: v128, high: v128): void {
  store<u32>(BOUNDS + axis, min<u32>(i32x4.extract_lane(low, 0), i32x4.extract_lane(low, 2)));
  store<u32>(BOUNDS + axis, max<u32>(i32x4.extract_lane(high, 0), i32x4.extract_lane(high, 2)), 12);
}

function boundsBy1(count: u32): void {
  for (let k: u32 = 0; k < 12; k += 4) {
    store<u32>(BOUNDS + k, <u32>BRICK_AXIS);
    store<u32>(BOUNDS + k, 0, 12);
  }
  const end = BRICKS_PTR + count * BRICK_BYTES;
  for (let at = BRICKS_PTR; at < end; at += BRICK_BYTES) {
    const key = load<u64>(at);
    widen(0, <u32>((key >> BRICK_X) & BRICK_AXIS));
    widen(4, <u32>((key >> BRICK_Y) & BRICK_AXIS));
    widen(8, <u32>(key >> BRICK_Z));
  }
}

/** Widens the bounds of an axis so that they hold `value`. */
function widen(axis: u32, value: u32): void {
  store<u32>(BOUNDS + axis, min<u32>(load<u32>(BOUNDS + axis), value));
  store<u32>(BOUNDS + axis, max<u32>(load<u32>(BOUNDS + axis, 12), value), 12);
}
