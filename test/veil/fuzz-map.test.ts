/** Whatever comes as a scan, a map takes it or says what is wrong with it, and works on. */
import { expect, test, vi } from "vitest";
import { MapveilError } from "../../host/core/errors.ts";
import type { FieldType, Frame } from "../../host/core/frame.ts";
import { between } from "../core/clouds.ts";
import { knownMap, levelPose, scanOf } from "./maps.ts";
import { Seeded } from "./support.ts";

// Cores are run warm for speed alone, and these tests start many.
vi.mock("../../host/veil/warm-up.ts", () => ({ warmUp: async () => {} }));

const TYPES = ["f32", "f64", "i16", "i32", "u8", "u16", "u32"] as const;
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, -0, 1e-40, 1e9, 1e30, -1e30] as const;

function oddFrame(random: Seeded, stampNs: bigint): Frame {
  const pointStep = 1 + random.below(32);
  const pick = <T>(from: readonly T[]) => from[random.below(from.length)]!;
  const field = () => ({
    offset: random.below(40),
    type: pick(TYPES) as FieldType,
    scale: pick([1, 0.001, 0, ...ODD]),
    bias: pick([0, 1, ...ODD]),
  });
  const number = () => (random.below(6) === 0 ? pick(ODD) : between(random, -2, 2));
  return {
    count: random.below(50),
    layout: { pointStep, x: field(), y: field(), z: field() },
    data: random.bytes(random.below(pointStep * 50 + 1)),
    metadata: [],
    ...(random.below(8) !== 0 && { stampNs: random.below(9) === 0 ? -stampNs : stampNs }),
    ...(random.below(8) !== 0 && {
      pose: {
        translation: [number(), number(), number()],
        quaternion: [number(), number(), number(), number()],
      } as const,
    }),
  };
}

test("odd scans are taken or refused by name, and sound ones go on", async () => {
  const random = new Seeded(1501);
  const { maker } = await knownMap("level: map\nmap: {hold_back: 0s}");
  const wrong: unknown[] = [];
  let refused = 0;
  for (let i = 1; i <= 2000; i++) {
    try {
      maker.add(oddFrame(random, BigInt(i) * 1_000_000_000n));
    } catch (error) {
      refused++;
      const isNamed = error instanceof MapveilError && error.code !== "INTERNAL";
      if (!isNamed) wrong.push(error);
    }
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeGreaterThan(1000);
  const before = maker.add(scanOf([2, 0, 0], 10n ** 13n, levelPose(0, 0, 0))).scans;
  expect(maker.add(scanOf([2, 0, 0], 10n ** 13n + 1n, levelPose(0, 0, 0))).scans).toBe(before + 1);
  expect(maker.release()!.report.cells).toBeGreaterThan(0);
});
