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
import { X, Y, Z } from "../frame/block.ts";
import { CODES_BYTES, CODES_PTR, PLAIN_BYTES, STATS_PTR } from "../memory.ts";
import { MAX_POINTS } from "../profile.ts";
import { LIMIT, UNIT_AND_BIAS } from "../voxel/cells.ts";
import { clearExtent, LOWEST, ORIGIN, setDepth, setVoxels } from "../voxel/extent.ts";
import { sortUnique } from "./heap-sort.ts";

/** Plain is free while a frame is pushed, and lies behind the codes. */
const ROOM: u32 = (CODES_BYTES + PLAIN_BYTES) >> 3;
const AXIS_BITS: u64 = 21;
const AXIS: u32 = (1 << 21) - 1;
const OUTSIDE: u32 = 1 << 31;

let count: u32 = 0;

/** Empties the list. */
export function beginList(): void {
  count = 0;
}

/** Adds the points of the block; returns those in range, or E_FULL if they have too many cells. */
export function addCells(points: u32, leaf: f32): i32 {
  if (count + points > ROOM) {
    count = sortUnique(CODES_PTR, count);
    if (count > MAX_POINTS) return E_FULL;
  }
  let kept: u32 = 0;
  let last: u64 = -1;
  let to = CODES_PTR + (count << 3);
  for (let i: u32 = 0; i < points << 2; i += 4) {
    const x = cellAlong(load<f32>(i, X), leaf);
    const y = cellAlong(load<f32>(i, Y), leaf);
    const z = cellAlong(load<f32>(i, Z), leaf);
    if ((x | y | z) & OUTSIDE) continue;
    kept++;
    const cell = ((((<u64>z) << AXIS_BITS) | y) << AXIS_BITS) | x;
    store<u64>(to, cell);
    to += (<u32>(cell != last)) << 3;
    last = cell;
  }
  count = (to - CODES_PTR) >> 3;
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + points - kept, STATS_DOMAIN);
  return kept;
}

/** Cell of one coordinate, as cells.ts has it: floor(coordinate / leaf), or OUTSIDE. */
function cellAlong(coordinate: f32, leaf: f32): u32 {
  const value: f32 = coordinate / leaf;
  // NaN is not below either.
  if (!(abs<f32>(value) < LIMIT)) return OUTSIDE;
  return reinterpret<u32>(floor<f32>(value) + UNIT_AND_BIAS) & AXIS;
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
