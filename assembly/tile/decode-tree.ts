/** Decodes the octree from the root down and expands it to cells; the inverse of encode-tree.ts. */
import { E_FORMAT } from "../abi.ts";
import { KEYS_A_PTR, KEYS_B_PTR, SUMS_PTR, TREE_PTR } from "../memory.ts";
import { crowd, HIGH, LOW, MANY, mirror, RANKS, SHAPE, siblings } from "./models.ts";
import { levelEnd, levelStart, noteTreeEnd, setLevel } from "./octree.ts";
import { decodeSymbol } from "./range-decoder.ts";

/** Bits of an axis in a packed cell of the expansion. */
const AXIS: u64 = 21;

/** Decodes all levels; 0, or E_FORMAT if they do not end in `voxels` leaves. */
export function decodeTree(depth: u32, voxels: u32): i32 {
  let start = TREE_PTR;
  store<u8>(start, <u8>decodeNode(1, 0, min<u32>(depth, RANKS) - 1));
  setLevel(depth, start, start + 1);
  start++;
  let nodes = popcnt<u32>(load<u8>(TREE_PTR));
  for (let level = depth - 1; level >= 1; level--) {
    // Each node holds a leaf: more nodes than leaves are no tree, and would outgrow the region.
    if (nodes > voxels) return E_FORMAT;
    setLevel(level, start, start + nodes);
    start += nodes;
    nodes = decodeLevel(level);
    noteTreeEnd(start);
  }
  noteTreeEnd(start);
  return nodes == voxels ? 0 : E_FORMAT;
}

/** Decodes one level from the one above; returns the number of its children. */
function decodeLevel(level: u32): u32 {
  const rank = min<u32>(level, RANKS) - 1;
  const end = levelEnd(level + 1);
  let to = levelStart(level);
  let children: u32 = 0;
  for (let parents = levelStart(level + 1); parents < end; parents++) {
    const parent = <u32>load<u8>(parents);
    for (let rest = parent; rest; rest &= rest - 1) {
      const node = decodeNode(parent, ctz<u32>(rest), rank);
      store<u8>(to, <u8>node);
      to++;
      children += popcnt<u32>(node);
    }
  }
  return children;
}

/** One node; see models.ts for the scheme. */
function decodeNode(parent: u32, i: u32, rank: u32): u32 {
  const near = siblings(parent, i);
  const shape = decodeSymbol(SHAPE + ((rank << 5) | (crowd(parent) << 3) | near));
  if (shape < MANY) return 1 << (shape ^ i);
  const low = decodeSymbol(LOW + ((rank << 3) | near));
  const high = decodeSymbol(HIGH + ((rank << 7) | (near << 4) | low));
  return mirror(low | (high << 4), i);
}

/**
 * Expands the tree to the cells of its leaves, x y z as i32 from `origin`, in SUMS (REGION_CELLS).
 * All three axes are packed into one u64, so that one shift moves a cell a level down.
 */
export function expandTree(depth: u32, originX: i32, originY: i32, originZ: i32): void {
  let from = KEYS_A_PTR;
  let to = KEYS_B_PTR;
  store<u64>(from, 0);
  for (let level = depth; level >= 1; level--) {
    expandLevel(level, from, to);
    const swap = from;
    from = to;
    to = swap;
  }
  const mask: u64 = (1 << AXIS) - 1;
  let nodes: u32 = 0;
  for (let at = levelStart(1); at < levelEnd(1); at++) nodes += popcnt<u32>(load<u8>(at));
  for (let i: u32 = 0, cell = SUMS_PTR; i < nodes; i++, cell += 12) {
    const packed = load<u64>(from + (i << 3));
    store<i32>(cell, originX + <i32>(packed & mask));
    store<i32>(cell, originY + <i32>((packed >> AXIS) & mask), 4);
    store<i32>(cell, originZ + <i32>(packed >> (2 * AXIS)), 8);
  }
}

/** Writes the packed cells of the children of all nodes of a level. */
function expandLevel(level: u32, from: u32, to: u32): void {
  const end = levelEnd(level);
  for (let at = levelStart(level); at < end; at++, from += 8) {
    const cell = load<u64>(from) << 1;
    for (let rest = <u32>load<u8>(at); rest; rest &= rest - 1) {
      const c = <u64>ctz<u32>(rest);
      store<u64>(to, cell | (c & 1) | (((c >> 1) & 1) << AXIS) | ((c >> 2) << (2 * AXIS)));
      to += 8;
    }
  }
}
