/**
 * The hole that stands for a no-go area. A map or plan that is cut along the area itself shows its
 * outline, which the owner wanted kept: so the smallest rectangle around it is cut instead, grown
 * by a random width that is new in every release.
 */
import { MapveilError } from "../core/errors.ts";
import type { Vertex } from "./polygon.ts";

/** Random bytes that a hole takes: four for each side. */
export const HOLE_RANDOM_BYTES = 16;

/** Most that a side is moved outwards at random, in metres. */
export const HOLE_GROWTH_MAX_M = 0.3;

/** Corners of a rectangle in any direction, counter-clockwise. */
export type Rectangle = readonly [Vertex, Vertex, Vertex, Vertex];

/** Directions are told apart to this, so that what points the same way is turned the same way. */
const ANGLE_STEP = 1e-6;
/** Areas that differ by less than this share are the same but for rounding. */
const SAME_AREA = 1e-9;
/** Share of the largest coordinate that rounding corners to f32 moves them by at most. */
const F32_ROUNDING = 2 ** -23;

/** Where a rectangle lies when it is seen turned by `-angle`: 0 to less than a quarter turn. */
interface Extent {
  readonly angle: number;
  readonly min: Vertex;
  readonly max: Vertex;
}

/** > 0 if a b c turns left. */
function turn(a: Vertex, b: Vertex, c: Vertex): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** One side of the hull of points that are sorted along x, or the other if they are reversed. */
function chain(sorted: readonly Vertex[]): Vertex[] {
  const side: Vertex[] = [];
  for (const point of sorted) {
    while (side.length >= 2 && turn(side.at(-2)!, side.at(-1)!, point) <= 0) side.pop();
    side.push(point);
  }
  side.pop();
  return side;
}

/** Corners of the convex hull, counter-clockwise (Andrew's monotone chain, 1979); a point for one. */
function convexHull(points: readonly Vertex[]): readonly Vertex[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const hull = [...chain(sorted), ...chain(sorted.reverse())];
  return hull.length === 0 ? [points[0]!] : hull;
}

function rotate([x, y]: Vertex, angle: number): Vertex {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [c * x - s * y, s * x + c * y];
}

function extentAlong(hull: readonly Vertex[], angle: number): Extent {
  const turned = hull.map((corner) => rotate(corner, -angle));
  const [xs, ys] = [turned.map(([x]) => x), turned.map(([, y]) => y)];
  return {
    angle,
    min: [Math.min(...xs), Math.min(...ys)],
    max: [Math.max(...xs), Math.max(...ys)],
  };
}

/** Direction of an edge modulo a quarter turn, in steps. */
function direction(a: Vertex, b: Vertex): number {
  const quarter = Math.PI / 2;
  const angle = Math.atan2(b[1] - a[1], b[0] - a[0]);
  const steps = Math.round((((angle % quarter) + quarter) % quarter) / ANGLE_STEP) * ANGLE_STEP;
  return steps >= quarter - ANGLE_STEP ? 0 : steps;
}

/**
 * The smallest rectangle around points: one of its sides lies along a side of their convex hull
 * (Freeman and Shapira, CACM 18(7), 1975). Hulls have few sides, so each is tried on all corners.
 * Of rectangles of one area the one with the shorter outline, then that of the smaller angle.
 */
function smallestExtent(points: readonly Vertex[]): Extent {
  const hull = convexHull(points);
  const angles = new Set(hull.map((corner, i) => direction(corner, hull[(i + 1) % hull.length]!)));
  const sides = ({ min, max }: Extent): Vertex => [max[0] - min[0], max[1] - min[1]];
  let best: Extent | undefined;
  for (const angle of [...angles].sort((a, b) => a - b)) {
    const extent = extentAlong(hull, angle);
    if (best === undefined) {
      best = extent;
      continue;
    }
    const [[w, h], [bestW, bestH]] = [sides(extent), sides(best)];
    const close = SAME_AREA * (w + h) * (w + h);
    const gain = bestW * bestH - w * h;
    if (gain > close || (gain > -close && w + h < (bestW + bestH) * (1 - SAME_AREA))) best = extent;
  }
  return best!;
}

/**
 * The rectangle that is cut for a no-go area, in the area's own frame and in metres: the smallest
 * one around `corners` in any direction, grown on every side by `dilateM` and by 0 to
 * HOLE_GROWTH_MAX_M more, as HOLE_RANDOM_BYTES of `random` say. Areas with the same smallest
 * rectangle have the same hole. One corner or two, as of a virtual wall, are an area too. The hole
 * still holds the area if its corners are rounded to f32.
 *
 * Many holes drawn for one area tell its rectangle, grown by `dilateM`, and no more.
 *
 * Throws USAGE without a corner, or where a corner is no number.
 */
export function noGoHole(
  corners: readonly Vertex[],
  dilateM: number,
  random: Uint8Array,
): Rectangle {
  if (corners.length === 0 || !corners.flat().every(Number.isFinite)) {
    throw new MapveilError(
      "USAGE",
      "A no-go area needs corners, each two finite numbers in metres.",
    );
  }
  if (random.length !== HOLE_RANDOM_BYTES) {
    const message = `A hole takes ${HOLE_RANDOM_BYTES} random bytes, not ${random.length}.`;
    throw new MapveilError("USAGE", message);
  }
  const { angle, min, max } = smallestExtent(corners);
  const largest = Math.max(...corners.flat().map(Math.abs)) + dilateM + HOLE_GROWTH_MAX_M;
  const view = new DataView(random.buffer, random.byteOffset, random.length);
  const grown = (side: number) =>
    dilateM +
    (view.getUint32(4 * side, true) / 2 ** 32) * HOLE_GROWTH_MAX_M +
    2 * F32_ROUNDING * largest;
  const [left, bottom] = [min[0] - grown(0), min[1] - grown(1)];
  const [right, top] = [max[0] + grown(2), max[1] + grown(3)];
  return [
    rotate([left, bottom], angle),
    rotate([right, bottom], angle),
    rotate([right, top], angle),
    rotate([left, top], angle),
  ];
}
