/**
 * The bricks that a frame has touched, each once: 4 x 4 x 4 cells as one mask of 64 bits, bit i for
 * the cell of number i in Morton order. A lidar sees surfaces, so a brick holds several voxels, and
 * everything that follows handles bricks where it would else handle voxels.
 *
 * The table that finds a brick again is open addressing over places in the list: one u32 a slot, 0
 * for an empty one. Sixteen bricks that lie together, 4 x 2 x 2, have their homes in one cache line:
 * what is hashed is the group, so that the points of a surface find most lines where they left them.
 *
 * A frame has a budget of probes; once it is spent, bricks that are not at home are appended unseen,
 * and merged when the frame is closed (repeats.ts). So no choice of points costs more than that, no
 * result depends on the table, and a table that is too small is slow, not wrong.
 */
import { E_FULL, FRAME_SEED, FRAME_SLOTS } from "../abi.ts";
import { CELL, MASK, PLACE, RUN } from "../frame/block.ts";
import { BRICKS_PTR, FRAME_PTR, TABLE_BITS_MAX, TABLE_PTR } from "../memory.ts";
import { MAX_POINTS } from "../profile.ts";
import { BRICK_X, BRICK_Y, BRICK_Z, IN_BRICK } from "./cells.ts";
import { beginSamples, keepSamples } from "./samples.ts";

/** A brick: key u64, mask u64. */
export const BRICK_BYTES: u32 = 16;
export const BRICK_MASK: usize = 8;

/** Where the first brick stands, seen from place 1. */
const BEFORE_PTR: u32 = BRICKS_PTR - BRICK_BYTES;

/** Slots: twice the points of the frame, at least so many and at most 2^TABLE_BITS_MAX. */
const TABLE_BITS_MIN: u32 = 12;
/** Slots beyond the first that all points of a frame together may look at, a point and besides. */
const PROBES_PER_POINT: u32 = 2;
const PROBES_BESIDES: u32 = 4096;
/** Bricks of a group, and what tells them apart in a key: two bits of x, one of y, one of z. */
const GROUP: u32 = 16;
const IN_GROUP: u64 = (3 << BRICK_X) | (1 << BRICK_Y) | (1 << BRICK_Z);
/** 2^64 / golden ratio: Fibonacci hashing (Knuth, TAOCP 6.4), unless the host gives a seed. */
const GOLDEN: u64 = 0x9e3779b97f4a7c15;

let count: u32 = 0;
/** Most of each since the last wipe. */
let countHigh: u32 = 0;
let slotsHigh: u32 = 0;
let samples = false;
/** Whether some brick may stand in the list twice. */
let repeats = false;
let multiplier: u64 = 0;
let shift: u64 = 0;
let mask: u32 = 0;
let budget: u32 = 0;

/** Empties the list. `withSamples` keeps where the points lie, `withAttributes` their values as well. */
export function beginBricks(withSamples: bool, withAttributes: bool): void {
  count = 0;
  repeats = false;
  beginSamples(withAttributes);
  budget = PROBES_BESIDES;
  samples = withSamples;
  const slots = load<u32>(FRAME_PTR, FRAME_SLOTS);
  const wanted: u32 = slots == 0 || slots > MAX_POINTS ? MAX_POINTS : slots;
  const bits = max<u32>(TABLE_BITS_MIN, min<u32>(TABLE_BITS_MAX, 33 - clz<u32>(wanted - 1)));
  const seed = load<u64>(FRAME_PTR, FRAME_SEED);
  // Even a seed of few bits has to make a multiplier of many.
  multiplier = seed == 0 ? GOLDEN : (seed * GOLDEN) | 1;
  sizeTable(bits);
}

/** Empties the list for bricks that are known to differ: the table is left alone. */
export function beginList(): void {
  count = 0;
  repeats = false;
  beginSamples(false);
}

