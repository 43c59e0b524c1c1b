/** A furnished home as a grid of heights, which beams are followed through. */
import type { Home, Piece, Rect } from "./home.ts";

/** Height of what reaches to the ceiling, in decimetres as all heights of the grid. */
const WALL = 255;

/** The true floor plan: 0 where the floor is free, else how high what stands there is. */
export interface Truth {
  readonly width: number;
  readonly height: number;
  readonly heights: Uint8Array;
}

/** @param free rooms and the doors that are open */
export function drawTruth(home: Home, free: readonly Rect[], pieces: readonly Piece[]): Truth {
  const { width, height } = home;
  const heights = new Uint8Array(width * height).fill(WALL);
  const fill = ({ x0, y0, x1, y1 }: Rect, value: number) => {
    for (let y = y0; y < y1; y++) heights.fill(value, y * width + x0, y * width + x1);
  };
  for (const rect of free) fill(rect, 0);
  for (const piece of pieces) fill(piece, piece.height);
  return { width, height, heights };
}

/** Whether a square of 2 * reach + 1 cells around a place is free. */
export function isFree({ width, heights }: Truth, x: number, y: number, reach: number): boolean {
  for (let dy = -reach; dy <= reach; dy++) {
    const row = (y + dy) * width + x;
    for (let dx = -reach; dx <= reach; dx++) if (heights[row + dx]) return false;
  }
  return true;
}

/**
 * Follows a beam to where it enters a cell that is at least as high as the beam is there, or reaches the
 * floor or the ceiling (Amanatides and Woo: A fast voxel traversal algorithm, 1987).
 * @param x y where it begins, in cells
 * @param z height of its begin and `slope` its rise a cell, in decimetres
 * @param ceiling in decimetres
 * @returns horizontal distance in cells, or `far` if nothing is nearer
 */
export function castBeam(
  { width, heights }: Truth,
  [x, y, z]: readonly [number, number, number],
  angle: number,
  slope: number,
  ceiling: number,
  far: number,
): number {
  const dx = Math.cos(angle);
  const dy = Math.sin(angle);
  const stepX = Math.abs(1 / dx);
  const stepY = Math.abs(1 / dy);
  const signX = dx < 0 ? -1 : 1;
  const rowStep = dy < 0 ? -width : width;
  let nextX = (dx < 0 ? x - Math.floor(x) : Math.floor(x) + 1 - x) * stepX;
  let nextY = (dy < 0 ? y - Math.floor(y) : Math.floor(y) + 1 - y) * stepY;
  let at = Math.floor(y) * width + Math.floor(x);
  let distance = 0;
  // Where it meets the floor or the ceiling, if nothing stands before.
  const end = slope < 0 ? -z / slope : slope > 0 ? (ceiling - z) / slope : far;
  const last = Math.min(end, far);
  while (distance < last && heights[at]! <= z + slope * distance) {
    if (nextX < nextY) {
      distance = nextX;
      nextX += stepX;
      at += signX;
    } else {
      distance = nextY;
      nextY += stepY;
      at += rowStep;
    }
  }
  return Math.min(distance, last);
}
