/**
 * A sample of the table that run.ts prints: whole runs through homes drawn by seed, the first ones, and
 * OctoMap beside the map. What is asked here is what these homes give, with some room, so that nothing gets
 * worse unseen; the goals stand in rows.ts, and run.ts stars those that are missed.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { OCTOMAP_MODES, OctomapPeer } from "../../host/cli/octomap-peer.ts";
import { quantile } from "../../host/cli/people-bench.ts";
import {
  coreMapper,
  harmonicAccuracy,
  makeScene,
  runPeer,
  runScene,
} from "../../host/scenes/index.ts";
import { mapTerms } from "../../host/veil/map-terms.ts";
import { LEAF_M, ROWS, runRow, type Share, sharesOf, together } from "./rows.ts";

const SOURCE = fileURLToPath(new URL("../../bench/peers/native/octomap.cpp", import.meta.url));
const HEADER = "/usr/include/octomap/octomap.h";

describe("a map keeps the home and not its people", () => {
  // Of many a scan of a person more than 30 points are shoes in cells of the floor: what is left apart
  // from those is asked.
  const shown = { "DA shown": 99.5, "scans apart": 95, "DA held": 95 };
  const least: Record<string, Partial<Record<Share, number>>> = {
    "VLP-16, poses 1 cm": { SA: 98.5, DA: 98, "DA apart": 99.5, HA: 98.5, ...shown },
    "VLP-16, poses 3 cm": { SA: 97, DA: 97, "DA apart": 99.5, HA: 97.5, ...shown },
  };

  test.each(Object.keys(least))("%s", async (name) => {
    const outcomes = [];
    for await (const outcome of runRow(ROWS.find((row) => row.name === name)!, 2, false)) {
      outcomes.push(outcome);
    }
    const { atEnd, held } = together(outcomes);
    const found = sharesOf(atEnd.figures, held);
    for (const [share, value] of Object.entries(least[name]!)) {
      expect.soft(found[share as Share], share).toBeGreaterThanOrEqual(value);
    }
  });
});

describe("beside OctoMap of Debian", () => {
  const folder = mkdtempSync(join(tmpdir(), "octomap-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const isMissing = !existsSync(HEADER);
  const why = "liboctomap-dev is not installed: nothing to compare with";
  if (isMissing && process.env.CI) throw new Error(why);
  if (isMissing) process.stderr.write(`${why}\n`);

  test.skipIf(isMissing)("the map is seven times as fast, and better", async () => {
    const program = join(folder, "octomap");
    const libraries = ["-loctomap", "-loctomath"];
    execFileSync("g++", ["-std=c++17", "-O3", "-DNDEBUG", SOURCE, "-o", program, ...libraries]);
    const scene = makeScene({ seed: 1, sensor: "vlp16", seconds: 10, poseSigmaM: 0.01 });
    const ours = runScene(scene, {
      leafM: LEAF_M,
      atEnd: coreMapper(mapTerms(LEAF_M, false, 0n), LEAF_M),
    });
    for (const mode of OCTOMAP_MODES) {
      const peer = new OctomapPeer(LEAF_M, mode, program);
      try {
        const theirs = await runPeer(scene, peer, LEAF_M, ours);
        // It does map: most of the home is there, and most of who went through it is not.
        expect(harmonicAccuracy(theirs.atEnd)).toBeGreaterThan(0.7);
        expect(theirs.atEnd.dynamicPoints).toBe(ours.atEnd.dynamicPoints);
        expect(harmonicAccuracy(ours.atEnd)).toBeGreaterThan(harmonicAccuracy(theirs.atEnd));
        const faster = quantile(theirs.scanMs, 0.5) / quantile(ours.scanMs, 0.5);
        expect(faster).toBeGreaterThan(7);
      } finally {
        peer.close();
      }
    }
  });
});
