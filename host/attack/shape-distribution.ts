/**
 * The shape distribution D2 (Osada, Funkhouser, Chazelle, Dobkin: Shape Distributions, ACM Transactions
 * on Graphics 21, 2002): how often which distance lies between two random points of a shape. It does
 * not change when the shape is turned or shifted, and is compared in a moment.
 */
import type { Uniform } from "./random.ts";

const BIN_M = 0.25;
export const SHAPE_BINS = 96;
const PAIRS = 8192;

/**
 * @param cells occupied cells, x y x y ...
 * @returns shares that add up to 1; distances beyond the last bin count into it
 */
export function shapeDistribution(cells: Int16Array, cellM: number, random: Uniform): Float32Array {
  const shares = new Float32Array(SHAPE_BINS);
  const count = cells.length / 2;
  for (let pair = 0; pair < PAIRS; pair++) {
    const a = 2 * Math.floor(count * random());
    const b = 2 * Math.floor(count * random());
    const distance = Math.hypot(cells[a]! - cells[b]!, cells[a + 1]! - cells[b + 1]!) * cellM;
    shares[Math.min(SHAPE_BINS - 1, Math.floor(distance / BIN_M))]! += 1 / PAIRS;
  }
  return shares;
}

/** Sum of the differences: 0 for the same, at most 2. */
export function shapeDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < SHAPE_BINS; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum;
}
