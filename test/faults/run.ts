/**
 * `npm run test:faults`: every fault there is, as often as it takes.
 *
 *   --only NAME    one scenario (may be repeated)
 *   --seed S       the same choices again; another every day by default, or MAPVEIL_SEED
 *   --sample K     only K of the places of each scenario
 *   --json         one JSON object a line
 *
 * Ends with 1 if anything was lost, doubled, halved or leaked, or if a tool is missing under CI.
 */
import { Command } from "commander";
import { SeededRandom, seedOfToday } from "./harness/random.ts";
import { lack } from "./harness/tools.ts";
import type { Outcome, Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";

interface Options {
  readonly only?: readonly string[];
  readonly seed: number;
  readonly sample?: number;
  readonly json?: boolean;
}

interface Line extends Outcome {
  readonly scenario: string;
  readonly proves: string;
  readonly seed: number;
  readonly seconds: number;
  /** Why it did not run. */
  readonly skipped?: string;
}

async function runOne(scenario: Scenario, { seed, sample }: Options): Promise<Line> {
  const { name, proves, needs } = scenario;
  const begun = performance.now();
  const skipped = lack(needs);
  const none: Outcome = { violations: [], figures: {} };
  const outcome =
    skipped === undefined
      ? await scenario.run({ random: new SeededRandom(seed), sample })
      : process.env.CI === "true"
        ? { ...none, violations: [skipped] }
        : none;
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  return {
    scenario: name,
    proves,
    seed,
    seconds,
    ...outcome,
    ...(skipped !== undefined && { skipped }),
  };
}

function text({ scenario, proves, seed, seconds, violations, figures, skipped }: Line): string {
  if (skipped !== undefined && violations.length === 0) return `skipped  ${scenario}: ${skipped}`;
  const counts = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  const head = violations.length === 0 ? "held    " : "VIOLATED";
  const wrong = violations.map((violation) => `\n         ${violation}`);
  return `${head} ${scenario} in ${seconds} s: ${proves} (${counts.join(", ")}; seed ${seed})${wrong.join("")}`;
}

const collect = (name: string, names: readonly string[]) => [...names, name];

const options = new Command("test:faults")
  .option("--only <name>", "one scenario (may be repeated)", collect, [])
  .option("--seed <number>", "the same choices again", Number, seedOfToday())
  .option("--sample <count>", "only so many of the places of each scenario", Number)
  .option("--json", "one JSON object a line")
  .parse()
  .opts<Options>();

const wanted = SCENARIOS.filter(
  ({ name }) => options.only?.length === 0 || options.only?.includes(name),
);
if (wanted.length === 0) {
  console.error(
    `There is no such scenario; there are ${SCENARIOS.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}
let violated = false;
for (const scenario of wanted) {
  const line = await runOne(scenario, options);
  violated ||= line.violations.length > 0;
  console.log(options.json ? JSON.stringify(line) : text(line));
}
process.exit(violated ? 1 : 0);
