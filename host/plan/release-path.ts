/**
 * From the way that a robot went to the cells it was in. A path tells more than a plan: habits, and
 * the home itself, for cells of 0.3 m along a path alone recognise one home of a thousand in one case of
 * five, cells of 1 m in one of fifty. So it leaves coarse, without order and time.
 */
import { MapveilError } from "../core/errors.ts";
import { LAYER_FREE, LAYER_NONE, PLAN_FREE, PLAN_OCCUPIED, type Plan } from "../formats/plan.ts";
import type { Vertex } from "../policy/index.ts";
import {
  apply,
  compose,
  cut,
  GRID_CELLS_MAX,
  type Grid,
  invert,
  listCells,
  placeAll,
  type Transform,
  transform,
} from "./grid.ts";
import { PATH_CELL_M, PATH_HOLE_TRIM_M, PATH_TRIM_M } from "./rules.ts";
import { type ReleaseSecret, toRelease } from "./secret.ts";

/** Less of a path than this in a cell, in metres, and it only passed a corner of it. */
const PASSING_M = 0.5;
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

/** Metres of path in each cell, by its place in the released frame. */
class CellMetres {
  readonly #metres = new Map<number, number>();

  add([x, y]: Vertex, metres: number): void {
    const key = (Math.floor(x) + CELL_RANGE) * 2 * CELL_RANGE + Math.floor(y) + CELL_RANGE;
    this.#metres.set(key, (this.#metres.get(key) ?? 0) + metres);
  }

  get size(): number {
    return this.#metres.size;
  }

  /** Cells with at least so many metres. */
  cells(metresMin: number): Vertex[] {
    return [...this.#metres]
      .filter(([, metres]) => metres >= metresMin)
      .map(([key]) => [
        Math.floor(key / (2 * CELL_RANGE)) - CELL_RANGE,
        (key % (2 * CELL_RANGE)) - CELL_RANGE,
      ]);
  }
}

/** What of the path was driven over floor that the plan knows. */
function drivenCells(path: Float64Array, plan: Plan, place: Transform): CellMetres {
  const planAt = lookup(plan);
  const driven = new CellMetres();
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
      if (found[k] === PLAN_FREE) driven.add(apply(place, at), length / looks);
    }
  }
  return driven;
}

/** A grid in which the cells are free, and what takes the released frame to it. */
function gridOf(cells: readonly Vertex[]): { grid: Grid; shift: Transform } {
  if (cells.length === 0) {
    return {
      grid: { width: 0, height: 0, layers: new Uint8Array(0) },
      shift: transform(0, 1, 0, 0),
    };
  }
  const range = (axis: 0 | 1) =>
    cells.reduce(
      ([min, max], cell) => [Math.min(min, cell[axis]), Math.max(max, cell[axis] + 1)],
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
  const [[minX, maxX], [minY, maxY]] = [range(0) as [number, number], range(1) as [number, number]];
  const [width, height] = [maxX - minX, maxY - minY];
  if (width * height > GRID_CELLS_MAX) {
    const message = `The path spans ${width} x ${height} m, more than any home: it was not recorded in one.`;
    throw new MapveilError("TOO_LARGE", message);
  }
  const layers = new Uint8Array(width * height).fill(LAYER_NONE);
  for (const [x, y] of cells) layers[(y - minY) * width + x - minX] = LAYER_FREE;
  return { grid: { width, height, layers }, shift: transform(0, 1, -minX, -minY) };
}

/**
 * The cells of PATH_CELL_M in which the robot drove, turned and shifted as the plan of the same release
 * is. A cell counts if at least half a metre was driven in it over floor that the plan knows; pieces
 * of the path that lead through walls, or are longer than 8 m, are jumps between two runs.
 *
 * No released cell comes closer than PATH_TRIM_M to the dock, to the start or the end of the path, or
 * closer than PATH_HOLE_TRIM_M to a hole.
 *
 * Throws BAD_INPUT for a plan without a path, REFUSED where nothing is left, TOO_LARGE where it
 * spans more than any home.
 */
export function releasePath(plan: Plan, secret: ReleaseSecret): PathRelease {
  const { path } = plan;
  if (path === undefined || path.length < 4) {
    throw new MapveilError("BAD_INPUT", "The plan has no path: nothing says where the robot went.");
  }
  const place = toRelease(secret, PATH_CELL_M);
  const driven = drivenCells(path, plan, place);
  const { grid, shift } = gridOf(driven.cells(PASSING_M));
  const toCells = compose(shift, place);
  for (const hole of secret.holes)
    cut(grid, placeAll(toCells, hole), PATH_HOLE_TRIM_M / PATH_CELL_M);
  for (const end of secret.ends) cut(grid, placeAll(toCells, end));
  const layered = listCells(grid);
  if (layered.length === 0) {
    const message =
      `Nothing of the path may leave: all of it lies within ${PATH_TRIM_M} m of the dock or of its ` +
      `ends, by no-go areas, or in cells with less than ${PASSING_M} m of it.`;
    throw new MapveilError("REFUSED", message);
  }
  return {
    cells: layered.map((value, i) => (i % 3 === 2 ? 0 : value)),
    cellM: PATH_CELL_M,
    report: {
      points: path.length / 2,
      visited: driven.size,
      released: layered.length / 3,
    },
  };
}
