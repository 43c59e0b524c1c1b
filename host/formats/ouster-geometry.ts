/**
 * From range, column and row to a point, as the Ouster sensor documentation describes it ("Lidar
 * Range to XYZ"): the beam leaves from a point beside the axis, in the direction of encoder angle
 * plus azimuth and altitude; the result is moved into the sensor frame.
 */
import type { OusterMetadata } from "./ouster-metadata.ts";

export class OusterGeometry {
  /** For each column: cosine and sine of the encoder angle, which runs clockwise. */
  readonly #encoder: Float64Array;
  /** For each row: the direction at encoder angle 0. */
  readonly #direction: Float64Array;
  readonly #originX: number;
  readonly #originZ: number;
  /** Ranges count from the lidar's axis: this much lies before the beam's origin. */
  readonly #originRange: number;
  /** Rows of the 3x4 part, metres. */
  readonly #transform: Float64Array;

  constructor(metadata: OusterMetadata) {
    const { columnsPerFrame, rows, altitudes, azimuths, beamOrigin, lidarToSensor } = metadata;
    this.#encoder = new Float64Array(2 * columnsPerFrame);
    for (let column = 0; column < columnsPerFrame; column++) {
      const angle = 2 * Math.PI * (1 - column / columnsPerFrame);
      this.#encoder.set([Math.cos(angle), Math.sin(angle)], 2 * column);
    }
    this.#direction = new Float64Array(3 * rows);
    for (let row = 0; row < rows; row++) {
      const azimuth = (-azimuths[row]! * Math.PI) / 180;
      const altitude = (altitudes[row]! * Math.PI) / 180;
      const flat = Math.cos(altitude);
      const direction = [Math.cos(azimuth) * flat, Math.sin(azimuth) * flat, Math.sin(altitude)];
      this.#direction.set(direction, 3 * row);
    }
    [this.#originX, this.#originZ] = beamOrigin;
    this.#originRange = Math.hypot(...beamOrigin);
    this.#transform = Float64Array.from(lidarToSensor.slice(0, 12), (value) => value * 0.001);
  }

  /** Writes x, y, z in metres of the sensor frame into `point`. Range in millimetres, above 0. */
  toMetres(rangeMm: number, column: number, row: number, point: [number, number, number]): void {
    const cos = this.#encoder[2 * column]!;
    const sin = this.#encoder[2 * column + 1]!;
    const dx = this.#direction[3 * row]!;
    const dy = this.#direction[3 * row + 1]!;
    const range = rangeMm - this.#originRange;
    const x = range * (cos * dx - sin * dy) + this.#originX * cos;
    const y = range * (sin * dx + cos * dy) + this.#originX * sin;
    const z = range * this.#direction[3 * row + 2]! + this.#originZ;
    const t = this.#transform;
    point[0] = t[0]! * x + t[1]! * y + t[2]! * z + t[3]!;
    point[1] = t[4]! * x + t[5]! * y + t[6]! * z + t[7]!;
    point[2] = t[8]! * x + t[9]! * y + t[10]! * z + t[11]!;
  }
}
