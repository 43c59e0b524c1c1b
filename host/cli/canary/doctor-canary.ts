/** The option --canary of `mapveil doctor`. */
import { MUTATIONS } from "../../canary/mutations.ts";
import { EXIT_CODES } from "../../core/errors.ts";
import { plural, table } from "../format.ts";
import { type CliIo, print } from "../io.ts";
import { tryMutations } from "./mutate.ts";
import { canaryText } from "./report-text.ts";
import { CANARY_PARTS, type CanaryPart, runCanary } from "./run-canary.ts";

/** The seed of a run that names none: the same values every time. */
const SEED = 1;

export interface CanaryFlags {
  readonly seed?: number;
  readonly only?: CanaryPart;
  readonly mutate?: boolean;
  readonly json?: boolean;
}

/**
 * Plants identifiers, goes the way with them and prints what was found.
 * @param config path of the settings whose policy holds
 * @returns the exit code: 0, or that of INTEGRITY if anything leaked
 */
export async function doctorCanary(
  io: CliIo,
  flags: CanaryFlags,
  config: string | undefined,
): Promise<number> {
  if (flags.mutate) return doctorMutate(io, flags);
  // The command itself runs commands: loaded late, for it is loaded by them.
  const { runCli } = await import("../run.ts");
  const { seed = SEED, only } = flags;
  const parts = only === undefined ? CANARY_PARTS : [only];
  const terms = { seed, parts, run: runCli, ...(config !== undefined && { config }) };
  const report = await runCanary(io, terms);
  print(io, flags.json, { schema: 1, ...report }, canaryText(report));
  return report.hits === 0 ? 0 : EXIT_CODES.INTEGRITY;
}

const RESULTS = {
  found: "found out",
  blind: "NOTHING IS FOUND WITHOUT IT",
  needless: "LEAKS THOUGH IT HOLDS",
  untried: "not tried: the compiler of the core is not installed",
  failed: "THE COPY COULD NOT SEARCH",
} as const;

/** Exit code 6 if a rule can be switched off unnoticed, 3 if some could not be tried. */
async function doctorMutate(io: CliIo, { seed = SEED, json }: CanaryFlags): Promise<number> {
  const tried = await tryMutations(MUTATIONS, seed, ({ words, result }) =>
    io.stderr.write(`${RESULTS[result]}: ${words}\n`),
  );
  const rows = tried.map(({ words, result, hits, classes }): [string, string] => [
    words,
    result === "found"
      ? `${plural(hits, "hit")} of ${plural(classes.length, "class", "classes")}`
      : RESULTS[result],
  ]);
  const results = new Set(tried.map(({ result }) => result));
  const isBad = results.has("blind") || results.has("needless") || results.has("failed");
  print(io, json, { schema: 1, rules: tried }, table(rows));
  return isBad ? EXIT_CODES.INTEGRITY : results.has("untried") ? EXIT_CODES.PARTIAL : 0;
}
