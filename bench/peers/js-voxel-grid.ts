/**
 * A good voxel grid in plain JavaScript: the honest peer of the core's. Typed arrays only, open
 * addressing over a table of at least four slots a point, a shortcut for a point in the last one's
 * cell, nothing allocated a frame. It keeps the rules of the core, so that the cells must be equal:
 * cell = floor(fround(x / leaf)), and what is not finite, (0, 0, 0) or 2^20 cells away is no point.
 */

const LIMIT = 2 ** 20;

export class JsVoxelGrid {
  /** Two words a cell, 21 bits an axis: x and the low 11 bits of y, then the rest of y and z. */
  readonly #keys: Int32Array;
  /** Place of a cell plus one; 0 is an empty slot. */
  readonly #table: Int32Array;
  /** Sums of x, y, z in metres and the number of points, four a cell. */
  readonly #sums: Float64Array;
  #shift = 0;
  #mask = 0;

  /** Room for frames of so many points. */
  constructor(points: number) {
    this.#keys = new Int32Array(2 * points);
    this.#sums = new Float64Array(4 * points);
    this.#table = new Int32Array(1 << tableBits(points));
  }

  #clear(points: number): void {
    const bits = tableBits(points);
    this.#shift = 32 - bits;
    this.#mask = (1 << bits) - 1;
    this.#table.fill(0, 0, 1 << bits);
  }

  /** The cells of a frame, keys alone; returns how many. `stride` is in floats. */
  addCells(points: Float32Array, stride: number, count: number, edge: number): number {
    this.#clear(count);
    const keys = this.#keys;
    const table = this.#table;
    const shift = this.#shift;
    const mask = this.#mask;
    const leaf = Math.fround(edge);
    let cells = 0;
    let lastLow = 0;
    let lastHigh = -1;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      const px = points[at]!;
      const py = points[at + 1]!;
      const pz = points[at + 2]!;
      const x = Math.fround(px / leaf);
      const y = Math.fround(py / leaf);
      const z = Math.fround(pz / leaf);
      if (!(Math.abs(x) < LIMIT && Math.abs(y) < LIMIT && Math.abs(z) < LIMIT)) continue;
      if (px === 0 && py === 0 && pz === 0) continue;
      const cy = Math.floor(y) + LIMIT;
      const a = (Math.floor(x) + LIMIT) | (cy << 21);
      const b = (cy >>> 11) | ((Math.floor(z) + LIMIT) << 10);
      if (a === lastLow && b === lastHigh) continue;
      lastLow = a;
      lastHigh = b;
      let slot = hash(a, b) >>> shift;
      for (;;) {
        const place = table[slot]!;
        if (place === 0) {
          keys[2 * cells] = a;
          keys[2 * cells + 1] = b;
          table[slot] = ++cells;
          break;
        }
        if (keys[2 * place - 2] === a && keys[2 * place - 1] === b) break;
        slot = (slot + 1) & mask;
      }
    }
    return cells;
  }

  /** The cells of a frame with sums and counts; returns how many. */
  addPoints(points: Float32Array, stride: number, count: number, edge: number): number {
    this.#clear(count);
    const keys = this.#keys;
    const sums = this.#sums;
    const table = this.#table;
    const shift = this.#shift;
    const mask = this.#mask;
    const leaf = Math.fround(edge);
    let cells = 0;
    let lastLow = 0;
    let lastHigh = -1;
    let sum = 0;
    for (let i = 0, at = 0; i < count; i++, at += stride) {
      const px = points[at]!;
      const py = points[at + 1]!;
      const pz = points[at + 2]!;
      const x = Math.fround(px / leaf);
      const y = Math.fround(py / leaf);
      const z = Math.fround(pz / leaf);
      if (!(Math.abs(x) < LIMIT && Math.abs(y) < LIMIT && Math.abs(z) < LIMIT)) continue;
      if (px === 0 && py === 0 && pz === 0) continue;
      const cy = Math.floor(y) + LIMIT;
      const a = (Math.floor(x) + LIMIT) | (cy << 21);
      const b = (cy >>> 11) | ((Math.floor(z) + LIMIT) << 10);
      if (a !== lastLow || b !== lastHigh) {
        lastLow = a;
        lastHigh = b;
        let slot = hash(a, b) >>> shift;
        for (;;) {
          const place = table[slot]!;
          if (place === 0) {
            keys[2 * cells] = a;
            keys[2 * cells + 1] = b;
            sum = 4 * cells;
            sums[sum] = px;
            sums[sum + 1] = py;
            sums[sum + 2] = pz;
            sums[sum + 3] = 1;
            table[slot] = ++cells;
            break;
          }
          if (keys[2 * place - 2] === a && keys[2 * place - 1] === b) {
            sum = 4 * (place - 1);
            sums[sum] = sums[sum]! + px;
            sums[sum + 1] = sums[sum + 1]! + py;
            sums[sum + 2] = sums[sum + 2]! + pz;
            sums[sum + 3] = sums[sum + 3]! + 1;
            break;
          }
          slot = (slot + 1) & mask;
        }
      } else {
        sums[sum] = sums[sum]! + px;
        sums[sum + 1] = sums[sum + 1]! + py;
        sums[sum + 2] = sums[sum + 2]! + pz;
        sums[sum + 3] = sums[sum + 3]! + 1;
      }
    }
    return cells;
  }

  /** Place of a cell in the list of the last frame, or -1. */
  find(x: number, y: number, z: number): number {
    const cy = y + LIMIT;
    const a = (x + LIMIT) | (cy << 21);
    const b = (cy >>> 11) | ((z + LIMIT) << 10);
    for (let slot = hash(a, b) >>> this.#shift; ; slot = (slot + 1) & this.#mask) {
      const place = this.#table[slot]! - 1;
      if (place < 0 || (this.#keys[2 * place] === a && this.#keys[2 * place + 1] === b))
        return place;
    }
  }

  /** Sums of x, y, z and the number of points of a cell, after addPoints. */
  sumsAt(place: number): readonly [number, number, number, number] {
    const [x, y, z, points] = this.#sums.subarray(4 * place, 4 * place + 4);
    return [x!, y!, z!, points!];
  }

  /** Writes the centroid x y z and the number of points of each cell, after addPoints. */
  writeCentroids(cells: number, to: Float32Array): void {
    const sums = this.#sums;
    for (let at = 0; at < 4 * cells; at += 4) {
      const points = sums[at + 3]!;
      to[at] = sums[at]! / points;
      to[at + 1] = sums[at + 1]! / points;
      to[at + 2] = sums[at + 2]! / points;
      to[at + 3] = points;
    }
  }

  /** Writes the cells, x y z each, moved so that the lowest of each axis is 0; returns the lowest. */
  copyShifted(cells: number, to: Int32Array): readonly [number, number, number] {
    const keys = this.#keys;
    let xLow = 2 * LIMIT;
    let yLow = 2 * LIMIT;
    let zLow = 2 * LIMIT;
    for (let i = 0, at = 0; i < cells; i++, at += 3) {
      const a = keys[2 * i]!;
      const b = keys[2 * i + 1]!;
      const x = a & 0x1fffff;
      const y = (a >>> 21) | ((b & 0x3ff) << 11);
      const z = b >>> 10;
      if (x < xLow) xLow = x;
      if (y < yLow) yLow = y;
      if (z < zLow) zLow = z;
      to[at] = x;
      to[at + 1] = y;
      to[at + 2] = z;
    }
    for (let at = 0; at < 3 * cells; at += 3) {
      to[at] = to[at]! - xLow;
      to[at + 1] = to[at + 1]! - yLow;
      to[at + 2] = to[at + 2]! - zLow;
    }
    return [xLow - LIMIT, yLow - LIMIT, zLow - LIMIT];
  }
}

/** Four slots a point, a power of two. */
function tableBits(points: number): number {
  return Math.max(4, 34 - Math.clz32(points - 1));
}

function hash(a: number, b: number): number {
  return Math.imul(a ^ (a >>> 15) ^ Math.imul(b, 0x85ebca6b), 0x9e3779b1);
}
