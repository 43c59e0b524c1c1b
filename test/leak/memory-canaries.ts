/** Secrets and plaintext that the process of memory.proof.ts works with, made anew by whoever asks. */
import { makeHome } from "../../host/attack/home.ts";
import { seeded } from "../../host/attack/random.ts";
import { robotPlan } from "../../host/attack/robot-plan.ts";
import { makeVisit } from "../../host/attack/visit.ts";
import type { Frame } from "../../host/core/frame.ts";
import type { Plan } from "../../host/formats/plan.ts";

const SEED = 4711;
const POINTS = 3000;
export const FRAMES = 30;

/** The randomness of the process; `told` hears how many bytes each draw has. */
export function canaryRandom(told: (count: number) => void = () => {}) {
  const { uniform } = seeded(SEED);
  return (count: number): Uint8Array => {
    told(count);
    // As systemRandom: small arrays without a buffer of their own would be moved about by V8.
    const bytes = new Uint8Array(new ArrayBuffer(count));
    for (let i = 0; i < count; i++) bytes[i] = 256 * uniform();
    return bytes;
  };
}

/** Points x y z of a frame, of two walls some metres away. */
function fillPoints(points: Float32Array, frame: number): void {
  const { uniform } = seeded(SEED, 1, frame);
  for (let i = 0; i < points.length; i += 3) {
    const along = 6 * uniform() - 3;
    const isFront = uniform() < 0.5;
    points[i] = isFront ? 3 : along;
    points[i + 1] = isFront ? along : 3;
    points[i + 2] = 2.2 * uniform();
  }
}

/** Where the robot is in a frame: numbers that nothing else has. */
function placeOf(frame: number): [number, number, number] {
  const { uniform } = seeded(SEED, 2, frame);
  return [12.3 + uniform() / 50, -45.6 + uniform() / 50, 0.3];
}

/** What a policy lets pass of a frame. */
export function canaryLabel(): string {
  const { uniform } = seeded(SEED, 3);
  const letters = Array.from({ length: 24 }, () => 97 + Math.floor(26 * uniform()));
  return String.fromCharCode(...letters);
}

/** The plan of a home, as the robot made it. */
export function canaryPlan(): Plan {
  return robotPlan(makeVisit(makeHome(SEED, 0), SEED, 0, 0));
}

/** A frame; its points alone lie in `data`, which whoever made it may zero. */
export function canaryFrame(frame: number): Frame {
  const points = new Float32Array(3 * POINTS);
  fillPoints(points, frame);
  const translation = placeOf(frame);
  return {
    count: POINTS,
    layout: {
      pointStep: 12,
      x: { offset: 0, type: "f32" },
      y: { offset: 4, type: "f32" },
      z: { offset: 8, type: "f32" },
    },
    data: new Uint8Array(points.buffer),
    pose: { translation, quaternion: [0, 0, 0, 1] },
    stampNs: BigInt(frame + 1) * 1_000_000_000n,
    metadata: [{ name: "label", value: canaryLabel() }],
  };
}
