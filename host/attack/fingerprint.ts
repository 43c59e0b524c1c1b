/**
 * Features by which somebody tells units of one lidar model apart: where each beam points, as far as
 * points show it, and how high up what was seen lies.
 */
import { ELEVATIONS_DEG } from "./sensor-unit.ts";

const DEG_PER_RAD = 180 / Math.PI;
const BEAM_STEP_DEG = 2;
const HEIGHT_BINS = 30;
const HEIGHT_BIN_M = 0.1;

/** Raw points tell their beam by their place in the frame: the mean elevation of each, degrees. */
export function ringElevations(frames: readonly Float32Array[]): number[] {
  const beams = ELEVATIONS_DEG.length;
  const sums = new Float64Array(beams);
  const counts = new Float64Array(beams);
  for (const points of frames) {
    for (let i = 0; i < points.length; i += 3) {
      const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
      if (x === 0 && y === 0) continue;
      const ring = (i / 3) % beams;
      sums[ring]! += Math.atan2(z, Math.hypot(x, y)) * DEG_PER_RAD;
      counts[ring]!++;
    }
  }
  return [...sums].map((sum, ring) => sum / Math.max(1, counts[ring]!));
}

/**
 * Points without a beam count to the one that points nearest: how far beside the data sheet they lie
 * on average, degrees, far points more than near ones.
 * @param origin where the sensor was, or is taken to have been
 */
export function beamResiduals(
  clouds: readonly Float32Array[],
  origin: readonly [number, number, number],
): number[] {
  const sums = new Float64Array(ELEVATIONS_DEG.length);
  const weights = new Float64Array(ELEVATIONS_DEG.length);
  for (const points of clouds) {
    for (let i = 0; i < points.length; i += 3) {
      const distance = Math.hypot(points[i]! - origin[0], points[i + 1]! - origin[1]);
      const elevation = Math.atan2(points[i + 2]! - origin[2], distance) * DEG_PER_RAD;
      const beam = Math.round((elevation - ELEVATIONS_DEG[0]!) / BEAM_STEP_DEG);
      if (beam < 0 || beam >= sums.length) continue;
      const weight = distance * distance;
      sums[beam]! += weight * (elevation - ELEVATIONS_DEG[beam]!);
      weights[beam]! += weight;
    }
  }
  return [...sums].map((sum, beam) => (weights[beam] ? sum / weights[beam] : 0));
}

/** How the points of a map spread over heights above the lowest, and how many lie in each voxel layer. */
export function heightShares(points: Float32Array, floor: number): number[] {
  const shares = new Float64Array(HEIGHT_BINS);
  for (let i = 2; i < points.length; i += 3) {
    const bin = Math.floor((points[i]! - floor) / HEIGHT_BIN_M);
    shares[Math.max(0, Math.min(HEIGHT_BINS - 1, bin))]! += 3 / points.length;
  }
  return [...shares];
}

/**
 * For each query the number of known units that look more like it than its own: features are brought to
 * one scale by their deviation among the known.
 */
export function ranks(known: readonly number[][], queries: readonly number[][]): number[] {
  const width = known[0]!.length;
  const scale = Array.from({ length: width }, (_, k) => {
    const mean = known.reduce((sum, features) => sum + features[k]!, 0) / known.length;
    const square = known.reduce((sum, features) => sum + (features[k]! - mean) ** 2, 0);
    return square === 0 ? 0 : 1 / Math.sqrt(square / known.length);
  });
  const distance = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, k) => sum + ((value - b[k]!) * scale[k]!) ** 2, 0);
  return queries.map((query, own) => {
    const distances = known.map((features) => distance(query, features));
    return distances.filter((other) => other < distances[own]!).length;
  });
}
