/**
 * Takes from a plan what is no part of the house: what stands alone and is small. Shoes, bags, legs
 * of tables and chairs, pets, and people who stood there while the robot mapped: in a plan these are
 * blobs of 0.1 to 0.6 m. What touches a wall or a larger piece of furniture is one with it and stays,
 * so that walls keep their corners and doors their frames; so does somebody who leaned on them all
 * the time, as a bump that says no more than that.
 */
import { LAYER_FREE, LAYER_NONE, LAYER_OCCUPIED } from "../formats/plan.ts";
import type { Grid } from "./grid.ts";

/** Groups of cells that changed. */
export interface ClutterReport {
  /** Small occupied blobs: floor now, or nothing where no floor is near. */
  readonly blobs: number;
  /** Small unknown spots with floor all around: floor now. */
  readonly spots: number;
  /** Small pieces of floor by themselves, as seen through windows: nothing now. */
  readonly specks: number;
}

type Kind = "occupied" | "free" | "none";

function kindOf(layer: number): Kind {
  if (layer === LAYER_NONE) return "none";
  return layer === LAYER_OCCUPIED ? "occupied" : "free";
}

/** Shares that rounding may add to or take from a length. */
const ROUNDING = 1e-9;

/** Places in `layers` of the 8 neighbours of a cell that are in the grid. */
function forNeighbours({ width, height }: Grid, cell: number, visit: (at: number) => void): void {
  const x = cell % width;
  const [left, right] = [x > 0 ? -1 : 0, x < width - 1 ? 1 : 0];
  const [below, above] = [cell >= width ? -1 : 0, cell < width * (height - 1) ? 1 : 0];
  for (let dy = below; dy <= above; dy++) {
    for (let dx = left; dx <= right; dx++) {
      if (dx !== 0 || dy !== 0) visit(cell + dy * width + dx);
    }
  }
}

/**
 * Calls `small` with the cells of each 8-connected group of one kind whose larger side, along the
 * axes of the grid, is below `sideMax` cells. All groups are found before the first is changed.
 */
function forSmallGroups(
  { width, height, layers }: Grid,
  kind: Kind,
  sideMax: number,
  small: (cells: Int32Array) => void,
): void {
  // A border of closed cells all around, so that every cell has all its neighbours.
  const stride = width + 2;
  const open = new Uint8Array(stride * (height + 2));
  for (let i = 0; i < layers.length; i++) {
    const border = stride + 1 + 2 * Math.floor(i / width);
    if (kindOf(layers[i]!) === kind) open[border + i] = 1;
  }
  const steps = [-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1];
  const queue = new Int32Array(layers.length);
  const found: Int32Array[] = [];
  for (let start = open.indexOf(1); start >= 0; start = open.indexOf(1, start + 1)) {
    open[start] = 0;
    queue[0] = start;
    let end = 1;
    let [minX, maxX, last] = [stride, 0, start];
    for (let next = 0; next < end; next++) {
      const cell = queue[next]!;
      const x = cell % stride;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (cell > last) last = cell;
      for (let k = 0; k < 8; k++) {
        const at = cell + steps[k]!;
        if (open[at] === 0) continue;
        open[at] = 0;
        queue[end++] = at;
      }
    }
    // Rows are searched from the lowest up: the first cell of a group is in its lowest row.
    const side = Math.max(maxX - minX, Math.floor(last / stride) - Math.floor(start / stride)) + 1;
    if (side >= sideMax) continue;
    found.push(
      queue.slice(0, end).map((cell) => cell - stride - 1 - 2 * (Math.floor(cell / stride) - 1)),
    );
  }
  for (const cells of found) small(cells);
}

/**
 * The free layer that most neighbours of a group have, the lowest of several, so that no trace of
 * another room is left where something stood; LAYER_NONE if none is free.
 */
function floorAround(grid: Grid, cells: Int32Array): number {
  const counts = new Uint32Array(256);
  for (const cell of cells) {
    forNeighbours(grid, cell, (at) => {
      counts[grid.layers[at]!]!++;
    });
  }
  let best = LAYER_NONE;
  let most = 0;
  for (let layer = LAYER_FREE; layer < LAYER_NONE; layer++) {
    if (counts[layer]! > most) [best, most] = [layer, counts[layer]!];
  }
  return best;
}

/** Whether a group has floor on every side: no wall, and not the edge of the grid. */
function hasFloorAround(grid: Grid, cells: Int32Array): boolean {
  return cells.every((cell) => {
    let neighbours = 0;
    let walls = 0;
    forNeighbours(grid, cell, (at) => {
      neighbours++;
      if (grid.layers[at] === LAYER_OCCUPIED) walls++;
    });
    return neighbours === 8 && walls === 0;
  });
}

/**
 * Removes what is smaller than `clutterM` from `grid`, in this order: occupied blobs become floor of
 * the room around them; unknown spots without a wall beside them, such as what was hidden inside a
 * blob, become floor too; pieces of floor that nothing connects to the rest become nothing. A
 * length is that of the larger side along the axes of the grid.
 * @param fineM edge of a cell of the grid in metres
 */
export function removeClutter(grid: Grid, fineM: number, clutterM: number): ClutterReport {
  const { layers } = grid;
  const sideMax = (clutterM / fineM) * (1 - ROUNDING);
  const report = { blobs: 0, spots: 0, specks: 0 };
  forSmallGroups(grid, "occupied", sideMax, (cells) => {
    const floor = floorAround(grid, cells);
    for (const cell of cells) layers[cell] = floor;
    report.blobs++;
  });
  forSmallGroups(grid, "none", sideMax, (cells) => {
    if (!hasFloorAround(grid, cells)) return;
    const floor = floorAround(grid, cells);
    for (const cell of cells) layers[cell] = floor;
    report.spots++;
  });
  forSmallGroups(grid, "free", sideMax, (cells) => {
    for (const cell of cells) layers[cell] = LAYER_NONE;
    report.specks++;
  });
  return report;
}
