/**
 * The probability models of the tile: what the coder expects of a node, given its parent.
 *
 * A node is looked at in a mirrored frame in which its siblings lie in the direction of child 0: child
 * numbers are xored with the node's own number. Surfaces go on into their siblings, so in that frame
 * "near the sibling" is one statement for all eight positions, and few contexts learn fast.
 *
 *   siblings   3 bits: is the sibling across the x, y, z face occupied
 *   crowd      min(occupied children of the parent, 4) - 1
 *   rank       min(level, 4) - 1, so 0 for the leaves' parents; the root's is min(depth, 4) - 1
 *
 * The root is coded as child 0 of a parent of occupancy 1.
 *
 * A node with one child is one symbol of SHAPE[rank][crowd][siblings]: the mirrored number of that
 * child. Any other is the symbol 8 there (9 to 15 do not occur), then its mirrored occupancy: children
 * 0..3 under LOW[rank][siblings], children 4..7 under HIGH[rank][siblings][the four before].
 *
 * A model is 16 u16: the upper bounds of 16 symbols on a scale of 32768, at first (s + 1) * 2048. The
 * last one is 32768 itself, never changes, and stands, masked to 15 bits, for the lower bound 0 of the
 * next model's first symbol.
 *
 * After a symbol s, bound i moves by (target - bound) >> rate, an arithmetic shift that rounds down.
 * The target is 16 (i + 1) for i < s, and 32512 more from s on. The rate is 1 + floor(log2(uses + 2)),
 * `uses` counting the symbols before this one and stopping at 61: 2 at first, 6 in the end. Targets
 * are 16 apart, so every symbol keeps a chance of at least 1/32768, used or not.
 */
import { MODELS_PTR } from "../memory.ts";

/** Ranks of levels that have models of their own. */
export const RANKS: u32 = 4;
/** Bytes of a model. */
export const MODEL_BYTES: u32 = 32;
/** Symbols are spread over this scale. */
export const SCALE_BITS: u64 = 15;
/** The symbol of SHAPE for a node with more than one child. */
export const MANY: u32 = 8;

/** Models are numbered: [rank 4][crowd 4][siblings 8]. */
const SHAPE: u32 = 0;
/** [rank 4][siblings 8] */
const LOW: u32 = SHAPE + RANKS * 32;
/** [rank 4][siblings 8][children 0..3: 16] */
const HIGH: u32 = LOW + RANKS * 8;
/** [value 6][0: the high bits, 16 + high bits: the lowest four] */
export const VALUE: u32 = HIGH + RANKS * 128;
const MODEL_COUNT: u32 = VALUE + 6 * 32;

/** Uses of each model, one byte that stops at 61. */
const USES_PTR: u32 = MODELS_PTR;
/** The word before the first model is 0, as if a model ended there. */
const BOUNDS_PTR: u32 = MODELS_PTR + 1024;

/** All symbols equally likely, no model used. */
export function resetModels(): void {
  prepareModels();
  memory.fill(USES_PTR, 0, 1024);
  for (let m: u32 = 0; m < MODEL_COUNT; m++) {
    for (let s: u32 = 0; s < 16; s++) {
      store<u16>(BOUNDS_PTR + m * MODEL_BYTES + (s << 1), <u16>((s + 1) << 11));
    }
  }
}

/** Address of the model's bounds. */
// @ts-expect-error: decorator
@inline
export function boundsOf(model: u32): u32 {
  return BOUNDS_PTR + (model << 5);
}

/** Lower bound of a symbol. */
// @ts-expect-error: decorator
@inline
export function lowerBound(bounds: u32, symbol: u32): u32 {
  return <u32>load<u16>(bounds + (symbol << 1) - 2) & 0x7fff;
}

/** Upper bound of a symbol. */
// @ts-expect-error: decorator
@inline
export function upperBound(bounds: u32, symbol: u32): u32 {
  return <u32>load<u16>(bounds + (symbol << 1));
}

