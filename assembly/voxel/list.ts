/**
 * The list of cells that a frame has touched.
 *
 * Neighbouring returns of a lidar fall into the same voxel again and again, so each point is first
 * held against the cells seen lately: a direct-mapped table, one probe, no chains. A hit adds to the
 * cell's entry, a miss appends one. What the table forgets is appended twice and merged after the
 * sort. The cost of a point thus never depends on the keys, and the result never on the table.
 */
import {
  E_FULL,
  LAYOUT_INTENSITY,
  LAYOUT_RING,
  LAYOUT_TIME,
  MAX_POINTS,
  STATS_DOMAIN,
} from "../abi.ts";
import { BLOCK_POINTS, CELL, FRACTION, SOURCE } from "../frame/block.ts";
import { fieldValue, hasField } from "../frame/layout.ts";
import {
  ATTRIBUTES_PTR,
  INDEX_A_PTR,
  INDEX_B_PTR,
  INPUT_PTR,
  KEYS_A_PTR,
  KEYS_B_PTR,
  RECENT_PTR,
  STATS_PTR,
  SUMS_PTR,
  TREE_PTR,
} from "../memory.ts";
import { sortKeys } from "./sort.ts";

/** Slots of the table: 32 KiB of keys. */
const RECENT_BITS: u64 = 12;
const RECENT_SLOTS: u32 = 1 << 12;
/** 2^64 / golden ratio: Fibonacci hashing (Knuth, TAOCP 6.4). */
const GOLDEN: u64 = 0x9e3779b97f4a7c15;
/** Steps of an attribute between 0 and 1. */
export const ATTRIBUTE_STEPS: f64 = 2047;

let count: u32 = 0;
/** Most entries since the last wipe. */
let highWater: u32 = 0;
let sums = false;
let attributes = false;

/** Empties the list. `withSums` keeps positions and counts, `withAttributes` values as well. */
export function beginList(withSums: bool, withAttributes: bool): void {
  count = 0;
  sums = withSums || withAttributes;
  attributes = withAttributes;
  // No cell has all bits set; in the other mode the slots hold places, checked against `count`.
  memory.fill(RECENT_PTR, sums ? 0 : 0xff, RECENT_SLOTS * (sums ? 4 : 8));
}

export function listCount(): u32 {
  return count;
}

/** Notes that `voxels` entries of keys, sums and attributes were written by somebody else. */
export function noteVoxels(voxels: u32): void {
  highWater = max<u32>(highWater, voxels);
}

/** Zeroes the list as far as it was ever filled: keys, places, sums, attributes. */
export function wipeList(): void {
  memory.fill(KEYS_A_PTR, 0, highWater << 3);
  memory.fill(KEYS_B_PTR, 0, highWater << 3);
  memory.fill(INDEX_A_PTR, 0, highWater << 2);
  memory.fill(INDEX_B_PTR, 0, highWater << 2);
  memory.fill(SUMS_PTR, 0, highWater << 4);
  memory.fill(ATTRIBUTES_PTR, 0, highWater << 4);
  // mergeEntries works in the tree's memory.
  memory.fill(TREE_PTR, 0, highWater << 4);
  highWater = 0;
  count = 0;
}

/** Adds the cells of a block; E_FULL if the frame has more cells than the list can hold. */
export function addBlock(points: u32, pointStep: u32): i32 {
  if (count + BLOCK_POINTS > <u32>MAX_POINTS) {
    mergeList(63);
    memory.fill(RECENT_PTR, sums ? 0 : 0xff, RECENT_SLOTS * (sums ? 4 : 8));
    if (count + BLOCK_POINTS > <u32>MAX_POINTS) return E_FULL;
  }
  if (attributes) addWithSums(points, pointStep, true);
  else if (sums) addWithSums(points, pointStep, false);
  else addKeys(points);
  highWater = max<u32>(highWater, count);
  return 0;
}

