/**
 * Expands a decoded tree to the cells of its voxels, x y z as i32, in REGION_CELLS: the lone ones from
 * the root down, then all others in Morton order.
 *
 * Places of the nodes of a level are four i32: x y z in nodes of that level, and 0.
 */
import { ATTRIBUTES_PTR, KEYS_A_PTR, SUMS_PTR } from "../memory.ts";
import { compact21 } from "../voxel/morton.ts";
import { loneNodes, readLone } from "./lone.ts";
import { childrenOf, levelSize, levelStart } from "./octree.ts";

/** Steps from a node's lowest child to each: x y z 0. */
// @ts-expect-error: decorator
// biome-ignore format: one row a child
@lazy
const STEPS: usize = memory.data<u32>([
  0, 0, 0, 0,
  1, 0, 0, 0,
  0, 1, 0, 0,
  1, 1, 0, 0,
  0, 0, 1, 0,
  1, 0, 1, 0,
  0, 1, 1, 0,
  1, 1, 1, 0,
], 16);

/** Cell of the tree's lowest corner, x y z 0. */
// @ts-expect-error: decorator
@lazy
const ORIGIN: usize = memory.data(16, 16);

/** `bits`: where the bits of the lone voxels stand. */
export function expandTree(depth: u32, bits: u32, originX: i32, originY: i32, originZ: i32): void {
  store<i32>(ORIGIN, originX);
  store<i32>(ORIGIN, originY, 4);
  store<i32>(ORIGIN, originZ, 8);
  let from = KEYS_A_PTR;
  let to = ATTRIBUTES_PTR;
  let cell = SUMS_PTR;
  let bit: u64 = 0;
  memory.fill(from, 0, 16);
  for (let level = depth; level > 1; level--) {
    const lones = loneNodes(level);
    if (lones > 0) {
      placeLones(level, from, cell, bits, bit);
      cell += lones * 12;
      bit += <u64>lones * 3 * level;
    }
    expandLevel(level, from, to);
    const swap = from;
    from = to;
    to = swap;
  }
  expandLeaves(from, cell);
  memory.fill(ORIGIN, 0, 16);
}

/** Writes the cells of the lone nodes of a level. */
function placeLones(level: u32, from: u32, cell: u32, bits: u32, bit: u64): void {
  const start = levelStart(level);
  const nodes = levelSize(level);
  for (let n: u32 = 0; n < nodes; n++, from += 16) {
    if (load<u8>(start + n) != 0) continue;
    const place = readLone(bits, bit, level);
    for (let k: u32 = 0; k < 3; k++) {
      const low = compact21(place >> (<u64>k));
      const high = load<u32>(from + (k << 2)) << level;
      store<i32>(cell + (k << 2), load<i32>(ORIGIN + (k << 2)) + <i32>(high | low));
    }
    cell += 12;
    bit += 3 * level;
  }
}

/** Writes the places of the children of all nodes of a level, two at a time, as most have no more. */
function expandLevel(level: u32, from: u32, to: u32): void {
  const start = levelStart(level);
  const end = start + levelSize(level);
  for (let at = start; at < end; at++, from += 16) {
    const node = <u32>load<u8>(at);
    const children = popcnt<u32>(node);
    let numbers = childrenOf(node);
    for (let k: u32 = 0; k < children; k += 2, numbers >>= 16) {
      storePlace(to + (k << 4), from, <u32>numbers & 7);
      storePlace(to + (k << 4) + 16, from, (<u32>numbers >> 8) & 7);
    }
    to += children << 4;
  }
}

/** Place of a child. */
// @ts-expect-error: decorator
@inline
function storePlace(to: u32, parent: u32, child: u32): void {
  if (ASC_FEATURE_SIMD) {
    const low = i32x4.shl(v128.load(parent), 1);
    v128.store(to, v128.or(low, v128.load(STEPS + (child << 4))));
  } else {
    store<u32>(to, (load<u32>(parent) << 1) | (child & 1));
    store<u32>(to, (load<u32>(parent, 4) << 1) | ((child >> 1) & 1), 4);
    store<u32>(to, (load<u32>(parent, 8) << 1) | (child >> 2), 8);
  }
}

/** Writes the cells of the children of all nodes of level 1. */
function expandLeaves(from: u32, cell: u32): void {
  const start = levelStart(1);
  const end = start + levelSize(1);
  for (let at = start; at < end; at++, from += 16) {
    const node = <u32>load<u8>(at);
    const children = popcnt<u32>(node);
    let numbers = childrenOf(node);
    for (let k: u32 = 0; k < children; k += 2, numbers >>= 16) {
      storeCell(cell + k * 12, from, <u32>numbers & 7);
      storeCell(cell + k * 12 + 12, from, (<u32>numbers >> 8) & 7);
    }
    cell += children * 12;
  }
}

/** Cell of a leaf; with vectors, the four bytes behind it are overwritten as well. */
// @ts-expect-error: decorator
@inline
function storeCell(to: u32, parent: u32, child: u32): void {
  if (ASC_FEATURE_SIMD) {
    const low = i32x4.add(i32x4.shl(v128.load(parent), 1), v128.load(ORIGIN));
    v128.store(to, i32x4.add(low, v128.load(STEPS + (child << 4))));
  } else {
    store<i32>(to, load<i32>(ORIGIN) + <i32>((load<u32>(parent) << 1) + (child & 1)));
    store<i32>(to, load<i32>(ORIGIN, 4) + <i32>((load<u32>(parent, 4) << 1) + ((child >> 1) & 1)), 4);
    store<i32>(to, load<i32>(ORIGIN, 8) + <i32>((load<u32>(parent, 8) << 1) + (child >> 2)), 8);
  }
}
