/**
 * The cells of a frame in micro: a list, to which every point appends its cell unless the point before
 * lay in the same one. Once it is full it is sorted, and each cell kept once; there is room for twice
 * as many as a frame may have, so that this happens once in LIMIT_VOXELS points at the most, and no
 * choice of points costs more than another. No table, no hash, no seed.
 *
 * An entry is {z, y, x}, 21 bits each, x lowest, with 2^20 added to be positive. The finished list holds
 * Morton codes relative to the lowest brick, in order.
 */
import { CELL_LIMIT, E_FULL, STATS_DOMAIN } from "../abi.ts";
import { countOne } from "../frame/read.ts";
import { CODES_BYTES, CODES_PTR, PLAIN_BYTES } from "../memory.ts";
import { MAX_POINTS } from "../profile.ts";
import { LIMIT, UNIT_AND_BIAS } from "../voxel/cells.ts";
import { clearExtent, LOWEST, ORIGIN, setDepth, setVoxels } from "../voxel/extent.ts";
import { sortUnique } from "./heap-sort.ts";

/** Plain is free while a frame is pushed, and lies behind the codes. */
const ROOM: u32 = (CODES_BYTES + PLAIN_BYTES) >> 3;
const AXIS_BITS: u64 = 21;
const AXIS: u32 = (1 << 21) - 1;

let count: u32 = 0;

/** Empties the list. */
export function beginList(): void {
  count = 0;
}

/** Adds the cell of a point, x y z as f32; 1, or 0 if it is out of range, or E_FULL. */
export function addCell(point: u32, leaf: f32): i32 {
  if (count == ROOM) {
    count = sortUnique(CODES_PTR, count);
    if (count > MAX_POINTS) return E_FULL;
  }
  let cell: u64 = 0;
  for (let k: u32 = 12; k > 0; k -= 4) {
    const value = load<f32>(point + k - 4) / leaf;
    // NaN is not below either.
    if (!(abs<f32>(value) < LIMIT)) {
      countOne(STATS_DOMAIN);
      return 0;
    }
    cell = (cell << AXIS_BITS) | (reinterpret<u32>(floor<f32>(value) + UNIT_AND_BIAS) & AXIS);
  }
  const to = CODES_PTR + (count << 3);
  store<u64>(to, cell);
  // As likely as not it is the cell of the point before.
  if (count == 0 || load<u64>(to - 8) != cell) count++;
  return 1;
}

/** Closes the list: codes in order; returns the number of voxels, or E_FULL. */
export function finishList(): i32 {
  clearExtent();
  if (count > 0) {
    enterCodes();
    count = sortUnique(CODES_PTR, count);
  }
  setVoxels(count);
  return count > MAX_POINTS ? E_FULL : count;
}

/** Turns cells into codes, and notes where they lie. */
function enterCodes(): void {
  let extent: u32 = 0;
  for (let k: u32 = 0; k < 3; k++) {
    let low = AXIS;
    let high: u32 = 0;
    for (let i: u32 = 0; i < count; i++) {
      const cell = partOf(i, k);
      low = min<u32>(low, cell);
      high = max<u32>(high, cell);
    }
    extent = max<u32>(extent, (high >> 2) - (low >> 2));
    store<i32>(ORIGIN + (k << 2), <i32>(low & ~3) - CELL_LIMIT);
    store<u32>(LOWEST + (k << 2), low & 3);
  }
  const depth = 34 - clz<u32>(extent);
  setDepth(depth);
  for (let i: u32 = 0; i < count; i++) {
    const x = partOf(i, 0) - load<i32>(ORIGIN) - CELL_LIMIT;
    const y = partOf(i, 1) - load<i32>(ORIGIN, 4) - CELL_LIMIT;
    const z = partOf(i, 2) - load<i32>(ORIGIN, 8) - CELL_LIMIT;
    let code: u64 = 0;
    for (let level = depth; level > 0; level--) {
      const bit = level - 1;
      const child = ((x >> bit) & 1) | (((y >> bit) & 1) << 1) | (((z >> bit) & 1) << 2);
      code = (code << 3) | child;
    }
    store<u64>(CODES_PTR + (i << 3), code);
  }
}

/** Axis `k` of entry `i`. */
function partOf(i: u32, k: u32): u32 {
  return <u32>(load<u64>(CODES_PTR + (i << 3)) >> (<u64>k * AXIS_BITS)) & AXIS;
}
