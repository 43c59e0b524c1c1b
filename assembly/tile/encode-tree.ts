/** Codes the octree from the root down, each level in Morton order. */
import { crowd, EACH, ONLY, RANKS, siblings, WHICH } from "./models.ts";
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
function encodeNode(at: u32, node: u32, parent: u32, i: u32, rank: u32): u32 {
  const near = siblings(parent, i);
  const only = <u32>((node & (node - 1)) == 0);
  at = decide(at, ONLY + (((rank << 5) | (crowd(parent) << 3) | near) << 1), only);
  if (only) {
    const which = ctz<u32>(node) ^ i;
    const model = WHICH + (((rank << 3) | near) << 4);
    at = decide(at, model + 2, which >> 2);
    at = decide(at, model + 4 + ((which >> 2) << 1), (which >> 1) & 1);
    return decide(at, model + 8 + ((which >> 1) << 1), which & 1);
  }
  const model = EACH + (((rank << 3) | near) << 9);
  let before: u32 = 1;
  for (let c: u32 = 0; c < 8; c++) {
    const bit = (node >> (c ^ i)) & 1;
    at = decide(at, model + (before << 1), bit);
    before = (before << 1) | bit;
  }
  return at;
}
