/**
 * Empty space: a window's free cells that no scan of it has hit and whose neighbours are all such, so that
 * neither a slanted surface nor a pose that is off by less than a cell looks empty (the void regions of
 * Duberg et al., "DUFOMap: Efficient Dynamic Awareness Mapping", IEEE RA-L 2024, on bit planes). Along x
 * neighbours are found by shifts, along y and z by looking at the same bits of other rows.
 */
import { CELL_LIMIT } from "../abi.ts";
import {
  NEAR_BYTES,
  NEAR_PTR,
  SLICE_BYTES,
  SLICES_PTR,
  VOIDS_BYTES,
  VOIDS_PTR,
  WINDOW_FREE_PTR,
  WINDOW_HITS_PTR,
} from "../memory.ts";
import { blockKey, NO_BLOCK, takeBlock } from "./blocks.ts";
import { flat } from "./terms.ts";
import {
  boxX,
  boxY,
  boxZ,
  clearWindow,
  rowBytes,
  rowEnd,
  rowFirst,
  scans,
  sliceBytes,
  sliceEnd,
  sliceFirst,
} from "./window.ts";

/** From the plane of low bits of a block to that of its high bits. */
export const HIGH_BITS: u32 = VOIDS_BYTES / 2;
const LOST_MAX: u32 = 0xffffffff;

/** Empty cells that found no block. */
export let voidsLost: u32 = 0;
/** Whether anything was ever written to the slices. */
let used = false;

/** Closes the window, if one is open: counts the cells that were empty in it. */
export function closeWindow(): void {
  if (scans == 0) return;
  used = true;
  // Slices beyond those in use have no free cells, nor have rows: what lies at the rim is never empty.
  for (let slice = sliceFirst; slice < sliceEnd; slice++) {
    const rows = thinSlice(slice);
    if (flat) countVoids(slice, rows, rows, rows);
    else if (slice >= sliceFirst + 2) {
      countVoids(slice - 1, thinned(slice - 2), thinned(slice - 1), rows);
    }
  }
  clearWindow();
}

/** Forgets what was lost, and zeroes what was worked on. */
export function forgetVoids(): void {
  if (used) memory.fill(SLICES_PTR, 0, NEAR_PTR + NEAR_BYTES - SLICES_PTR);
  used = false;
  voidsLost = 0;
}

/** Where the thinned rows of a slice stand: three slices are at hand. */
function thinned(slice: u32): u32 {
  return SLICES_PTR + (1 + (slice % 3)) * SLICE_BYTES;
}

/**
 * Thins a slice along x and y: a cell stays if it and the eight around it are free and were not hit.
 * Returns where its rows stand, of which only those between the outermost ones are meant.
 */
function thinSlice(slice: u32): u32 {
  const bytes = (rowEnd - rowFirst) * rowBytes;
  const from = slice * sliceBytes + rowFirst * rowBytes;
  const to = thinned(slice);
  const first = rowFirst * rowBytes;
  if (ASC_FEATURE_SIMD) {
    freeBy2(from, bytes);
    thinRowsBy2(WINDOW_FREE_PTR + from, SLICES_PTR + first, bytes);
    thinColumnsBy2(SLICES_PTR + first, to + first, bytes);
  } else {
    freeBy1(from, bytes);
    thinRowsBy1(WINDOW_FREE_PTR + from, SLICES_PTR + first, bytes);
    thinColumnsBy1(SLICES_PTR + first, to + first, bytes);
  }
  return to;
}

/** Free cells alone that were not hit; words behind the last are those of a row without any. */
function freeBy2(from: u32, bytes: u32): void {
  for (let at = from; at < from + bytes; at += 16) {
    const hits = v128.load(at, WINDOW_HITS_PTR);
    v128.store(at, v128.andnot(v128.load(at, WINDOW_FREE_PTR), hits), WINDOW_FREE_PTR);
  }
}

function freeBy1(from: u32, bytes: u32): void {
  for (let at = from; at < from + bytes; at += 8) {
    const hits = load<u64>(at, WINDOW_HITS_PTR);
    store<u64>(at, load<u64>(at, WINDOW_FREE_PTR) & ~hits, WINDOW_FREE_PTR);
  }
}

