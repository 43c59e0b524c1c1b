/** From a plan of a home, as the robot has it, to the cells of which a tile is made. */
import { MapveilError } from "../core/errors.ts";
import {
  LAYER_FREE,
  LAYER_NONE,
  LAYER_OCCUPIED,
  LAYER_ROOMS,
  PLAN_FREE,
  PLAN_OCCUPIED,
  PLAN_UNKNOWN,
  type Plan,
  ROOM_TYPES,
  type RoomType,
} from "../formats/plan.ts";
import { type ClutterReport, removeClutter } from "./clutter.ts";
import { coarsen } from "./coarsen.ts";
import {
  compose,
  cut,
  GRID_CELLS_MAX,
  type Grid,
  invert,
  knownBox,
  listCells,
  type PlacedGrid,
  placeAll,
  type Transform,
  transform,
} from "./grid.ts";
import type { PlanRules } from "./rules.ts";
import { type ReleaseSecret, toRelease } from "./secret.ts";

/** What was taken from a plan; for the owner, never for the recipient. */
export interface PlanReport {
  readonly noGo: {
    readonly areas: number;
    /** Cells of the plan, known before, that lie in a hole. */
    readonly cells: number;
  };
  readonly clutter: ClutterReport;
  /** Rooms that had a name; none leaves. */
  readonly roomNames: number;
  readonly dock: boolean;
  /** Points of the path, which a plan never has. */
  readonly pathPoints: number;
  /** Kinds of further strings that the file had, each once. */
  readonly metadata: readonly string[];
  /** Cells that are released. */
  readonly occupied: number;
  readonly free: number;
}

export interface PlanRelease {
  /** x y z of each cell: z is the layer, x and y count from the lowest that is kept. */
  readonly cells: Int32Array;
  readonly cellM: number;
  readonly report: PlanReport;
}

/** The known part of a plan as layers, rooms as types or left out, and the place of its first cell. */
function layersOf(plan: Plan, rules: PlanRules): PlacedGrid {
  const { cells, roomOf, rooms } = plan;
  const { x0, y0, width, height } = knownBox(plan.width, plan.height, cells, PLAN_UNKNOWN);
  if (width * height > GRID_CELLS_MAX) {
    const message = `The plan has ${width} x ${height} cells, at most ${GRID_CELLS_MAX} are taken: cut or coarsen it first.`;
    throw new MapveilError("TOO_LARGE", message);
  }
  // A room that the file tells nothing of is "other"; number 0 is no room.
  const layerOf = new Uint8Array(256).fill(layerOfType(undefined));
  for (const { number, type } of rooms) layerOf[number] = layerOfType(type);
  layerOf[0] = LAYER_FREE;
  const typed = rules.rooms === "types" && roomOf !== undefined;
  const layers = new Uint8Array(width * height).fill(LAYER_NONE);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y0 + y) * plan.width + x0 + x;
      const at = y * width + x;
      if (cells[from] === PLAN_OCCUPIED) layers[at] = LAYER_OCCUPIED;
      else if (cells[from] === PLAN_FREE) layers[at] = typed ? layerOf[roomOf[from]!]! : LAYER_FREE;
    }
  }
  return { x0, y0, width, height, layers };
}

function layerOfType(type: RoomType = "other"): number {
  return LAYER_ROOMS + ROOM_TYPES.indexOf(type);
}

/** Throws REFUSED if no occupied cell is left. `why` ends the sentence. */
function assertWalls({ layers }: Grid, why: string): void {
  if (layers.includes(LAYER_OCCUPIED)) return;
  throw new MapveilError("REFUSED", `Nothing of the plan may leave: ${why}.`);
}

const ALL_NO_GO = "all of its walls lie in no-go areas";

