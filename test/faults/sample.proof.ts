/**
 * A sample of every fault, another one each day. What fails can be repeated with the seed in its title:
 * MAPVEIL_SEED=… npm run test:proofs -- test/faults, or npm run test:faults for the whole of it.
 */
import { describe, expect, test } from "vitest";
import { SeededRandom, seedOfToday } from "./harness/random.ts";
import { skipsWithout } from "./harness/tools.ts";
import { SCENARIOS } from "./scenarios.ts";

/** How many places of each are tried. */
const SAMPLES: Readonly<Record<string, number>> = {
  "link-cut": 10,
  "stalled-receiver": 1,
  "lossy-link": 30,
  "clock-jump": 1,
  "sidecar-disk-full": 1,
  withdrawals: 20,
  "receiver-first-start": 2,
  "sidecar-first-start": 2,
  "receiver-killed": 2,
  "sidecar-killed": 2,
};

/** Scenarios that take their time, whatever the sample: they only run as a whole. */
const WHOLE_ONLY = ["slow-link", "receiver-disk-full"];

const seed = seedOfToday();

test("every scenario is sampled, or left to the whole run", () => {
  const names = SCENARIOS.map(({ name }) => name);
  expect([...Object.keys(SAMPLES), ...WHOLE_ONLY].sort()).toEqual([...names].sort());
});

describe(`a sample of the faults (MAPVEIL_SEED=${seed})`, { concurrent: true }, () => {
  for (const scenario of SCENARIOS) {
    const sample = SAMPLES[scenario.name];
    if (sample === undefined) continue;
    test.skipIf(skipsWithout(...scenario.needs))(
      `${scenario.name}: ${scenario.proves}`,
      { timeout: 240_000 },
      async ({ expect }) => {
        const random = new SeededRandom(seed);
        const { violations } = await scenario.run({ random, sample });
        expect(violations).toEqual([]);
      },
    );
  }
});
