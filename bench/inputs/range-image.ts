/**
 * A frame of a spinning sensor seen as an image of azimuth and elevation, so that another sensor's
 * beams can be sent into the same scene.
 *
 * What it gives back is measured or lies between measurements: within a smooth patch the mean of the
 * four pixels around the direction, weighted by nearness, else the nearest pixel's range. So nothing is
 * invented across the edge of a thing, and where the sensor saw nothing there is nothing.
 */
import type { Frame } from "../../host/core/frame.ts";
import { floatsOf } from "./frames.ts";

/** Ranges of a patch may differ by so much: that share of the nearest, and a length in metres. */
const PATCH_SHARE = 0.05;
const PATCH_M = 0.1;
/** Nearer points do not tell a beam's direction: they count from its origin, not the sensor's. */
const FAR_M = 5;
/** Deviation that is put back along the ray: data sheets give 1 to 3 cm for a measurement. */
const NOISE_M = 0.01;
const TURN = 2 * Math.PI;

export class RangeImage {
  readonly #rows: number;
  readonly #columns: number;
  /** x y z of a pixel, row by row from the highest beam; all 0 where nothing came back. */
  readonly #points: Float32Array;
  /** Range of a pixel in metres. */
  readonly #ranges: Float32Array;
  /** Elevation of each row in radians, falling. */
  readonly #elevations: Float64Array;
  /** Azimuth of each row's first pixel in radians; it falls with the column. */
  readonly #starts: Float64Array;

  /** `frame` holds so many rows in column order, the highest beam first, turning clockwise. */
  constructor(frame: Frame, rows: number) {
    this.#rows = rows;
    this.#columns = frame.count / rows;
    this.#points = new Float32Array(3 * frame.count);
    this.#ranges = new Float32Array(frame.count);
    this.#elevations = new Float64Array(rows);
    this.#starts = new Float64Array(rows);
    const { floats, stride } = floatsOf(frame);
    for (let row = 0; row < rows; row++) this.#readRow(row, floats, stride);
    for (let row = 1; row < rows; row++) {
      if (this.#elevations[row]! < this.#elevations[row - 1]!) continue;
      throw new Error(
        `row ${row} does not lie below the one before it: no spinning sensor's frame`,
      );
    }
  }

  /** Lowest and highest beam in radians. */
  get elevations(): readonly [number, number] {
    return [this.#elevations[this.#rows - 1]!, this.#elevations[0]!];
  }

  #readRow(row: number, floats: Float32Array, stride: number): void {
    let [cos, sin, up, far] = [0, 0, 0, 0];
    for (let column = 0; column < this.#columns; column++) {
      const from = (column * this.#rows + row) * stride;
      const [x, y, z] = [floats[from]!, floats[from + 1]!, floats[from + 2]!];
      const range = Math.hypot(x, y, z);
      if (!(range > 0 && range < Infinity)) continue;
      const pixel = row * this.#columns + column;
      this.#points.set([x, y, z], 3 * pixel);
      this.#ranges[pixel] = range;
      if (range < FAR_M) continue;
      const start = Math.atan2(y, x) + (TURN * column) / this.#columns;
      cos += Math.cos(start);
      sin += Math.sin(start);
      up += Math.asin(z / range);
      far++;
    }
    if (far === 0) throw new Error(`row ${row} saw nothing beyond ${FAR_M} m`);
    this.#elevations[row] = up / far;
    this.#starts[row] = Math.atan2(sin, cos);
  }

  /**
   * Writes x y z of what lies in a direction (radians; azimuth from x to y) to `out` at `at`; zeros if
   * that is nothing. Directions above or below all beams are those of the outermost. `noise` gives
   * normal numbers: a mean of four is less noisy than a measurement, and gets back what it lost.
   */
  sample(
    azimuth: number,
    elevation: number,
    noise: () => number,
    out: Float32Array,
    at: number,
  ): void {
    const above = this.#rowAbove(elevation);
    const high = this.#elevations[above]!;
    const part = (high - elevation) / (high - this.#elevations[above + 1]!);
    const down = Math.min(1, Math.max(0, part));
    const upper = this.#columnAt(above, azimuth);
    const lower = this.#columnAt(above + 1, azimuth);
    const [a, b] = this.#pair(above, upper);
    const [c, d] = this.#pair(above + 1, lower);
    const left = upper - Math.floor(upper);
    const right = lower - Math.floor(lower);
    if (!this.#isSmooth(a, b, c, d)) {
      const nearest = down < 0.5 ? (left < 0.5 ? a : b) : right < 0.5 ? c : d;
      const up = Math.min(this.elevations[1], Math.max(this.elevations[0], elevation));
      this.#putBeside(nearest, azimuth, up, out, at);
      return;
    }
    const points = this.#points;
    const scale = 1 + (NOISE_M * noise()) / this.#ranges[a]!;
    for (let axis = 0; axis < 3; axis++) {
      const [pa, pb] = [points[3 * a + axis]!, points[3 * b + axis]!];
      const [pc, pd] = [points[3 * c + axis]!, points[3 * d + axis]!];
      const mean = (pa + (pb - pa) * left) * (1 - down) + (pc + (pd - pc) * right) * down;
      out[at + axis] = scale * mean;
    }
  }

  /** Writes a pixel's point, moved by less than a pixel at its range to lie in the direction. */
  #putBeside(pixel: number, azimuth: number, elevation: number, out: Float32Array, at: number) {
    const range = this.#ranges[pixel]!;
    const row = Math.floor(pixel / this.#columns);
    const column = pixel - row * this.#columns;
    const own = directionOf(
      this.#starts[row]! - (TURN * column) / this.#columns,
      this.#elevations[row]!,
    );
    const asked = directionOf(azimuth, elevation);
    for (let axis = 0; axis < 3; axis++) {
      out[at + axis] = this.#points[3 * pixel + axis]! + range * (asked[axis]! - own[axis]!);
    }
  }

  /** The last row that is not below `elevation`, and not the last of all. */
  #rowAbove(elevation: number): number {
    let low = 0;
    let high = this.#rows - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#elevations[middle]! >= elevation) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Column of an azimuth in a row, with its fraction, in [0, columns). */
  #columnAt(row: number, azimuth: number): number {
    const turns = (this.#starts[row]! - azimuth) / TURN;
    const column = (turns - Math.floor(turns)) * this.#columns;
    return column < this.#columns ? column : 0;
  }

  /** The pixels left and right of a column. */
  #pair(row: number, column: number): readonly [number, number] {
    const left = Math.floor(column);
    const right = left + 1 === this.#columns ? 0 : left + 1;
    return [row * this.#columns + left, row * this.#columns + right];
  }

  /** Whether four pixels all hold a point of what looks like one surface. */
  #isSmooth(a: number, b: number, c: number, d: number): boolean {
    const ranges = this.#ranges;
    const near = Math.min(ranges[a]!, ranges[b]!, ranges[c]!, ranges[d]!);
    const far = Math.max(ranges[a]!, ranges[b]!, ranges[c]!, ranges[d]!);
    return near > 0 && far - near <= PATCH_SHARE * near + PATCH_M;
  }
}

/** Unit vector of an azimuth and an elevation. */
function directionOf(azimuth: number, elevation: number): readonly [number, number, number] {
  const flat = Math.cos(elevation);
  return [flat * Math.cos(azimuth), flat * Math.sin(azimuth), Math.sin(elevation)];
}
