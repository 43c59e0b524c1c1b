/** The option --canary of `mapveil doctor`. */
import { EXIT_CODES } from "../../core/errors.ts";
import { type CliIo, print } from "../io.ts";
import { canaryText } from "./report-text.ts";
import { CANARY_PARTS, type CanaryPart, runCanary } from "./run-canary.ts";

/** The seed of a run that names none: the same values every time. */
const SEED = 1;

export interface CanaryFlags {
  readonly seed?: number;
  readonly only?: CanaryPart;
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
  // The command itself runs commands: loaded late, for it is loaded by them.
  const { runCli } = await import("../run.ts");
  const { seed = SEED, only } = flags;
  const parts = only === undefined ? CANARY_PARTS : [only];
  const terms = { seed, parts, run: runCli, ...(config !== undefined && { config }) };
  const report = await runCanary(io, terms);
  print(io, flags.json, { schema: 1, ...report }, canaryText(report));
  return report.hits === 0 ? 0 : EXIT_CODES.INTEGRITY;
}
