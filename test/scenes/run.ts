/**
 * The whole table of what a map keeps of homes and of their people: minutes to an hour.
 *
 *   npx tsx test/scenes/run.ts [--seeds 20] [--peers] [WORD]
 *
 * WORD leaves out the rows whose name does not hold it; --peers runs OctoMap beside us, which takes most
 * of the time. Single homes go to stderr as they are done.
 *
 * "scans" is the share of a person's scans (30 points or more) of which less than 30 points are left;
 * "apart" leaves out points in cells that the home itself was measured in; "shown" asks of those points
 * alone whose cells the scans showed to be empty, and "shown of all" is their share. A star marks a goal missed.
 */
import { parseArgs } from "node:util";
import { OCTOMAP_MODES } from "../../host/cli/octomap-peer.ts";
import {
  addOutcomes,
  type Outcome,
  quantile,
  type SceneOutcome,
} from "../../host/cli/people-bench.ts";
import type { Figures } from "../../host/scenes/index.ts";
import { ROWS, type Row, runRow, SHARES, sharesOf, together } from "./rows.ts";

const NAME = 40;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: "string", default: "20" }, peers: { type: "boolean", default: false } },
});
const seeds = Number(values.seeds);
if (!Number.isInteger(seeds) || seeds < 1) throw new Error("--seeds: a whole number from 1");

function line(name: string, outcome: Outcome, goals: Row["goals"], held?: Figures): string {
  const shares = sharesOf(outcome.figures, held);
  const cells = SHARES.map((share) => {
    const value = shares[share];
    const mark = value < (goals[share] ?? Number.NEGATIVE_INFINITY) ? "*" : " ";
    return `${Number.isNaN(value) ? "-" : value.toFixed(2)}${mark}`.padStart(14);
  });
  const ms = [0.5, 0.99].map((part) => quantile(outcome.scanMs, part).toFixed(2).padStart(8));
  return `${name.padEnd(NAME)}${cells.join("")}${ms.join("")}\n`;
}

const head = SHARES.map((share) => `${share} `.padStart(14)).join("");
process.stdout.write(`${"".padEnd(NAME)}${head}${"ms p50".padStart(8)}${"p99".padStart(8)}\n`);
for (const row of ROWS.filter(({ name }) => name.includes(positionals[0] ?? ""))) {
  const outcomes: SceneOutcome[] = [];
  for await (const outcome of runRow(row, seeds, values.peers)) {
    const { seed, layout, people, atEnd, held } = outcome;
    process.stderr.write(line(`  ${seed} ${layout}, ${people}`, atEnd, row.goals, held));
    outcomes.push(outcome);
  }
  const { atEnd, held } = together(outcomes);
  process.stdout.write(line(row.name, atEnd, row.goals, held));
  for (const mode of OCTOMAP_MODES) {
    const theirs = outcomes.flatMap(({ octomap }) => (octomap ? [octomap[mode]] : []));
    if (theirs.length > 0) process.stdout.write(line(`  OctoMap ${mode}`, addOutcomes(theirs), {}));
  }
}
