/** One turn of a lidar that measures in a plane, brought to points. */
import type { PointTable } from "./point-columns.ts";

export interface FlatScan {
  /** Direction of the first reading, radians, anticlockwise from straight ahead. */
  readonly angleMin: number;
  /** From one reading to the next, radians; below 0 where the lidar turns clockwise. */
  readonly angleStep: number;
  /** Metres. */
  readonly ranges: ArrayLike<number>;
  /** Readings outside of these are no measurement: nothing came back, or from too near. */
  readonly rangeMin: number;
  readonly rangeMax: number;
  /** One for each reading, on any scale. */
  readonly intensities?: ArrayLike<number>;
}

/**
 * The readings as points x y z (and intensity) in f32, in the lidar's own frame, z = 0. A reading
 * that measured nothing (NaN, infinite, out of range) stays an empty slot, 0 0 0.
 */
export function scanTable(scan: FlatScan): PointTable {
  const { ranges, intensities, angleMin, angleStep } = scan;
  const floats = intensities === undefined ? 3 : 4;
  const points = new Float32Array(ranges.length * floats);
  for (let i = 0, at = 0; i < ranges.length; i++, at += floats) {
    const range = ranges[i]!;
    const inside = range > 0 && range >= scan.rangeMin && range <= scan.rangeMax;
    if (!inside || range === Number.POSITIVE_INFINITY) continue;
    const angle = angleMin + i * angleStep;
    points[at] = range * Math.cos(angle);
    points[at + 1] = range * Math.sin(angle);
    if (intensities !== undefined) points[at + 3] = intensities[i]!;
  }
  const names = ["x", "y", "z", "intensity"].slice(0, floats);
  return {
    count: ranges.length,
    pointStep: floats * 4,
    columns: names.map((name, i) => ({ name, type: "f32", offset: i * 4, count: 1 })),
    data: new Uint8Array(points.buffer),
  };
}
