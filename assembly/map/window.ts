/**
 * The window: what some scans in a row have hit, and the space up to it that their rays crossed, as two
 * bit planes of the box around the sensor. Rows of cells along x begin at a word and end with a word that
 * is always zero, slices along z begin and end with a row that is, so that neither shifting a row nor
 * looking beside it needs a border.
 */
import { WINDOW_FREE_PTR, WINDOW_HITS_PTR } from "../memory.ts";
import { carveCells } from "./terms.ts";

/** Cells of the box along z, and how many of them are below the sensor. */
export const DEPTH: u32 = 64;
const BELOW: i32 = 32;

/** Lowest cell of the box, with CELL_LIMIT added to be positive. */
export let boxX: i32 = 0;
export let boxY: i32 = 0;
export let boxZ: i32 = 0;
/** Cells of the box along x, and along y. */
export let boxSide: u32 = 0;
/** Bytes of a row and of a slice. */
export let rowBytes: u32 = 0;
export let sliceBytes: u32 = 0;
/** Scans in the window; 0 while none is open. */
export let scans: u32 = 0;

/** Rows and slices in use: the lowest, and the one behind the highest. */
export let rowFirst: u32 = 0;
export let rowEnd: u32 = 0;
export let sliceFirst: u32 = 0;
export let sliceEnd: u32 = 0;

/** Opens a window around the sensor's cell. */
export function openWindow(x: i32, y: i32, z: i32): void {
  const reach = <i32>carveCells;
  boxX = x - reach;
  boxY = y - reach;
  boxZ = z - BELOW;
  boxSide = 2 * carveCells + 1;
  rowBytes = (((boxSide + 63) >> 6) + 1) << 3;
  sliceBytes = (boxSide + 2) * rowBytes;
  rowFirst = -1;
  rowEnd = 0;
  sliceFirst = -1;
  sliceEnd = 0;
}

/** Counts one more scan of the window. */
export function noteScan(): u32 {
  return ++scans;
}

/** Whether a cell lies in the box, seen from its lowest. */
export function inBox(x: i32, y: i32, z: i32): bool {
  return <u32>x < boxSide && <u32>y < boxSide && <u32>z < DEPTH;
}

/** Number of a cell's bit in the planes. */
export function bitOf(x: i32, y: i32, z: i32): u32 {
  return ((z + 1) * sliceBytes + (y + 1) * rowBytes) * 8 + x;
}

/** Notes that the row and the slice of a cell of the box are in use. */
export function widen(y: u32, z: u32): void {
  rowFirst = min<u32>(rowFirst, y + 1);
  rowEnd = max<u32>(rowEnd, y + 2);
  sliceFirst = min<u32>(sliceFirst, z + 1);
  sliceEnd = max<u32>(sliceEnd, z + 2);
}

/** Notes a hit in a cell of the box. */
export function markHit(x: i32, y: i32, z: i32): void {
  const bit = bitOf(x, y, z);
  const at = (bit >> 5) << 2;
  store<u32>(at, load<u32>(at, WINDOW_HITS_PTR) | (1 << (bit & 31)), WINDOW_HITS_PTR);
  widen(y, z);
}

/** Zeroes both planes as far as they are in use; no window is open then. */
export function clearWindow(): void {
  scans = 0;
  if (rowEnd <= rowFirst || rowFirst == 0) return;
  const bytes = (rowEnd - rowFirst) * rowBytes;
  for (let slice = sliceFirst; slice < sliceEnd; slice++) {
    const at = slice * sliceBytes + rowFirst * rowBytes;
    memory.fill(WINDOW_HITS_PTR + at, 0, bytes);
    memory.fill(WINDOW_FREE_PTR + at, 0, bytes);
  }
  rowEnd = 0;
  sliceEnd = 0;
}
