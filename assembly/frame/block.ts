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

/** Left-packing shuffles: entry m moves the lanes whose bit is set in m to the front. */
// @ts-expect-error: decorator
// biome-ignore format: one row a mask
@lazy
export const PACK: usize = memory.data<u8>([
   0, 1, 2, 3, 4, 5, 6, 7, 8, 9,10,11,12,13,14,15,
   0, 1, 2, 3, 4, 5, 6, 7, 8, 9,10,11,12,13,14,15,
   4, 5, 6, 7, 4, 5, 6, 7, 8, 9,10,11,12,13,14,15,
   0, 1, 2, 3, 4, 5, 6, 7, 8, 9,10,11,12,13,14,15,
   8, 9,10,11, 4, 5, 6, 7, 8, 9,10,11,12,13,14,15,
   0, 1, 2, 3, 8, 9,10,11, 8, 9,10,11,12,13,14,15,
   4, 5, 6, 7, 8, 9,10,11, 8, 9,10,11,12,13,14,15,
   0, 1, 2, 3, 4, 5, 6, 7, 8, 9,10,11,12,13,14,15,
  12,13,14,15, 4, 5, 6, 7, 8, 9,10,11,12,13,14,15,
   0, 1, 2, 3,12,13,14,15, 8, 9,10,11,12,13,14,15,
   4, 5, 6, 7,12,13,14,15, 8, 9,10,11,12,13,14,15,
   0, 1, 2, 3, 4, 5, 6, 7,12,13,14,15,12,13,14,15,
   8, 9,10,11,12,13,14,15, 8, 9,10,11,12,13,14,15,
   0, 1, 2, 3, 8, 9,10,11,12,13,14,15,12,13,14,15,
   4, 5, 6, 7, 8, 9,10,11,12,13,14,15,12,13,14,15,
   0, 1, 2, 3, 4, 5, 6, 7, 8, 9,10,11,12,13,14,15,
], 16);

/**
 * Packs the columns to the points whose KEEP is 1; returns how many stay. MX, MY, MZ only count where
 * the frame has them.
 */
export function packBlock(count: u32, withMap: bool): u32 {
  return ASC_FEATURE_SIMD ? packBy4(count, withMap) : packBy1(count, withMap);
}

function packBy4(count: u32, withMap: bool): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count << 2; i += 16) {
    let stays = v128.load(KEEP + i);
    // Behind the last point stands what an earlier block has left.
    if (i + 16 > count << 2) {
      const lanes = i32x4.splat(count - (i >> 2));
      stays = v128.and(stays, i32x4.lt_s(i32x4(0, 1, 2, 3), lanes));
    }
    const mask = i32x4.bitmask(i32x4.neg(stays));
    const pack = v128.load(PACK + (mask << 4));
    const to = kept << 2;
    moveBy4(X, to, i, pack);
    moveBy4(Y, to, i, pack);
    moveBy4(Z, to, i, pack);
    moveBy4(SOURCE, to, i, pack);
    if (withMap) {
      moveBy4(MX, to, i, pack);
      moveBy4(MY, to, i, pack);
      moveBy4(MZ, to, i, pack);
    }
    kept += popcnt(mask);
  }
  return kept;
}

/** Moves those of four entries that stay to the front; what is written behind them is not used. */
function moveBy4(column: u32, to: u32, from: u32, pack: v128): void {
  v128.store(column + to, i8x16.swizzle(v128.load(column + from), pack));
}

function packBy1(count: u32, withMap: bool): u32 {
  let kept: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const from = i << 2;
    const to = kept << 2;
    store<u32>(to, load<u32>(from, X), X);
    store<u32>(to, load<u32>(from, Y), Y);
    store<u32>(to, load<u32>(from, Z), Z);
    store<u32>(to, load<u32>(from, SOURCE), SOURCE);
    if (withMap) {
      store<u32>(to, load<u32>(from, MX), MX);
      store<u32>(to, load<u32>(from, MY), MY);
      store<u32>(to, load<u32>(from, MZ), MZ);
    }
    kept += load<u32>(from, KEEP);
  }
  return kept;
}
