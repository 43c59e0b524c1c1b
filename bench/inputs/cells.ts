/** Sets of cells, compared before anything is timed. */
import type { JsVoxelGrid } from "../peers/js-voxel-grid.ts";

/** One sorted number a cell; the lowest cell of each axis counts as 0. */
export function sortedKeys(cells: Int32Array): BigUint64Array {
  const low = lowestCell(cells);
  const keys = new BigUint64Array(cells.length / 3);
  for (let i = 0, at = 0; i < keys.length; i++, at += 3) {
    const [x, y, z] = [cells[at]! - low[0], cells[at + 1]! - low[1], cells[at + 2]! - low[2]];
    keys[i] = BigInt(x) | (BigInt(y) << 21n) | (BigInt(z) << 42n);
  }
  return keys.sort();
}

function lowestCell(cells: Int32Array): [number, number, number] {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  for (let at = 0; at < cells.length; at += 3) {
    for (let axis = 0; axis < 3; axis++) low[axis] = Math.min(low[axis]!, cells[at + axis]!);
  }
  return low;
}

/** Throws unless both hold the same cells, each once. */
export function assertSameCells(what: string, ours: Int32Array, theirs: Int32Array): void {
  const [a, b] = [sortedKeys(ours), sortedKeys(theirs)];
  if (a.length !== b.length) {
    throw new Error(`${what}: ${a.length} cells against ${b.length}`);
  }
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) throw new Error(`${what}: the cells differ (number ${i})`);
    if (i > 0 && a[i] === a[i - 1]) throw new Error(`${what}: a cell stands there twice`);
  }
}

/**
 * Throws unless a tile, whose lowest cell of each axis is 0, holds each of the last `count` cells of
 * the grid once, and no other.
 */
export function assertHolds(
  what: string,
  tile: Int32Array,
  grid: JsVoxelGrid,
  count: number,
): void {
  if (tile.length !== 3 * count) throw new Error(`${what}: ${tile.length / 3} cells, not ${count}`);
  const [x, y, z] = grid.copyShifted(count, new Int32Array(3 * count));
  const seen = new Uint8Array(count);
  for (let at = 0; at < tile.length; at += 3) {
    const place = grid.find(tile[at]! + x, tile[at + 1]! + y, tile[at + 2]! + z);
    if (place < 0 || seen[place] === 1) throw new Error(`${what}: cell ${at / 3} is wrong`);
    seen[place] = 1;
  }
}

/** Of cells that another rule of rounding may put beside where ours are. */
const ODD_SHARE_MAX = 1e-3;
/** Cells an axis; what is compared is smaller. */
const SPAN = 2 ** 17;
/** No step first. */
const STEPS = [0, -1, 1].flatMap((x) =>
  [0, -1, 1].flatMap((y) => [0, -1, 1].map((z) => x + SPAN * (y + SPAN * z))),
);

/**
 * Throws unless both hold the same cells, but for few that touch a cell of the other. A cell may stand
 * there several times.
 */
export function assertAlikeCells(what: string, ours: Int32Array, theirs: Int32Array): void {
  const [a, b] = [keySet(ours), keySet(theirs)];
  // Where the lowest cell is one of the few, all others seem to have moved by one.
  const shift = STEPS.find((by) => isAlike(a, b, by) && isAlike(b, a, -by));
  if (shift === undefined) throw new Error(`${what}: ${a.size} cells and ${b.size} are not alike`);
}

/** Whether nearly all keys, moved, are among the others, and the rest beside one. */
function isAlike(keys: ReadonlySet<number>, others: ReadonlySet<number>, shift: number): boolean {
  let odd = 0;
  for (const key of keys) {
    if (others.has(key + shift)) continue;
    odd++;
    if (odd > ODD_SHARE_MAX * keys.size + 1) return false;
    if (!STEPS.some((step) => others.has(key + shift + step))) return false;
  }
  return true;
}

function keySet(cells: Int32Array): Set<number> {
  const low = lowestCell(cells);
  const keys = new Set<number>();
  for (let at = 0; at < cells.length; at += 3) {
    const [x, y, z] = [cells[at]! - low[0], cells[at + 1]! - low[1], cells[at + 2]! - low[2]];
    // Away from the bounds, so that no neighbour wraps onto another row.
    keys.add(x + 1 + SPAN * (y + 1 + SPAN * (z + 1)));
  }
  return keys;
}
