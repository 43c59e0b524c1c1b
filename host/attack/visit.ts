/**
 * A cleaning run through a home: which rooms, where the robot went, what its 2D lidar measured. Two
 * visits to a home differ in furniture, rooms left out, start, noise of ranges and of the pose.
 */
import { type Door, furnish, type Home, type Rect, TRUTH_CELL_M } from "./home.ts";
import { type Random, seeded, type Uniform } from "./random.ts";
import { castBeam, drawTruth, isFree, type Truth } from "./truth.ts";

/** A sweep of the lidar, seen from where the robot believes to be. */
export interface Scan {
  /** Metres and radians in the robot's map. */
  readonly x: number;
  readonly y: number;
  readonly yawRad: number;
  /** One range a beam, evenly around from the robot's heading on, metres; 0 where nothing came back. */
  readonly ranges: Float32Array;
}

export interface Visit {
  /** Few of the sweeps, enough for a plan. */
  readonly scans: readonly Scan[];
  /** As many as a map asks for, made when they are. */
  readonly sweeps: () => Generator<Scan>;
  /** Where the robot went, x y x y ... in its own map, metres: lanes 0.3 m apart, room by room. */
  readonly path: Float64Array;
}

export const BEAMS = 240;
const RANGE_MAX_M = 12;
/** Deviation of a range, of the believed position along each axis, of the believed heading. */
const RANGE_SIGMA_M = 0.015;
const POSITION_SIGMA_M = 0.02;
const HEADING_SIGMA_RAD = 0.004;
const ROOM_SKIPPED = 0.1;
const LANE_CELLS = Math.round(0.3 / TRUTH_CELL_M);
const ROBOT_RADIUS_CELLS = Math.round(0.17 / TRUTH_CELL_M);
const SCAN_EVERY_M = 2;
const SWEEP_EVERY_M = 0.5;
/** Distance between two points of the path that is written down. */
const STEP_CELLS = 2;

/** Visit `number` to a home of the population of a seed. */
export function makeVisit(home: Home, seed: number, index: number, number: number): Visit {
  const random = seeded(seed, index, number);
  const skipped = home.rooms.map((_, i) => i > 0 && random.uniform() < ROOM_SKIPPED);
  // The door of a room that is left out is closed as often as not.
  const isShut = skipped.map((is) => is && random.uniform() < 0.5);
  const doors = home.doors.filter(({ rooms }) => !rooms.some((room) => isShut[room]));
  const free = [...home.rooms, ...doors.map(({ hole }) => hole)];
  const truth = drawTruth(home, free, furnish(home, random));
  const order = roomOrder(home, doors, skipped, random.uniform);
  const lanes = order.flatMap((room) => clean(truth, home.rooms[room]!, random.uniform));
  // The robot's map begins where it started, turned as it stood.
  const turn = 2 * Math.PI * random.uniform();
  const start = lanes[0] ?? [0, 0];
  const toMap = ([x, y]: readonly [number, number]): [number, number] => {
    const dx = (x - start[0]) * TRUTH_CELL_M;
    const dy = (y - start[1]) * TRUTH_CELL_M;
    return [Math.cos(turn) * dx - Math.sin(turn) * dy, Math.sin(turn) * dx + Math.cos(turn) * dy];
  };
  const path = new Float64Array(2 * lanes.length);
  for (const [i, at] of lanes.entries()) {
    const [x, y] = toMap(at);
    path[2 * i] = x + POSITION_SIGMA_M * random.normal();
    path[2 * i + 1] = y + POSITION_SIGMA_M * random.normal();
  }
  const scan = (at: readonly [number, number], { uniform, normal }: Random): Scan => {
    const heading = 2 * Math.PI * uniform();
    const ranges = measure(truth, at, heading, normal);
    const [x, y] = toMap(at);
    return {
      x: x + POSITION_SIGMA_M * normal(),
      y: y + POSITION_SIGMA_M * normal(),
      yawRad: heading + turn + HEADING_SIGMA_RAD * normal(),
      ranges,
    };
  };
  const places = (everyM: number) =>
    lanes.filter((_, i) => i % Math.round(everyM / (STEP_CELLS * TRUTH_CELL_M)) === 0);
  return {
    scans: places(SCAN_EVERY_M).map((at) => scan(at, random)),
    *sweeps() {
      const own = seeded(seed, index, number, 2);
      for (const at of places(SWEEP_EVERY_M)) yield scan(at, own);
    },
    path,
  };
}

/** Rooms in the order in which a robot that starts in one of them reaches them through the doors. */
function roomOrder(
  { rooms: all }: Home,
  doors: readonly Door[],
  skipped: readonly boolean[],
  random: Uniform,
): number[] {
  const first = Math.floor(random() * all.length);
  const seen = new Set<number>();
  const order: number[] = [];
  const stack = [skipped[first] ? 0 : first];
  while (stack.length > 0) {
    const room = stack.pop()!;
    if (seen.has(room)) continue;
    seen.add(room);
    if (!skipped[room]) order.push(room);
    for (const { rooms } of doors) {
      const next = rooms[0] === room ? rooms[1] : rooms[1] === room ? rooms[0] : undefined;
      if (next !== undefined) stack.push(next);
    }
  }
  return order;
}

/**
 * Lanes through what the robot fits into of a room, back and forth along its longer side, from the one
 * wall or the other on.
 */
function clean(truth: Truth, room: Rect, random: Uniform): [number, number][] {
  const alongX = room.x1 - room.x0 >= room.y1 - room.y0;
  const [from, to] = alongX ? [room.y0, room.y1] : [room.x0, room.x1];
  const [first, last] = alongX ? [room.x0, room.x1] : [room.y0, room.y1];
  const points: [number, number][] = [];
  let isBack = random() < 0.5;
  const isFromEnd = random() < 0.5;
  const lanes = Math.ceil((to - from - 2 * ROBOT_RADIUS_CELLS) / LANE_CELLS);
  for (let i = 0; i < lanes; i++) {
    const offset = ROBOT_RADIUS_CELLS + i * LANE_CELLS;
    const lane = isFromEnd ? to - 1 - offset : from + offset;
    const row: [number, number][] = [];
    for (let at = first + ROBOT_RADIUS_CELLS; at < last - ROBOT_RADIUS_CELLS; at += STEP_CELLS) {
      const [x, y] = alongX ? [at, lane] : [lane, at];
      if (isFree(truth, x, y, ROBOT_RADIUS_CELLS)) row.push([x + 0.5, y + 0.5]);
    }
    points.push(...(isBack ? row.reverse() : row));
    isBack = !isBack;
  }
  return points;
}

/** Ranges to the first solid cell along each beam, with noise. */
function measure(
  truth: Truth,
  [x, y]: readonly [number, number],
  heading: number,
  normal: () => number,
): Float32Array {
  const ranges = new Float32Array(BEAMS);
  const far = RANGE_MAX_M / TRUTH_CELL_M;
  for (let beam = 0; beam < BEAMS; beam++) {
    const angle = heading + (2 * Math.PI * beam) / BEAMS;
    const distance = castBeam(truth, [x, y, 0], angle, 0, 0, far);
    if (distance >= far) continue;
    ranges[beam] = Math.max(0.05, distance * TRUTH_CELL_M + RANGE_SIGMA_M * normal());
  }
  return ranges;
}
