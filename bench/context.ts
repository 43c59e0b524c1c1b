/** What every suite is given. */
import type { Recording } from "./frames.ts";
import type { Pace } from "./measure.ts";

export interface Context {
  readonly quick: boolean;
  readonly recordings: readonly Recording[];
}

/** Rounds and samples; `samples` is a multiple of the eight variants. */
export function paceOf(context: Context, samples = 24): Pace {
  return context.quick ? { rounds: 5, samples: 8, warmup: 16 } : { rounds: 9, samples, warmup: 24 };
}
