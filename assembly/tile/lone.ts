/**
 * Lone nodes: those of the highest level at which a voxel has a node to itself, from LONE_LEVEL on.
 * Below, the tree would be a chain of only children that says no more than the bits of their numbers;
 * so these bits stand as they are, behind the blocks of the tree's stream: for each lone node, levels
 * from the root down, nodes in order, the 3 * level bits of its voxel's place in it, x y z of level 1
 * lowest. The first bit is the lowest one of the first byte; zeros fill the last byte.
 *
 * So a voxel far from all others costs one symbol and its bits, not symbols for each of 20 levels.
 */
import { BASES_PTR, INDEX_A_PTR, INDEX_B_PTR, KEYS_A_PTR, KEYS_B_PTR } from "../memory.ts";
import { LONE_LEVEL } from "./models.ts";
import { contextList, placeList } from "./scratch.ts";

/** Numbers of the lone bricks, u32: levels from the root down, each in Morton order. */
const LONES_PTR: u32 = INDEX_B_PTR;
/** Bits that are moved at a time. */
const PART: u32 = 30;

/** Lone nodes of each level, and where those of a level begin in LONES; index = level. */
// @ts-expect-error: decorator
@lazy
const COUNTS: usize = memory.data(4 * 24, 16);
// @ts-expect-error: decorator
@lazy
const FIRSTS: usize = memory.data(4 * 24, 16);

let found: u32 = 0;

/** Forgets all lone nodes. */
export function beginLones(): void {
  memory.fill(COUNTS, 0, 4 * 24);
  found = 0;
}

/** Forgets them for good. */
export function wipeLones(): void {
  memory.fill(FIRSTS, 0, 4 * 24);
  beginLones();
}

/** Lone nodes of a level. */
export function loneNodes(level: u32): u32 {
  return load<u32>(COUNTS + (level << 2));
}

export function setLoneNodes(level: u32, nodes: u32): void {
  store<u32>(COUNTS + (level << 2), nodes);
}

/** Bits that the places of all lone voxels take. */
export function loneBits(): u64 {
  let bits: u64 = 0;
  for (let level: u32 = LONE_LEVEL; level < 22; level++) bits += <u64>loneNodes(level) * 3 * level;
  return bits;
}

/**
 * Level of the lone node of a brick, 0 if it has none. `apart` is its code xored with that of the
 * neighbour in order with which it has more in common: where they part, three bits a level, begins the
 * node that they share, and one level below is the brick's own.
 */
// @ts-expect-error: decorator
@inline
export function loneLevel(apart: u64, mask: u64): u32 {
  const level = <u32>(((63 - clz<u64>(apart)) * 43) >> 7) + 2;
  const isLone = <u32>((mask & (mask - 1)) == 0) & <u32>(level >= LONE_LEVEL) & <u32>(level < 22);
  return level & (0 - isLone);
}

/** Adds a brick to the list if its level is not 0: its number | level << 24. */
// @ts-expect-error: decorator
@inline
export function noteLone(brick: u32, level: u32): void {
  store<u32>(placeList() + (found << 2), brick | (level << 24));
  found += <u32>(level != 0);
}

