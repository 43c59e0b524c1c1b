/** Bodies of people and pets as capsules: legs and arms that swing, a torso, a head. */
import type { Capsule } from "./solids.ts";
import type { Posture } from "./way.ts";

type Point = readonly [number, number, number];

/** Parts of the height of a standing adult (after the usual anthropometric tables). */
const HIP = 0.52;
const SHOULDER = 0.82;
const SWING_RAD = 0.45;
/** A step of an adult is so long, as a part of the height. */
const STEP = 0.42;

/** A frame of a body on the floor: forward, to the left, up. */
class Stand {
  readonly #x: number;
  readonly #y: number;
  readonly #cos: number;
  readonly #sin: number;

  constructor({ x, y, yaw }: Posture) {
    this.#x = x;
    this.#y = y;
    this.#cos = Math.cos(yaw);
    this.#sin = Math.sin(yaw);
  }

  point(forward: number, left: number, up: number): Point {
    return [
      this.#x + forward * this.#cos - left * this.#sin,
      this.#y + forward * this.#sin + left * this.#cos,
      up,
    ];
  }
}

function capsule(a: Point, b: Point, radius: number): Capsule {
  return { a, b, radius };
}

/** Torso, neck and head of somebody whose hips are `hipM` above the floor. */
function upperBody(stand: Stand, hipM: number, h: number): Capsule[] {
  const shoulderM = hipM + (SHOULDER - HIP) * h;
  const side = 0.055 * h;
  const torso = [side, -side].map((left) =>
    capsule(stand.point(0, left, hipM), stand.point(0, left, shoulderM - 0.05 * h), 0.075 * h),
  );
  const top = shoulderM + (1 - SHOULDER) * h;
  const head = capsule(
    stand.point(0.01 * h, 0, top - 0.1 * h),
    stand.point(0.01 * h, 0, top - 0.055 * h),
    0.055 * h,
  );
  return [...torso, head];
}

/** A leg from the hip: the knee bends while the leg swings forward. */
function leg(stand: Stand, left: number, hipM: number, swing: number, bend: number, h: number) {
  const half = (hipM - 0.04 * h) / 2;
  const knee: Point = [half * Math.sin(swing), left, hipM - half * Math.cos(swing)];
  const below = swing - bend;
  const ankle: Point = [
    knee[0] + half * Math.sin(below),
    left,
    Math.max(knee[2] - half * Math.cos(below), 0.04 * h),
  ];
  const toe: Point = [ankle[0] + 0.1 * h, left, Math.max(ankle[2] - 0.015 * h, 0.025 * h)];
  return [
    capsule(stand.point(...([0, left, hipM] as const)), stand.point(...knee), 0.047 * h),
    capsule(stand.point(...knee), stand.point(...ankle), 0.032 * h),
    capsule(stand.point(...ankle), stand.point(...toe), 0.024 * h),
  ];
}

/** An arm that hangs from the shoulder. */
function arm(stand: Stand, left: number, shoulderM: number, swing: number, h: number): Capsule {
  const length = 0.36 * h;
  const hand = stand.point(length * Math.sin(swing), left, shoulderM - length * Math.cos(swing));
  return capsule(stand.point(0, left, shoulderM), hand, 0.026 * h);
}

/** Somebody who stands or walks, `heightM` tall. */
export function uprightBody(posture: Posture, heightM: number): Capsule[] {
  const h = heightM;
  const stand = new Stand(posture);
  const phase = (Math.PI * posture.goneM) / (STEP * h);
  const amount = SWING_RAD * Math.min(1, posture.speed / (0.6 * h));
  const swing = amount * Math.sin(phase);
  // The leg that comes forward is bent.
  const bend = amount * Math.max(0, Math.cos(phase));
  const otherBend = amount * Math.max(0, -Math.cos(phase));
  const [hipM, shoulderM] = [HIP * h, (SHOULDER - 0.03) * h];
  return [
    ...leg(stand, 0.055 * h, hipM, swing, bend, h),
    ...leg(stand, -0.055 * h, hipM, -swing, otherBend, h),
    ...upperBody(stand, hipM, h),
    arm(stand, 0.14 * h, shoulderM, -0.8 * swing, h),
    arm(stand, -0.14 * h, shoulderM, 0.8 * swing, h),
  ];
}

/** Somebody who sits on a seat of the given height; the posture is the middle of the seat. */
export function seatedBody(posture: Posture, heightM: number, seatM: number): Capsule[] {
  const h = heightM;
  const stand = new Stand(posture);
  const hipM = seatM + 0.06 * h;
  const legs = [0.055 * h, -0.055 * h].flatMap((left) => {
    const knee = stand.point(0.25 * h, left, hipM);
    const ankle = stand.point(0.26 * h, left, 0.04 * h);
    return [
      capsule(stand.point(0, left, hipM), knee, 0.047 * h),
      capsule(knee, ankle, 0.032 * h),
      capsule(ankle, stand.point(0.36 * h, left, 0.025 * h), 0.024 * h),
    ];
  });
  const shoulderM = hipM + (SHOULDER - HIP - 0.03) * h;
  const arms = [0.14 * h, -0.14 * h].map((left) =>
    capsule(
      stand.point(0, left, shoulderM),
      stand.point(0.2 * h, left, hipM + 0.08 * h),
      0.026 * h,
    ),
  );
  return [...legs, ...upperBody(stand, hipM, h), ...arms];
}

/** A pet whose back is `heightM` above the floor. */
export function petBody(posture: Posture, heightM: number): Capsule[] {
  const h = heightM;
  const stand = new Stand(posture);
  const swing = 0.5 * Math.min(1, posture.speed) * Math.sin((2 * Math.PI * posture.goneM) / h);
  const paws = [
    [0.45 * h, 0.18 * h, swing],
    [0.45 * h, -0.18 * h, -swing],
    [-0.45 * h, 0.18 * h, -swing],
    [-0.45 * h, -0.18 * h, swing],
  ] as const;
  return [
    capsule(stand.point(0.45 * h, 0, 0.75 * h), stand.point(-0.45 * h, 0, 0.75 * h), 0.25 * h),
    capsule(stand.point(0.7 * h, 0, 0.95 * h), stand.point(0.9 * h, 0, 0.92 * h), 0.16 * h),
    ...paws.map(([forward, left, angle]) =>
      capsule(
        stand.point(forward, left, 0.65 * h),
        stand.point(forward + 0.6 * h * Math.sin(angle), left, 0.07 * h),
        0.06 * h,
      ),
    ),
  ];
}
