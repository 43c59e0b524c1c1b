/** `npx tsx bench/budgets/run.ts`: what a frame may cost, counted. See README.md in bench/. */
import { parseArgs } from "node:util";
import { gatesText, type Suite, suiteText } from "../report/report.ts";
import { allocationSuite, measureAllocations } from "./allocations.ts";
import { baselineOf, otherTools, readBaseline, writeBaseline } from "./baseline.ts";
import { hostileSuite, instructionSuite } from "./instruction-suite.ts";
import { countInstructions } from "./instructions.ts";
import { moduleSizes, moduleSuite } from "./module-size.ts";
import { findToolchain } from "./player.ts";
import { loadPlays, TYPICAL } from "./plays.ts";

const HELP = `Usage: npx tsx bench/budgets/run.ts [options]

  --update   write what is measured to baseline.json
  --json     print JSON
  --help     this text

Exit code 1 if a budget is overrun. Build first: npm run build.
`;

const OPTIONS = {
  update: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const EXIT_MISSED = 1;

async function main(): Promise<void> {
  const { values: options } = parseArgs({ options: OPTIONS });
  if (options.help) return void process.stdout.write(HELP);
  const tools = findToolchain();
  if ("missing" in tools) throw new Error(`Instructions cannot be counted: ${tools.missing}.`);
  const modules = moduleSizes();
  const counts = await countInstructions(await loadPlays());
  if (options.update) writeBaseline(baselineOf(tools, modules, counts));
  const baseline = readBaseline();
  const suites: Suite[] = [
    instructionSuite(counts, baseline, otherTools(baseline, tools)),
    hostileSuite(counts, TYPICAL),
    moduleSuite(modules, baseline),
    allocationSuite(await measureAllocations()),
  ];
  if (options.json) {
    const plain = suites.map(({ name, title, gates, data }) => ({ name, title, gates, data }));
    console.log(JSON.stringify({ tools, suites: plain }, null, 1));
  } else {
    for (const suite of suites) console.log(suiteText(suite));
    console.log(gatesText(suites));
  }
  if (suites.some(({ gates }) => gates.some(({ ok }) => !ok))) process.exitCode = EXIT_MISSED;
}

await main();
