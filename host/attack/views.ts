/**
 * What leaves of a visit, as the product makes it, and the same without the product: an attack that
 * does not win on the latter proves nothing about the former.
 */
import { MapveilError } from "../core/errors.ts";
import type { Frame } from "../core/frame.ts";
import { PLAN_FREE, PLAN_OCCUPIED, type Plan } from "../formats/plan.ts";
import type { LinkageKind } from "../linkage/figure.ts";
import { drawSecret, type PlanRules, releasePath, releasePlan } from "../plan/index.ts";
import { PATH_CELL_M } from "../plan/rules.ts";
import { defaultPolicy } from "../policy/index.ts";
import type { MapMaker } from "../veil/map-maker.ts";
import { CellSet } from "./cell-set.ts";
import type { Random } from "./random.ts";
import type { SeenCells } from "./sighting.ts";
import { BEAMS, type Scan, type Visit } from "./visit.ts";

/** A visit, and the plan that the robot made of it. */
export interface Session {
  readonly visit: Visit;
  readonly plan: Plan;
}

export interface View {
  readonly kind: LinkageKind;
  readonly cellM: number;
  /** In how many ways it is laid over another one: 4 where walls tell how it is turned. */
  readonly turns: number;
  /** What leaves; undefined where nothing may. */
  readonly release: (session: Session, random: Random) => SeenCells | undefined;
  /** What the robot had. */
  readonly raw: (session: Session) => SeenCells;
}

/** Cells of what is not released, in metres: fine enough to win, coarse enough for noise. */
const RAW_CELL_M = 0.1;
/** Half the width that a robot cleans. */
const SWEPT_M = 0.17;
/** Cells of a path show no walls: it is laid over another one every 15 degrees. */
const PATH_TURNS = 24;
const VOXELS_MAX = 1_048_576;
/** Between two sweeps, seconds: nobody drives faster than robots do. */
const SWEEP_EVERY_S = 20n;

/** The plan at a cell size, no-go areas and rooms left out. */
export function planView(cellM: number): View {
  const rules = rulesOf(cellM);
  return {
    kind: "grid",
    cellM,
    turns: 4,
    release: ({ plan }, random) =>
      orNothing(() => {
        const { cells } = releasePlan(plan, rules, drawSecret(plan, rules, random.bytes));
        const occupied: number[] = [];
        const free: number[] = [];
        for (let i = 0; i < cells.length; i += 3) {
          (cells[i + 2] === 0 ? occupied : free).push(cells[i]!, cells[i + 1]!);
        }
        return { cellM, occupied: Int32Array.from(occupied), free: Int32Array.from(free) };
      }),
    raw: ({ plan }) => cellsOf(plan),
  };
}

/** The path in the cells in which it leaves. */
export function pathView(): View {
  // A plan of the same release would have these, and the path does not depend on them.
  const rules = rulesOf(0.2);
  return {
    kind: "path",
    cellM: PATH_CELL_M,
    turns: PATH_TURNS,
    release: ({ plan }, random) =>
      orNothing(() => {
        const { cells, cellM } = releasePath(plan, drawSecret(plan, rules, random.bytes));
        return { cellM, occupied: flattened(cells), free: "all" };
      }),
    raw: ({ visit }) => sweptCells(visit.path),
  };
}

