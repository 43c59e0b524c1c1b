/**
 * Lidars of one model that differ as real ones do: every beam of a unit points a little beside where
 * the data sheet says, and measures a little short or long. The driver knows the angles of its unit, so
 * they stand in every point that it gives.
 */
import { seeded } from "./random.ts";
import { castBeam, type Truth } from "./truth.ts";

/** Beams of the model, 2 degrees apart from -15 to 15, as those of a VLP-16. */
export const ELEVATIONS_DEG = Array.from({ length: 16 }, (_, i) => 2 * i - 15);
/** Columns around; fewer than real ones have, which makes it harder for the attack. */
const COLUMNS = 450;
/** Deviations of what is calibrated (angles) and what is not (range) of a beam. */
const ANGLE_SIGMA_DEG = 0.1;
const BIAS_SIGMA_M = 0.01;
const RANGE_SIGMA_M = 0.015;
/** Height of the lidar above the floor; known to whoever knows the model of the robot. */
export const MOUNT_M = 0.6;
const CEILING_M = 2.5;
const RANGE_MAX_M = 30;

const RAD_PER_DEG = Math.PI / 180;

export interface SensorUnit {
  readonly beams: readonly {
    readonly elevationRad: number;
    readonly azimuthRad: number;
    readonly biasM: number;
  }[];
}

/** Unit `index` of a seed. */
export function makeUnit(seed: number, index: number): SensorUnit {
  const { normal } = seeded(seed, index, 101);
  return {
    beams: ELEVATIONS_DEG.map((elevation) => ({
      elevationRad: (elevation + ANGLE_SIGMA_DEG * normal()) * RAD_PER_DEG,
      azimuthRad: ANGLE_SIGMA_DEG * normal() * RAD_PER_DEG,
      biasM: BIAS_SIGMA_M * normal(),
    })),
  };
}

/**
 * A frame of a unit.
 * @param x y place in cells of the truth, `heading` in radians
 * @returns x y z of each point in the sensor's frame, metres, column by column, beam by beam; 0 0 0 where
 *   nothing came back
 */
export function spin(
  { beams }: SensorUnit,
  truth: Truth,
  cellM: number,
  [x, y, heading]: readonly [number, number, number],
  normal: () => number,
): Float32Array {
  const points = new Float32Array(3 * COLUMNS * beams.length);
  const perCell = cellM * 10;
  for (let column = 0; column < COLUMNS; column++) {
    for (const [ring, { elevationRad, azimuthRad, biasM }] of beams.entries()) {
      const azimuth = (2 * Math.PI * column) / COLUMNS + azimuthRad;
      const slope = Math.tan(elevationRad) * perCell;
      const far = RANGE_MAX_M / cellM;
      const from = [x, y, 10 * MOUNT_M] as const;
      const distance = castBeam(truth, from, azimuth + heading, slope, 10 * CEILING_M, far);
      if (distance >= far) continue;
      const cos = Math.cos(elevationRad);
      const range = (distance * cellM) / cos + biasM + RANGE_SIGMA_M * normal();
      const at = 3 * (column * beams.length + ring);
      points[at] = range * cos * Math.cos(azimuth);
      points[at + 1] = range * cos * Math.sin(azimuth);
      points[at + 2] = range * Math.sin(elevationRad);
    }
  }
  return points;
}
