/**
 * Codes the octree of micro as tile/encode-tree.ts does, straight from the codes of the voxels in order:
 * a node of level L is a run of codes that agree above their lower 3 L bits. So there is no tree to
 * store; what a level needs is found by going through the codes once.
 *
 * Models of a rank are used on its levels alone, one after the other: there is room for one rank.
 */
import { BLOCK_PTR, CODES_PTR } from "../memory.ts";
import { LONE, MANY, siblings } from "../tile/contexts.ts";
import { HIGH, LONE_LEVEL, LOW, RANK_MODELS, resetModels, SHAPE } from "../tile/models.ts";
import { gridDepth, gridVoxels } from "../voxel/extent.ts";
import { beginEncoder, encodeSymbol, endEncoder } from "./encoder.ts";

/** Of the nodes of a level with many children, two bytes each: siblings and children 0..3, 4..7. */
const MANY_PTR: u32 = BLOCK_PTR;

/** Behind the last code. */
let codesEnd: u32 = 0;
/** Behind the run that was scanned last. */
let runEnd: u32 = 0;

/** The blocks of the tree's stream and the bits of its lone voxels; -1 if they do not fit. */
export function writeTree(to: u32, end: u32): i32 {
  codesEnd = CODES_PTR + (gridVoxels << 3);
  beginEncoder(to);
  encodeLevels(gridDepth);
  const blocksEnd = endEncoder();
  if (blocksEnd == 0) return -1;
  const lonesEnd = writeLones(gridDepth, blocksEnd, end);
  return lonesEnd == 0 ? -1 : lonesEnd - to;
}

function encodeLevels(depth: u32): void {
  for (let level = depth; level > 0; level--) {
    // Levels from LONE_LEVEL on share one rank; each of the others has its own.
    if (level == depth || level < LONE_LEVEL) resetModels(level < LONE_LEVEL ? RANK_MODELS : 0);
    encodeLevel(level);
  }
}

/** Occupancy of the node whose children are shifted by `shift`: its codes begin at `at`. */
function scanRun(at: u32, shift: u32): u32 {
  let code = load<u64>(at) >> <u64>shift;
  const node = code >> 3;
  let occupancy: u32 = 0;
  do {
    occupancy |= 1 << (<u32>code & 7);
    at += 8;
    code = at < codesEnd ? load<u64>(at) >> <u64>shift : -1;
  } while (code >> 3 == node);
  runEnd = at;
  return occupancy;
}

/**
 * The highest level at which the voxel at `at` has a node to itself, 0 if it is the only one: where it
 * parts from the neighbour with which it has more in common, three bits a level.
 */
function ownLevel(at: u32): u32 {
  const code = load<u64>(at);
  const before = at > CODES_PTR ? code ^ load<u64>(at - 8) : -1;
  const after = at + 8 < codesEnd ? code ^ load<u64>(at, 8) : -1;
  const bit = 63 - <u32>clz<u64>(min<u64>(before, after));
  return bit < 63 ? (bit * 43) >> 7 : 0;
}

/** Codes the shapes of a level while it goes through them, then the halves of nodes with many children. */
function encodeLevel(level: u32): void {
  const shift = 3 * level;
  const symbols: u32 = level < LONE_LEVEL ? 9 : 16;
  let listed = MANY_PTR;
  let parent: u32 = 0;
  let parentEnd = CODES_PTR;
  for (let at = CODES_PTR; at < codesEnd; at = runEnd) {
    if (at == parentEnd) {
      // All codes together are child 0 of what stands above the root.
      parent = scanRun(at, shift);
      parentEnd = runEnd;
    }
    const node = scanRun(at, shift - 3);
    const own = runEnd - at == 8 ? ownLevel(at) : 0;
    // Below a lone node there is nothing.
    if (own >= LONE_LEVEL && own > level) continue;
    const number = <u32>(load<u64>(at) >> <u64>shift) & 7;
    const beside = siblings(parent, number);
    const seen = mirrored(node, number);
    const isMany = (seen & (seen - 1)) != 0;
    const shape = own >= LONE_LEVEL ? LONE : isMany ? MANY : ctz<u32>(seen);
    encodeSymbol(SHAPE + (beside | (crowdOf(parent) << 3)), shape, symbols);
    if (isMany) {
      store<u8>(listed, <u8>(beside | ((seen & 15) << 3)));
      store<u8>(listed, <u8>(seen >> 4), 1);
      listed += 2;
    }
  }
  for (let at = MANY_PTR; at < listed; at += 2) {
    const index = <u32>load<u8>(at);
    encodeSymbol(LOW + (index & 7), index >> 3, 16);
  }
  for (let at = MANY_PTR; at < listed; at += 2) {
    encodeSymbol(HIGH + load<u8>(at), load<u8>(at, 1), 16);
  }
}

/** min(children, 4) - 1. */
function crowdOf(parent: u32): u32 {
  let crowd: u32 = 0;
  for (let rest = parent & (parent - 1); rest && crowd < 3; rest &= rest - 1) crowd++;
  return crowd;
}

/** Occupancy with child numbers xored with `number`: pairs, twos and halves of its bits change places. */
function mirrored(node: u32, number: u32): u32 {
  if (number & 1) node = ((node & 0x55) << 1) | ((node >> 1) & 0x55);
  if (number & 2) node = ((node & 0x33) << 2) | ((node >> 2) & 0x33);
  if (number & 4) node = ((node & 0x0f) << 4) | (node >> 4);
  return node;
}

/** Writes the bits of all lone voxels to `to`, as tile/lone.ts has them; returns where they end, 0 if beyond `end`. */
function writeLones(depth: u32, to: u32, end: u32): u32 {
  let bits: u32 = 0;
  let filled: u32 = 0;
  for (let level = depth; level >= LONE_LEVEL; level--) {
    for (let at = CODES_PTR; at < codesEnd; at += 8) {
      if (ownLevel(at) != level) continue;
      let place = load<u64>(at);
      for (let left = level; left > 0; left--, place >>= 3) {
        bits |= (<u32>place & 7) << filled;
        filled += 3;
        if (filled < 8) continue;
        if (to == end) return 0;
        store<u8>(to++, <u8>bits);
        bits >>= 8;
        filled -= 8;
      }
    }
  }
  if (filled > 0) {
    if (to == end) return 0;
    store<u8>(to++, <u8>bits);
  }
  return to;
}