/** Throws TOO_LARGE if the core does not take so many cells. */
function assertFits(count: number, { voxelsMax, cellM }: PlanRules): void {
  if (count <= voxelsMax) return;
  const fits = Math.ceil(100 * cellM * Math.sqrt(count / voxelsMax)) / 100;
  const message =
    `The plan has ${count} cells of ${cellM} m, at most ${voxelsMax} are possible: ` +
    `take a larger plan.cell_m, ${fits} may do.`;
  throw new MapveilError("TOO_LARGE", message, { field: "plan.cell_m" });
}

/** Empties what the holes of a release meet; `place` is from the robot's map to cells. */
function cutHoles(grid: Grid, secret: ReleaseSecret, place: Transform): number {
  return secret.holes.reduce((cells, hole) => cells + cut(grid, placeAll(place, hole)), 0);
}

/** A plan on its way out, before its lowest cell becomes the origin. */
export interface SanitisedPlan {
  readonly coarse: PlacedGrid;
  readonly clutter: ClutterReport;
  /** Cells of the robot's grid that holes took. */
  readonly noGoCells: number;
}

/**
 * Everything of `releasePlan` but the last step: the grid still knows where in the secret frame it
 * lies, so that it can be compared with the plan. Errors are those of `releasePlan`.
 */
export function sanitisePlan(plan: Plan, rules: PlanRules, secret: ReleaseSecret): SanitisedPlan {
  const { origin, cellM: fineM } = plan;
  if (!plan.cells.includes(PLAN_OCCUPIED)) {
    throw new MapveilError("BAD_INPUT", "The plan has no occupied cell: it shows no wall.");
  }
  const fine = layersOf(plan, rules);
  const toMap = compose(
    transform(origin.yawRad, fineM, origin.x, origin.y),
    transform(0, 1, fine.x0, fine.y0),
  );
  const place = toRelease(secret, rules.cellM);
  const noGoCells = cutHoles(fine, secret, invert(toMap));
  assertWalls(fine, ALL_NO_GO);
  const clutter = removeClutter(fine, fineM, rules.clutterM);
  assertWalls(fine, `all that stands in it is smaller than plan.clutter_m, ${rules.clutterM} m`);
  const coarse = coarsen(fine, compose(place, toMap), rules.cellM / fineM);
  cutHoles(coarse, secret, compose(transform(0, 1, -coarse.x0, -coarse.y0), place));
  assertWalls(coarse, ALL_NO_GO);
  return { coarse, clutter, noGoCells };
}

/**
 * The sanitised plan: no-go areas are cut first, so that nothing in them changes anything else;
 * then clutter goes; then the plan is turned and shifted by the secret and coarsened, and every
 * cell that a hole meets is cut. What is left are cells by themselves: no names, numbers, dock,
 * path or strings, nor the size of the robot's own grid.
 *
 * A cell is a square of `rules.cellM`; no released one meets a hole. There is always an occupied
 * one, for the tile counts layers from the lowest that it has.
 *
 * Throws BAD_INPUT for a plan without a wall, REFUSED where the rules leave none, TOO_LARGE where
 * the plan has too many cells before or after.
 */
export function releasePlan(plan: Plan, rules: PlanRules, secret: ReleaseSecret): PlanRelease {
  const { coarse, clutter, noGoCells } = sanitisePlan(plan, rules, secret);
  const cells = listCells(coarse);
  assertFits(cells.length / 3, rules);
  let occupied = 0;
  for (let i = 2; i < cells.length; i += 3) if (cells[i] === LAYER_OCCUPIED) occupied++;
  const report: PlanReport = {
    noGo: { areas: secret.holes.length, cells: noGoCells },
    clutter,
    roomNames: plan.rooms.filter(({ type }) => type !== undefined).length,
    dock: plan.dock !== undefined,
    pathPoints: Math.floor((plan.path?.length ?? 0) / 2),
    metadata: [...new Set(plan.metadata.map(({ name }) => name))].sort(),
    occupied,
    free: cells.length / 3 - occupied,
  };
  return { cells, cellM: rules.cellM, report };
}
