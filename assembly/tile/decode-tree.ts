/** Decodes the octree from the root down; the inverse of encode-tree.ts. */
import { contextsOf, LONE, MANY, mirror, singleOf } from "./contexts.ts";
import { beginLones, setLoneNodes } from "./lone.ts";
import { HIGH, LONE_LEVEL, LOW, RANKS, SHAPE, SHAPE_HIGH } from "./models.ts";
import { levelStart, setLevelSize } from "./octree.ts";
import { decode9, decode16 } from "./rans-decoder.ts";
import { contextList, highList, indexList, lowList, placeList } from "./scratch.ts";

/** Of the level decoded last: nodes with many children, their children, and lone nodes. */
let many: u32 = 0;
let manyChildren: u32 = 0;
let lones: u32 = 0;

/** Decodes all levels; false if the stream is damaged or they do not end in `voxels` voxels. */
export function decodeTree(depth: u32, voxels: u32): bool {
  beginLones();
  store<u8>(contextList(), 0);
  let nodes: u32 = 1;
  for (let level = depth; level >= 1; level--) {
    // Each node holds a voxel: more nodes than voxels are no tree, and would outgrow the lists.
    if (nodes == 0 || nodes > voxels) return false;
    setLevelSize(level, nodes);
    const start = levelStart(level);
    if (!decodeLevel(level, nodes)) return false;
    setLoneNodes(level, lones);
    voxels -= lones;
    const children = nodes - many - lones + manyChildren;
    if (children > voxels) return false;
    contextsOf(start, start + nodes, contextList());
    nodes = children;
    // All that is left may be lone.
    if (nodes == 0 && voxels == 0) return endEarly(level);
  }
  return nodes == voxels;
}

/** Levels below one whose nodes are all lone have no nodes. */
function endEarly(level: u32): bool {
  while (--level >= 1) setLevelSize(level, 0);
  return true;
}

/** Decodes one level under its contexts. */
function decodeLevel(level: u32, nodes: u32): bool {
  const rank = min<u32>(level, RANKS) - 1;
  const start = levelStart(level);
  const index = indexList();
  const lows = lowList();
  const isSound =
    level < LONE_LEVEL
      ? decode9(SHAPE + (rank << 5), contextList(), 31, start, nodes)
      : decode16(SHAPE_HIGH, contextList(), 31, start, nodes);
  if (!isSound || !takeShapes(start, nodes)) return false;
  if (!decode16(LOW + (rank << 3), index, 7, lows, many)) return false;
  for (let m: u32 = 0; m < many; m++) {
    const low = load<u8>(lows + m) << 3;
    store<u8>(index + m, load<u8>(index + m) | low);
  }
  if (!decode16(HIGH + (rank << 7), index, 127, highList(), many)) return false;
  return placeMany(start);
}

/** Turns the shapes at `start` into nodes, and lists those with many children. */
function takeShapes(start: u32, nodes: u32): bool {
  const contexts = contextList();
  const index = indexList();
  const places = placeList();
  let listed: u32 = 0;
  let alone: u32 = 0;
  let wrong: u32 = 0;
  for (let n: u32 = 0; n < nodes; n++) {
    const shape = <u32>load<u8>(start + n);
    const context = <u32>load<u8>(contexts + n);
    store<u8>(start + n, <u8>singleOf(shape, context));
    store<u8>(index + listed, <u8>(context & 7));
    store<u32>(places + (listed << 2), n);
    listed += <u32>(shape == MANY);
    alone += <u32>(shape == LONE);
    wrong |= <u32>(shape > LONE);
  }
  many = listed;
  lones = alone;
  return wrong == 0;
}

/** Puts the nodes with many children in their places; false if one of them has none. */
function placeMany(start: u32): bool {
  const contexts = contextList();
  const lows = lowList();
  const highs = highList();
  const places = placeList();
  let children: u32 = 0;
  let empty: u32 = 0;
  for (let m: u32 = 0; m < many; m++) {
    const n = load<u32>(places + (m << 2));
    const seen = <u32>load<u8>(lows + m) | ((<u32>load<u8>(highs + m)) << 4);
    store<u8>(start + n, <u8>mirror(seen, load<u8>(contexts + n)));
    children += popcnt<u32>(seen);
    empty |= <u32>(seen == 0);
  }
  manyChildren = children;
  return empty == 0;
}
