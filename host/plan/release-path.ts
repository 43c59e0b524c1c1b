/**
 * From the way that a robot went to the cells it was in. A path tells more than a plan: habits, and
 * the home itself, which cells of 0.3 m along it recognise among a thousand in one case of five, cells
 * of 1 m in about one of fifty. So it leaves coarse, without order and time.
 */
import { MapveilError } from "../core/errors.ts";
import { LAYER_FREE, LAYER_NONE, PLAN_FREE, PLAN_OCCUPIED, type Plan } from "../formats/plan.ts";
import type { Vertex } from "../policy/index.ts";
import {
  apply,
  compose,
  cut,
  GRID_CELLS_MAX,
  invert,
  listCells,
  type PlacedGrid,
  placeAll,
  type Transform,
  transform,
} from "./grid.ts";
import { PATH_CELL_M, PATH_HOLE_TRIM_M, PATH_TRIM_M } from "./rules.ts";
import { isLeftOut, type ReleaseSecret, toRelease } from "./secret.ts";

/** A cell is looked at in so many squares along each side, which have a bit each. */
const SQUARES = 4;
/**
 * So many squares of a cell were visited at least, as many as a straight way through it takes: less
 * is a corner that was passed, and would tell of the path more than the cell. Squares, not metres,
 * for how often the robot went somewhere is nobody's business either.
 */
const SQUARES_MIN = SQUARES;
/** Robots tell where they are more often than this, in metres: a longer piece was not driven. */
const PIECE_MAX_M = 8;
/** A piece longer than this that leads through a wall was not driven, in metres. */
const PIECE_THROUGH_WALLS_M = 0.5;
/** How far apart a straight piece of a path is looked at, in metres. */
const LOOK_M = 0.05;
/** Cells of a path are told apart up to so many on either side of the origin. */
const CELL_RANGE = 2 ** 25;

export interface PathReport {
  readonly points: number;
  /** Cells of PATH_CELL_M that the path touched, and those of them that are released. */
  readonly visited: number;
  readonly released: number;
}

export interface PathRelease {
  /** x y 0 of each cell, counted from the lowest that is kept, row by row. */
  readonly cells: Int32Array;
  readonly cellM: number;
  readonly report: PathReport;
}

/** PLAN_* at a place of the robot's map; undefined outside of the plan. */
function lookup({ origin, cellM, width, height, cells }: Plan) {
  const toGrid = invert(transform(origin.yawRad, cellM, origin.x, origin.y));
  return (place: Vertex): number | undefined => {
    const [px, py] = apply(toGrid, place);
    const [x, y] = [Math.floor(px), Math.floor(py)];
    return x >= 0 && y >= 0 && x < width && y < height ? cells[y * width + x] : undefined;
  };
}

/** Cells of the released frame that were visited, and which squares of each. */
class VisitedCells {
  readonly #squares = new Map<number, number>();

  /** @param place in cells of the released frame */
  add([px, py]: Vertex): void {
    const [x, y] = [Math.floor(px), Math.floor(py)];
    const key = (x + CELL_RANGE) * 2 * CELL_RANGE + y + CELL_RANGE;
    const square = SQUARES * Math.floor(SQUARES * (py - y)) + Math.floor(SQUARES * (px - x));
    this.#squares.set(key, (this.#squares.get(key) ?? 0) | (1 << square));
  }

  get size(): number {
    return this.#squares.size;
  }