/** Groups the list by levels. */
export function groupLones(): void {
  const list = placeList();
  for (let i: u32 = 0; i < found; i++) {
    const count = COUNTS + (load<u8>(list + (i << 2), 3) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let first: u32 = 0;
  for (let level: u32 = 21; level >= LONE_LEVEL; level--) {
    store<u32>(FIRSTS + (level << 2), first);
    first += loneNodes(level);
  }
  for (let i: u32 = 0; i < found; i++) {
    const entry = load<u32>(list + (i << 2));
    const next = FIRSTS + ((entry >> 24) << 2);
    const at = load<u32>(next);
    store<u32>(next, at + 1);
    store<u32>(LONES_PTR + (at << 2), entry & 0xffffff);
  }
}

/**
 * Puts the lone nodes of a level among its other ones, from the last one down: their codes among the
 * `nodes` codes at `codes`, and as many zeros among their bytes.
 */
export function mergeLones(level: u32, codes: u32, bytes: u32, nodes: u32): void {
  let lones = loneNodes(level);
  // Grouping has moved the start of the level to its end.
  const list = LONES_PTR + ((load<u32>(FIRSTS + (level << 2)) - lones) << 2);
  const shift: u64 = 3 * (level - 2);
  let to = nodes + lones;
  while (lones > 0) {
    const brick = load<u32>(list - 4 + (lones << 2));
    const code = load<u64>(KEYS_A_PTR + (brick << 3)) >> shift;
    // Before the first node stands something, but no node: its turn never comes.
    const other = load<u64>(codes - 8 + (nodes << 3));
    const isOther = <u32>(other > code) & <u32>(nodes > 0);
    const byte = <u32>load<u8>(bytes - 1 + nodes) & (0 - isOther);
    to--;
    store<u64>(codes + (to << 3), isOther ? other : code);
    store<u8>(bytes + to, <u8>byte);
    nodes -= isOther;
    lones -= 1 - isOther;
  }
}

/** Writes the bits of all lone voxels to `at`; returns their bytes, or -1 if they would pass `end`. */
export function writeLones(at: u32, end: u32): i32 {
  const bytes = <u32>((loneBits() + 7) >> 3);
  if (at + bytes + 8 > end) return -1;
  let level: u32 = 21;
  let rest = loneNodes(level);
  let bits: u64 = 0;
  let filled: u64 = 0;
  for (let i: u32 = 0; i < found; i++, rest--) {
    while (rest == 0) rest = loneNodes(--level);
    const brick = load<u32>(LONES_PTR + (i << 2));
    const cell = ctz<u64>(load<u64>(KEYS_B_PTR + (brick << 3)));
    let place = (load<u64>(KEYS_A_PTR + (brick << 3)) << 6) | cell;
    for (let left = 3 * level; left > 0; ) {
      const part = min<u32>(left, PART);
      bits |= (place & (((<u64>1) << (<u64>part)) - 1)) << filled;
      filled += part;
      place >>= PART;
      left -= part;
      store<u32>(at, <u32>bits);
      const full = <u64>(filled >= 32);
      at += <u32>full << 2;
      bits >>= full << 5;
      filled -= full << 5;
    }
  }
  store<u32>(at, <u32>bits);
  return bytes;
}

/** Place number `i` of those that writeLones wrote at `from`, all `level` levels deep. */
export function readLone(from: u32, bit: u64, level: u32): u64 {
  let place: u64 = 0;
  for (let done: u32 = 0; done < 3 * level; done += PART, bit += PART) {
    const part = min<u32>(3 * level - done, PART);
    const bits = load<u64>(from + <u32>(bit >> 3)) >> (bit & 7);
    place |= (bits & (((<u64>1) << (<u64>part)) - 1)) << (<u64>done);
  }
  return place;
}

/**
 * Lists the voxels in the order of the tile, lone ones first: the number of each in SUMS and ATTRIBUTES,
 * which are in the order in which bricks were met.
 */
export function listOrder(bricks: u32): void {
  const flags = contextList();
  memory.fill(flags, 0, bricks);
  let at = placeList();
  for (let i: u32 = 0; i < found; i++, at += 4) {
    const brick = load<u32>(LONES_PTR + (i << 2));
    store<u8>(flags + brick, 1);
    store<u32>(at, firstVoxel(brick));
  }
  for (let brick: u32 = 0; brick < bricks; brick++) {
    if (load<u8>(flags + brick)) continue;
    let voxel = firstVoxel(brick);
    const cells = load<u64>(KEYS_B_PTR + (brick << 3));
    for (const end = voxel + <u32>popcnt<u64>(cells); voxel < end; voxel++, at += 4) {
      store<u32>(at, voxel);
    }
  }
}

/** Number of the first voxel of a brick in order. */
function firstVoxel(brick: u32): u32 {
  return load<u32>(BASES_PTR + (load<u32>(INDEX_A_PTR + (brick << 2)) << 2));
}
