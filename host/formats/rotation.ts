/** Poses from the forms in which files write them; every result has a unit quaternion. */
import type { Pose } from "../core/frame.ts";

/** Quaternions and matrices may deviate this much from a pure rotation before they are refused. */
const TOLERANCE = 0.01;

type Vector3 = readonly [number, number, number];

/** Pose from translation in metres and quaternion x y z w; undefined if it is not a rotation. */
export function poseFromQuaternion(
  translation: Vector3,
  quaternion: readonly [number, number, number, number],
): Pose | undefined {
  const norm = Math.hypot(...quaternion);
  if (!translation.every(Number.isFinite) || !(Math.abs(norm - 1) <= TOLERANCE)) return undefined;
  const [x, y, z, w] = quaternion;
  return { translation, quaternion: [x / norm, y / norm, z / norm, w / norm] };
}

/** Pose from a 3x4 matrix, row by row, metres; undefined if its left part is not a rotation. */
export function poseFromMatrix(m: readonly number[]): Pose | undefined {
  if (m.length !== 12 || !m.every(Number.isFinite)) return undefined;
  const [a, b, c, tx, d, e, f, ty, g, h, i, tz] = m as [...Quad, ...Quad, ...Quad];
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const lengths = [Math.hypot(a, d, g), Math.hypot(b, e, h), Math.hypot(c, f, i), determinant];
  if (!lengths.every((length) => Math.abs(length - 1) <= TOLERANCE)) return undefined;
  // The largest of the four is taken as the divisor, so that none of them is near zero.
  const squares = [1 + a - e - i, 1 - a + e - i, 1 - a - e + i, 1 + a + e + i];
  const largest = squares.indexOf(Math.max(...squares));
  const s = 2 * Math.sqrt(squares[largest]!);
  const parts = [
    [s / 4, (b + d) / s, (c + g) / s, (h - f) / s],
    [(b + d) / s, s / 4, (f + h) / s, (c - g) / s],
    [(c + g) / s, (f + h) / s, s / 4, (d - b) / s],
    [(h - f) / s, (c - g) / s, (d - b) / s, s / 4],
  ][largest] as unknown as Quad;
  return poseFromQuaternion([tx, ty, tz], parts);
}

type Quad = [number, number, number, number];

/** True if the pose moves nothing. */
export function isIdentity(pose: Pose): boolean {
  const [x, y, z] = pose.quaternion;
  return pose.translation.every((t) => t === 0) && x === 0 && y === 0 && z === 0;
}
