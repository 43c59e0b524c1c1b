/**
 * The formulas of the Ouster sensor manual ("Lidar Range to XYZ"), written out plainly, in whole
 * matrices and without any table: what the reader's fast path is compared with.
 */
import type { OusterMetadata } from "../../host/formats/ouster-metadata.ts";

/** x, y, z in metres of the sensor frame. */
export function referencePoint(
  metadata: OusterMetadata,
  rangeMm: number,
  column: number,
  row: number,
): number[] {
  if (rangeMm === 0) return [0, 0, 0];
  const [x0, z0] = metadata.beamOrigin;
  const n = Math.sqrt(x0 * x0 + z0 * z0);
  const encoder = 2 * Math.PI * (1 - column / metadata.columnsPerFrame);
  const azimuth = -2 * Math.PI * (metadata.azimuths[row]! / 360);
  const altitude = 2 * Math.PI * (metadata.altitudes[row]! / 360);
  const lidar = [
    (rangeMm - n) * Math.cos(encoder + azimuth) * Math.cos(altitude) + x0 * Math.cos(encoder),
    (rangeMm - n) * Math.sin(encoder + azimuth) * Math.cos(altitude) + x0 * Math.sin(encoder),
    (rangeMm - n) * Math.sin(altitude) + z0,
    1,
  ];
  return [0, 4, 8].map((start) => {
    const line = metadata.lidarToSensor.slice(start, start + 4);
    return line.reduce((sum, factor, i) => sum + factor * lidar[i]!, 0) / 1000;
  });
}
