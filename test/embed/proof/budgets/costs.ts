/** The published costs: instructions a call, for a real frame and for the worst frame that was found. */
import type { Profile } from "../../../../host/embed/tools/build-c.ts";
import { realTrials } from "./frames.ts";
import { type Call, type CallName, type Meter, runMeter } from "./meter.ts";
import type { Scenario } from "./scenario.ts";
import { costOf, costsOf, type Target } from "./search.ts";

export interface CostRow extends Target {
  /** As in the table: "frame_push of 64 points". */
  readonly name: string;
}

/** Where tables grow, or lists are sorted: what stands there just before the call makes it costly. */
const LEADS = {
  micro: [0, 1792, 2016, 2048],
  standard: [0, 2048, 8192, 32768],
  wide: [0],
} as const;

/** Points of a full frame, with as many cells as the profile holds. */
const FULL = { micro: 4096, standard: 131_072, wide: 2_097_152 } as const;

/** Calls whose cost depends on the frame. */
export function costRows(profile: Profile): CostRow[] {
  const push = (points: number): CostRow => ({
    name: `frame_push of ${points} points`,
    call: "push",
    points: 2 * points,
    pushPoints: points,
    leads: LEADS[profile],
  });
  const full = (name: string, call: CallName): CostRow => ({
    name,
    call,
    points: 0,
    pushPoints: FULL[profile],
    leads: [FULL[profile] / 4, FULL[profile] / 2, FULL[profile]],
    uncropped: true,
  });
  return [
    { ...full("frame_begin", "begin"), leads: [1], uncropped: false },
    push(32),
    push(64),
    push(256),
    full("frame_finish", "finish"),
    full("tile_encode", "encode"),
    full("wipe", "wipe"),
  ];
}

/** Calls that cost the same whatever the frame. */
export const SEAL_CALLS: readonly { name: string; call: CallName }[] = [
  { name: "seed", call: "seed" },
  { name: "seal_key", call: "seal_key" },
  { name: "seal_begin", call: "seal_begin" },
  { name: "seal_message of 1 KiB", call: "seal_message" },
];

export interface Cost {
  /** Most of all calls of a real frame. */
  readonly real: number;
  /** The same call of the worst frame that was found, in the checked and the unchecked build. */
  readonly checked: number;
  readonly unchecked: number;
}

/** Deepest stack of all calls that were played, in bytes; 0 where it is not measured. */
const deepest = (trials: readonly (readonly Call[])[]) =>
  Math.max(0, ...trials.flat().map(({ stackBytes }) => stackBytes));

export interface Measured {
  readonly costs: Readonly<Record<string, Cost>>;
  readonly stackBytes: number;
}

/** Counts real frames and the stored worst ones. */
export async function measureCosts(
  checked: Meter,
  unchecked: Meter,
  profile: Profile,
  worst: Readonly<Record<string, Scenario>>,
): Promise<Measured> {
  const costs: Record<string, Cost> = {};
  let stackBytes = 0;
  for (const row of costRows(profile)) {
    const scenario = worst[row.name];
    if (scenario === undefined) throw new Error(`no worst frame of ${row.name} is stored`);
    const real = await realTrials(profile, row.call === "push" ? row.pushPoints : undefined);
    const calls = await runMeter(checked, real.slice(0, 1));
    const [most] = await costsOf(checked, profile, row, [scenario]);
    const [least] = await costsOf(unchecked, profile, row, [scenario]);
    costs[row.name] = {
      real: costOf(calls[0]!, row.call),
      checked: most!.instructions,
      unchecked: least!.instructions,
    };
    stackBytes = Math.max(stackBytes, deepest(calls), most!.stackBytes, least!.stackBytes);
  }
  const [trial] = await realTrials(profile);
  const sealed = { ...trial!, open: false };
  const withChecks = await runMeter(checked, [sealed]);
  const without = await runMeter(unchecked, [sealed]);
  for (const { name, call } of SEAL_CALLS) {
    const cost = costOf(withChecks[0]!, call);
    costs[name] = { real: cost, checked: cost, unchecked: costOf(without[0]!, call) };
  }
  stackBytes = Math.max(stackBytes, deepest(withChecks), deepest(without));
  return { costs, stackBytes };
}
