/** What every suite is given. */
import type { Recording } from "../inputs/frames.ts";
import type { Pace } from "./race.ts";

export interface Context {
  readonly quick: boolean;
  /** Seconds that a run at a sensor's own rate takes. */
  readonly paceSeconds: number;
  readonly recordings: readonly Recording[];
  /** Names of sensors.ts that were asked for; all without. */
  readonly sensors?: readonly string[];
  /** Stages of the sensor suite that were asked for; all without. */
  readonly stages?: readonly string[];
  /** Says on stderr what is measured now. */
  progress(what: string): void;
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
