/** What each operation costs against C that was written by hand, on real frames. */
import type { Profile } from "../../../../host/embed/tools/build-c.ts";
import { realTrials } from "./frames.ts";
import { type Call, type CallName, type Meter, runMeter, type Subject } from "./meter.ts";
import type { Trial } from "./trials.ts";

/** What C made of the core may cost, on every operation. */
const RATIO_MAX = { checked: 1.5, unchecked: 1.25 } as const;
/**
 * Without checks, hashes of micro may cost more: BLAKE2b takes its words by a table where the C written
 * by hand has copies of its rounds.
 */
const MICRO_UNCHECKED_MAX: Readonly<Partial<Record<CallName, number>>> = {
  seed: 1.5,
  seal_begin: 1.5,
};

/** Limit of a call in a build. */
export function ratioMax(profile: Profile, call: CallName, build: keyof typeof RATIO_MAX): number {
  const own = profile === "micro" && build === "unchecked" ? MICRO_UNCHECKED_MAX[call] : undefined;
  return own ?? RATIO_MAX[build];
}

export interface Ratio {
  readonly frame: string;
  readonly call: CallName;
  readonly native: number;
  readonly checked: number;
  readonly unchecked: number;
}

type Meters = Readonly<Record<Subject, Meter>>;

function sumOf(calls: readonly Call[], name: CallName): number {
  return calls.filter((c) => c.name === name).reduce((sum, c) => sum + c.instructions, 0);
}

/** What must be the same whoever computes it: statuses, and hashes of what was written. */
const answersOf = (calls: readonly Call[]) => calls.map((c) => `${c.name} ${c.status}`).join("\n");

/** Throws if two computed different bytes: then their costs compare nothing. */
function assertSame(trial: Trial, a: readonly Call[], b: readonly Call[], who: string): void {
  if (answersOf(a) !== answersOf(b)) {
    throw new Error(`${trial.name}: the ${who} core and the C written by hand differ`);
  }
}

/** Counts all operations of the real frames; each frame is played once before, uncounted. */
export async function measureRatios(meters: Meters, profile: Profile): Promise<Ratio[]> {
  const trials = await realTrials(profile);
  const played = trials.flatMap((trial) => [{ ...trial, uncounted: true }, trial]);
  const native = await runMeter(meters.native, played);
  const checked = await runMeter(meters.checked, played);
  const unchecked = await runMeter(meters.unchecked, played);
  return trials.flatMap((trial, i) => {
    assertSame(trial, native[i]!, checked[i]!, "checked");
    assertSame(trial, native[i]!, unchecked[i]!, "unchecked");
    const names = new Set(native[i]!.map(({ name }) => name));
    names.delete("hash");
    return [...names].map((call) => ({
      frame: trial.name,
      call,
      native: sumOf(native[i]!, call),
      checked: sumOf(checked[i]!, call),
      unchecked: sumOf(unchecked[i]!, call),
    }));
  });
}
