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
 * Where a point lies inside its cell is its sample, in steps of leaf / 2048:
 *
 *   SAMPLE_HIGH  31        11 10    0      SAMPLE_LOW  27   22 21    11 10     0
 *                ┌───────────┬───────┐                 ┌──────┬────────┬────────┐
 *                │ 0         │ z     │                 │ cell │ y      │ x      │
 *                └───────────┴───────┘                 └──────┴────────┴────────┘
 *
 * Points out of range are dropped and counted, never wrapped onto another cell.
 */
import { CELL_LIMIT, STATS_DOMAIN } from "../abi.ts";
import { CELL, SAMPLE_HIGH, SAMPLE_LOW, SOURCE, X, Y, Z } from "../frame/block.ts";
import { STATS_PTR } from "../memory.ts";

/** Mask of one axis of a brick, and where the axes begin. */
export const BRICK_AXIS: u64 = (1 << 19) - 1;
export const BRICK_X: u64 = 6;
export const BRICK_Y: u64 = 25;
export const BRICK_Z: u64 = 44;
/** Mask of the cell's number in its brick. */
export const IN_BRICK: u64 = 63;
/** Steps of a sample: sums of 2^21 points still fit 32 bits. */
export const SAMPLE_STEPS: i32 = 2048;
export const SAMPLE_MASK: u64 = 2047;
/** Where the parts of a sample begin. */
export const SAMPLE_Y: u32 = 11;
export const SAMPLE_CELL: u32 = 22;

/** Bit 63 of a packed cell, while it is not yet dropped: out of range. */
const OUTSIDE: u64 = 1 << 63;
const OUTSIDE_HIGH: i32 = i32.MIN_VALUE;
export const LIMIT: f32 = <f32>CELL_LIMIT;
const STEPS: f32 = <f32>SAMPLE_STEPS;
/** x - floor(x) rounds to 1 for an x just below 0. */
const LAST_STEP: f32 = <f32>(SAMPLE_STEPS - 1);
/**
 * 2^23: a whole number n below it, added to it, stands in the low bits of the sum, since one step of
 * f32 is 1 there. That takes one instruction where the checked conversion takes seven.
 */
const UNIT: f32 = 8388608;
/** The same with the bias of the cells. */
export const UNIT_AND_BIAS: f32 = UNIT + LIMIT;

/**
 * Packs the cells of a block into CELL and, if asked, their samples; returns the points in range.
 * Samples are integers: the order of the points does not change a sum.
 */
export function cellsOfBlock(count: u32, leaf: f32, withSamples: bool): u32 {
  const all = ASC_FEATURE_SIMD
    ? cellsBy4(count, leaf, withSamples)
    : cellsBy1(count, leaf, withSamples);
  return all ? count : dropOutside(count);
}

/** Whether all are in range; those beyond `count` in the last vector are nobody's, and may not be. */
function cellsBy4(count: u32, leaf: f32, withSamples: bool): bool {
  const edge = f32x4.splat(leaf);
  const unit = f32x4.splat(UNIT_AND_BIAS);
  const magnitude = i32x4.splat(i32.MAX_VALUE);
  const limit = i32x4.splat(reinterpret<i32>(LIMIT));
  let inside = i32x4.splat(-1);
  for (let i: u32 = 0; i < count << 2; i += 16) {
    const x = f32x4.div(v128.load(X + i), edge);
    const y = f32x4.div(v128.load(Y + i), edge);
    const z = f32x4.div(v128.load(Z + i), edge);
    const fx = f32x4.floor(x);
    const fy = f32x4.floor(y);
    const fz = f32x4.floor(z);
    // The bits of magnitudes are in the order of their values, and NaN is above all of them.
    const far = i32x4.max_s(
      i32x4.max_s(v128.and(x, magnitude), v128.and(y, magnitude)),
      v128.and(z, magnitude),
    );
    const near = i32x4.lt_s(far, limit);
    inside = v128.and(inside, near);
    const cx = f32x4.add(fx, unit);
    const cy = f32x4.add(fy, unit);
    const cz = f32x4.add(fz, unit);
    const number = v128.or(
      v128.or(spreadPair(cx), i32x4.shl(spreadPair(cy), 1)),
      i32x4.shl(spreadPair(cz), 2),
    );
    storeCells(i, number, cx, cy, cz, near);
    if (withSamples) storeSamples(i, number, f32x4.sub(x, fx), f32x4.sub(y, fy), f32x4.sub(z, fz));
  }
  return i32x4.all_true(inside);
}

/** Bits 0 and 1 of each lane moved to 0 and 3. */
// @ts-expect-error: decorator
@inline
function spreadPair(cells: v128): v128 {
  const high = i32x4.shl(v128.and(cells, i32x4.splat(2)), 2);
  return v128.or(v128.and(cells, i32x4.splat(1)), high);
}

