/**
 * Casts the rays of a spinning lidar. All rays of a column lie in one upright plane, so
 * the solids are cut with that plane once a column, and each beam then only compares heights.
 */
import type { Beam } from "./sensors.ts";
import { type Capsule, groundOf, type Solid } from "./solids.ts";

/** The sensor in the home: metres, and the direction of its first column. */
export interface Eye {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly yaw: number;
}

/** A body that moves, with the label of its points. */
export interface Labelled {
  readonly label: number;
  readonly body: readonly Capsule[];
}

/** What one ray meets: metres along the ray (Infinity: nothing) and the label of it. */
export type Visit = (beam: number, rangeM: number, label: number) => void;

/** Numbers of a solid in #solids: 0 and the corners of a box, or 1 and the middle of a cylinder. */
const STRIDE = 7;
/** Solids that follow each other lie close together: so many are left out at once. */
const GROUP = 8;

export class RayCaster {
  readonly #solids: Float64Array;
  readonly #count: number;
  // Rectangles around each group of solids.
  readonly #groups: Float64Array;
  readonly #ceilingM: number;
  // Solids in the plane of the column: from, to in metres along the floor; z0, z1.
  readonly #cuts: Float64Array;

  constructor(solids: readonly Solid[], ceilingM: number) {
    this.#count = solids.length;
    this.#ceilingM = ceilingM;
    this.#solids = new Float64Array(STRIDE * solids.length);
    this.#cuts = new Float64Array(4 * solids.length);
    this.#groups = new Float64Array(4 * Math.ceil(solids.length / GROUP));
    for (let g = 0; g < this.#groups.length / 4; g++) {
      const grounds = solids.slice(g * GROUP, (g + 1) * GROUP).map(groundOf);
      const low = (key: "x0" | "y0") => Math.min(...grounds.map((r) => r[key]));
      const high = (key: "x1" | "y1") => Math.max(...grounds.map((r) => r[key]));
      this.#groups.set([low("x0"), low("y0"), high("x1"), high("y1")], 4 * g);
    }
    for (const [i, solid] of solids.entries()) {
      const row =
        solid.kind === "box"
          ? [0, solid.x0, solid.y0, solid.x1, solid.y1, solid.z0, solid.z1]
          : [1, solid.x, solid.y, solid.radius, 0, solid.z0, solid.z1];
      this.#solids.set(row, STRIDE * i);
    }
  }

  /** Casts the rays of one column, whose direction in the home is `angleRad`, beam by beam. */
  column(
    beams: readonly Beam[],
    eye: Eye,
    angleRad: number,
    bodies: readonly Labelled[],
    visit: Visit,
  ): void {
    const ux = Math.cos(angleRad);
    const uy = Math.sin(angleRad);
    const cuts = this.#cut(eye, ux, uy);
    const near = bodies.filter(({ body }) => isNear(body, eye, ux, uy));
    for (let beam = 0; beam < beams.length; beam++) {
      const { slope, cos } = beams[beam]!;
      let flat = this.#nearest(cuts, eye.z, slope);
      let label = 0;
      for (const { label: theirs, body } of near) {
        const hit = nearestOf(body, eye, ux, uy, slope);
        if (hit < flat) {
          flat = hit;
          label = theirs;
        }
      }
      visit(beam, flat / cos, label);
    }
  }

  /** Cuts all solids with the column's plane; returns how many are met before the first full wall. */
  #cut(eye: Eye, ux: number, uy: number): number {
    const solids = this.#solids;
    const cuts = this.#cuts;
    const ix = 1 / ux;
    const iy = 1 / uy;
    let wall = Number.POSITIVE_INFINITY;
    let count = 0;
    for (let i = 0, at = 0; i < this.#count; i++, at += STRIDE) {
      if (i % GROUP === 0 && !this.#meetsGroup(i / GROUP, eye, ix, iy, wall)) {
        i += GROUP - 1;
        at += STRIDE * (GROUP - 1);
        continue;
      }
      let from: number;
      let to: number;
      if (solids[at] === 0) {
        const xa = (solids[at + 1]! - eye.x) * ix;
        const xb = (solids[at + 3]! - eye.x) * ix;
        const ya = (solids[at + 2]! - eye.y) * iy;
        const yb = (solids[at + 4]! - eye.y) * iy;
        from = Math.max(Math.min(xa, xb), Math.min(ya, yb));
        to = Math.min(Math.max(xa, xb), Math.max(ya, yb));
      } else {
        const dx = solids[at + 1]! - eye.x;
        const dy = solids[at + 2]! - eye.y;
        const middle = dx * ux + dy * uy;
        const square = solids[at + 3]! ** 2 - (dx * dx + dy * dy - middle * middle);
        if (square <= 0) continue;
        const half = Math.sqrt(square);
        from = middle - half;
        to = middle + half;
      }
      if (!(from < to) || to <= 0 || from >= wall) continue;
      const z0 = solids[at + 5]!;
      const z1 = solids[at + 6]!;
      if (z0 <= 0 && z1 >= this.#ceilingM) wall = from;
      cuts[4 * count] = Math.max(0, from);
      cuts[4 * count + 1] = to;
      cuts[4 * count + 2] = z0;
      cuts[4 * count + 3] = z1;
      count++;
    }
    return count;
  }

