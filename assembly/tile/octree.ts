/**
 * The octree over sorted Morton codes, as one byte a node: bit c says that child c is occupied.
 *
 * Levels are stored from the leaves' parents (level 1) up to the root (level `depth`), each in Morton
 * order, so that the children of the nodes of a level, taken in order, are the nodes of the level
 * below, taken in order. No pointers are needed to walk it.
 *
 *   TREE ┌ level 1 ─────────────┬ level 2 ──────┬ level 3 ─┬ … ┬ root ┐
 */
import { KEYS_A_PTR, KEYS_B_PTR, TREE_PTR } from "../memory.ts";

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

/** Highest address that a tree has used since the last wipe. */
let treeHigh: u32 = TREE_PTR;

export function noteTreeEnd(end: u32): void {
  treeHigh = max<u32>(treeHigh, end);
}

/** Zeroes the tree as far as it was ever filled. */
export function wipeTree(): void {
  memory.fill(TREE_PTR, 0, treeHigh - TREE_PTR);
  treeHigh = TREE_PTR;
}

/** Builds all levels from the first `count` codes of KEYS_A, which are sorted, unique and kept. */
export function buildLevels(count: u32, depth: u32): void {
  let nodes = count;
  let from = KEYS_A_PTR;
  let start = TREE_PTR;
  for (let level: u32 = 1; level <= depth; level++) {
    nodes = buildLevel(from, nodes, start);
    setLevel(level, start, start + nodes);
    start += nodes;
    from = KEYS_B_PTR;
  }
  noteTreeEnd(start);
}

/** One level: merges codes that share a parent, writes parents to KEYS_B and their bytes to `to`. */
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
    store<u64>(KEYS_B_PTR + (node << 3), parent);
    last = parent;
  }
  return node + 1;
}
