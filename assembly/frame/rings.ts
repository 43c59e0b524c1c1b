/**
 * Finds out whether the points of a frame stand column by column, as sensors with many beams send
 * them: points that follow each other are then of different beams and far apart, while the next point
 * of the same beam, so many rows on, lies close. Read beam by beam, more points in a row share a brick.
 *
 * Nothing but time depends on the answer, so a sample will do, and it is looked for in the points
 * themselves: drivers that say how many rows there are do not say in which order they send them.
 */
import { FIELD_OFFSET, LAYOUT_X } from "../abi.ts";
import { LAYOUT_PTR } from "../memory.ts";

/** Numbers of beams of the sensors that there are, and twice as many for those with two returns. */
// @ts-expect-error: decorator
@lazy
const ROWS: usize = memory.data<u16>([16, 32, 40, 64, 80, 128, 192, 256]);
const ROWS_COUNT: u32 = 8;
const ROWS_MAX: u32 = 256;
/** Points that are looked at, and how far apart they stand: prime, so that all beams are among them. */
const SAMPLES: u32 = 128;
const STRIDE: u32 = 37;
/** By so many neighbours more must a number of rows be better: its multiples are nearly as good. */
const MARGIN: u32 = 12;
/** Neighbours are at most so many voxels apart, along each axis. */
const NEAR: f32 = 2;

/** No answer: nothing but empty slots, or too few points. */
export const ROWS_UNKNOWN: u32 = 0;

/**
 * Rows of points at `source`, whose x y z are f32 in a row: 1 if points that follow each other lie
 * closer than those of any row, or ROWS_UNKNOWN.
 */
export function findRows(source: u32, step: u32, points: u32, leaf: f32): u32 {
  if (points < SAMPLES + ROWS_MAX) return ROWS_UNKNOWN;
  const at = source + load<u32>(LAYOUT_PTR, LAYOUT_X + FIELD_OFFSET);
  const near = NEAR * leaf;
  let best: u32 = 1;
  let most = neighbours(at, step, points, 1, near);
  if (most == 0 && !hasPoints(at, step, points)) return ROWS_UNKNOWN;
  most += MARGIN;
  for (let r: u32 = 0; r < ROWS_COUNT; r++) {
    const rows = <u32>load<u16>(ROWS + (r << 1));
    const found = neighbours(at, step, points, rows, near);
    if (found > most) {
      most = found + MARGIN;
      best = rows;
    }
  }
  return best;
}

/** Of the points looked at, how many lie near the one that stands `rows` further on. */
function neighbours(at: u32, step: u32, points: u32, rows: u32, near: f32): u32 {
  const range = points - ROWS_MAX;
  let found: u32 = 0;
  for (let k: u32 = 0; k < SAMPLES; k++) {
    const a = at + ((k * STRIDE) % range) * step;
    const b = a + rows * step;
    const x = load<f32>(a);
    const y = load<f32>(a, 4);
    const z = load<f32>(a, 8);
    const close =
      <u32>(abs<f32>(x - load<f32>(b)) <= near) &
      <u32>(abs<f32>(y - load<f32>(b, 4)) <= near) &
      <u32>(abs<f32>(z - load<f32>(b, 8)) <= near);
    // Empty slots are near to each other.
    found += close & <u32>(x * x + y * y + z * z > 0);
  }
  return found;
}

/** Whether a quarter of the points looked at are no empty slots. */
function hasPoints(at: u32, step: u32, points: u32): bool {
  const range = points - ROWS_MAX;
  let found: u32 = 0;
  for (let k: u32 = 0; k < SAMPLES; k++) {
    const a = at + ((k * STRIDE) % range) * step;
    const x = load<f32>(a);
    const y = load<f32>(a, 4);
    const z = load<f32>(a, 8);
    found += <u32>(x * x + y * y + z * z > 0);
  }
  return found >= SAMPLES / 4;
}
