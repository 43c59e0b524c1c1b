/** From the robot's grid to that of the release: turned, shifted, and coarser. */

import { MapveilError } from "../core/errors.ts";
import {
  LAYER_FREE,
  LAYER_NONE,
  LAYER_OCCUPIED,
  LAYER_ROOMS,
  ROOM_TYPES,
} from "../formats/plan.ts";
import type { Vertex } from "../policy/index.ts";
import {
  apply,
  GRID_CELLS_MAX,
  type Grid,
  invert,
  knownBox,
  type PlacedGrid,
  type Transform,
} from "./grid.ts";

/** Looks at a fine cell are half its edge apart, so that no line of cells falls between them. */
const LOOKS_PER_FINE_CELL = 2;
/** Fewest looks along an axis of a coarse cell, where it is finer than the plan's own. */
const LOOKS_MIN = 4;
/** Most looks along an axis: beyond, lines of single fine cells are a matter of keepThinWalls. */
const LOOKS_MAX = 64;

/** The empty grid of the release that holds all known cells of `fine`. */
function coarseGrid(fine: Grid, place: Transform): PlacedGrid {
  const box = knownBox(fine.width, fine.height, fine.layers, LAYER_NONE);
  const [left, below, right, above] = [box.x0, box.y0, box.x0 + box.width, box.y0 + box.height];
  const corners: Vertex[] = [
    [left, below],
    [right, below],
    [right, above],
    [left, above],
  ];
  const placed = corners.map((corner) => apply(place, corner));
  const range = (axis: 0 | 1) => {
    const along = placed.map((corner) => Math.floor(corner[axis]));
    return [Math.min(...along), Math.max(...along) + 1] as const;
  };
  const [[x0, x1], [y0, y1]] = [range(0), range(1)];
  const [width, height] = [x1 - x0, y1 - y0];
  if (width * height > GRID_CELLS_MAX) {
    const message =
      `The plan would be released as ${width} x ${height} cells, at most ${GRID_CELLS_MAX} are ` +
      "possible: take a larger plan.cell_m.";
    throw new MapveilError("TOO_LARGE", message, { field: "plan.cell_m" });
  }
  return { x0, y0, width, height, layers: new Uint8Array(width * height).fill(LAYER_NONE) };
}

/** The layer of a coarse cell by how many of its looks fell on each layer. */
function choose(counts: Uint32Array, looks: number, occupiedMin: number): number {
  if (counts[LAYER_OCCUPIED]! >= occupiedMin) return LAYER_OCCUPIED;
  let free = 0;
  let best = LAYER_FREE;
  for (let layer = LAYER_FREE; layer < LAYER_ROOMS + ROOM_TYPES.length; layer++) {
    free += counts[layer]!;
    if (counts[layer]! > counts[best]!) best = layer;
  }
  return 2 * free >= looks ? best : LAYER_NONE;
}

/**
 * Occupied cells that none of the coarse cells around them tells of: ends and lone pieces of walls
 * that cover too little of any. Their own coarse cell becomes occupied.
 */
function keepThinWalls(fine: Grid, coarse: PlacedGrid, place: Transform): void {
  const { width, height, layers, x0, y0 } = coarse;
  const occupied = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && layers[y * width + x] === LAYER_OCCUPIED;
  for (let i = fine.layers.indexOf(LAYER_OCCUPIED); i >= 0; ) {
    const centre: Vertex = [(i % fine.width) + 0.5, Math.floor(i / fine.width) + 0.5];
    const [px, py] = apply(place, centre);
    const [x, y] = [Math.floor(px) - x0, Math.floor(py) - y0];
    let near = false;
    for (let k = 0; k < 9 && !near; k++) {
      near = occupied(x + (k % 3) - 1, y + Math.floor(k / 3) - 1);
    }
    if (!near) layers[y * width + x] = LAYER_OCCUPIED;
    i = fine.layers.indexOf(LAYER_OCCUPIED, i + 1);
  }
}

/**
 * `fine` as cells of the release.
 *
 * A coarse cell is occupied where the occupied area in it is at least a third of that of a straight
 * wall, one fine cell thick, from side to side: a wall crosses each column of coarse cells (or row, if
 * it is steep) in at most three of them, so one has a third of it, and thin walls have no gaps. To
 * take less would make walls thick and doors narrow. Where a piece of a wall ends up with nothing
 * occupied around it, its cell becomes occupied after all: every occupied fine cell lies in an
 * occupied coarse one or beside one. Otherwise a cell is free where at least half of it is, with
 * the layer that most of its free area has, and else empty.
 *
 * @param place from cells of `fine` to cells of the released frame
 * @param ratio edges of a coarse cell for one of a fine cell
 * Throws TOO_LARGE where the result would have more than GRID_CELLS_MAX cells.
 */
export function coarsen(fine: Grid, place: Transform, ratio: number): PlacedGrid {
  const coarse = coarseGrid(fine, place);
  const { width, height, layers, x0, y0 } = coarse;
  const side = Math.min(LOOKS_MAX, Math.max(LOOKS_MIN, Math.ceil(LOOKS_PER_FINE_CELL * ratio)));
  const back = invert(place);
  const looks = side * side;
  // Areas in units of a coarse cell: a wall of thickness 1 / ratio, at most that of the cell.
  const occupiedMin = (looks * Math.min(1, 1 / ratio)) / 3;
  const counts = new Uint32Array(LAYER_NONE + 1);
  // A turned grid leaves the corners of its box empty: there is nothing to look at.
  const reach = ratio / Math.SQRT2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [cx, cy] = apply(back, [x0 + x + 0.5, y0 + y + 0.5]);
      if (cx < -reach || cy < -reach || cx > fine.width + reach || cy > fine.height + reach) {
        continue;
      }
      counts.fill(0);
      look(fine, back, x0 + x, y0 + y, side, counts);
      layers[y * width + x] = choose(counts, looks, occupiedMin);
    }
  }
  keepThinWalls(fine, coarse, place);
  return coarse;
}

/** Counts the layers of `fine` at `side` x `side` places spread evenly over a coarse cell. */
function look(
  fine: Grid,
  back: Transform,
  x: number,
  y: number,
  side: number,
  counts: Uint32Array,
): void {
  const { width, height, layers } = fine;
  const { a, b, dx, dy } = back;
  for (let j = 0; j < side; j++) {
    const py = y + (j + 0.5) / side;
    for (let i = 0; i < side; i++) {
      const px = x + (i + 0.5) / side;
      const fx = Math.floor(a * px - b * py + dx);
      const fy = Math.floor(b * px + a * py + dy);
      const inside = fx >= 0 && fy >= 0 && fx < width && fy < height;
      counts[inside ? layers[fy * width + fx]! : LAYER_NONE]!++;
    }
  }
}
