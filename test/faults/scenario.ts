/** What a proof is: a name, what it proves, what it needs, and how it runs. */
import type { SeededRandom } from "./harness/random.ts";
import type { Tool } from "./harness/tools.ts";

export interface Context {
  readonly random: SeededRandom;
  /** How many of the places to try, where a scenario has many; all of them if undefined. */
  readonly sample: number | undefined;
}

export interface Outcome {
  /** Whole sentences; none if everything held. */
  readonly violations: readonly string[];
  /** What was done and measured. */
  readonly figures: Readonly<Record<string, string | number>>;
}

export interface Scenario {
  readonly name: string;
  /** One sentence that holds if the scenario ends without a violation. */
  readonly proves: string;
  readonly needs: readonly Tool[];
  run(context: Context): Promise<Outcome>;
}

/** Places 1 to `max` that are to be tried. */
export function places({ random, sample }: Context, max: number): number[] {
  return random.sample(sample ?? max, max);
}
