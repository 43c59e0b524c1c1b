/**
 * The octree over bricks in Morton order, as one byte a node: bit c says that child c is occupied.
 *
 * Levels are stored from the leaves' parents (level 1) up to the root (level `depth`), each in Morton
 * order, so that the children of the nodes of a level, taken in order, are the nodes of the level
 * below, taken in order. No pointers are needed to walk it.
 *
 *   TREE ┌ level 1 ─────────────┬ level 2 ──────┬ level 3 ─┬ … ┬ root ┐
 */
import { ENCODE_PTR, KEYS_A_PTR, KEYS_B_PTR, TREE_PTR } from "../memory.ts";

export const DEPTH_MAX: u32 = 21;

/** u32 address of each level's first byte, and of its end; index = level. */
const STARTS: usize = memory.data(4 * 24, 16);
const ENDS: usize = memory.data(4 * 24, 16);

export function levelStart(level: u32): u32 {
  return load<u32>(STARTS + (level << 2));
}

export function levelEnd(level: u32): u32 {
  return load<u32>(ENDS + (level << 2));
}

export function setLevel(level: u32, start: u32, end: u32): void {
  store<u32>(STARTS + (level << 2), start);
  store<u32>(ENDS + (level << 2), end);
}

/** Bytes of TREE that were written since the last wipe. */
let treeWritten: u32 = 0;

export function noteTreeEnd(end: u32): void {
  treeWritten = max<u32>(treeWritten, end - TREE_PTR);
}

/** Zeroes the tree as far as it was ever filled. */
export function wipeTree(): void {
  memory.fill(TREE_PTR, 0, treeWritten);
  memory.fill(STARTS, 0, 4 * 24);
  memory.fill(ENDS, 0, 4 * 24);
  treeWritten = 0;
}

/** Left-packing shuffles of eight bytes, by which of them are occupied: 256 x 8, made on first use. */
const PACK: usize = memory.data(2048, 16);

function preparePack(): void {
  if (load<u8>(PACK, 2040 + 7) == 7) return;
  for (let m: u32 = 0; m < 256; m++) {
    let to = <u32>PACK + (m << 3);
    for (let k: u32 = 0; k < 8; k++) {
      store<u8>(to, <u8>k);
      to += (m >> k) & 1;
    }
  }
}

/**
 * Builds all levels of an ordered grid. A brick's mask holds the lowest two: its occupied bytes are
 * nodes of level 1, and which bytes those are is a node of level 2.
 */
export function buildLevels(bricks: u32, depth: u32): void {
  preparePack();
  const leaves = TREE_PTR;
  const end = packMasks(bricks, leaves);
  setLevel(1, leaves, end);
  summarizeMasks(bricks, end);
  setLevel(2, end, end + bricks);
  let nodes = bricks;
  let from = KEYS_A_PTR;
  let start = end + bricks;
  for (let level: u32 = 3; level <= depth; level++) {
    nodes = buildLevel(from, nodes, start);
    setLevel(level, start, start + nodes);
    start += nodes;
    from = ENCODE_PTR;
  }
  noteTreeEnd(start + 8);
}

/** Writes the occupied bytes of all masks, one behind the other; returns where they end. */
function packMasks(bricks: u32, to: u32): u32 {
  const end = KEYS_B_PTR + (bricks << 3);
  for (let at = KEYS_B_PTR; at < end; at += 8) {
    if (ASC_FEATURE_SIMD) {
      const cells = v128.load64_zero(at);
      const occupied = i8x16.bitmask(i8x16.ne(cells, i8x16.splat(0)));
      const pack = v128.load64_zero(PACK + (occupied << 3));
      v128.store64_lane(to, i8x16.swizzle(cells, pack), 0);
      to += popcnt<u32>(occupied);
    } else {
      for (let k: u32 = 0; k < 8; k++) {
        const cells = load<u8>(at + k);
        store<u8>(to, cells);
        to += <u32>(cells != 0);
      }
    }
  }
  return to;
}

/** Writes which bytes of each mask are occupied. */
function summarizeMasks(bricks: u32, to: u32): void {
  const end = KEYS_B_PTR + (bricks << 3);
  for (let at = KEYS_B_PTR; at < end; at += 8, to++) {
    let occupied: u32 = 0;
    if (ASC_FEATURE_SIMD) {
      occupied = i8x16.bitmask(i8x16.ne(v128.load64_zero(at), i8x16.splat(0)));
    } else {
      for (let k: u32 = 0; k < 8; k++) occupied |= (<u32>(load<u8>(at + k) != 0)) << k;
    }
    store<u8>(to, <u8>occupied);
  }
}

/** One level: merges codes that share a parent, writes parents to ENCODE and their bytes to `to`. */
function buildLevel(from: u32, count: u32, to: u32): u32 {
  let node: u32 = -1;
  let last: u64 = -1;
  let byte: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const code = load<u64>(from + (i << 3));
    const parent = code >> 3;
    const isNew = parent != last;
    node += <u32>isNew;
    byte = (isNew ? 0 : byte) | (1 << (<u32>code & 7));
    store<u8>(to + node, <u8>byte);
    store<u64>(ENCODE_PTR + (node << 3), parent);
    last = parent;
  }
  return node + 1;
}
