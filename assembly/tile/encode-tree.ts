/** Codes the octree from the root down, each level in Morton order. */
import { ENCODE_PTR } from "../memory.ts";
import { contextsOf, highModel, lowModel, MANY, mirror, RANKS, shapeModel } from "./models.ts";
import { levelEnd, levelStart } from "./octree.ts";
import { checkDecisions, decide } from "./range-coder.ts";

/** Contexts of the nodes of a level. */
const CONTEXTS_PTR: u32 = ENCODE_PTR;

/** Appends the decisions of all levels; returns where the next decision goes. */
export function encodeTree(depth: u32, at: u32): u32 {
  // The root is as the only child of a parent would be.
  store<u8>(CONTEXTS_PTR, 0);
  at = encodeLevel(depth, at);
  for (let level = depth - 1; level >= 1; level--) {
    contextsOf(levelStart(level + 1), levelEnd(level + 1), CONTEXTS_PTR);
    at = encodeLevel(level, at);
  }
  return at;
}

/** All nodes of a level; see models.ts for the scheme. */
function encodeLevel(level: u32, at: u32): u32 {
  const rank = min<u32>(level, RANKS) - 1;
  const start = levelStart(level);
  const nodes = levelEnd(level) - start;
  for (let n: u32 = 0; n < nodes; n++) {
    const node = <u32>load<u8>(start + n);
    const context = <u32>load<u8>(CONTEXTS_PTR + n);
    const isOne = (node & (node - 1)) == 0;
    const shape = isOne ? ctz<u32>(node) ^ (context >> 5) : MANY;
    at = decide(at, shapeModel(rank, context), shape);
    if (!isOne) {
      const seen = mirror(node, context);
      const low = seen & 15;
      at = decide(at, lowModel(rank, context), low);
      at = decide(at, highModel(rank, context, low), seen >> 4);
    }
    at = checkDecisions(at);
  }
  return at;
}
