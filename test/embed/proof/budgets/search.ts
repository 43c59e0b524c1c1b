/** Looks for the frame that costs a call most: seeded random frames, then changes of the costliest. */
import { uniform } from "../../../../bench/inputs/random.ts";
import type { Profile } from "../../../../host/embed/tools/build-c.ts";
import { type Call, type CallName, type Meter, runMeter } from "./meter.ts";
import { mutate, randomScenario, type Scenario, suspects, trialOf } from "./scenario.ts";

/** What is looked at: a call, and how the frame is pushed. */
export interface Target {
  readonly call: CallName;
  /** Points behind those that lead, and points a push. */
  readonly points: number;
  readonly pushPoints: number;
  /** Numbers of points pushed before that are worth a look. */
  readonly leads: readonly number[];
  /** Points are not cropped: their crops are no part of the call, and take long. */
  readonly uncropped?: boolean;
}

const UNCROPPED = { boxes: 0, areas: 0, vertices: 0, crops: false } as const;

export interface Found {
  readonly scenario: Scenario;
  readonly instructions: number;
  /** Deepest stack of all calls of the frame; 0 where it is not measured. */
  readonly stackBytes: number;
}

/** Most instructions of the call among all that a trial made; 0 where the core refused it. */
export function costOf(calls: readonly Call[], call: CallName): number {
  return Math.max(
    0,
    ...calls.filter(({ name, status }) => name === call && status >= 0).map((c) => c.instructions),
  );
}

/** What the scenarios cost the call. */
export async function costsOf(
  meter: Meter,
  profile: Profile,
  target: Target,
  scenarios: readonly Scenario[],
): Promise<Found[]> {
  const trials = scenarios.map((scenario) => ({
    ...trialOf(scenario, profile, target.points, target.pushPoints),
    encode: target.call === "encode" || target.call === "wipe",
    wipe: true,
  }));
  const calls = await runMeter(meter, trials);
  return scenarios.map((scenario, i) => ({
    scenario,
    instructions: costOf(calls[i]!, target.call),
    stackBytes: Math.max(0, ...calls[i]!.map((call) => call.stackBytes)),
  }));
}

/** The costliest of `rounds` generations of `batch` scenarios; the same for the same seed. */
export async function findWorst(
  meter: Meter,
  profile: Profile,
  target: Target,
  { seed, rounds, batch }: { seed: number; rounds: number; batch: number },
  start: readonly Scenario[] = [],
): Promise<Found> {
  const next = uniform(seed);
  let best: Found[] = [];
  for (let round = 0; round < rounds; round++) {
    const scenarios = Array.from({ length: batch }, (_, i) => {
      const parent = best[i % 4];
      const isFresh = parent === undefined || i % 4 === 3;
      const scenario = isFresh
        ? randomScenario(next, target.leads)
        : mutate(parent.scenario, next, target.leads);
      return target.uncropped ? { ...scenario, ...UNCROPPED } : scenario;
    });
    if (round === 0) {
      const first = suspects(target.leads);
      scenarios.push(
        ...start,
        ...(target.uncropped ? first.map((one) => ({ ...one, ...UNCROPPED })) : first),
      );
    }
    const found = await costsOf(meter, profile, target, scenarios);
    best = [...best, ...found].sort((a, b) => b.instructions - a.instructions).slice(0, 4);
  }
  return best[0]!;
}
