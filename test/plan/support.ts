/** Plans to release, drawn by hand, and random numbers. */
import { bytes, uniform } from "../../bench/inputs/random.ts";
import { PLAN_FREE, PLAN_OCCUPIED, type Plan } from "../../host/formats/plan.ts";
import type { RandomBytes } from "../../host/keys/index.ts";
import { apply, invert } from "../../host/plan/grid.ts";
import type { PlanRules, ReleaseSecret } from "../../host/plan/index.ts";
import { toRelease } from "../../host/plan/secret.ts";
import type { Vertex } from "../../host/policy/index.ts";

export const RULES: PlanRules = {
  cellM: 0.2,
  clutterM: 0.5,
  rooms: "none",
  noGo: [],
  dilateM: 0.3,
  voxelsMax: 2 ** 20,
};

/** Other bytes at each call, the same sequence for the same seed. */
export function seededRandom(seed: number): RandomBytes {
  const next = uniform(seed);
  return (count) => bytes(count, Math.floor(next() * 2 ** 32));
}

const ORIGIN = { x: 0, y: 0, yawRad: 0 };

/** A plan as text, the highest row first: `#` occupied, `.` free, a digit free in that room. */
export function drawn(text: string, more: Partial<Plan> = {}): Plan {
  const rows = text.split("\n").filter((row) => row !== "");
  const width = Math.max(...rows.map((row) => row.length));
  const cells = new Uint8Array(width * rows.length);
  const roomOf = new Uint8Array(cells.length);
  for (const [y, row] of rows.reverse().entries()) {
    for (const [x, sign] of [...row].entries()) {
      const at = y * width + x;
      if (sign === "#") cells[at] = PLAN_OCCUPIED;
      if (/[.\d]/.test(sign)) cells[at] = PLAN_FREE;
      if (/\d/.test(sign)) roomOf[at] = Number(sign);
    }
  }
  const size = { cellM: 0.05, width, height: rows.length };
  return { ...size, origin: ORIGIN, cells, roomOf, rooms: [], noGo: [], metadata: [], ...more };
}

/** A room of so many cells of 0.05 m, with a wall of one cell around it. */
export function emptyRoom(width: number, height: number, more: Partial<Plan> = {}): Plan {
  const cells = new Uint8Array(width * height).fill(PLAN_FREE);
  const size = { cellM: 0.05, width, height };
  const plan = { ...size, origin: ORIGIN, cells, rooms: [], noGo: [], metadata: [], ...more };
  fill(plan, 0, 0, width, 1, PLAN_OCCUPIED);
  fill(plan, 0, height - 1, width, 1, PLAN_OCCUPIED);
  fill(plan, 0, 0, 1, height, PLAN_OCCUPIED);
  fill(plan, width - 1, 0, 1, height, PLAN_OCCUPIED);
  return plan;
}

/** Writes one value over a rectangle of cells. */
export function fill(plan: Plan, x: number, y: number, w: number, h: number, value: number): void {
  for (let row = y; row < y + h; row++) {
    plan.cells.fill(value, row * plan.width + x, row * plan.width + x + w);
  }
}

/** A plan with cells of its own. */
export function copyOf(plan: Plan): Plan {
  return { ...plan, cells: plan.cells.slice() };
}

/** Corners of a cell of the released frame, in the robot's map. */
export function cornersInMap(x: number, y: number, secret: ReleaseSecret, cellM: number): Vertex[] {
  const back = invert(toRelease(secret, cellM));
  const corners: Vertex[] = [
    [x, y],
    [x + 1, y],
    [x + 1, y + 1],
    [x, y + 1],
  ];
  return corners.map((corner) => apply(back, corner));
}

function toSegment([px, py]: Vertex, [ax, ay]: Vertex, [bx, by]: Vertex): number {
  const [dx, dy] = [bx - ax, by - ay];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : ((px - ax) * dx + (py - ay) * dy) / square;
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}

function contains(polygon: readonly Vertex[], [x, y]: Vertex): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [[ax, ay], [bx, by]] = [polygon[i]!, polygon[j]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/**
 * Distance between two polygons that do not cross, in their unit; 0 if one holds a corner of the
 * other, and anything from `enough` on if it is at least that.
 */
export function gapBetween(
  a: readonly Vertex[],
  b: readonly Vertex[],
  enough = Number.POSITIVE_INFINITY,
): number {
  const circles = [a, b].map((corners) => {
    const [x, y] = [0, 1].map((k) => corners.reduce((sum, c) => sum + c[k]!, 0) / corners.length);
    const radius = Math.max(...corners.map((c) => Math.hypot(c[0] - x!, c[1] - y!)));
    return { x: x!, y: y!, radius };
  });
  const [one, two] = circles as [(typeof circles)[0], (typeof circles)[0]];
  const apart = Math.hypot(one.x - two.x, one.y - two.y) - one.radius - two.radius;
  if (apart >= enough) return apart;
  let gap = Number.POSITIVE_INFINITY;
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    for (const point of from) {
      if (to.length > 2 && contains(to, point)) return 0;
      for (let i = 0; i < to.length; i++) {
        gap = Math.min(gap, toSegment(point, to[i]!, to[(i + 1) % to.length]!));
      }
    }
  }
  return gap;
}
