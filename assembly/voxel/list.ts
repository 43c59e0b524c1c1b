/**
 * The list of cells that a frame has touched, each once, and the table that finds them again.
 *
 * The table is open addressing over places in the list: one u32 a slot, 0 for an empty one. A frame
 * has a budget of probes; once it is spent, cells that are not at home are appended unseen, and the
 * list is sorted and merged in the end. So no choice of points costs more than that, no result
 * depends on the table, and a table that is too small is slow, not wrong.
 */
import {
  E_FULL,
  FRAME_SEED,
  FRAME_SLOTS,
  MAX_POINTS,
  STATS_DOMAIN,
} from "../abi.ts";
import { ATTRIBUTE, BLOCK_POINTS, CELL, FRACTION, HOME, PLACE } from "../frame/block.ts";
import {
  ATTRIBUTES_PTR,
  FRAME_PTR,
  INDEX_A_PTR,
  INDEX_B_PTR,
  KEYS_A_PTR,
  KEYS_B_PTR,
  STATS_PTR,
  SUMS_PTR,
  TABLE_PTR,
  TREE_PTR,
} from "../memory.ts";
import { sortKeys } from "./sort.ts";

/** Slots: four times the points of the frame, within these. */
const TABLE_BITS_MIN: u32 = 12;
const TABLE_BITS_MAX: u32 = 21;
/** Slots beyond the first that all points of a frame together may look at, a point and besides. */
const PROBES_PER_POINT: u32 = 2;
const PROBES_BESIDES: u32 = 4096;
/** 2^64 / golden ratio: Fibonacci hashing (Knuth, TAOCP 6.4), unless the host gives a seed. */
const GOLDEN: u64 = 0x9e3779b97f4a7c15;

let count: u32 = 0;
/** Most entries since the last wipe, and most slots. */
let highWater: u32 = 0;
let slotsHigh: u32 = 0;
let sums = false;
let attributes = false;
/** Whether some cell may stand in the list twice. */
let repeats = false;
let multiplier: u64 = GOLDEN;
let shift: u64 = 64 - 12;
let mask: u32 = 0;
let budget: u32 = 0;

/** Empties the list. `withSums` keeps positions and counts, `withAttributes` values as well. */
export function beginList(withSums: bool, withAttributes: bool): void {
  count = 0;
  repeats = false;
  budget = PROBES_BESIDES;
  sums = withSums;
  attributes = withAttributes;
  const slots = load<u32>(FRAME_PTR, FRAME_SLOTS);
  const wanted: u32 = slots == 0 || slots > <u32>MAX_POINTS ? MAX_POINTS : slots;
  const bits = max<u32>(TABLE_BITS_MIN, min<u32>(TABLE_BITS_MAX, 34 - clz<u32>(wanted - 1)));
  const seed = load<u64>(FRAME_PTR, FRAME_SEED);
  multiplier = seed == 0 ? GOLDEN : seed | 1;
  shift = 64 - <u64>bits;
  mask = (1 << bits) - 1;
  slotsHigh = max<u32>(slotsHigh, 1 << bits);
  memory.fill(TABLE_PTR, 0, 4 << bits);
}

export function listCount(): u32 {
  return count;
}

/** Whether the list must be merged before its count is that of the voxels. */
export function listRepeats(): bool {
  return repeats;
}

/** Notes that `voxels` entries of keys, sums and attributes were written by somebody else. */
export function noteVoxels(voxels: u32): void {
  highWater = max<u32>(highWater, voxels);
}

/** Zeroes the list as far as it was ever filled: table, keys, places, sums, attributes. */
export function wipeList(): void {
  memory.fill(TABLE_PTR, 0, slotsHigh << 2);
  memory.fill(KEYS_A_PTR, 0, highWater << 3);
  memory.fill(KEYS_B_PTR, 0, highWater << 3);
  memory.fill(INDEX_A_PTR, 0, highWater << 2);
  memory.fill(INDEX_B_PTR, 0, highWater << 2);
  memory.fill(SUMS_PTR, 0, highWater << 4);
  memory.fill(ATTRIBUTES_PTR, 0, highWater << 4);
  // mergeEntries works in the tree's memory.
  memory.fill(TREE_PTR, 0, highWater << 4);
  highWater = 0;
  slotsHigh = 0;
  count = 0;
}

/** Adds the cells of a block; E_FULL if the frame has more cells than the list can hold. */
export function addBlock(points: u32): i32 {
  if (count + BLOCK_POINTS > <u32>MAX_POINTS) return E_FULL;
  budget += points * PROBES_PER_POINT;
  const runs = joinRuns(points);
  const before = count;
  placeRuns(runs);
  if (sums) addRuns(SUMS_PTR, FRACTION, runs, before);
  if (attributes) addRuns(ATTRIBUTES_PTR, ATTRIBUTE, runs, before);
  highWater = max<u32>(highWater, count);
  return 0;
}

/**
 * Joins points of one cell that follow each other, which is how a beam sweeps a wall: CELL, HOME and
 * the sums come to hold one entry a run. Drops and counts points out of range. Returns the runs.
 *
 * The hash takes two rounds, since cells of a surface are a lattice that one round maps to clusters.
 */
