/**
 * Scans whose cells tell when they were measured: each is seen by two scans alone, and lies a cell higher
 * than the one before.
 */
import { between, type Seeded } from "../core/clouds.ts";
import { knownMap, levelPose, scanOf } from "./maps.ts";
import { seededRandom } from "./support.ts";

const LEAF = 0.1;

/**
 * Runs `count` scans at random times through one map with releases at random moments.
 * @returns cells that were released, and what was wrong: cells younger than the hold-back, or missing
 */
export async function runLadder(random: Seeded, count: number, holdMs: number) {
  const hold = holdMs === 0 ? "0s" : `${holdMs}ms`;
  const { maker } = await knownMap(`level: map\nmap: {hold_back: ${hold}}`, {
    random: seededRandom(random.below(2 ** 30)),
  });
  const stamps: number[] = [];
  const wrong: string[] = [];
  let released = 0;
  let atMs = 0;
  for (let i = 0; i < count; i++) {
    // Mostly a scan's time apart, at times a pause, at times a burst.
    atMs += 1 + Math.floor(between(random, 0, 1) ** 4 * Math.max(400, 3 * holdMs));
    stamps.push(atMs);
    const points = [2, 0, 0, 2, 0, -LEAF];
    maker.add(scanOf(points, BigInt(atMs) * 1_000_000n, levelPose(0, 0, i * LEAF)));
    if (random.below(40) !== 0 && i < count - 1) continue;
    const heights = [...maker.copyKept()].filter((_, k) => k % 3 === 2).sort((a, b) => a - b);
    const steps = heights.map((z) => Math.round((z - heights[0]!) / LEAF));
    // Cell k is seen by the scans k and k + 1, and the lowest one by the first alone.
    const old = stamps.filter((stamp) => stamp + holdMs <= atMs).length;
    const expected = Math.max(0, old - 1);
    if (heights.length !== expected || (steps.at(-1) ?? -1) !== expected - 1) {
      wrong.push(`scan ${i}: ${heights.length} cells, up to ${steps.at(-1)}, not ${expected}`);
    }
    const release = maker.release();
    if ((release?.report.cells ?? 0) !== expected) wrong.push(`scan ${i}: release differs`);
    released += heights.length;
  }
  return { released, wrong };
}
