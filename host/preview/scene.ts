/** Which part of space a picture shows: the same on both sides, and not spoilt by one far point. */

/** Smallest and largest x, y, z. */
export interface Bounds {
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
}

const SAMPLES_MAX = 100_000;

/** The values between which the middle `share` of the points lies, an axis. */
export function bounds(points: Float32Array, share: number): Bounds {
  const axis = (offset: number): [number, number] => {
    const step = 3 * Math.max(1, Math.ceil(points.length / 3 / SAMPLES_MAX));
    const values = new Float32Array(Math.ceil(points.length / step));
    for (let i = 0, at = offset; i < values.length; i++, at += step) values[i] = points[at]!;
    values.sort();
    const cut = Math.floor(((1 - share) / 2) * values.length);
    return [values[cut] ?? 0, values[values.length - 1 - cut] ?? 0];
  };
  const [x, y, z] = [axis(0), axis(1), axis(2)];
  return { min: [x[0], y[0], z[0]], max: [x[1], y[1], z[1]] };
}

/** Moves points, in place. */
export function shift(points: Float32Array, by: readonly [number, number, number]): Float32Array {
  for (let i = 0; i < points.length; i++) points[i]! += by[i % 3]!;
  return points;
}

/** Exact lowest x, y, z; 0 0 0 without points. */
export function lowest(points: Float32Array): [number, number, number] {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  for (let i = 0; i < points.length; i++) {
    const axis = i % 3;
    if (points[i]! < low[axis]!) low[axis] = points[i]!;
  }
  return points.length === 0 ? [0, 0, 0] : low;
}

/** Parts points into those in one of the voxels, whose centres are given, and those in none. */
export function partByVoxels(
  points: Float32Array,
  centres: Float32Array,
  leafM: number,
): { kept: Float32Array; cropped: Float32Array } {
  const leaf = Math.fround(leafM);
  const cell = (value: number) => Math.floor(Math.fround(value / leaf));
  const key = (p: Float32Array, i: number) =>
    `${cell(p[i]!)} ${cell(p[i + 1]!)} ${cell(p[i + 2]!)}`;
  const cells = new Set<string>();
  for (let i = 0; i < centres.length; i += 3) cells.add(key(centres, i));
  const kept: number[] = [];
  const cropped: number[] = [];
  for (let i = 0; i < points.length; i += 3) {
    const part = cells.has(key(points, i)) ? kept : cropped;
    part.push(points[i]!, points[i + 1]!, points[i + 2]!);
  }
  return { kept: Float32Array.from(kept), cropped: Float32Array.from(cropped) };
}

/**
 * Parts cells, given by their centres, into those that touch one of `others`, by a face, an edge or a
 * corner, and those that stand apart.
 */
export function partByTouch(
  centres: Float32Array,
  others: Float32Array,
  leafM: number,
): { touching: Float32Array; apart: Float32Array } {
  const cell = (p: Float32Array, i: number) => Math.floor(p[i]! / leafM);
  const key = (x: number, y: number, z: number) => `${x} ${y} ${z}`;
  const near = new Set<string>();
  for (let i = 0; i < others.length; i += 3) {
    near.add(key(cell(others, i), cell(others, i + 1), cell(others, i + 2)));
  }
  const steps = [-1, 0, 1];
  const touching: number[] = [];
  const apart: number[] = [];
  for (let i = 0; i < centres.length; i += 3) {
    const [x, y, z] = [cell(centres, i), cell(centres, i + 1), cell(centres, i + 2)];
    const touches = steps.some((dx) =>
      steps.some((dy) => steps.some((dz) => near.has(key(x + dx, y + dy, z + dz)))),
    );
    (touches ? touching : apart).push(centres[i]!, centres[i + 1]!, centres[i + 2]!);
  }
  return { touching: Float32Array.from(touching), apart: Float32Array.from(apart) };
}
