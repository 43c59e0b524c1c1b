/** Whether a point has another one within a distance: the question of the published protocol. */
import { tooLarge } from "../formats/input-errors.ts";
import { cellKey, KeyTable } from "./cells.ts";

/** 1.6 GB of coordinates: more would not fit this process. */
const POINTS_MAX = 1 << 27;

export class NearPoints {
  readonly #distanceM: number;
  readonly #cells = new KeyTable();
  #points = new Float32Array(3 << 16);
  /** The point before in the same cell, and the last one of each cell; -1 for none. */
  #before = new Int32Array(1 << 16);
  #last = new Int32Array(1 << 10).fill(-1);
  #count = 0;

  constructor(distanceM: number) {
    this.#distanceM = distanceM;
  }

  /** Takes a point, metres. TOO_LARGE beyond 2^27 of them. */
  add(x: number, y: number, z: number): void {
    if (this.#count === POINTS_MAX) {
      throw tooLarge("scans", `more than ${POINTS_MAX} points are kept; take fewer scans.`);
    }
    const cell = this.#cells.add(this.#key(x, y, z, 0, 0, 0));
    if (cell === this.#last.length) this.#last = widened(this.#last);
    if (this.#count === this.#before.length) {
      this.#before = widened(this.#before);
      const points = new Float32Array(2 * this.#points.length);
      points.set(this.#points);
      this.#points = points;
    }
    this.#points.set([x, y, z], 3 * this.#count);
    this.#before[this.#count] = this.#last[cell]!;
    this.#last[cell] = this.#count++;
  }

  /** Whether a point was added that is no farther than the distance. */
  hasNear(x: number, y: number, z: number): boolean {
    if (this.#isNear(this.#key(x, y, z, 0, 0, 0), x, y, z)) return true;
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dz = -1; dz <= 1; dz++) {
          if (this.#isNear(this.#key(x, y, z, dx, dy, dz), x, y, z)) return true;
        }
      }
    }
    return false;
  }

  #isNear(key: number, x: number, y: number, z: number): boolean {
    const cell = this.#cells.find(key);
    for (let i = cell < 0 ? -1 : this.#last[cell]!; i >= 0; i = this.#before[i]!) {
      const dx = this.#points[3 * i]! - x;
      const dy = this.#points[3 * i + 1]! - y;
      const dz = this.#points[3 * i + 2]! - z;
      if (dx * dx + dy * dy + dz * dz <= this.#distanceM ** 2) return true;
    }
    return false;
  }

  #key(x: number, y: number, z: number, dx: number, dy: number, dz: number): number {
    const d = this.#distanceM;
    return cellKey(Math.floor(x / d) + dx, Math.floor(y / d) + dy, Math.floor(z / d) + dz);
  }
}

function widened(values: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(2 * values.length).fill(-1);
  wider.set(values);
  return wider;
}
