/** What every suite is given. */
import type { Recording } from "./frames.ts";
import type { Pace } from "./measure.ts";

export interface Context {
  readonly quick: boolean;
  readonly recordings: readonly Recording[];
}

/**
 * Many short rounds: what disturbs the machine for some tenths of a second then hits both sides of a
 * ratio, or few rounds. `samples` a round are a multiple of the eight variants.
 */
export function paceOf(context: Context, samples = 8): Pace {
  return {
    rounds: context.quick ? 5 : 24,
    samples: context.quick ? 8 : samples,
    warmup: context.quick ? 24 : 40,
  };
}
