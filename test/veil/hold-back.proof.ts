/** 100,000 scans at random times: none leaves before it is old enough. */
import { expect, test } from "vitest";
import { runLadder } from "./hold-back.ts";
import { Seeded } from "./support.ts";

const SCANS = 100_000;
const SCANS_A_MAP = 2000;

test(`of ${SCANS} scans none leaves too young`, async () => {
  const random = new Seeded(1310);
  const wrong: string[] = [];
  let released = 0;
  for (let scans = 0; scans < SCANS; scans += SCANS_A_MAP) {
    const holdMs = [0, 1, 500, 5000, 10_000, 60_000][random.below(6)]!;
    const run = await runLadder(random, SCANS_A_MAP, holdMs);
    wrong.push(...run.wrong);
    released += run.released;
  }
  expect(wrong).toEqual([]);
  expect(released).toBeGreaterThan(SCANS);
});