function joinRuns(points: u32): u32 {
  // Locals, since the engine fetches a global anew for each point.
  const factor = multiplier;
  const down = shift;
  const withSums = sums;
  const withAttributes = attributes;
  let outside: u32 = 0;
  let run: u32 = -1;
  let last: u64 = -1;
  for (let i: u32 = 0; i < points; i++) {
    const key = load<u64>(CELL + (i << 3));
    if (<i64>key < 0) {
      outside++;
      continue;
    }
    const isNew = key != last;
    run += <u32>isNew;
    const first = key * factor;
    store<u64>(CELL + (run << 3), key);
    store<u32>(HOME + (run << 2), <u32>(((first ^ (first >> 32)) * factor) >> down));
    if (withSums) addTo(FRACTION + (run << 4), FRACTION + (i << 4), isNew);
    if (withAttributes) addTo(ATTRIBUTE + (run << 4), ATTRIBUTE + (i << 4), isNew);
    last = key;
  }
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + outside, STATS_DOMAIN);
  return run + 1;
}

/**
 * Finds or appends each run. Whether a cell is new is as good as random, so nothing branches on it:
 * the key is written behind the list in any case, and the list grows by 0 or 1. What does branch is
 * the rare cell that finds another one at home.
 */
function placeRuns(runs: u32): void {
  let n = count;
  for (let i: u32 = 0; i < runs; i++) {
    const key = load<u64>(CELL + (i << 3));
    const home = load<u32>(HOME + (i << 2));
    const slot = TABLE_PTR + (home << 2);
    const found = load<u32>(slot);
    const isNew = <u32>(found == 0);
    const place = found + isNew * (n + 1);
    store<u64>(KEYS_A_PTR + (n << 3), key);
    if (load<u64>(KEYS_A_PTR - 8 + (place << 3)) != key) {
      count = n;
      store<u32>(PLACE + (i << 2), placeOf(key, home));
      n = count;
      continue;
    }
    store<u32>(slot, place);
    store<u32>(PLACE + (i << 2), place);
    n += isNew;
  }
  count = n;
}

/** Place of a key, counted from 1; appends it if it is not found within the budget. */
function placeOf(key: u64, home: u32): u32 {
  let slot = TABLE_PTR + (home << 2);
  let place = load<u32>(slot);
  while (place != 0) {
    if (load<u64>(KEYS_A_PTR - 8 + (place << 3)) == key) return place;
    if (budget == 0) {
      repeats = true;
      return append(key);
    }
    budget--;
    home = (home + 1) & mask;
    slot = TABLE_PTR + (home << 2);
    place = load<u32>(slot);
  }
  store<u32>(slot, count + 1);
  return append(key);
}

/** Appends a key; returns its place, counted from 1. */
function append(key: u64): u32 {
  store<u64>(KEYS_A_PTR + (count << 3), key);
  count++;
  return count;
}

/**
 * Adds the vectors of all runs to those of their entries. Entries behind `before` were appended in
 * the order of the runs, so the first run of each is the one that stands next behind the last.
 */
function addRuns(base: u32, column: u32, runs: u32, before: u32): void {
  let last = before;
  for (let i: u32 = 0; i < runs; i++) {
    const place = load<u32>(PLACE + (i << 2));
    const isNew = place > last;
    last += <u32>isNew;
    addTo(base - 16 + (place << 4), column + (i << 4), isNew);
  }
}

/** Adds four u32, to nothing if the entry is new. */
// @ts-ignore: decorator
@inline
function addTo(to: u32, from: u32, isNew: bool): void {
  if (ASC_FEATURE_SIMD) {
    const keep = i32x4.splat(<i32>isNew - 1);
    v128.store(to, i32x4.add(v128.and(v128.load(to), keep), v128.load(from)));
  } else {
    const keep: u32 = <u32>isNew - 1;
    store<u32>(to, (load<u32>(to) & keep) + load<u32>(from));
    store<u32>(to, (load<u32>(to, 4) & keep) + load<u32>(from, 4), 4);
    store<u32>(to, (load<u32>(to, 8) & keep) + load<u32>(from, 8), 8);
    store<u32>(to, (load<u32>(to, 12) & keep) + load<u32>(from, 12), 12);
  }
}

/**
 * Sorts the list by the low `bits` bits of its keys and merges equal ones. Entry i of SUMS and
 * ATTRIBUTES belongs to key i before and after. Overwrites the table.
 */
export function mergeList(bits: u32): void {
  if (!sums) {
    count = uniqueKeys(sortKeys(count, bits, false));
    return;
  }
  for (let i: u32 = 0; i < count; i++) store<u32>(INDEX_A_PTR + (i << 2), i);
  const inB = sortKeys(count, bits, true);
  mergeEntries(SUMS_PTR, inB);
  if (attributes) mergeEntries(ATTRIBUTES_PTR, inB);
  count = uniqueKeys(inB);
}

/** Copies the first of each run of equal keys to KEYS_A; returns how many there are. */
function uniqueKeys(inB: u32): u32 {
  const from = inB ? KEYS_B_PTR : KEYS_A_PTR;
  let to = KEYS_A_PTR - 8;
  let last: u64 = -1;
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(from + (i << 3));
    to += <u32>(key != last) << 3;
    store<u64>(to, key);
    last = key;
  }
  return (to + 8 - KEYS_A_PTR) >> 3;
}

/** Brings entries into the order of the sorted keys and adds up those of equal keys. */
function mergeEntries(base: u32, inB: u32): void {
  const keys = inB ? KEYS_B_PTR : KEYS_A_PTR;
  const index = inB ? INDEX_B_PTR : INDEX_A_PTR;
  let to = TREE_PTR - 16;
  let last: u64 = -1;
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(keys + (i << 3));
    const isNew = key != last;
    to += <u32>isNew << 4;
    addTo(to, base + (load<u32>(index + (i << 2)) << 4), isNew);
    last = key;
  }
  memory.copy(base, TREE_PTR, to + 16 - TREE_PTR);
}
