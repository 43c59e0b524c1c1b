/** What the stages of a frame may cost in the wide core, counted in instructions; see bench/README.md. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { otherTools, readBaseline } from "../../../bench/budgets/baseline.ts";
import { hostileSuite, instructionSuite } from "../../../bench/budgets/instruction-suite.ts";
import { countInstructions, countPlay } from "../../../bench/budgets/instructions.ts";
import { playFile, playHere } from "../../../bench/budgets/play.ts";
import { buildPlayer, findToolchain } from "../../../bench/budgets/player.ts";
import { loadPlays, TYPICAL } from "../../../bench/budgets/plays.ts";
import type { Suite } from "../../../bench/report/report.ts";
import type { Check } from "./check.ts";

/**
 * What still costs more than twice the typical: coding a tile of 131,072 voxels that are strewn over
 * 100 km, which no lidar sees. `npx tsx bench/budgets/run.ts` shows it as missed.
 */
const OVER_TWICE = /colliding in 100 km, (baseline|simd): (encode|frame) to /;

const missed = ({ gates }: Suite) =>
  gates.filter(({ ok }) => !ok).map(({ name, value }) => `${name}: ${value.toFixed(3)}`);

/** Counts a play again: alike, and refused where other bytes are expected than come out. */
async function assertCounting(folder: string, stages: unknown): Promise<void> {
  const play = (await loadPlays()).find(({ name }) => name === "VLP16")!;
  const player = buildPlayer("simd", join(folder, "player"));
  const file = join(folder, "a.play");
  writeFileSync(file, playFile(play));
  const { output } = playHere(play);
  const again = await countPlay(player, file, join(folder, "a"), output);
  if (JSON.stringify(again) !== JSON.stringify(stages)) {
    throw new Error("a play that is counted twice gives two counts");
  }
  output[100]! ^= 1;
  const refusal = await countPlay(player, file, join(folder, "a"), output).catch(String);
  if (!String(refusal).includes("other bytes")) {
    throw new Error("a play whose output is another is counted");
  }
}

/** For the runner of the proof. */
export const frameBudgetChecks: readonly Check[] = [
  {
    name: "budgets of a frame",
    tools: ["gcc", "valgrind", "/usr/include/stdio.h"],
    async run({ folder }) {
      const toolchain = findToolchain();
      if ("missing" in toolchain) throw new Error(toolchain.missing);
      const baseline = readBaseline();
      const other = otherTools(baseline, toolchain);
      // Without the tools of the baseline there is no budget, and CI must not lose it unnoticed.
      if (other !== "" && process.env.CI) {
        throw new Error(`renew bench/budgets/baseline.json, which other tools made: ${other}`);
      }
      const counts = await countInstructions(await loadPlays());
      const over = [
        ...missed(instructionSuite(counts, baseline, other)),
        ...missed(hostileSuite(counts, TYPICAL)).filter((gate) => !OVER_TWICE.test(gate)),
      ];
      if (over.length > 0) throw new Error(over.join("\n"));
      const vlp16 = counts.find(({ play, build }) => play === "VLP16" && build === "simd")!;
      await assertCounting(folder, vlp16.stages);
      return `${counts.length} plays, each stage within 3 % of the baseline${other && `, not compared: ${other}`}`;
    },
  },
];
