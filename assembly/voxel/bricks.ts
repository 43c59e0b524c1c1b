/**
 * The bricks that a frame has touched, each once: 4 x 4 x 4 cells as one mask of 64 bits, bit i for
 * the cell of number i in Morton order. A lidar sees surfaces, so a brick holds several voxels, and
 * everything that follows handles bricks where it would else handle voxels.
 *
 * The table that finds a brick again is open addressing over places in the list: one u32 a slot, 0
 * for an empty one. A frame has a budget of probes; once it is spent, bricks that are not at home are
 * appended unseen, and merged after the sort. So no choice of points costs more than that, no result
 * depends on the table, and a table that is too small is slow, not wrong.
 */
import { E_FULL, FRAME_SEED, FRAME_SLOTS, MAX_POINTS, STATS_DOMAIN } from "../abi.ts";
import { ATTRIBUTE, CELL, FRACTION, HOME, MASK, PLACE } from "../frame/block.ts";
import { BRICKS_PTR, FRAME_PTR, STATS_PTR, TABLE_PTR } from "../memory.ts";
import { addVector } from "./add-vector.ts";
import { IN_BRICK } from "./cells.ts";
import { beginRuns, keepRuns } from "./runs.ts";

/** A brick: key u64 (its place in order, once there is one), mask u64. */
export const BRICK_BYTES: u32 = 16;
export const BRICK_MASK: usize = 8;

/** Slots: twice the points of the frame, within these. */
const TABLE_BITS_MIN: u32 = 12;
const TABLE_BITS_MAX: u32 = 21;
/** Slots beyond the first that all points of a frame together may look at, a point and besides. */
const PROBES_PER_POINT: u32 = 2;
const PROBES_BESIDES: u32 = 4096;
/** 2^64 / golden ratio: Fibonacci hashing (Knuth, TAOCP 6.4), unless the host gives a seed. */
const GOLDEN: u64 = 0x9e3779b97f4a7c15;

let count: u32 = 0;
/** Most of each since the last wipe. */
let countHigh: u32 = 0;
let slotsHigh: u32 = 0;
let sums = false;
let attributes = false;
/** Whether some brick may stand in the list twice. */
let repeats = false;
let multiplier: u64 = 0;
let shift: u64 = 0;
let mask: u32 = 0;
let budget: u32 = 0;

/** Empties the list. `withSums` keeps positions and counts, `withAttributes` values as well. */
export function beginBricks(withSums: bool, withAttributes: bool): void {
  count = 0;
  repeats = false;
  beginRuns(withAttributes);
  budget = PROBES_BESIDES;
  sums = withSums;
  attributes = withAttributes;
  const slots = load<u32>(FRAME_PTR, FRAME_SLOTS);
  const wanted: u32 = slots == 0 || slots > <u32>MAX_POINTS ? MAX_POINTS : slots;
  const bits = max<u32>(TABLE_BITS_MIN, min<u32>(TABLE_BITS_MAX, 33 - clz<u32>(wanted - 1)));
  const seed = load<u64>(FRAME_PTR, FRAME_SEED);
  // Even a seed of few bits has to make a multiplier of many.
  multiplier = seed == 0 ? GOLDEN : (seed * GOLDEN) | 1;
  sizeTable(bits);
}

export function brickCount(): u32 {
  return count;
}

/** Whether the list must be merged before it can be counted. */
export function bricksRepeat(): bool {
  return repeats;
}

/** Notes that so many bytes of BRICKS were used for something else. */
export function noteBrickBytes(bytes: u32): void {
  countHigh = max<u32>(countHigh, bytes / BRICK_BYTES + 1);
}

/** Zeroes bricks and table as far as they were ever filled. */
export function wipeBricks(): void {
  memory.fill(TABLE_PTR, 0, slotsHigh << 2);
  memory.fill(BRICKS_PTR, 0, countHigh * BRICK_BYTES);
  slotsHigh = 0;
  countHigh = 0;
  count = 0;
}

/** Adds the cells of a block; E_FULL if the frame has more of them than there is room for. */
export function addBlock(points: u32): i32 {
  budget += points * PROBES_PER_POINT;
  if (count << 1 > mask && mask + 1 < 1 << TABLE_BITS_MAX) growTable();
  const runs = sums ? joinCells(points) : joinBricks(points);
  placeRuns(runs);
  // One more: the place behind the last is written before it is known to be needed.
  countHigh = max<u32>(countHigh, count + 1);
  if (count > <u32>MAX_POINTS) return E_FULL;
  return sums ? keepRuns(runs) : 0;
}

/** Makes the table four times as large: the frame has more points than it was said to have. */
function growTable(): void {
  const bits = min<u32>(TABLE_BITS_MAX, 34 - clz<u32>(mask));
  sizeTable(bits);
  budget += count * PROBES_PER_POINT;
  for (let place: u32 = 1; place <= count; place++) {
    const key = load<u64>(BRICKS_PTR - BRICK_BYTES + place * BRICK_BYTES);
    let home = homeOf(key, multiplier, shift);
    while (budget > 0 && load<u32>(TABLE_PTR + (home << 2)) != 0) {
      budget--;
      home = (home + 1) & mask;
    }
    // Whoever finds no slot is appended again when it is met again.
    if (budget > 0) store<u32>(TABLE_PTR + (home << 2), place);
    else repeats = true;
  }
}