/** Slot of a cell in the table. */
// @ts-ignore: decorator
@inline
function slot(key: u64): u32 {
  return <u32>((key * GOLDEN) >> (64 - RECENT_BITS));
}

/** Keys only: a repeat is dropped by not advancing. No branch depends on the data. */
function addKeys(points: u32): void {
  let outside: u32 = 0;
  let to = KEYS_A_PTR + (count << 3);
  const end = CELL + (points << 3);
  for (let at = CELL; at < end; at += 8) {
    const key = load<u64>(at);
    if (<i64>key < 0) {
      outside++;
      continue;
    }
    const recent = RECENT_PTR + (slot(key) << 3);
    const seen = load<u64>(recent);
    store<u64>(recent, key);
    store<u64>(to, key);
    to += <u32>(seen != key) << 3;
  }
  count = (to - KEYS_A_PTR) >> 3;
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + outside, STATS_DOMAIN);
}

/** Keys with sums of fractions and, if asked for, of attributes. */
function addWithSums(points: u32, pointStep: u32, withAttributes: bool): void {
  let outside: u32 = 0;
  for (let i: u32 = 0; i < points; i++) {
    const key = load<u64>(CELL + (i << 3));
    if (<i64>key < 0) {
      outside++;
      continue;
    }
    const recent = RECENT_PTR + (slot(key) << 2);
    const place = load<u32>(recent);
    const hit = place < count && load<u64>(KEYS_A_PTR + (place << 3)) == key;
    const entry = hit ? place : count;
    if (!hit) {
      store<u64>(KEYS_A_PTR + (entry << 3), key);
      store<u32>(recent, entry);
      clearEntry(SUMS_PTR, entry);
      if (withAttributes) clearEntry(ATTRIBUTES_PTR, entry);
      count++;
    }
    addVector(SUMS_PTR + (entry << 4), FRACTION + (i << 4));
    if (withAttributes) addAttributes(entry, load<u32>(SOURCE + (i << 2)) * pointStep);
  }
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + outside, STATS_DOMAIN);
}

function clearEntry(base: u32, entry: u32): void {
  store<u64>(base + (entry << 4), 0);
  store<u64>(base + (entry << 4), 0, 8);
}

/** Adds four i32. */
function addVector(to: u32, from: u32): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(to, i32x4.add(v128.load(to), v128.load(from)));
  } else {
    store<i32>(to, load<i32>(to) + load<i32>(from));
    store<i32>(to, load<i32>(to, 4) + load<i32>(from, 4), 4);
    store<i32>(to, load<i32>(to, 8) + load<i32>(from, 8), 8);
    store<i32>(to, load<i32>(to, 12) + load<i32>(from, 12), 12);
  }
}

function addAttributes(entry: u32, pointOffset: u32): void {
  const to = ATTRIBUTES_PTR + (entry << 4);
  addAttribute(to, LAYOUT_INTENSITY, pointOffset);
  addAttribute(to + 4, LAYOUT_RING, pointOffset);
  addAttribute(to + 8, LAYOUT_TIME, pointOffset);
}

/** Adds one attribute in steps of 1/2047, clamped to 0..1; NaN counts as 0. */
function addAttribute(to: u32, field: u32, pointOffset: u32): void {
  if (!hasField(field)) return;
  const value = fieldValue(field, INPUT_PTR + pointOffset);
  const clamped = value >= 0 ? min<f64>(value, 1) : 0;
  store<u32>(to, load<u32>(to) + <u32>(clamped * ATTRIBUTE_STEPS + 0.5));
}

/**
 * Sorts the list by the low `bits` bits of its keys and merges equal ones. Entry i of SUMS and
 * ATTRIBUTES belongs to key i before and after.
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
    if (key != last) {
      to += 16;
      store<u64>(to, 0);
      store<u64>(to, 0, 8);
      last = key;
    }
    addVector(to, base + (load<u32>(index + (i << 2)) << 4));
  }
  memory.copy(base, TREE_PTR, to + 16 - TREE_PTR);
}
