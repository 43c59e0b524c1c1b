/**
 * Lists of a level while its nodes are coded, or of a column of values, in the memory of
 * the samples, which are added up by then.
 * They are as long as the tile has voxels, so that a wipe costs what the tile did.
 */
import { SAMPLE_ATTRIBUTES_PTR, SAMPLES_PTR } from "../memory.ts";
import { noteSampleBytes } from "../voxel/samples.ts";

/** Entries of each list. */
let rows: u32 = 0;

/** Makes room for a level of so many nodes, or values. */
export function layScratch(voxels: u32): void {
  // Contexts are written eight at a time.
  rows = (voxels + 8 + 63) & ~63;
  noteSampleBytes(rows * 9);
}

/** Contexts of the nodes, a byte each; later, whether bricks are lone. */
export function contextList(): u32 {
  return SAMPLES_PTR;
}

/** Shapes of the nodes, a byte each. */
export function shapeList(): u32 {
  return SAMPLES_PTR + rows;
}

/** Of the nodes with many children: siblings, then children 0..3 << 3; a byte each. */
export function indexList(): u32 {
  return SAMPLES_PTR + 2 * rows;
}

/** Their mirrored children 0..3; or the lowest four bits of values. */
export function lowList(): u32 {
  return SAMPLES_PTR + 3 * rows;
}

/** Their mirrored children 4..7; or the bits above. */
export function highList(): u32 {
  return SAMPLES_PTR + 4 * rows;
}

/** Where they stand in the level, u32; or lone bricks; or the order of the voxels in the tile. */
export function placeList(): u32 {
  return SAMPLES_PTR + 5 * rows;
}

/** Codes of the nodes of the level that is built, u64. */
export function nodeList(): u32 {
  return SAMPLE_ATTRIBUTES_PTR;
}
