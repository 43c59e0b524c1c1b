/** Cells of points as the core finds them, and sets of cells. */
import type { Pose } from "../core/frame.ts";
import { tooLarge } from "../formats/input-errors.ts";

/** Cells of a set lie within so many of its origin along each axis: 3 x 17 bits fit a double. */
const CELL_MAX = 1 << 16;
const SPAN = 2 * CELL_MAX;
const f32 = Math.fround;

/**
 * Tells the cell of each point, bit for bit as the core does for a map without a secret turn: the pose
 * moved by the first one's position, as f32; products and sums in one order; floor of the quotient.
 */
export class CellFinder {
  readonly #leaf: number;
  #first: readonly [number, number, number] | undefined;

  constructor(leafM: number) {
    this.#leaf = f32(leafM);
  }

  /** x y z of the cell of each point (x y z in the sensor's frame); scans in the order of the map. */
  cellsOf(points: Float32Array, pose: Pose): Int32Array {
    this.#first ??= pose.translation;
    const m = Float32Array.from(rowsOf(pose, this.#first));
    const cells = new Int32Array(points.length);
    for (let i = 0; i < points.length; i += 3) {
      const x = points[i]!;
      const y = points[i + 1]!;
      const z = points[i + 2]!;
      for (let axis = 0; axis < 3; axis++) {
        const row = 4 * axis;
        const xy = f32(f32(m[row]! * x) + f32(m[row + 1]! * y));
        const moved = f32(f32(xy + f32(m[row + 2]! * z)) + m[row + 3]!);
        cells[i + axis] = Math.floor(f32(moved / this.#leaf));
      }
    }
    return cells;
  }
}

/** A pose, moved by `first`, as the rows of a 3x4 matrix. */
export function rowsOf(
  { translation: t, quaternion }: Pose,
  first: Pose["translation"],
): readonly number[] {
  const norm = Math.sqrt(quaternion.reduce((sum, part) => sum + part * part, 0));
  const [x, y, z, w] = quaternion.map((part) => part / norm) as [number, number, number, number];
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), t[0] - first[0]],
    ...[2 * (x * y + w * z), 1 - 2 * (z * z + x * x), 2 * (y * z - w * x), t[1] - first[1]],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y), t[2] - first[2]],
  ];
}

/** A cell as one number. TOO_LARGE beyond 65,536 cells of the origin. */
export function cellKey(x: number, y: number, z: number): number {
  if (Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) >= CELL_MAX) {
    const text = `cell ${x} ${y} ${z} is farther than ${CELL_MAX} cells; use a larger leaf.`;
    throw tooLarge("map", text);
  }
  return ((x + CELL_MAX) * SPAN + (y + CELL_MAX)) * SPAN + (z + CELL_MAX);
}

/** Numbers the keys that it is given, from 0 on: a hash table with open addressing. */
export class KeyTable {
  #keys = new Float64Array(1 << 10).fill(-1);
  #numbers = new Int32Array(1 << 10);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Number of a key, which is new if it is the size of before. Keys are whole and not below 0. */
  add(key: number): number {
    if (4 * this.#size > 3 * this.#keys.length) this.#grow();
    const at = this.#slot(key);
    if (this.#keys[at] === key) return this.#numbers[at]!;
    this.#keys[at] = key;
    this.#numbers[at] = this.#size;
    return this.#size++;
  }

  /** Number of a key, or -1. */
  find(key: number): number {
    const at = this.#slot(key);
    return this.#keys[at] === key ? this.#numbers[at]! : -1;
  }

  has(key: number): boolean {
    return this.#keys[this.#slot(key)] === key;
  }

  #slot(key: number): number {
    const mask = this.#keys.length - 1;
    const mixed = Math.imul(key | 0, 0x9e3779b1) ^ Math.imul(Math.floor(key / 2 ** 32), 0x85ebca6b);
    let at = (mixed ^ (mixed >>> 15)) & mask;
    while (this.#keys[at] !== -1 && this.#keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [keys, numbers] = [this.#keys, this.#numbers];
    this.#keys = new Float64Array(2 * keys.length).fill(-1);
    this.#numbers = new Int32Array(2 * keys.length);
    for (let i = 0; i < keys.length; i++) {
      if (keys[i] === -1) continue;
      const at = this.#slot(keys[i]!);
      this.#keys[at] = keys[i]!;
      this.#numbers[at] = numbers[i]!;
    }
  }
}

/** The cells of x y z triples as a set. */
export function cellSet(cells: Int32Array): KeyTable {
  const set = new KeyTable();
  for (let i = 0; i < cells.length; i += 3)
    set.add(cellKey(cells[i]!, cells[i + 1]!, cells[i + 2]!));
  return set;
}
