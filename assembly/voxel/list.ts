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
  FRAME_PTR,
  INDEX_A_PTR,
  INDEX_B_PTR,
  INPUT_PTR,
  KEYS_A_PTR,
  KEYS_B_PTR,
  STATS_PTR,
  SUMS_PTR,
  TABLE_PTR,
  TREE_PTR,
} from "../memory.ts";
import { sortKeys } from "./sort.ts";

/** Slots: twice the points of the frame, within these. */
const TABLE_BITS_MIN: u32 = 12;
const TABLE_BITS_MAX: u32 = 21;
/** Slots beyond the first that all points of a frame together may look at, a point and besides. */
const PROBES_PER_POINT: u32 = 2;
const PROBES_BESIDES: u32 = 4096;
/** 2^64 / golden ratio: Fibonacci hashing (Knuth, TAOCP 6.4), unless the host gives a seed. */
const GOLDEN: u64 = 0x9e3779b97f4a7c15;
/** Steps of an attribute between 0 and 1. */
const ATTRIBUTE_STEPS: f64 = 2047;

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
  const bits = max<u32>(TABLE_BITS_MIN, min<u32>(TABLE_BITS_MAX, 33 - clz<u32>(wanted - 1)));
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
export function addBlock(points: u32, pointStep: u32): i32 {
  if (count + BLOCK_POINTS > <u32>MAX_POINTS) return E_FULL;
  budget += points * PROBES_PER_POINT;
  if (sums) addWithSums(points, pointStep);
  else addKeys(points);
  // One more: the place behind the last is written before it is known to be needed.
  highWater = max<u32>(highWater, min<u32>(count + 1, MAX_POINTS));
  return 0;
}

/** Home slot: two rounds, since cells of a surface are a lattice that one round maps to clusters. */
// @ts-ignore: decorator
@inline
function slotOf(key: u64): u32 {
  const first = key * multiplier;
  return <u32>(((first ^ (first >> 32)) * multiplier) >> shift);
}

/** Keys only. A repeat is dropped by not advancing; the one branch is the rare second probe. */
function addKeys(points: u32): void {
  let outside: u32 = 0;
  let n = count;
  const end = CELL + (points << 3);
  for (let at = CELL; at < end; at += 8) {
    const key = load<u64>(at);
    if (<i64>key < 0) {
      outside++;
      continue;
    }
    const home = slotOf(key);
    const slot = TABLE_PTR + (home << 2);
    const place = load<u32>(slot);
    const isNew = place == 0;
    store<u64>(KEYS_A_PTR + (n << 3), key);
    if (!isNew && load<u64>(KEYS_A_PTR - 8 + (place << 3)) != key) {
      count = n;
      probe(key, home);
      n = count;
      continue;
    }
    store<u32>(slot, isNew ? n + 1 : place);
    n += <u32>isNew;
  }
  count = n;
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + outside, STATS_DOMAIN);
}

/**
 * Looks beyond the home slot; appends the key (which stands behind the last one already) if it is
 * not found. Returns its place, counted from 0.
 */
function probe(key: u64, home: u32): u32 {
  let at = home;
  while (budget > 0) {
    budget--;
    at = (at + 1) & mask;
    const slot = TABLE_PTR + (at << 2);
    const place = load<u32>(slot);
    if (place == 0) {
      store<u32>(slot, count + 1);
      return count++;
    }
    if (load<u64>(KEYS_A_PTR - 8 + (place << 3)) == key) return place - 1;
  }
  repeats = true;
  return count++;
}

/** Keys with sums of fractions and, if asked for, of attributes. */
function addWithSums(points: u32, pointStep: u32): void {
  let outside: u32 = 0;
  for (let i: u32 = 0; i < points; i++) {
    const key = load<u64>(CELL + (i << 3));
    if (<i64>key < 0) {
      outside++;
      continue;
    }
    const before = count;
    const home = slotOf(key);
    const slot = TABLE_PTR + (home << 2);
    const place = load<u32>(slot);
    store<u64>(KEYS_A_PTR + (before << 3), key);
    let entry = place - 1;
    if (place == 0) {
      store<u32>(slot, before + 1);
      entry = before;
      count = before + 1;
    } else if (load<u64>(KEYS_A_PTR + (entry << 3)) != key) {
      entry = probe(key, home);
    }
    addTo(SUMS_PTR + (entry << 4), FRACTION + (i << 4), entry == before);
    if (attributes) {
      const offset = load<u32>(SOURCE + (i << 2)) * pointStep;
      addAttributes(ATTRIBUTES_PTR + (entry << 4), offset, entry == before);
    }
  }
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + outside, STATS_DOMAIN);
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

function addAttributes(to: u32, pointOffset: u32, isNew: bool): void {
  if (isNew) {
    store<u64>(to, 0);
    store<u64>(to, 0, 8);
  }
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
