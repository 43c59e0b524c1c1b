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

/** First `inner`, then `outer`: where a thing is that stands at `inner` in the frame of `outer`. */
export function composePoses(outer: Pose, inner: Pose): Pose {
  const [x, y, z, w] = outer.quaternion;
  const [tx, ty, tz] = inner.translation;
  // t + 2w (v x t) + 2 v x (v x t), the rotation of a vector by a unit quaternion.
  const [cx, cy, cz] = [y * tz - z * ty, z * tx - x * tz, x * ty - y * tx];
  const turned = [
    tx + 2 * (w * cx + y * cz - z * cy),
    ty + 2 * (w * cy + z * cx - x * cz),
    tz + 2 * (w * cz + x * cy - y * cx),
  ] as const;
  const [a, b, c, d] = inner.quaternion;
  const [ox, oy, oz] = outer.translation;
  return {
    translation: [ox + turned[0], oy + turned[1], oz + turned[2]],
    quaternion: [
      w * a + x * d + y * c - z * b,
      w * b - x * c + y * d + z * a,
      w * c + x * b - y * a + z * d,
      w * d - x * a - y * b - z * c,
    ],
  };
}

/** Turn from one pose to another, 0 to pi. */
export function angleBetween(from: Pose, to: Pose): number {
  return 2 * Math.acos(Math.min(1, Math.abs(dot(from.quaternion, to.quaternion))));
}

/**
 * The pose that lies `share` (0 to 1) of the way from one to the other: the place on the line
 * between, the turn by the shorter way at even speed (slerp; Shoemake 1985).
 */
export function poseBetween(from: Pose, to: Pose, share: number): Pose {
  const mix = (a: number, b: number) => a + share * (b - a);
  const [t0, t1] = [from.translation, to.translation];
  const cosine = dot(from.quaternion, to.quaternion);
  const angle = Math.acos(Math.min(1, Math.abs(cosine)));
  // Where the turn is too small to divide by its sine, the chord is the arc.
  const [a, b] =
    angle < 1e-6
      ? [1 - share, share]
      : [Math.sin((1 - share) * angle), Math.sin(share * angle)].map((s) => s / Math.sin(angle));
  const q = from.quaternion.map((v, i) => a! * v + (cosine < 0 ? -b! : b!) * to.quaternion[i]!);
  const norm = Math.hypot(...q);
  return {
    translation: [mix(t0[0], t1[0]), mix(t0[1], t1[1]), mix(t0[2], t1[2])],
    quaternion: q.map((v) => v / norm) as unknown as Quad,
  };
}

/** Pose of a robot on its plane: metres, and radians about the vertical. */
export function planarPose(x: number, y: number, yaw: number): Pose {
  return { translation: [x, y, 0], quaternion: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] };
}

function dot(a: Pose["quaternion"], b: Pose["quaternion"]): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
}
