/**
 * Scans whose cells tell when they were measured: each is seen by no more scans than it takes to be
 * released, and lies a cell higher than the one before.
 */
import { mapTerms } from "../../host/veil/map-terms.ts";
import { between, type Seeded } from "../core/clouds.ts";
import { knownMap, levelPose, scanOf } from "./maps.ts";
import { seededRandom } from "./support.ts";

const LEAF = 0.1;
const { hitsMin } = mapTerms(LEAF, false, 0n);

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
    const points = Array.from({ length: hitsMin }, (_, k) => [2, 0, -k * LEAF]).flat();
    maker.add(scanOf(points, BigInt(atMs) * 1_000_000n, levelPose(0, 0, i * LEAF)));
    if (random.below(40) !== 0 && i < count - 1) continue;
    const heights = [...maker.copyKept()].filter((_, k) => k % 3 === 2).sort((a, b) => a - b);
    const steps = heights.map((z) => Math.round((z - heights[0]!) / LEAF));
    // Cell k is seen by scan k and those behind it; what lies lower is seen by too few.
    const old = stamps.filter((stamp) => stamp + holdMs <= atMs).length;
    const expected = Math.max(0, old - hitsMin + 1);
    if (heights.length !== expected || (steps.at(-1) ?? -1) !== expected - 1) {
      wrong.push(`scan ${i}: ${heights.length} cells, up to ${steps.at(-1)}, not ${expected}`);
    }
    const release = maker.release();
    if ((release?.report.cells ?? 0) !== expected) wrong.push(`scan ${i}: release differs`);
    released += heights.length;
  }
  return { released, wrong };
}