/** The map of a flat lidar, which is also a slice through that of others. */
export function mapView(leafM: number, maker: MapMaker): View {
  const policy = defaultPolicy();
  const rules = { policy: { ...policy, map: { ...policy.map, leaf_m: leafM } }, flat: true };
  return {
    kind: "map",
    cellM: leafM,
    turns: 4,
    release: ({ visit }) => {
      maker.begin(rules);
      for (const frame of framesOf(visit)) maker.add(frame);
      const centres = maker.copyKept();
      const cells = new Int32Array(centres.length);
      for (let i = 0; i < cells.length; i++) cells[i] = Math.floor(centres[i]! / leafM);
      return cells.length === 0
        ? undefined
        : { cellM: leafM, occupied: flattened(cells), free: new Int32Array(0) };
    },
    raw: ({ visit }) => {
      const hits = new CellSet(RAW_CELL_M);
      for (const { points, x, y, yawRad } of sweptPoints(visit.scans)) {
        const [cos, sin] = [Math.cos(yawRad), Math.sin(yawRad)];
        for (let i = 0; i < points.length; i += 2) {
          hits.add(
            x + cos * points[i]! - sin * points[i + 1]!,
            y + sin * points[i]! + cos * points[i + 1]!,
          );
        }
      }
      return { cellM: RAW_CELL_M, occupied: hits.list(), free: new Int32Array(0) };
    },
  };
}

function rulesOf(cellM: number): PlanRules {
  const { clutter_m } = defaultPolicy().plan;
  return { cellM, clutterM: clutter_m, rooms: "none", noGo: [], dilateM: 0, voxelsMax: VOXELS_MAX };
}

function orNothing<T>(release: () => T): T | undefined {
  try {
    return release();
  } catch (error) {
    if (error instanceof MapveilError && error.code === "REFUSED") return undefined;
    throw error;
  }
}

/** x y of cells that are x y z. */
const flattened = (cells: Int32Array) => cells.filter((_, i) => i % 3 !== 2);

function cellsOf({ cellM, width, cells }: Plan): SeenCells {
  const occupied = new CellSet(RAW_CELL_M);
  const free = new CellSet(RAW_CELL_M);
  for (const [i, value] of cells.entries()) {
    const x = ((i % width) + 0.5) * cellM;
    const y = (Math.floor(i / width) + 0.5) * cellM;
    if (value === PLAN_OCCUPIED) occupied.add(x, y);
    else if (value === PLAN_FREE) free.add(x, y);
  }
  return { cellM: RAW_CELL_M, occupied: occupied.list(), free: free.list() };
}

/** The edge of all that a robot swept, and what lies within: the outlines of rooms and furniture. */
function sweptCells(path: Float64Array): SeenCells {
  const swept = new CellSet(RAW_CELL_M);
  for (let i = 0; i < path.length; i += 2) {
    for (let dx = -SWEPT_M; dx <= SWEPT_M; dx += SWEPT_M / 2) {
      for (let dy = -SWEPT_M; dy <= SWEPT_M; dy += SWEPT_M / 2) {
        swept.add(path[i]! + dx, path[i + 1]! + dy);
      }
    }
  }
  const { edge, inner } = swept.split();
  return { cellM: RAW_CELL_M, occupied: edge, free: inner };
}

/** Points of each sweep in the frame of the sensor, x y x y ..., and its pose. */
function* sweptPoints(scans: Iterable<Scan>) {
  for (const { ranges, ...pose } of scans) {
    const points: number[] = [];
    for (let beam = 0; beam < BEAMS; beam++) {
      const range = ranges[beam]!;
      const angle = (2 * Math.PI * beam) / BEAMS;
      if (range > 0) points.push(range * Math.cos(angle), range * Math.sin(angle));
    }
    yield { points, ...pose };
  }
}

function* framesOf(visit: Visit): Generator<Frame> {
  let stampNs = 0n;
  for (const { points, x, y, yawRad } of sweptPoints(visit.sweeps())) {
    stampNs += SWEEP_EVERY_S * 1_000_000_000n;
    yield {
      count: points.length / 2,
      layout: {
        pointStep: 8,
        x: { offset: 0, type: "f32" },
        y: { offset: 4, type: "f32" },
        // There is no height: the same bytes, scaled to nothing.
        z: { offset: 4, type: "f32", scale: 0 },
      },
      data: new Uint8Array(Float32Array.from(points).buffer),
      pose: {
        translation: [x, y, 0],
        quaternion: [0, 0, Math.sin(yawRad / 2), Math.cos(yawRad / 2)],
      },
      stampNs,
      metadata: [],
    };
  }
}
