/**
 * The octree over bricks in Morton order, as one byte a node: bit c says that child c is occupied, and
 * 0 marks a lone node, which holds a single voxel and has no children; see lone.ts.
 *
 * Each level, from the leaves' parents (level 1) up to the root (level `depth`), is an array in Morton
 * order, so that the children of the nodes of a level, taken in order, are the nodes of the level
 * below, taken in order. No pointers are needed to walk it. A level has its own place in TREE.
 */
import { KEYS_A_PTR, KEYS_B_PTR, LEVEL_BYTES, TREE_PTR } from "../memory.ts";
import { beginLones, groupLones, loneLevel, loneNodes, mergeLones, noteLone, wipeLones } from "./lone.ts";
import { nodeList } from "./scratch.ts";

export const DEPTH_MAX: u32 = 21;

/** Nodes of each level, and the most bytes of it since the last wipe; index = level. */
// @ts-expect-error: decorator
@lazy
const SIZES: usize = memory.data(4 * 24, 16);
// @ts-expect-error: decorator
@lazy
const HIGHS: usize = memory.data(4 * 24, 16);

/** Where the nodes of a level stand, 1..DEPTH_MAX. */
export function levelStart(level: u32): u32 {
  return TREE_PTR + (level - 1) * LEVEL_BYTES;
}

export function levelSize(level: u32): u32 {
  return load<u32>(SIZES + (level << 2));
}

export function setLevelSize(level: u32, nodes: u32): void {
  store<u32>(SIZES + (level << 2), nodes);
  const high = HIGHS + (level << 2);
  // Nodes are written up to eight at a time, before it is known that they stay.
  store<u32>(high, max<u32>(load<u32>(high), nodes + 8));
}

/** Zeroes the tree as far as it was ever filled. */
export function wipeTree(): void {
  for (let level: u32 = 1; level <= DEPTH_MAX; level++) {
    memory.fill(levelStart(level), 0, load<u32>(HIGHS + (level << 2)));
  }
  wipeLones();
  memory.fill(SIZES, 0, 4 * 24);
  memory.fill(HIGHS, 0, 4 * 24);
}

/** Left-packing shuffles of eight bytes, by which of them are occupied: 256 x 8, made on first use. */
// @ts-expect-error: decorator
@lazy
const PACK: usize = memory.data(2048, 16);

/** Makes the table; cheap enough to call at each tile. */
export function preparePack(): void {
  if (load<u8>(PACK, 2040 + 7) == 7) return;
  for (let m: u32 = 0; m < 256; m++) {
    let to = <u32>PACK + (m << 3);
    for (let k: u32 = 0; k < 8; k++) {
      store<u8>(to, <u8>k);
      to += (m >> k) & 1;
    }
  }
}

/** Builds all levels of an ordered grid, and the list of its lone nodes. */
export function buildLevels(bricks: u32, depth: u32): void {
  preparePack();
  let nodes = buildFromMasks(bricks);
  for (let level: u32 = 3; level <= depth; level++) {
    nodes = buildLevel(nodes, levelStart(level));
    const lones = loneNodes(level);
    if (lones > 0) {
      mergeLones(level, nodeList(), levelStart(level), nodes);
      nodes += lones;
    }
    setLevelSize(level, nodes);
  }
}

/** Numbers of the occupied children of a node, a byte each, in order. */
// @ts-expect-error: decorator
@inline
export function childrenOf(node: u32): u64 {
  return load<u64>(PACK + (node << 3));
}

/**
 * Levels 1 and 2 of all bricks that are not lone. A brick's mask holds both: its occupied bytes are
 * nodes of level 1, and which bytes those are is a node of level 2. Writes the codes of those bricks to
 * the list of nodes and returns their number.
 */
function buildFromMasks(bricks: u32): u32 {
  let leaves = levelStart(1);
  const parents = levelStart(2);
  const codes = nodeList();
  let nodes: u32 = 0;
  let next = load<u64>(KEYS_A_PTR);
  // The ends differ in a bit that no code has.
  let before: u64 = -1;
  beginLones();
  for (let b: u32 = 0; b < bricks; b++) {
    const mask = KEYS_B_PTR + (b << 3);
    const code = next;
    next = b + 1 < bricks ? load<u64>(KEYS_A_PTR + (b << 3), 8) : -1;
    const after = code ^ next;
    const level = loneLevel(min<u64>(before, after), load<u64>(mask));
    const keep = <u32>(level == 0);
    noteLone(b, level);
    before = after;
    let occupied: u32 = 0;
    if (ASC_FEATURE_SIMD) {
      const cells = v128.load64_zero(mask);
      occupied = i8x16.bitmask(i8x16.ne(cells, i8x16.splat(0)));
      const pack = v128.load64_zero(PACK + (occupied << 3));
      v128.store64_lane(leaves, i8x16.swizzle(cells, pack), 0);
    } else {
      let to = leaves;
      for (let k: u32 = 0; k < 8; k++) {
        const cells = load<u8>(mask + k);
        store<u8>(to, cells);
        to += <u32>(cells != 0);
        occupied |= (<u32>(cells != 0)) << k;
      }
    }
    leaves += popcnt<u32>(occupied) & (0 - keep);
    store<u8>(parents + nodes, <u8>occupied);
    store<u64>(codes + (nodes << 3), code);
    nodes += keep;
  }
  groupLones();
  setLevelSize(1, leaves - levelStart(1));
  setLevelSize(2, nodes);
  return nodes;
}

/** One level: merges codes that share a parent, lists their parents, writes their bytes to `to`. */
function buildLevel(count: u32, to: u32): u32 {
  const codes = nodeList();
  let node: u32 = -1;
  let last: u64 = -1;
  let byte: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const code = load<u64>(codes + (i << 3));
    const parent = code >> 3;
    const isNew = parent != last;
    node += <u32>isNew;
    byte = (isNew ? 0 : byte) | (1 << (<u32>code & 7));
    store<u8>(to + node, <u8>byte);
    store<u64>(codes + (node << 3), parent);
    last = parent;
  }
  return node + 1;
}
