/**
 * `npm run test:embed`: all machines compute the same bytes. Builds the C library for each, runs it
 * there, compares with Node; a line a check, exit code 1 if one fails.
 *
 *   --only TEXT   checks whose name holds the text
 *   --json        one JSON object instead of the table
 *   --update      takes what Node computes for the truth (golden.json)
 *
 * A check whose tools are missing is skipped, and the packages are named; under CI=true it fails.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildLibrary } from "../../../host/embed/tools/build-c.ts";
import { arithmeticChecks } from "./arithmetic-checks.ts";
import { binaryChecks } from "./binary-checks.ts";
import { budgetChecks } from "./budgets.ts";
import type { Check, Place } from "./check.ts";
import { controllerChecks } from "./controller-checks.ts";
import { frameBudgetChecks } from "./frame-budgets.ts";
import { playChecks, updateGolden } from "./play-checks.ts";
import { PROFILES } from "./plays.ts";
import { missingPackages } from "./tools.ts";

type Outcome = "ok" | "FAILED" | "skipped";

interface Result {
  readonly name: string;
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly detail: string;
}

async function runCheck(check: Check, place: Place): Promise<Result> {
  const { name } = check;
  const missing = missingPackages(check.tools);
  if (missing.length > 0) {
    const outcome = process.env.CI ? "FAILED" : "skipped";
    return { name, outcome, seconds: 0, detail: `needs the package ${missing.join(", ")}` };
  }
  mkdirSync(place.folder);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  try {
    const detail = await check.run(place);
    return { name, outcome: "ok", seconds: seconds(), detail };
  } catch (error) {
    return { name, outcome: "FAILED", seconds: seconds(), detail: (error as Error).message };
  } finally {
    rmSync(place.folder, { recursive: true, force: true });
  }
}

/** Runs checks side by side, as many as there are cores; tells each when it is done. */
async function runAll(checks: readonly Check[], tell: (result: Result) => void): Promise<Result[]> {
  const root = mkdtempSync(join(tmpdir(), "mapveil-proof-"));
  const library = join(root, "c");
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < checks.length) {
      const i = next++;
      const result = await runCheck(checks[i]!, { folder: join(root, `check-${i}`), library });
      results.push(result);
      tell(result);
    }
  };
  try {
    buildLibrary(library, PROFILES);
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return results;
}

function tellLine({ name, outcome, seconds, detail }: Result): void {
  console.log(`${outcome.padEnd(7)} ${seconds.toFixed(1).padStart(6)} s  ${name}: ${detail}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      json: { type: "boolean", default: false },
      update: { type: "boolean", default: false },
    },
  });
  if (values.update) await updateGolden();
  const start = performance.now();
  const all = [
    ...playChecks,
    ...controllerChecks,
    ...binaryChecks,
    ...budgetChecks,
    ...frameBudgetChecks,
    ...arithmeticChecks,
  ];
  const checks = all.filter(({ name }) => name.includes(values.only ?? ""));
  if (checks.length === 0) throw new Error(`no check has "${values.only}" in its name`);
  const results = await runAll(checks, values.json ? () => {} : tellLine);
  const count = (outcome: Outcome) => results.filter((one) => one.outcome === outcome).length;
  const seconds = (performance.now() - start) / 1000;
  const totals = { ok: count("ok"), failed: count("FAILED"), skipped: count("skipped"), seconds };
  if (values.json) console.log(JSON.stringify({ schema: 1, ...totals, checks: results }, null, 2));
  else {
    console.log(
      `${totals.ok} sound, ${totals.failed} failed, ${totals.skipped} skipped, ` +
        `${seconds.toFixed(0)} s`,
    );
  }
  process.exitCode = totals.failed === 0 ? 0 : 1;
}

await main();
