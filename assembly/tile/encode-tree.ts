/** Codes the octree from the root down, each level in Morton order. */
import { crowd, HIGH, LOW, MANY, mirror, RANKS, SHAPE, siblings } from "./models.ts";
import { levelEnd, levelStart } from "./octree.ts";
import { checkDecisions, decide } from "./range-coder.ts";

/** Appends the decisions of all levels; returns where the next decision goes. */
export function encodeTree(depth: u32, at: u32): u32 {
  at = encodeNode(at, load<u8>(levelStart(depth)), 1, 0, min<u32>(depth, RANKS) - 1);
  for (let level = depth - 1; level >= 1; level--) at = encodeLevel(level, at);
  return at;
}

/** All nodes of a level, parent by parent. */
function encodeLevel(level: u32, at: u32): u32 {
  const rank = min<u32>(level, RANKS) - 1;
  const end = levelEnd(level + 1);
  let child = levelStart(level);
  for (let parents = levelStart(level + 1); parents < end; parents++) {
    const parent = <u32>load<u8>(parents);
    for (let rest = parent; rest; rest &= rest - 1) {
      at = encodeNode(at, load<u8>(child), parent, ctz<u32>(rest), rank);
      child++;
    }
    at = checkDecisions(at);
  }
  return at;
}

/** One node of occupancy `node`, child `i` of `parent`; see models.ts for the scheme. */
// @ts-ignore: decorator
@inline
function encodeNode(at: u32, node: u32, parent: u32, i: u32, rank: u32): u32 {
  const near = siblings(parent, i);
  const shape = SHAPE + ((rank << 5) | (crowd(parent) << 3) | near);
  if ((node & (node - 1)) == 0) return decide(at, shape, ctz<u32>(node) ^ i);
  const seen = mirror(node, i);
  const low = seen & 15;
  at = decide(at, shape, MANY);
  at = decide(at, LOW + ((rank << 3) | near), low);
  return decide(at, HIGH + ((rank << 7) | (near << 4) | low), seen >> 4);
}
