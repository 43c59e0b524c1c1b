/**
 * One block of points in flight. Points are worked on in blocks that stay in the first-level cache:
 *
 *   raw points ─▶ X Y Z (sensor) ─▶ crop ─▶ X Y Z (output frame) ─▶ cells ─▶ bricks
 *                      └─▶ MX MY MZ (map frame, only if a crop needs it)
 *
 * All columns are packed: entry i of each belongs to the same point, SOURCE tells which one.
 */
import { BLOCK_PTR } from "../memory.ts";

/** Points of a block; a multiple of the vector width. */
export const BLOCK_POINTS: u32 = 512;
/** A column has room for one vector beyond its end. */
const COLUMN: u32 = BLOCK_POINTS * 4 + 64;

export const X: u32 = BLOCK_PTR;
export const Y: u32 = X + COLUMN;
export const Z: u32 = Y + COLUMN;
export const MX: u32 = Z + COLUMN;
export const MY: u32 = MX + COLUMN;
export const MZ: u32 = MY + COLUMN;
/** u32 number of the point in its push. */
export const SOURCE: u32 = MZ + COLUMN;
/** u32 1 if the point stays, else 0. */
export const KEEP: u32 = SOURCE + COLUMN;
/** u64 packed cell a point (cells.ts); after runs are joined, the brick of each run. */
export const CELL: u32 = KEEP + COLUMN;
/** u32 x 2 a point: where it lies in its cell, and which cell of its brick that is (cells.ts). */
export const SAMPLE_LOW: u32 = CELL + 2 * COLUMN;
export const SAMPLE_HIGH: u32 = SAMPLE_LOW + COLUMN;
/** u64 a point: intensity, ring, time (attributes.ts). */
export const ATTRIBUTE: u32 = SAMPLE_HIGH + COLUMN;
/** u32 run that a point belongs to. */
export const RUN: u32 = ATTRIBUTE + 2 * COLUMN;
/** u64 cells of a run in its brick. */
export const MASK: u32 = RUN + COLUMN;
/** u32 place of a run's brick in the list. */
export const PLACE: u32 = MASK + 2 * COLUMN;

/** Packs the columns to the points whose KEEP is 1; returns how many stay. */
export function packBlock(count: u32): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const from = i << 2;
    const to = kept << 2;
    store<f32>(X + to, load<f32>(X + from));
    store<f32>(Y + to, load<f32>(Y + from));
    store<f32>(Z + to, load<f32>(Z + from));
    store<f32>(MX + to, load<f32>(MX + from));
    store<f32>(MY + to, load<f32>(MY + from));
    store<f32>(MZ + to, load<f32>(MZ + from));
    store<u32>(SOURCE + to, load<u32>(SOURCE + from));
    kept += load<u32>(KEEP + from);
  }
  return kept;
}