/** Cells whose neighbours along x are free too. The word before a row is the empty one of the row before. */
function thinRowsBy2(from: u32, to: u32, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i += 16) {
    const at = from + i;
    const cells = v128.load(at);
    const left = v128.or(i64x2.shl(cells, 1), i64x2.shr_u(v128.load(at - 8), 63));
    const right = v128.or(i64x2.shr_u(cells, 1), i64x2.shl(v128.load(at + 8), 63));
    v128.store(to + i, v128.and(cells, v128.and(left, right)));
  }
}

function thinRowsBy1(from: u32, to: u32, bytes: u32): void {
  for (let i: u32 = 0; i < bytes; i += 8) {
    const at = from + i;
    const cells = load<u64>(at);
    const left = (cells << 1) | (load<u64>(at - 8) >> 63);
    const right = (cells >> 1) | (load<u64>(at + 8) << 63);
    store<u64>(to + i, cells & left & right);
  }
}

/** Cells whose neighbours along y stayed too, in all rows but the first and the last. */
function thinColumnsBy2(from: u32, to: u32, bytes: u32): void {
  for (let i = rowBytes; i + rowBytes < bytes; i += 16) {
    const beside = v128.and(v128.load(from + i - rowBytes), v128.load(from + i + rowBytes));
    v128.store(to + i, v128.and(v128.load(from + i), beside));
  }
}

function thinColumnsBy1(from: u32, to: u32, bytes: u32): void {
  for (let i = rowBytes; i + rowBytes < bytes; i += 8) {
    const beside = load<u64>(from + i - rowBytes) & load<u64>(from + i + rowBytes);
    store<u64>(to + i, load<u64>(from + i) & beside);
  }
}

/** Counts the cells of a slice that stayed in it, in the one below and in the one above. */
function countVoids(slice: u32, below: u32, here: u32, above: u32): void {
  const z = boxZ + <i32>slice - 1 + CELL_LIMIT;
  const x = boxX + CELL_LIMIT;
  let beside: i32 = -1;
  for (let row = rowFirst + 1; row + 1 < rowEnd; row++) {
    const y = boxY + <i32>row - 1 + CELL_LIMIT;
    const start = row * rowBytes;
    for (let i: u32 = 0; i < rowBytes - 8; i += 8) {
      const at = start + i;
      const cells = load<u64>(below + at) & load<u64>(here + at) & load<u64>(above + at);
      if (cells == 0) continue;
      if (y >> 6 != beside) {
        // Blocks of other rows: none of them is known yet.
        memory.fill(NEAR_PTR, 0, NEAR_BYTES);
        beside = y >> 6;
      }
      const shift = <u64>(x & 63);
      countWord(i >> 3, x, y, z, cells << shift);
      if (shift > 0) countWord((i >> 3) + 1, x, y, z, cells >> (64 - shift));
    }
  }
}

/** Counts the cells of a word in the block that is so many to the right of the one that x is in. */
function countWord(column: u32, x: i32, y: i32, z: i32, cells: u64): void {
  if (cells == 0) return;
  const near = NEAR_PTR + (column << 2);
  let block = load<u32>(near) - 1;
  if (block == NO_BLOCK) {
    block = takeBlock(blockKey((x >> 6) + column, y >> 6, z >> 4));
    if (block == NO_BLOCK) {
      const lost = <u32>popcnt<u64>(cells);
      voidsLost = voidsLost > LOST_MAX - lost ? LOST_MAX : voidsLost + lost;
      return;
    }
    store<u32>(near, block + 1);
  }
  const at = VOIDS_PTR + block * VOIDS_BYTES + ((z & 15) << 9) + ((y & 63) << 3);
  const low = load<u64>(at);
  const high = load<u64>(at, HIGH_BITS);
  // One more for each, but those that have three.
  const more = cells & ~(low & high);
  store<u64>(at, low ^ more);
  store<u64>(at, high | (low & more), HIGH_BITS);
}
