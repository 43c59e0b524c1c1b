/**
 * Sums of a frame's points, until its voxels have numbers: one entry a run, {place of the brick,
 * cell} and vectors. A full list is folded: entries of one voxel are added up.
 */
import { E_FULL, MAX_POINTS } from "../abi.ts";
import { ATTRIBUTE, CELL, FRACTION, PLACE } from "../frame/block.ts";
import {
  ATTRIBUTES_PTR,
  INDEX_A_PTR,
  INDEX_B_PTR,
  KEYS_A_PTR,
  KEYS_B_PTR,
  RUN_ATTRIBUTES_PTR,
  RUN_PLACES_PTR,
  RUN_SUMS_PTR,
  SUMS_PTR,
} from "../memory.ts";
import { addVector } from "./add-vector.ts";
import { IN_BRICK } from "./cells.ts";
import { sortKeys } from "./sort.ts";

/** Bits of a place and of a cell in it. */
const PLACE_BITS: u32 = 27;

let count: u32 = 0;
/** Most since the last wipe. */
let countHigh: u32 = 0;
let attributes = false;

/** Empties the list. */
export function beginRuns(withAttributes: bool): void {
  count = 0;
  attributes = withAttributes;
}

export function runCount(): u32 {
  return count;
}

export function runsHaveAttributes(): bool {
  return attributes;
}

/** Zeroes the list as far as it was ever filled. */
export function wipeRuns(): void {
  memory.fill(RUN_PLACES_PTR, 0, countHigh << 2);
  memory.fill(RUN_SUMS_PTR, 0, countHigh << 4);
  memory.fill(RUN_ATTRIBUTES_PTR, 0, countHigh << 4);
  count = 0;
  countHigh = 0;
}

/** Most runs since the last wipe: folding uses as much of keys, sums and attributes. */
export function runsHighWater(): u32 {
  return countHigh;
}

/** Keeps the runs of a block; E_FULL if even a folded list has no room. */
export function keepRuns(runs: u32): i32 {
  for (let i: u32 = 0; i < runs; i++) {
    const cell = <u32>load<u64>(CELL + (i << 3)) & <u32>IN_BRICK;
    const place = load<u32>(PLACE + (i << 2));
    store<u32>(RUN_PLACES_PTR + ((count + i) << 2), (place << 6) | cell);
  }
  memory.copy(RUN_SUMS_PTR + (count << 4), FRACTION, runs << 4);
  if (attributes) memory.copy(RUN_ATTRIBUTES_PTR + (count << 4), ATTRIBUTE, runs << 4);
  count += runs;
  countHigh = max<u32>(countHigh, count);
  if (count > <u32>MAX_POINTS) foldRuns();
  return count > <u32>MAX_POINTS ? E_FULL : 0;
}

/** Adds up the entries of each voxel; their order does not matter. */
function foldRuns(): void {
  for (let r: u32 = 0; r < count; r++) {
    store<u64>(KEYS_A_PTR + (r << 3), <u64>load<u32>(RUN_PLACES_PTR + (r << 2)));
    store<u32>(INDEX_A_PTR + (r << 2), r);
  }
  const inB = sortKeys(count, PLACE_BITS);
  foldVectors(RUN_SUMS_PTR, SUMS_PTR, inB);
  if (attributes) foldVectors(RUN_ATTRIBUTES_PTR, ATTRIBUTES_PTR, inB);
  const keys = inB ? KEYS_B_PTR : KEYS_A_PTR;
  let to: u32 = -1;
  let last: u64 = -1;
  for (let r: u32 = 0; r < count; r++) {
    const key = load<u64>(keys + (r << 3));
    to += <u32>(key != last);
    store<u32>(RUN_PLACES_PTR + (to << 2), <u32>key);
    last = key;
  }
  count = to + 1;
}

/** Adds up vectors of equal keys, in order of the keys, by way of the memory at `by`. */
function foldVectors(vectors: u32, by: u32, inB: u32): void {
  const keys = inB ? KEYS_B_PTR : KEYS_A_PTR;
  const index = inB ? INDEX_B_PTR : INDEX_A_PTR;
  let to = by - 16;
  let last: u64 = -1;
  for (let r: u32 = 0; r < count; r++) {
    const key = load<u64>(keys + (r << 3));
    const isNew = key != last;
    to += (<u32>isNew) << 4;
    addVector(to, vectors + (load<u32>(index + (r << 2)) << 4), isNew);
    last = key;
  }
  memory.copy(vectors, by, to + 16 - by);
}
