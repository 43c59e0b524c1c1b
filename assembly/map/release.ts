/**
 * What a map releases: row by row of each block, which of its cells stand still, and which moved or were hit
 * in too few scans. The cells of a part become the bricks of a grid, block by block in the order in which
 * the map took them.
 */
import { MAP_KEPT } from "../abi.ts";
import {
  HITS_BYTES,
  HITS_PTR,
  NEAR_PTR,
  SLICE_BYTES,
  SLICES_PTR,
  VOIDS_BYTES,
  VOIDS_PTR,
} from "../memory.ts";
import { appendBrick, beginList } from "../voxel/bricks.ts";
import { BRICK_X, BRICK_Y, BRICK_Z } from "../voxel/cells.ts";
import {
  blockCount,
  blockKey,
  findBlock,
  KEY_MASK,
  KEY_Y,
  KEY_Z,
  keyOfBlock,
  NO_BLOCK,
} from "./blocks.ts";
import { crowdHits, crowdVoids, flat, hitsMin, voidMin, voteHits } from "./terms.ts";
import { HIGH_BITS } from "./voids.ts";

/** Rows of a block along z and y, and of a layer of bricks. */
const ROWS_Y: i32 = 64;
const ROWS_Z: i32 = 16;
const LAYER: u32 = 16;
/** The rows of four by four whose cells of a part are at hand, u64. */
const ROWS_PTR: u32 = SLICES_PTR;
/** Cells 0..3 of a row in a brick's mask: 0, 1, 8, 9. */
const HIGH_PAIR: u64 = 6;

/** Lists the bricks of a part, MAP_KEPT or MAP_REMOVED. */
export function listPart(part: u32): void {
  if (LAYER * 8 > SLICE_BYTES) ERROR("no room for the rows of a layer");
  beginList();
  for (let block: u32 = 0; block < blockCount; block++) {
    const key = keyOfBlock(block);
    findNear(key);
    for (let z: i32 = 0; z < ROWS_Z; z += 4) {
      for (let y: i32 = 0; y < ROWS_Y; y += 4) {
        if (pickRows(block, y, z, part)) listBricks(key, y, z);
      }
    }
  }
}

/** Looks up the blocks around one: 27 numbers, x first. */
function findNear(key: u64): void {
  const x = <u32>(key & KEY_MASK);
  const y = <u32>((key >> KEY_Y) & KEY_MASK);
  const z = <u32>(key >> KEY_Z);
  let at = NEAR_PTR;
  for (let dz: u32 = 0; dz < 3; dz++) {
    for (let dy: u32 = 0; dy < 3; dy++) {
      // Where the coordinate wraps there is no block: cells end long before.
      for (let dx: u32 = 0; dx < 3; dx++, at += 4) {
        store<u32>(at, findBlock(blockKey(x + dx - 1, y + dy - 1, z + dz - 1)));
      }
    }
  }
}

/** Picks the cells of a part in four by four rows; whether there are any. */
function pickRows(block: u32, y: i32, z: i32, part: u32): bool {
  let any: u64 = 0;
  for (let row: u32 = 0; row < LAYER; row++) {
    const cells = pickRow(block, y + (row & 3), z + (row >> 2), part);
    store<u64>(ROWS_PTR + (row << 3), cells);
    any |= cells;
  }
  return any != 0;
}

/** Cells of a part in one row of a block. */
function pickRow(block: u32, y: i32, z: i32, part: u32): u64 {
  const hits = HITS_PTR + block * HITS_BYTES + ((z << 12) | (y << 6));
  const any = hitBy(hits, 1);
  if (any == 0) return 0;
  const enough = hitsMin == 1 ? any : hitBy(hits, hitsMin);
  const empty = emptyRow(block, y, z);
  let still = enough & ~empty;
  if (still != 0) {
    const few = hitByNoMore(hits, voteHits);
    const some = hitByNoMore(hits, crowdHits);
    if ((still & (few | some)) != 0) {
      countAround(y, z);
      still &= ~((few & emptyAbout(1)) | (some & emptyAbout(crowdVoids)));
    }
  }
  return part == MAP_KEPT ? still : any & ~still;
}

