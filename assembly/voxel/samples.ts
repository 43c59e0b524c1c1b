/**
 * Where the points of a frame lie in their cells, until its voxels have numbers: one u64 a point, and
 * one more for its attributes.
 *
 *    63 62         43 42   32 31   28 27   22 21   11 10    0
 *   ┌──┬─────────────┬───────┬───────┬───────┬───────┬───────┐
 *   │0 │ brick       │ z     │ 0     │ cell  │ y     │ x     │   brick: its place in the list
 *   └──┴─────────────┴───────┴───────┴───────┴───────┴───────┘
 */
import { ATTRIBUTE, PLACE, RUN, SAMPLE_HIGH, SAMPLE_LOW } from "../frame/block.ts";
import {
  ATTRIBUTES_PTR,
  BASES_PTR,
  BRICKS_PTR,
  LISTED_PTR,
  SAMPLE_ATTRIBUTES_PTR,
  SAMPLES_PTR,
  SUMS_PTR,
} from "../memory.ts";
import { MAX_POINTS } from "../profile.ts";
import { IN_BRICK, SAMPLE_CELL, SAMPLE_MASK, SAMPLE_Y } from "./cells.ts";

const SAMPLE_Z: u64 = 32;
const SAMPLE_PLACE: u64 = 43;

let count: u32 = 0;
/** Most since the last wipe. */
let countHigh: u32 = 0;
let attributes = false;

/** Empties the list. */
export function beginSamples(withAttributes: bool): void {
  count = 0;
  attributes = withAttributes;
}

export function sampleCount(): u32 {
  return count;
}

/** Notes that so many bytes of each list were used for something else. */
export function noteSampleBytes(bytes: u32): void {
  countHigh = max<u32>(countHigh, (bytes + 7) >> 3);
}

/** Zeroes the lists as far as they were ever filled. */
export function wipeSamples(): void {
  // As many voxels as points, and no more than there is room for.
  memory.fill(LISTED_PTR, 0, min<u32>(countHigh, MAX_POINTS) << 2);
  memory.fill(SAMPLES_PTR, 0, countHigh << 3);
  memory.fill(SAMPLE_ATTRIBUTES_PTR, 0, countHigh << 3);
  count = 0;
  countHigh = 0;
}

/** Appends the points of a block. A frame has at most MAX_SLOTS of them, and so many have room. */
export function keepSamples(points: u32): void {
  const to = SAMPLES_PTR + (count << 3);
  for (let i: u32 = 0; i < points << 2; i += 4) {
    const place = load<u32>(load<u32>(i, RUN) << 2, PLACE);
    const high = load<u32>(i, SAMPLE_HIGH) | (place << (<u32>(SAMPLE_PLACE - SAMPLE_Z)));
    store<u64>(to + (i << 1), <u64>load<u32>(i, SAMPLE_LOW) | (<u64>high << SAMPLE_Z));
  }
  if (attributes) memory.copy(SAMPLE_ATTRIBUTES_PTR + (count << 3), ATTRIBUTE, points << 3);
  count += points;
  countHigh = max<u32>(countHigh, count);
}

/** Gives the points of some bricks to others: `places` holds the new place of each, u32. */
export function moveSamples(places: u32): void {
  const low: u64 = (1 << SAMPLE_PLACE) - 1;
  for (let at = SAMPLES_PTR; at < SAMPLES_PTR + (count << 3); at += 8) {
    const sample = load<u64>(at);
    const place = load<u32>(places + (<u32>(sample >> SAMPLE_PLACE) << 2));
    store<u64>(at, (sample & low) | (<u64>place << SAMPLE_PLACE));
  }
}

/**
 * Adds up the points of each voxel: x, y, z and their number to SUMS, intensity, ring and time to
 * ATTRIBUTES, u32 each, 16 bytes a voxel. BASES holds the number of each brick's first voxel. LISTED
 * comes to hold the brick and the cell of each voxel, which are at hand here.
 */
export function sumSamples(voxels: u32): void {
  memory.fill(SUMS_PTR, 0, voxels << 4);
  if (attributes) memory.fill(ATTRIBUTES_PTR, 0, voxels << 4);
  for (let at: u32 = 0; at < count << 3; at += 8) {
    const sample = load<u64>(SAMPLES_PTR + at);
    const place = <u32>(sample >> SAMPLE_PLACE);
    const cell = <u32>((sample >> (<u64>SAMPLE_CELL)) & IN_BRICK);
    const voxel = voxelOf(place, cell);
    store<u32>(voxel << 2, (place << 6) | cell, LISTED_PTR);
    const to = voxel << 4;
    addPair(SUMS_PTR + to, sample, SAMPLE_Y);
    const z = (sample >> SAMPLE_Z) & SAMPLE_MASK;
    store<u64>(SUMS_PTR + to, load<u64>(SUMS_PTR + to, 8) + (z | (1 << 32)), 8);
    if (attributes) {
      const values = load<u64>(SAMPLE_ATTRIBUTES_PTR + at);
      addPair(ATTRIBUTES_PTR + to, values, SAMPLE_Y);
      const time = load<u64>(ATTRIBUTES_PTR + to, 8) + ((values >> SAMPLE_Z) & SAMPLE_MASK);
      store<u64>(ATTRIBUTES_PTR + to, time, 8);
    }
  }
}

/** Number of a voxel: the base of its brick plus the occupied cells before its own there. */
// @ts-expect-error: decorator
@inline
function voxelOf(place: u32, cell: u32): u32 {
  const before: u64 = ((<u64>1) << (<u64>cell)) - 1;
  const mask = load<u64>(place << 4, BRICKS_PTR + 8);
  return load<u32>(place << 2, BASES_PTR) + <u32>popcnt<u64>(mask & before);
}

/** Adds the first two parts of a sample to two u32 at once; no sum overflows into the other. */
// @ts-expect-error: decorator
@inline
function addPair(to: u32, sample: u64, second: u32): void {
  const pair = (sample & SAMPLE_MASK) | ((sample & (SAMPLE_MASK << (<u64>second))) << (<u64>(32 - second)));
  store<u64>(to, load<u64>(to) + pair);
}
