/**
 * What the coder expects of a node, given its parent, and the symbols that tell what it is.
 *
 * A node is looked at in a mirrored frame in which its siblings lie in the direction of child 0: child
 * numbers are xored with the node's own number. Surfaces go on into their siblings, so in that frame
 * "near the sibling" is one statement for all eight positions, and few contexts learn fast.
 *
 *   siblings   3 bits: is the sibling across the x, y, z face occupied
 *   crowd      min(occupied children of the parent, 4) - 1
 *   rank       min(level, 4) - 1, so 0 for the leaves' parents
 *
 * The root is coded as child 0 of a parent of occupancy 1.
 *
 * A node has a shape: the mirrored number of its only child, or MANY for more than one, or LONE for
 * a node that holds one voxel and has no children here, which only levels from LONE_LEVEL on may have.
 * Nodes with many children have their mirrored occupancy besides: children 0..3 under LOW, children
 * 4..7 under HIGH, given the four before.
 */

/** Shapes beyond the eight numbers of an only child. */
export const MANY: u32 = 8;
export const LONE: u32 = 9;

/**
 * What the models need to know of each child of a parent, one byte a child in their order: siblings,
 * crowd << 3, number << 5. One u64 for each of the 256 occupancies; made on first use.
 */
// @ts-expect-error: decorator
@lazy
const CONTEXTS: usize = memory.data(2048, 16);
/** Occupancy with child numbers xored: [number 8][occupancy 256]. */
// @ts-expect-error: decorator
@lazy
const MIRRORED: usize = memory.data(2048, 16);
/** Shape of an occupancy, 0 being LONE: [number 8][occupancy 256]. */
// @ts-expect-error: decorator
@lazy
const SHAPES: usize = memory.data(2048, 16);
/** Occupancy of a shape, 0 for MANY and LONE: [number 8][shape 16]. */
// @ts-expect-error: decorator
@lazy
const SINGLES: usize = memory.data(128, 16);

/** Makes the tables; cheap enough to call at each tile. */
export function prepareContexts(): void {
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
      const many = popcnt<u32>(node) > 1;
      store<u8>(SHAPES + (i << 8) + node, <u8>(many ? MANY : node == 0 ? LONE : ctz(mirrored)));
    }
    for (let s: u32 = 0; s < 8; s++) store<u8>(SINGLES + (i << 4) + s, <u8>((<u32>1) << (s ^ i)));
  }
}

/** Siblings of child `i` in a parent of occupancy `parent`: bit k tells of the one across axis k. */
export function siblings(parent: u32, i: u32): u32 {
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

/** Occupancy with child numbers xored with the number of the node; its own inverse. */
// @ts-expect-error: decorator
@inline
export function mirror(node: u32, context: u32): u32 {
  return load<u8>(MIRRORED + ((context >> 5) << 8) + node);
}

/** Shape of an occupancy. */
// @ts-expect-error: decorator
@inline
export function shapeOf(node: u32, context: u32): u32 {
  return load<u8>(SHAPES + ((context >> 5) << 8) + node);
}

/** Occupancy of a node with one child; 0 for shapes without. */
// @ts-expect-error: decorator
@inline
export function singleOf(shape: u32, context: u32): u32 {
  return load<u8>(SINGLES + ((context >> 5) << 4) + shape);
}