/** Appends a brick that is not in the list, which has room for all bricks of a map. */
export function appendBrick(key: u64, cells: u64): void {
  const at = BRICKS_PTR + count * BRICK_BYTES;
  store<u64>(at, key);
  store<u64>(at, cells, BRICK_MASK);
  count++;
  countHigh = max<u32>(countHigh, count);
}

export function brickCount(): u32 {
  return count;
}

/** Whether the list must be merged before it can be counted. */
export function bricksRepeat(): bool {
  return repeats;
}

/** Says that it was. */
export function bricksAreMerged(): void {
  repeats = false;
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
  placeRuns(joinBricks(points));
  // One more: the place behind the last is written before it is known to be needed.
  countHigh = max<u32>(countHigh, count + 1);
  if (count > MAX_POINTS) return E_FULL;
  if (samples) keepSamples(points);
  return 0;
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
      home = (home + GROUP) & mask;
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

/**
 * Home slot: the group's line, by two rounds, since groups of a surface are a lattice that one round
 * maps to clusters; then the brick's slot in it. That is turned by bits of the hash too, lest bricks
 * that lie alike in their groups share a sixteenth of the table.
 */
// @ts-expect-error: decorator
@inline
function homeOf(key: u64, factor: u64, down: u64): u32 {
  const first = (key & ~IN_GROUP) * factor;
  const hash = <u32>(((first ^ (first >> 32)) * factor) >> down);
  const x = <u32>(key >> BRICK_X) & 3;
  const y = <u32>(key >> (BRICK_Y - 2)) & 4;
  const z = <u32>(key >> (BRICK_Z - 3)) & 8;
  return hash ^ (x | y | z);
}

/** Joins points of one brick that follow each other: CELL and MASK come to hold one entry a run. */
function joinBricks(points: u32): u32 {
  let run: u32 = -1;
  let last: u64 = -1;
  let cells: u64 = 0;
  for (let i: u32 = 0; i < points; i++) {
    const cell = load<u64>(i << 3, CELL);
    const key = cell & ~IN_BRICK;
    const isNew = <u32>(key != last);
    run += isNew;
    cells = (cells & (<u64>isNew - 1)) | (1 << (cell & IN_BRICK));
    store<u64>(run << 3, key, CELL);
    store<u64>(run << 3, cells, MASK);
    store<u32>(i << 2, run, RUN);
    last = key;
  }
  return run + 1;
}

/**
 * Finds or appends the brick of each run and adds the run's cells to it. Whether a brick is new is as
 * good as random, so nothing branches on it: it is written behind the list in any case, and the list
 * grows by 0 or 1. What does branch is the rare brick that finds another one at home.
 */
function placeRuns(runs: u32): void {
  // Locals, since the engine fetches a global anew for each run.
  const factor = multiplier;
  const down = shift;
  let n = count;
  for (let i: u32 = 0; i < runs; i++) {
    const key = load<u64>(i << 3, CELL);
    const home = homeOf(key, factor, down);
    const slot = home << 2;
    const found = load<u32>(slot, TABLE_PTR);
    const isNew = <u32>(found == 0);
    let place = found + isNew * (n + 1);
    const next = n * BRICK_BYTES;
    store<u64>(next, key, BRICKS_PTR);
    store<u64>(next, 0, BRICKS_PTR + <u32>BRICK_MASK);
    if (load<u64>(place * BRICK_BYTES, BEFORE_PTR) == key) {
      store<u32>(slot, place, TABLE_PTR);
      n += isNew;
    } else {
      count = n;
      place = placeOf(key, home);
      n = count;
    }
    const brick = place * BRICK_BYTES;
    const cells = load<u64>(brick, BEFORE_PTR + <u32>BRICK_MASK) | load<u64>(i << 3, MASK);
    store<u64>(brick, cells, BEFORE_PTR + <u32>BRICK_MASK);
    store<u32>(i << 2, place - 1, PLACE);
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
    home = (home + GROUP) & mask;
    slot = TABLE_PTR + (home << 2);
    place = load<u32>(slot);
  }
  store<u32>(slot, count + 1);
  return ++count;
}
