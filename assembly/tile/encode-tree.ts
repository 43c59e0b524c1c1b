/**
 * Codes the octree from the root down: of each level, in Morton order, the shapes of all nodes, then
 * the lower halves of the nodes with many children, then their upper halves. One kind of symbol at a
 * time is a loop without a branch that nobody can predict.
 */
import { contextsOf, MANY, mirror, shapeOf } from "./contexts.ts";
import { HIGH, LONE_LEVEL, LOW, RANKS, SHAPE, SHAPE_HIGH } from "./models.ts";
import { levelSize, levelStart } from "./octree.ts";
import { encode9, encode16 } from "./rans-encoder.ts";
import { contextList, highList, indexList, lowList, shapeList } from "./scratch.ts";

/** Codes all levels. */
export function encodeTree(depth: u32): void {
  // The root is as the only child of a parent would be.
  store<u8>(contextList(), 0);
  encodeLevel(depth);
  for (let level = depth - 1; level >= 1; level--) {
    const parents = levelStart(level + 1);
    contextsOf(parents, parents + levelSize(level + 1), contextList());
    encodeLevel(level);
  }
}

function encodeLevel(level: u32): void {
  const rank = min<u32>(level, RANKS) - 1;
  const nodes = levelSize(level);
  const many = listSymbols(levelStart(level), nodes);
  if (level < LONE_LEVEL) encode9(SHAPE + (rank << 5), contextList(), 31, shapeList(), nodes);
  else encode16(SHAPE_HIGH, contextList(), 31, shapeList(), nodes);
  encode16(LOW + (rank << 3), indexList(), 7, lowList(), many);
  encode16(HIGH + (rank << 7), indexList(), 127, highList(), many);
}

/** Writes the symbols of a level to its lists; returns how many nodes have many children. */
function listSymbols(start: u32, nodes: u32): u32 {
  const contexts = contextList();
  const shapes = shapeList();
  const index = indexList();
  const lows = lowList();
  const highs = highList();
  let many: u32 = 0;
  for (let n: u32 = 0; n < nodes; n++) {
    const node = <u32>load<u8>(start + n);
    const context = <u32>load<u8>(contexts + n);
    const shape = shapeOf(node, context);
    const seen = mirror(node, context);
    store<u8>(shapes + n, <u8>shape);
    store<u8>(index + many, <u8>((context & 7) | ((seen & 15) << 3)));
    store<u8>(lows + many, <u8>(seen & 15));
    store<u8>(highs + many, <u8>(seen >> 4));
    many += <u32>(shape == MANY);
  }
  return many;
}