/** Moves the model towards the symbol that it has just seen. */
// @ts-expect-error: decorator
@inline
export function adapt(model: u32, bounds: u32, symbol: u32): void {
  const uses = <u32>load<u8>(USES_PTR + model);
  store<u8>(USES_PTR + model, <u8>(uses + <u32>(uses < 61)));
  const rate: i32 = 32 - clz<u32>(uses + 2);
  if (ASC_FEATURE_SIMD) {
    const s = i16x8.splat(<i16>symbol);
    const far = i16x8.splat(32512);
    const lift0 = v128.and(i16x8.ge_s(i16x8(0, 1, 2, 3, 4, 5, 6, 7), s), far);
    const lift1 = v128.and(i16x8.ge_s(i16x8(8, 9, 10, 11, 12, 13, 14, 15), s), far);
    const target0 = i16x8.add(i16x8(16, 32, 48, 64, 80, 96, 112, 128), lift0);
    const target1 = i16x8.add(i16x8(144, 160, 176, 192, 208, 224, 240, 256), lift1);
    const old0 = v128.load(bounds);
    const old1 = v128.load(bounds, 16);
    v128.store(bounds, i16x8.add(old0, i16x8.shr_s(i16x8.sub(target0, old0), rate)));
    v128.store(bounds, i16x8.add(old1, i16x8.shr_s(i16x8.sub(target1, old1), rate)), 16);
  } else {
    for (let i: u32 = 0; i < 15; i++) {
      const at = bounds + (i << 1);
      const target = <i32>((i + 1) << 4) + (i >= symbol ? 32512 : 0);
      const old = <i32>load<u16>(at);
      store<u16>(at, <u16>(old + ((target - old) >> rate)));
    }
  }
}

/**
 * What the models need to know of each child of a parent, one byte a child in their order: siblings,
 * crowd << 3, number << 5. One u64 for each of the 256 occupancies; made on first use.
 */
const CONTEXTS: usize = memory.data(2048, 16);
/** Occupancy with child numbers xored: [number 8][occupancy 256]; made on first use. */
const MIRRORED: usize = memory.data(2048, 16);

/** Makes the tables; cheap enough to call at each tile. */
function prepareModels(): void {
  if (load<u8>(MIRRORED, 255) == 255) return;
  for (let parent: u32 = 1; parent < 256; parent++) {
    const crowd = min<u32>(popcnt<u32>(parent), 4) - 1;
    let to = CONTEXTS + (parent << 3);
    for (let rest = parent; rest; rest &= rest - 1, to++) {
      const i = ctz<u32>(rest);
      store<u8>(to, <u8>(siblings(parent, i) | (crowd << 3) | (i << 5)));
    }
  }
  for (let i: u32 = 0; i < 8; i++) {
    for (let node: u32 = 0; node < 256; node++) {
      let mirrored: u32 = 0;
      for (let c: u32 = 0; c < 8; c++) mirrored |= ((node >> c) & 1) << (c ^ i);
      store<u8>(MIRRORED + (i << 8) + node, <u8>mirrored);
    }
  }
}

/** Siblings of child `i` in a parent of occupancy `parent`: bit k tells of the one across axis k. */
function siblings(parent: u32, i: u32): u32 {
  const x = (parent >> (i ^ 1)) & 1;
  const y = (parent >> (i ^ 2)) & 1;
  const z = (parent >> (i ^ 4)) & 1;
  return x | (y << 1) | (z << 2);
}

/**
 * Writes the contexts of all children of the parents at [from, end) to `to`, which has room for seven
 * bytes more than they take. Without a branch: eight bytes a parent, of which the next overwrites
 * those that it did not need.
 */
export function contextsOf(from: u32, end: u32, to: u32): void {
  for (let at = from; at < end; at++) {
    const parent = <u32>load<u8>(at);
    store<u64>(to, load<u64>(CONTEXTS + (parent << 3)));
    to += popcnt<u32>(parent);
  }
}

/** Model of a node's shape. */
// @ts-expect-error: decorator
@inline
export function shapeModel(rank: u32, context: u32): u32 {
  return SHAPE + ((rank << 5) | (context & 31));
}

/** Model of the lower half of a node's mirrored occupancy. */
// @ts-expect-error: decorator
@inline
export function lowModel(rank: u32, context: u32): u32 {
  return LOW + ((rank << 3) | (context & 7));
}

/** Model of the upper half, given the lower. */
// @ts-expect-error: decorator
@inline
export function highModel(rank: u32, context: u32, low: u32): u32 {
  return HIGH + ((rank << 7) | ((context & 7) << 4) | low);
}

/** Occupancy with child numbers xored with the number of the node; its own inverse. */
// @ts-expect-error: decorator
@inline
export function mirror(node: u32, context: u32): u32 {
  return load<u8>(MIRRORED + ((context >> 5) << 8) + node);
}
