/** What `--json` prints and `--compare` reads. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { Gate, Machine, MissingPeer, Plot, Suite } from "./report.ts";

const FORMAT = "mapveil-bench/1";
const BYTES_MAX = 64 * 2 ** 20;

export interface BenchDocument {
  readonly format: typeof FORMAT;
  /** When the run began, RFC 3339. */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly quick: boolean;
  /** Whether it was stopped before its end. */
  readonly interrupted: boolean;
  readonly suites: readonly {
    readonly name: string;
    readonly title: string;
    readonly gates: readonly Gate[];
    readonly figures: Suite["figures"];
    readonly plots: readonly Plot[];
    readonly missing: readonly MissingPeer[];
    readonly data: readonly object[];
  }[];
}

/** The document of a run; texts of tables are left out, since all their figures are in it. */
export function documentOf(
  run: Pick<BenchDocument, "startedAt" | "machine" | "quick" | "interrupted">,
  suites: readonly Suite[],
): BenchDocument {
  return {
    format: FORMAT,
    ...run,
    suites: suites.map(({ name, title, gates, figures, plots, missing, data }) => ({
      name,
      title,
      gates,
      figures,
      plots,
      missing,
      data,
    })),
  };
}

const comparable = z.object({
  format: z.literal(FORMAT),
  startedAt: z.string(),
  quick: z.boolean(),
  machine: z.object({ cpu: z.string(), node: z.string(), load: z.number(), quiet: z.boolean() }),
  suites: z.array(
    z.object({
      name: z.string(),
      figures: z.array(
        z.object({
          name: z.string(),
          unit: z.string(),
          better: z.enum(["higher", "lower"]),
          value: z.number(),
          rounds: z.array(z.number()),
        }),
      ),
    }),
  ),
});

/** The parts of an earlier run's document that a later one is compared with. */
export type EarlierRun = z.infer<typeof comparable>;

/** A file that cannot be compared with; the message says what is wrong with which file. */
export class CompareError extends Error {}

/**
 * Reads the document of an earlier run.
 * @throws CompareError if the file cannot be read or is not such a document
 */
export function readEarlierRun(path: string): EarlierRun {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new CompareError(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`);
  }
  if (text.length > BYTES_MAX) throw new CompareError(`${path} is larger than a bench document.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CompareError(`${path} is not JSON: give a file that --json or --out has written.`);
  }
  const parsed = comparable.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "its top level";
  throw new CompareError(`${path} is not a document of this bench: ${where}: ${issue?.message}.`);
}