/** Cells of a row that were hit by at least so many scans, 1..255. */
function hitBy(hits: u32, least: u32): u64 {
  let found: u64 = 0;
  if (ASC_FEATURE_SIMD) {
    const bound = i8x16.splat(<i8>least);
    for (let i: u32 = 0; i < 64; i += 16) {
      const reached = i8x16.ge_u(v128.load(hits + i), bound);
      found |= (<u64>(<u32>i8x16.bitmask(reached))) << (<u64>i);
    }
    return found;
  }
  for (let i: u32 = 0; i < 64; i += 8) {
    if (load<u64>(hits + i) == 0) continue;
    for (let k = i; k < i + 8; k++) {
      found |= (<u64>(<u32>load<u8>(hits + k) >= least)) << (<u64>k);
    }
  }
  return found;
}

/** Cells of a row that no more scans than this hit, 0..255. */
function hitByNoMore(hits: u32, most: u32): u64 {
  return most == 255 ? <u64>-1 : ~hitBy(hits, most + 1);
}

/** Cells of a row that were empty often enough. */
function emptyRow(block: u32, y: i32, z: i32): u64 {
  const at = VOIDS_PTR + block * VOIDS_BYTES + ((z << 9) | (y << 3));
  const low = load<u64>(at);
  const high = load<u64>(at, HIGH_BITS);
  return voidMin == 1 ? low | high : voidMin == 2 ? high : low & high;
}

/** How many neighbours of each cell of a row were empty, a bit each: up to 26. */
let ones: u64 = 0;
let twos: u64 = 0;
let fours: u64 = 0;
let eights: u64 = 0;
let sixteens: u64 = 0;

/** Counts the empty neighbours of the cells of a row. */
function countAround(y: i32, z: i32): void {
  ones = twos = fours = eights = sixteens = 0;
  const reach = flat ? 0 : 1;
  for (let dz = -reach; dz <= reach; dz++) {
    for (let dy = -1; dy <= 1; dy++) {
      const here = emptyNear(1, y + dy, z + dz);
      countOne((here << 1) | (emptyNear(0, y + dy, z + dz) >> 63));
      countOne((here >> 1) | (emptyNear(2, y + dy, z + dz) << 63));
      if (dy != 0 || dz != 0) countOne(here);
    }
  }
}

/** Adds one to the counts of these cells. */
function countOne(cells: u64): void {
  let carry = cells;
  let next = ones & carry;
  ones ^= carry;
  carry = next;
  next = twos & carry;
  twos ^= carry;
  carry = next;
  next = fours & carry;
  fours ^= carry;
  carry = next;
  next = eights & carry;
  eights ^= carry;
  sixteens |= next;
}

/** Cells with at least so many empty neighbours, 1..26, as they were counted last. */
function emptyAbout(least: u32): u64 {
  // From the highest bit down: above `least` so far, or like it so far.
  let more: u64 = 0;
  let like: u64 = -1;
  for (let bit: u32 = 16; bit > 0; bit >>= 1) {
    const set =
      bit == 16 ? sixteens : bit == 8 ? eights : bit == 4 ? fours : bit == 2 ? twos : ones;
    if ((least & bit) != 0) {
      like &= set;
    } else {
      more |= like & set;
      like &= ~set;
    }
  }
  return more | like;
}

/** The empty cells of a row of the blocks at hand; y and z count from the middle one's lowest. */
function emptyNear(column: u32, y: i32, z: i32): u64 {
  const place = <u32>((((z >> 4) + 1) * 3 + (y >> 6) + 1) * 3) + column;
  const block = load<u32>(NEAR_PTR + (place << 2));
  return block == NO_BLOCK ? 0 : emptyRow(block, y & 63, z & 15);
}

/** Appends the bricks of the rows at hand. */
function listBricks(key: u64, y: i32, z: i32): void {
  const x = (key & KEY_MASK) << 4;
  const row = (((key >> KEY_Y) & KEY_MASK) << 4) | (y >> 2);
  const slice = ((key >> KEY_Z) << 2) | (z >> 2);
  const rest = (row << BRICK_Y) | (slice << BRICK_Z);
  for (let brick: u64 = 0; brick < 16; brick++) {
    let cells: u64 = 0;
    for (let i: u32 = 0; i < LAYER; i++) {
      const four = (load<u64>(ROWS_PTR + (i << 3)) >> (brick << 2)) & 15;
      const spread = (four & 3) | ((four & 12) << HIGH_PAIR);
      // Number of a row's first cell in Morton order: bits of y at 1 and 4, of z at 2 and 5.
      const number = ((i & 1) << 1) | ((i & 2) << 3) | ((i & 4) << 0) | ((i & 8) << 2);
      cells |= spread << (<u64>number);
    }
    if (cells != 0) appendBrick(((x | brick) << BRICK_X) | rest, cells);
  }
}
