/** Grids of layers, the one form that a plan has on its way, and where they lie. */
import { LAYER_NONE } from "../formats/plan.ts";
import type { Rectangle, Vertex } from "../policy/index.ts";

/** Most cells of a grid, what is empty included: 4096 x 4096. */
export const GRID_CELLS_MAX = 2 ** 24;

/** LAYER_* of each cell, rows along x, the row of the lowest y first. */
export interface Grid {
  readonly width: number;
  readonly height: number;
  readonly layers: Uint8Array;
}

/** A part of a larger grid, and which cell of that its first one is. */
export interface PlacedGrid extends Grid {
  readonly x0: number;
  readonly y0: number;
}

/**
 * The smallest box around all cells that are not `empty`, in cells; of no size if all are.
 * @param cells width x height values, row by row
 */
export function knownBox(width: number, height: number, cells: Uint8Array, empty: number) {
  let [minX, minY, maxX, maxY] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (cells[y * width + x] === empty) continue;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      maxY = y;
    }
  }
  if (maxY < 0) return { x0: 0, y0: 0, width: 0, height: 0 };
  return { x0: minX, y0: minY, width: maxX - minX + 1, height: maxY - minY + 1 };
}

/** Turns, scales and shifts the plane: (x, y) to (a x - b y + dx, b x + a y + dy). */
export interface Transform {
  readonly a: number;
  readonly b: number;
  readonly dx: number;
  readonly dy: number;
}

/** A turn by `angleRad` and a growth by `scale` around the origin, then a shift. */
export function transform(angleRad: number, scale: number, dx: number, dy: number): Transform {
  return { a: scale * Math.cos(angleRad), b: scale * Math.sin(angleRad), dx, dy };
}

export function apply(t: Transform, [x, y]: Vertex): Vertex {
  return [t.a * x - t.b * y + t.dx, t.b * x + t.a * y + t.dy];
}

/** First `inner`, then `outer`. */
export function compose(outer: Transform, inner: Transform): Transform {
  const [dx, dy] = apply(outer, [inner.dx, inner.dy]);
  return {
    a: outer.a * inner.a - outer.b * inner.b,
    b: outer.a * inner.b + outer.b * inner.a,
    dx,
    dy,
  };
}

/** The way back. */
export function invert({ a, b, dx, dy }: Transform): Transform {
  const square = a * a + b * b;
  const back = { a: a / square, b: -b / square, dx: 0, dy: 0 };
  const [x, y] = apply(back, [dx, dy]);
  return { ...back, dx: -x, dy: -y };
}

export function placeAll(t: Transform, [p, q, r, s]: Rectangle): Rectangle {
  return [apply(t, p), apply(t, q), apply(t, r), apply(t, s)];
}

/** Shortest distance between what touches and what does not, in cells: cuts take a little more. */
const TOUCH = 1e-6;

/**
 * Empties every cell of `grid` that a rectangle meets, be it by a corner.
 * @param corners of the rectangle in cells of the grid, counter-clockwise
 * @param margin in cells by which the rectangle is grown on each side first
 * @returns how many cells were not empty before
 */
export function cut(grid: Grid, corners: Rectangle, margin = 0): number {
  const { width, height, layers } = grid;
  const [p, q, r] = corners;
  const [long, high] = [Math.hypot(q[0] - p[0], q[1] - p[1]), Math.hypot(r[0] - q[0], r[1] - q[1])];
  // A side of no length has no direction: it takes the other's, turned.
  const [ux, uy] = long > 0 ? [(q[0] - p[0]) / long, (q[1] - p[1]) / long] : [1, 0];
  const centre: Vertex = [(p[0] + r[0]) / 2, (p[1] + r[1]) / 2];
  const [halfU, halfV] = [long / 2 + margin + TOUCH, high / 2 + margin + TOUCH];
  const reachX = Math.abs(ux) * halfU + Math.abs(uy) * halfV;
  const reachY = Math.abs(uy) * halfU + Math.abs(ux) * halfV;
  const first = (at: number) => Math.max(0, Math.floor(at));
  const last = (at: number, end: number) => Math.min(end - 1, Math.floor(at));
  // A unit square reaches so far from its centre along either direction of the rectangle.
  const square = (Math.abs(ux) + Math.abs(uy)) / 2;
  let cleared = 0;
  for (let y = first(centre[1] - reachY); y <= last(centre[1] + reachY, height); y++) {
    for (let x = first(centre[0] - reachX); x <= last(centre[0] + reachX, width); x++) {
      const [dx, dy] = [x + 0.5 - centre[0], y + 0.5 - centre[1]];
      if (Math.abs(ux * dx + uy * dy) > halfU + square) continue;
      if (Math.abs(ux * dy - uy * dx) > halfV + square) continue;
      if (layers[y * width + x] !== LAYER_NONE) cleared++;
      layers[y * width + x] = LAYER_NONE;
    }
  }
  return cleared;
}

/** What is not empty, as x y of each cell and its layer, row by row; x and y count from the lowest. */
export function listCells({ width, height, layers }: Grid): Int32Array {
  const { x0, y0 } = knownBox(width, height, layers, LAYER_NONE);
  const count = layers.reduce((sum, layer) => sum + (layer === LAYER_NONE ? 0 : 1), 0);
  const cells = new Int32Array(3 * count);
  let at = 0;
  for (let i = 0; i < layers.length; i++) {
    if (layers[i] === LAYER_NONE) continue;
    cells[at++] = (i % width) - x0;
    cells[at++] = Math.floor(i / width) - y0;
    cells[at++] = layers[i]!;
  }
  return cells;
}
