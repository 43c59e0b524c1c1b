/** Decodes the octree from the root down and expands it to cells; the inverse of encode-tree.ts. */
import { E_FORMAT } from "../abi.ts";
import { BRICKS_PTR, KEYS_A_PTR, KEYS_B_PTR, SUMS_PTR, TREE_PTR } from "../memory.ts";
import { contextsOf, highModel, lowModel, MANY, mirror, RANKS, shapeModel } from "./models.ts";
import { levelEnd, levelStart, noteTreeEnd, setLevel } from "./octree.ts";
import { decodeSymbol } from "./range-decoder.ts";

/** Contexts of the nodes of a level. */
const CONTEXTS_PTR: u32 = BRICKS_PTR;
/** Bits of an axis in a packed cell of the expansion. */
const AXIS: u64 = 21;

/** Decodes all levels; 0, or E_FORMAT if they do not end in `voxels` leaves. */
export function decodeTree(depth: u32, voxels: u32): i32 {
  let start = TREE_PTR;
  let nodes: u32 = 1;
  store<u8>(CONTEXTS_PTR, 0);
  for (let level = depth; level >= 1; level--) {
    // Each node holds a leaf: more nodes than leaves are no tree, and would outgrow the region.
    if (nodes > voxels) return E_FORMAT;
    setLevel(level, start, start + nodes);
    noteTreeEnd(start + nodes);
    const children = decodeLevel(level);
    if (children > voxels) return E_FORMAT;
    contextsOf(start, start + nodes, CONTEXTS_PTR);
    start += nodes;
    nodes = children;
  }
  return nodes == voxels ? 0 : E_FORMAT;
}

/** Decodes one level under its contexts; returns the number of its children. */
function decodeLevel(level: u32): u32 {
  const rank = min<u32>(level, RANKS) - 1;
  const start = levelStart(level);
  const nodes = levelEnd(level) - start;
  let children: u32 = 0;
  for (let n: u32 = 0; n < nodes; n++) {
    const node = decodeNode(rank, load<u8>(CONTEXTS_PTR + n));
    store<u8>(start + n, <u8>node);
    children += popcnt<u32>(node);
  }
  return children;
}

/** One node; see models.ts for the scheme. */
function decodeNode(rank: u32, context: u32): u32 {
  const shape = decodeSymbol(shapeModel(rank, context));
  if (shape < MANY) return 1 << (shape ^ (context >> 5));
  const low = decodeSymbol(lowModel(rank, context));
  const high = decodeSymbol(highModel(rank, context, low));
  return mirror(low | (high << 4), context);
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