  /** Cells of which at least SQUARES_MIN squares were visited. */
  cells(): Vertex[] {
    const enough = [...this.#squares].filter(([, squares]) => bitsOf(squares) >= SQUARES_MIN);
    return enough.map(([key]) => [
      Math.floor(key / (2 * CELL_RANGE)) - CELL_RANGE,
      (key % (2 * CELL_RANGE)) - CELL_RANGE,
    ]);
  }
}

function bitsOf(squares: number): number {
  let count = 0;
  for (let left = squares; left !== 0; left &= left - 1) count++;
  return count;
}

/** What of the path was driven over floor that the plan knows. */
function drivenCells(path: Float64Array, plan: Plan, place: Transform): VisitedCells {
  const planAt = lookup(plan);
  const driven = new VisitedCells();
  for (let i = 2; i + 1 < path.length; i += 2) {
    const [x, y] = [path[i - 2]!, path[i - 1]!];
    const [dx, dy] = [path[i]! - x, path[i + 1]! - y];
    const length = Math.hypot(dx, dy);
    // What is no number is no longer than anything either.
    if (!(length <= PIECE_MAX_M)) continue;
    const looks = Math.ceil(length / LOOK_M);
    const places = Array.from({ length: looks }, (_, k): Vertex => {
      const share = (k + 0.5) / looks;
      return [x + share * dx, y + share * dy];
    });
    const found = places.map(planAt);
    if (length > PIECE_THROUGH_WALLS_M && found.includes(PLAN_OCCUPIED)) continue;
    for (const [k, at] of places.entries()) {
      if (found[k] === PLAN_FREE) driven.add(apply(place, at));
    }
  }
  return driven;
}

/** A grid in which these cells of the released frame are free. */
function gridOf(cells: readonly Vertex[]): PlacedGrid {
  if (cells.length === 0) return { x0: 0, y0: 0, width: 0, height: 0, layers: new Uint8Array(0) };
  const [xs, ys] = [cells.map(([x]) => x), cells.map(([, y]) => y)];
  const [x0, y0] = [lowest(xs), lowest(ys)];
  const [width, height] = [1 - lowest(xs.map((x) => -x)) - x0, 1 - lowest(ys.map((y) => -y)) - y0];
  if (width * height > GRID_CELLS_MAX) {
    const message = `The path spans ${width} x ${height} m, more than any home: it was not recorded in one.`;
    throw new MapveilError("TOO_LARGE", message);
  }
  const layers = new Uint8Array(width * height).fill(LAYER_NONE);
  for (const [x, y] of cells) layers[(y - y0) * width + x - x0] = LAYER_FREE;
  return { x0, y0, width, height, layers };
}

function lowest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

/** A path on its way out, before its lowest cell becomes the origin. */
export interface SanitisedPath {
  readonly coarse: PlacedGrid;
  /** Cells that the path touched. */
  readonly visited: number;
}

/** Everything of `releasePath` but the last step, as `sanitisePlan` is of `releasePlan`. */
export function sanitisePath(plan: Plan, secret: ReleaseSecret): SanitisedPath {
  const { path } = plan;
  if (path === undefined || path.length < 4) {
    throw new MapveilError("BAD_INPUT", "The plan has no path: nothing says where the robot went.");
  }
  const place = toRelease(secret, PATH_CELL_M);
  const driven = drivenCells(path, plan, place);
  const coarse = gridOf(driven.cells().filter(([x, y]) => !isLeftOut(secret, x, y)));
  const toCells = compose(transform(0, 1, -coarse.x0, -coarse.y0), place);
  const margin = PATH_HOLE_TRIM_M / PATH_CELL_M;
  for (const hole of secret.holes) cut(coarse, placeAll(toCells, hole), margin);
  for (const end of secret.ends) cut(coarse, placeAll(toCells, end));
  return { coarse, visited: driven.size };
}

/**
 * The cells of PATH_CELL_M in which the robot drove, turned and shifted as the plan of the same
 * release is. A cell counts if a quarter of its squares of 0.25 m were driven over, on floor that the
 * plan knows; pieces of the path that lead through walls, or are longer than 8 m, are jumps between
 * runs. So it depends on where the robot was alone, not on when, which way or how often. A share of
 * PATH_LEFT_OUT of the cells is left out at random.
 *
 * No released cell comes closer than PATH_TRIM_M to the dock, to the start or the end of the path,
 * or closer than PATH_HOLE_TRIM_M to a hole.
 *
 * Throws BAD_INPUT for a plan without a path, REFUSED where nothing is left, TOO_LARGE where it
 * spans more than any home.
 */
export function releasePath(plan: Plan, secret: ReleaseSecret): PathRelease {
  const { coarse, visited } = sanitisePath(plan, secret);
  const cells = listCells(coarse).map((value, i) => (i % 3 === 2 ? 0 : value));
  const released = cells.length / 3;
  if (released === 0) {
    const message =
      `Nothing of the path may leave: all of it lies within ${PATH_TRIM_M} m of the dock or of its ` +
      `ends, by no-go areas, or in cells that it only passed by a corner.`;
    throw new MapveilError("REFUSED", message);
  }
  const points = Math.floor((plan.path?.length ?? 0) / 2);
  return { cells, cellM: PATH_CELL_M, report: { points, visited, released } };
}
