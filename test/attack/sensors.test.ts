/** Units of a lidar are told apart by raw frames: an attack that fails there would prove nothing. */
import { expect, test } from "vitest";
import { beamResiduals, ranks, ringElevations } from "../../host/attack/fingerprint.ts";
import { loadProduct } from "../../host/attack/product.ts";
import { seeded } from "../../host/attack/random.ts";
import { recogniseSensors } from "../../host/attack/recognise-sensors.ts";
import { ELEVATIONS_DEG, makeUnit, spin } from "../../host/attack/sensor-unit.ts";

/** A hall of 20 x 20 m without furniture. */
const hall = () => {
  const heights = new Uint8Array(400 * 400).fill(255);
  for (let y = 2; y < 398; y++) heights.fill(0, y * 400 + 2, y * 400 + 398);
  return { width: 400, height: 400, heights };
};

test("raw points show where each beam of a unit points", () => {
  const unit = makeUnit(1, 7);
  const frame = spin(unit, hall(), 0.05, [200, 200, 0.3], seeded(1).normal);
  const found = ringElevations([frame]);
  for (const [ring, { elevationRad }] of unit.beams.entries()) {
    expect(found[ring]).toBeCloseTo((elevationRad * 180) / Math.PI, 4);
  }
  // Without rings, with the sensor's place: nearly the same.
  for (const [beam, residual] of beamResiduals([frame], [0, 0, 0]).entries()) {
    expect(Math.abs(residual - (found[beam]! - ELEVATIONS_DEG[beam]!))).toBeLessThan(0.01);
  }
});

test("ranks count those that are nearer", () => {
  const known = [[0], [1], [5]];
  expect(ranks(known, [[0.1], [4.9], [4]])).toEqual([0, 1, 0]);
});

test("frames tell the unit, raw ones and sanitised ones", async () => {
  const product = await loadProduct(2);
  const result = await recogniseSensors({ seed: 2, units: 3, leafM: 0.1 }, product, () => {});
  expect(result.raw.first).toBe(3);
  expect(result.frames.first).toBe(3);
  // Three units are too few to say how seldom a map tells one; the proof has the figure.
  expect(result.map.queries).toBe(3);
});