/** Empties the table and gives it 2^bits slots. */
function sizeTable(bits: u32): void {
  shift = 64 - <u64>bits;
  mask = (1 << bits) - 1;
  slotsHigh = max<u32>(slotsHigh, 1 << bits);
  memory.fill(TABLE_PTR, 0, 4 << bits);
}

/** Home slot; two rounds, since bricks of a surface are a lattice that one round maps to clusters. */
// @ts-expect-error: decorator
@inline
function homeOf(key: u64, factor: u64, down: u64): u32 {
  const first = key * factor;
  return <u32>(((first ^ (first >> 32)) * factor) >> down);
}

/**
 * Joins points of one brick that follow each other: CELL, HOME and MASK come to hold one entry a run.
 * Drops and counts points out of range. Returns the runs.
 */
function joinBricks(points: u32): u32 {
  // Locals, since the engine fetches a global anew for each point.
  const factor = multiplier;
  const down = shift;
  let outside: u32 = 0;
  let run: u32 = -1;
  let last: u64 = -1;
  let cells: u64 = 0;
  for (let i: u32 = 0; i < points; i++) {
    const cell = load<u64>(CELL + (i << 3));
    if (<i64>cell < 0) {
      outside++;
      continue;
    }
    const key = cell & ~IN_BRICK;
    const isNew = <u32>(key != last);
    run += isNew;
    cells = (cells & (<u64>isNew - 1)) | (1 << (cell & IN_BRICK));
    store<u64>(CELL + (run << 3), key);
    store<u64>(MASK + (run << 3), cells);
    store<u32>(HOME + (run << 2), homeOf(key, factor, down));
    last = key;
  }
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + outside, STATS_DOMAIN);
  return run + 1;
}

/** Joins points of one cell that follow each other, and adds up their vectors. */
function joinCells(points: u32): u32 {
  const factor = multiplier;
  const down = shift;
  const withAttributes = attributes;
  let outside: u32 = 0;
  let run: u32 = -1;
  let last: u64 = -1;
  for (let i: u32 = 0; i < points; i++) {
    const cell = load<u64>(CELL + (i << 3));
    if (<i64>cell < 0) {
      outside++;
      continue;
    }
    const isNew = cell != last;
    run += <u32>isNew;
    store<u64>(CELL + (run << 3), cell);
    store<u64>(MASK + (run << 3), 1 << (cell & IN_BRICK));
    store<u32>(HOME + (run << 2), homeOf(cell & ~IN_BRICK, factor, down));
    addVector(FRACTION + (run << 4), FRACTION + (i << 4), isNew);
    if (withAttributes) addVector(ATTRIBUTE + (run << 4), ATTRIBUTE + (i << 4), isNew);
    last = cell;
  }
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_DOMAIN) + outside, STATS_DOMAIN);
  return run + 1;
}

/**
 * Finds or appends the brick of each run and adds the run's cells to it. Whether a brick is new is as
 * good as random, so nothing branches on it: it is written behind the list in any case, and the list
 * grows by 0 or 1. What does branch is the rare brick that finds another one at home.
 */
function placeRuns(runs: u32): void {
  let n = count;
  for (let i: u32 = 0; i < runs; i++) {
    const key = load<u64>(CELL + (i << 3)) & ~IN_BRICK;
    const home = load<u32>(HOME + (i << 2));
    const slot = TABLE_PTR + (home << 2);
    const found = load<u32>(slot);
    const isNew = <u32>(found == 0);
    let place = found + isNew * (n + 1);
    const next = BRICKS_PTR + n * BRICK_BYTES;
    store<u64>(next, key);
    store<u64>(next, 0, BRICK_MASK);
    if (load<u64>(BRICKS_PTR - BRICK_BYTES + place * BRICK_BYTES) == key) {
      store<u32>(slot, place);
      n += isNew;
    } else {
      count = n;
      place = placeOf(key, home);
      n = count;
    }
    const brick = BRICKS_PTR - BRICK_BYTES + place * BRICK_BYTES;
    const cells = load<u64>(brick, BRICK_MASK) | load<u64>(MASK + (i << 3));
    store<u64>(brick, cells, BRICK_MASK);
    store<u32>(PLACE + (i << 2), place - 1);
  }
  count = n;
}

/** Place of a brick, counted from 1; appends it if it is not found within the budget. */
function placeOf(key: u64, home: u32): u32 {
  let slot = TABLE_PTR + (home << 2);
  let place = load<u32>(slot);
  while (place != 0) {
    if (load<u64>(BRICKS_PTR - BRICK_BYTES + place * BRICK_BYTES) == key) return place;
    if (budget == 0) {
      // It stands behind the last already, with an empty mask.
      repeats = true;
      return ++count;
    }
    budget--;
    home = (home + 1) & mask;
    slot = TABLE_PTR + (home << 2);
    place = load<u32>(slot);
  }
  store<u32>(slot, count + 1);
  return ++count;
}
