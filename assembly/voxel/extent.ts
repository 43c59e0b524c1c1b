/** Where the grid of a finished frame lies: known when its bricks or codes are in order. */

/** i32 x y z of the lowest corner of the bricks in cells, the origin of their Morton codes. */
export const ORIGIN: usize = memory.data(12, 16);
/** i32 x y z of the lowest cell of the grid, counted from that corner: 0..3 an axis. */
export const LOWEST: usize = memory.data(12, 16);
/** Levels of the octree, the two inside a brick included; 0 for an empty grid. */
export let gridDepth: u32 = 0;
/** Voxels of the grid. */
export let gridVoxels: u32 = 0;

export function setDepth(depth: u32): void {
  gridDepth = depth;
}

export function setVoxels(voxels: u32): void {
  gridVoxels = voxels;
}

/** As if the grid were empty, which lies at 0. */
export function clearExtent(): void {
  memory.fill(ORIGIN, 0, 12);
  memory.fill(LOWEST, 0, 12);
  gridDepth = 0;
}
