/** 100,000 frames of lidars that turn, in rooms of all sizes: none is taken for a beam that stands still. */
import { expect, test } from "vitest";
import { assertBeamMoves } from "../../host/veil/beam-guard.ts";
import { between } from "../core/clouds.ts";
import { frameOfRays, LIDARS, rangeIn, roomOf, stillFrame } from "./beams.ts";
import { Seeded } from "./support.ts";

const FRAMES = 100_000;

const isRefused = (frame: Parameters<typeof assertBeamMoves>[0]) => {
  try {
    assertBeamMoves(frame, false);
    return false;
  } catch {
    return true;
  }
};

test(`of ${FRAMES} frames of lidars that turn none is refused`, () => {
  const random = new Seeded(1401);
  const kinds = Object.keys(LIDARS);
  let refused = 0;
  for (let i = 0; i < FRAMES; i++) {
    const kind = kinds[i % kinds.length]!;
    const room = roomOf(random);
    // Of each lidar every fifth to every fiftieth ray, and up to all but a few of them empty.
    const step = 5 + random.below(45);
    const empty = random.below(4) === 0 ? between(random, 0, 0.9) : 0.05;
    const rays = LIDARS[kind]!(random)
      .filter((_, ray) => ray % step === 0)
      .map(([azimuth, elevation]) => ({
        azimuth,
        elevation,
        range: between(random, 0, 1) < empty ? 0 : rangeIn(room, azimuth, elevation),
      }));
    if (isRefused(frameOfRays(rays))) refused++;
  }
  expect(refused).toBe(0);
});

test("of 10,000 frames of a beam that stands still on a tone all are refused", () => {
  const random = new Seeded(1402);
  let refused = 0;
  for (let i = 0; i < 10_000; i++) {
    const frame = stillFrame(random, between(random, 200, 2000), 90 + random.below(300));
    if (isRefused(frame)) refused++;
  }
  expect(refused).toBe(10_000);
});
