/**
 * A voxel grid that is only right: cells by the rule that is asked for, sums in double precision. What
 * any other grid makes is held against it.
 */

/** How a grid finds the cell of a point. */
export type CellRule =
  /** floor(fround(x / leaf)): ours. */
  | "divide"
  /** floor(fround(x * fround(1 / leaf))): PCL's. */
  | "multiply"
  /** floor((x - corner) / leaf) in double precision, corner = lowest x - leaf / 2: Open3D's. */
  | "from the corner";

/**
 * Centroids agree within this, or within half a step of the core, which is 1/2048 of the leaf. What
 * lies beyond FAR_M has fewer bits for what is behind the point.
 */
const TOLERANCE_M = 1e-4;
const TOLERANCE_STEPS = 1 / 4096;
const TOLERANCE_BEYOND_M = 1e-4;
const FAR_M = 100;
/** Of what is rounded in f32 besides. */
const ROUNDING = 1.01;

type Position = readonly [x: number, y: number, z: number];

export class ExactGrid {
  /** Number of voxels. */
  readonly size: number;
  readonly #cellOf: (value: number, axis: number) => number;
  readonly #toleranceM: number;
  readonly #low: number[] = [];
  readonly #spans: number[] = [];
  readonly #places = new Map<number, number>();
  /** Sums of x, y, z and the number of points of each voxel. */
  readonly #sums: number[] = [];

  /** @param points x y z each, all of them finite */
  constructor(points: Float32Array, leafM: number, rule: CellRule) {
    this.#toleranceM = Math.max(TOLERANCE_M, leafM * TOLERANCE_STEPS * ROUNDING);
    const corners = [0, 1, 2].map((axis) => extremes(points, axis));
    this.#cellOf = cellRule(rule, leafM, corners);
    for (const [axis, [low, high]] of corners.entries()) {
      this.#low.push(this.#cellOf(low, axis));
      this.#spans.push(this.#cellOf(high, axis) - this.#low[axis]! + 1);
    }
    const cells = this.#spans.reduce((product, span) => product * span);
    if (!(cells < Number.MAX_SAFE_INTEGER)) throw new Error(`${cells} cells: no number is exact`);
    for (let at = 0; at < points.length; at += 3) this.#add(points, at);
    this.size = this.#places.size;
  }

  #add(points: Float32Array, at: number): void {
    const [x, y, z] = [points[at]!, points[at + 1]!, points[at + 2]!];
    const key = this.#keyOf(this.#cellOf(x, 0), this.#cellOf(y, 1), this.#cellOf(z, 2));
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#places.size;
      this.#places.set(key, place);
      this.#sums.push(0, 0, 0, 0);
    }
    for (const [k, value] of [x, y, z, 1].entries()) this.#sums[4 * place + k]! += value;
  }

  #keyOf(x: number, y: number, z: number): number {
    const [lowX, lowY, lowZ] = this.#low as [number, number, number];
    const [, spanY, spanZ] = this.#spans as [number, number, number];
    return ((x - lowX) * spanY + (y - lowY)) * spanZ + (z - lowZ);
  }

  /**
   * Places of the voxels whose cells a position is in or beside, as far as rounding reaches: a
   * centroid was rounded, and so was the bound of its cell.
   */
  *#near(position: Position, toleranceM: number): Generator<number> {
    for (const step of STEPS) {
      const cell = position.map((value, k) => this.#cellOf(value + step[k]! * toleranceM, k));
      const isInside = cell.every((value, axis) => {
        const from = value - this.#low[axis]!;
        return from >= 0 && from < this.#spans[axis]!;
      });
      if (!isInside) continue;
      const [x, y, z] = cell as [number, number, number];
      const place = this.#places.get(this.#keyOf(x, y, z));
      if (place !== undefined) yield place;
    }
  }

  /**
   * Throws unless the voxels are exactly those of this grid, each once, with the same centroids and,
   * where they tell it, the same number of points.
   * @param voxels x y z, and with a stride of 4 the number of points, each
   */
  assertSame(what: string, voxels: Float32Array, stride: 3 | 4): void {
    const count = voxels.length / stride;
    if (count !== this.size)
      throw new Error(`${what}: ${count} voxels where ${this.size} are right`);
    const seen = new Uint8Array(count);
    for (let at = 0; at < voxels.length; at += stride) {
      const position: Position = [voxels[at]!, voxels[at + 1]!, voxels[at + 2]!];
      const points = stride === 4 ? voxels[at + 3]! : undefined;
      const place = this.#match(position, points, seen);
      if (place === undefined) {
        throw new Error(`${what}: (${position.join(", ")}), ${points} points: no such voxel`);
      }
      seen[place] = 1;
    }
  }

  #match(position: Position, points: number | undefined, seen: Uint8Array): number | undefined {
    const beyond = Math.hypot(...position) > FAR_M ? TOLERANCE_BEYOND_M : 0;
    const tolerance = this.#toleranceM + beyond;
    for (const place of this.#near(position, tolerance)) {
      if (seen[place] === 1) continue;
      const count = this.#sums[4 * place + 3]!;
      const isNear = position.every(
        (value, axis) => Math.abs(this.#sums[4 * place + axis]! / count - value) <= tolerance,
      );
      if (isNear && (points === undefined || points === count)) return place;
    }
    return undefined;
  }

  /** Throws unless the positions, of `stride` numbers each, lie in all cells of this grid, one in each. */
  assertSameCells(what: string, positions: Float32Array, stride: 3 | 4): void {
    const count = positions.length / stride;
    if (count !== this.size)
      throw new Error(`${what}: ${count} cells where ${this.size} are right`);
    const seen = new Uint8Array(count);
    for (let at = 0; at < positions.length; at += stride) {
      const position: Position = [positions[at]!, positions[at + 1]!, positions[at + 2]!];
      const place = this.#near(position, 0).next();
      if (place.done || seen[place.value] === 1) {
        throw new Error(`${what}: (${position.join(", ")}) lies in no cell, or in one twice`);
      }
      seen[place.value] = 1;
    }
  }

  /** Throws unless each position lies in a voxel of this grid, or a rounding beside one. */
  assertInside(what: string, positions: Float32Array): void {
    for (let at = 0; at < positions.length; at += 3) {
      const position: Position = [positions[at]!, positions[at + 1]!, positions[at + 2]!];
      if (this.#near(position, TOLERANCE_M).next().done) {
        throw new Error(`${what}: (${position.join(", ")}) lies in no voxel`);
      }
    }
  }
}

/** No step first: nearly every centroid lies in its own cell. */
const STEPS = [0, -1, 1].flatMap((x) =>
  [0, -1, 1].flatMap((y) => [0, -1, 1].map((z) => [x, y, z] as const)),
);

function extremes(points: Float32Array, axis: number): readonly [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = axis; at < points.length; at += 3) {
    low = Math.min(low, points[at]!);
    high = Math.max(high, points[at]!);
  }
  return [low, high];
}

function cellRule(
  rule: CellRule,
  leafM: number,
  corners: readonly (readonly [number, number])[],
): (value: number, axis: number) => number {
  const leaf = Math.fround(leafM);
  if (rule === "divide") return (value) => Math.floor(Math.fround(value / leaf));
  const inverse = Math.fround(1 / leaf);
  if (rule === "multiply") return (value) => Math.floor(Math.fround(value * inverse));
  const low = corners.map(([lowest]) => lowest - leafM * 0.5);
  return (value, axis) => Math.floor((value - low[axis]!) / leafM);
}