  /** Whether a column's plane comes through a group before the wall that ends it. */
  #meetsGroup(group: number, eye: Eye, ix: number, iy: number, wall: number): boolean {
    const groups = this.#groups;
    const xa = (groups[4 * group]! - eye.x) * ix;
    const xb = (groups[4 * group + 2]! - eye.x) * ix;
    const ya = (groups[4 * group + 1]! - eye.y) * iy;
    const yb = (groups[4 * group + 3]! - eye.y) * iy;
    const from = Math.max(Math.min(xa, xb), Math.min(ya, yb));
    const to = Math.min(Math.max(xa, xb), Math.max(ya, yb));
    return from <= to && to > 0 && from < wall;
  }

  /** Metres along the floor to the first solid, floor or ceiling that a beam meets. */
  #nearest(count: number, z: number, slope: number): number {
    const cuts = this.#cuts;
    let best = Number.POSITIVE_INFINITY;
    if (slope < 0) best = -z / slope;
    else if (slope > 0) best = (this.#ceilingM - z) / slope;
    for (let i = 0; i < 4 * count; i += 4) {
      const from = cuts[i]!;
      if (from >= best) continue;
      const height = z + slope * from;
      const z0 = cuts[i + 2]!;
      const z1 = cuts[i + 3]!;
      let hit = from;
      // Beside it: from above onto its top, or from below against its underside.
      if (height > z1) hit = slope < 0 ? (z1 - z) / slope : Number.POSITIVE_INFINITY;
      else if (height < z0) hit = slope > 0 ? (z0 - z) / slope : Number.POSITIVE_INFINITY;
      if (hit <= cuts[i + 1]! && hit < best) best = hit;
    }
    return best;
  }
}

/** Whether the plane of a column comes near a body: all of it is within its widest reach. */
function isNear(body: readonly Capsule[], eye: Eye, ux: number, uy: number): boolean {
  for (const { a, b, radius } of body) {
    const dx = (a[0] + b[0]) / 2 - eye.x;
    const dy = (a[1] + b[1]) / 2 - eye.y;
    const reach = radius + Math.hypot(b[0] - a[0], b[1] - a[1]) / 2;
    if (Math.abs(dx * uy - dy * ux) <= reach && dx * ux + dy * uy > -reach) return true;
  }
  return false;
}

/** Metres along the floor to the nearest capsule of a body; Infinity if the ray misses it. */
function nearestOf(
  body: readonly Capsule[],
  eye: Eye,
  ux: number,
  uy: number,
  slope: number,
): number {
  let best = Number.POSITIVE_INFINITY;
  for (const part of body) best = Math.min(best, capsuleHit(part, eye, ux, uy, slope));
  return best;
}

/**
 * The first t > 0 at which eye + t (ux, uy, slope) lies within the capsule's radius of its line: the
 * cylinder between its ends is asked first, then the ball at the end that the ray comes past.
 */
function capsuleHit(part: Capsule, eye: Eye, ux: number, uy: number, slope: number): number {
  const { a, b, radius } = part;
  const lx = b[0] - a[0];
  const ly = b[1] - a[1];
  const lz = b[2] - a[2];
  const ox = eye.x - a[0];
  const oy = eye.y - a[1];
  const oz = eye.z - a[2];
  const ll = lx * lx + ly * ly + lz * lz;
  const ld = lx * ux + ly * uy + lz * slope;
  const lo = lx * ox + ly * oy + lz * oz;
  const dd = 1 + slope * slope;
  const od = ox * ux + oy * uy + oz * slope;
  const oo = ox * ox + oy * oy + oz * oz;
  const qa = ll * dd - ld * ld;
  const qb = ll * od - lo * ld;
  const qc = ll * oo - lo * lo - radius * radius * ll;
  const root = qb * qb - qa * qc;
  // A ray that misses the endless cylinder misses the balls in it too.
  if (root < 0) return Number.POSITIVE_INFINITY;
  if (qa > 1e-12) {
    const t = (-qb - Math.sqrt(root)) / qa;
    const along = lo + t * ld;
    if (along > 0 && along < ll) return t > 0 ? t : Number.POSITIVE_INFINITY;
  }
  const da = ballHit(od, oo, dd, radius);
  const db = ballHit(od - ld, oo - 2 * lo + ll, dd, radius);
  return Math.min(da, db);
}

/** The same for a ball, from the products of the way to its middle: with the ray, with itself. */
function ballHit(od: number, oo: number, dd: number, radius: number): number {
  const square = od * od - dd * (oo - radius * radius);
  const t = square < 0 ? Number.POSITIVE_INFINITY : (-od - Math.sqrt(square)) / dd;
  return t > 0 ? t : Number.POSITIVE_INFINITY;
}