/** Packs four cells into four u64; lanes have the bits of UNIT above their 21. */
// @ts-expect-error: decorator
@inline
function storeCells(i: u32, number: v128, cx: v128, cy: v128, cz: v128, near: v128): void {
  const low = v128.or(
    v128.or(number, v128.and(i32x4.shl(cx, 4), i32x4.splat(0x1ffffc0))),
    v128.and(i32x4.shl(cy, 23), i32x4.splat(0xfe000000)),
  );
  const high = v128.or(
    v128.or(
      v128.and(i32x4.shr_u(cy, 9), i32x4.splat(0xfff)),
      v128.and(i32x4.shl(cz, 10), i32x4.splat(0x7ffff000)),
    ),
    v128.andnot(i32x4.splat(OUTSIDE_HIGH), near),
  );
  v128.store(CELL + (i << 1), v128.shuffle<i32>(low, high, 0, 4, 1, 5));
  v128.store(CELL + (i << 1), v128.shuffle<i32>(low, high, 2, 6, 3, 7), 16);
}

/** Packs four samples from fractions of 0..1. */
// @ts-expect-error: decorator
@inline
function storeSamples(i: u32, number: v128, x: v128, y: v128, z: v128): void {
  const sx = stepsOf(x);
  const sy = i32x4.shl(stepsOf(y), SAMPLE_Y);
  v128.store(SAMPLE_LOW + i, v128.or(v128.or(sx, sy), i32x4.shl(number, SAMPLE_CELL)));
  v128.store(SAMPLE_HIGH + i, stepsOf(z));
}

/** floor(fraction * 2048), 2047 at the most. */
// @ts-expect-error: decorator
@inline
function stepsOf(fraction: v128): v128 {
  const steps = f32x4.pmin(f32x4.mul(fraction, f32x4.splat(STEPS)), f32x4.splat(LAST_STEP));
  const bits = f32x4.add(f32x4.floor(steps), f32x4.splat(UNIT));
  return v128.and(bits, i32x4.splat(<i32>SAMPLE_MASK));
}

/** The same for one fraction; of a point that is dropped it is anything. */
// @ts-expect-error: decorator
@inline
function stepOf(fraction: f32): u32 {
  const steps: f32 = fraction * STEPS;
  const whole = floor<f32>(steps < LAST_STEP ? steps : LAST_STEP);
  return reinterpret<u32>(whole + UNIT) & <u32>SAMPLE_MASK;
}

function cellsBy1(count: u32, leaf: f32, withSamples: bool): bool {
  let all = true;
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const x = load<f32>(i, X) / leaf;
    const y = load<f32>(i, Y) / leaf;
    const z = load<f32>(i, Z) / leaf;
    const inside = abs<f32>(x) < LIMIT && abs<f32>(y) < LIMIT && abs<f32>(z) < LIMIT;
    all = all && inside;
    const fx = floor<f32>(inside ? x : 0);
    const fy = floor<f32>(inside ? y : 0);
    const fz = floor<f32>(inside ? z : 0);
    const cx = reinterpret<u32>(fx + UNIT_AND_BIAS) & 0x1fffff;
    const cy = reinterpret<u32>(fy + UNIT_AND_BIAS) & 0x1fffff;
    const cz = reinterpret<u32>(fz + UNIT_AND_BIAS) & 0x1fffff;
    const low = (cx & 1) | ((cy & 1) << 1) | ((cz & 1) << 2);
    const number = low | ((cx & 2) << 2) | ((cy & 2) << 3) | ((cz & 2) << 4);
    const xPart = <u64>(number | ((cx >> 2) << 6));
    const cell = xPart | (<u64>(cy >> 2) << BRICK_Y) | (<u64>(cz >> 2) << BRICK_Z);
    store<u64>(i << 1, inside ? cell : OUTSIDE, CELL);
    if (withSamples) {
      const sx = stepOf(x - fx);
      const sy = stepOf(y - fy);
      store<u32>(i, sx | (sy << SAMPLE_Y) | (number << SAMPLE_CELL), SAMPLE_LOW);
      store<u32>(i, stepOf(z - fz), SAMPLE_HIGH);
    }
  }
  return all;
}

/** Packs the block to the points in range, and counts the others; returns how many stay. */
function dropOutside(count: u32): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const cell = load<u64>(i << 3, CELL);
    const from = i << 2;
    const to = kept << 2;
    store<u64>(to << 1, cell, CELL);
    store<u32>(to, load<u32>(from, SAMPLE_LOW), SAMPLE_LOW);
    store<u32>(to, load<u32>(from, SAMPLE_HIGH), SAMPLE_HIGH);
    store<u32>(to, load<u32>(from, SOURCE), SOURCE);
    kept += <u32>(<i64>cell >= 0);
  }
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + count - kept, STATS_DOMAIN);
  return kept;
}
