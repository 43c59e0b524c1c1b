/**
 * What changed since an earlier run, and whether that is more than noise.
 *
 * The noise of a figure is the notch of a box plot over its rounds: median ± 1.57 IQR / √n (McGill,
 * Tukey and Larsen, Variations of Box Plots, 1978). Where the notches of two runs do not meet, their
 * medians differ at about the 95 % level. Machines also differ from one quarter of an hour to the next,
 * which no round of one run can see: a change below FLOOR is never called one, and a larger one is worth
 * a second run.
 */
import { median, quantile } from "../measure/race.ts";
import type { EarlierRun } from "./document.ts";
import { short } from "./plots.ts";
import type { Figure, Suite } from "./report.ts";
import { tableText } from "./table.ts";

/** Share of a figure below which nothing is called a change. */
const FLOOR = 0.05;

export type Verdict = "better" | "worse" | "same" | "new";

export interface Change {
  readonly suite: string;
  readonly name: string;
  readonly unit: string;
  readonly before: number | undefined;
  readonly after: number;
  /** after / before - 1. */
  readonly change: number | undefined;
  /** Half width of both notches together, as a share of the earlier figure. */
  readonly noise: number | undefined;
  readonly verdict: Verdict;
}

/** Half width of the notch, in the figure's unit; 0 where there is but one round. */
export function notch(rounds: readonly number[]): number {
  if (rounds.length < 2) return 0;
  const spread = quantile(rounds, 0.75) - quantile(rounds, 0.25);
  return (1.57 * spread) / Math.sqrt(rounds.length);
}

function changeOf(suite: string, now: Figure, before: Figure | undefined): Change {
  const base = { suite, name: now.name, unit: now.unit, after: now.value };
  if (before === undefined || before.unit !== now.unit || before.value === 0) {
    return { ...base, before: undefined, change: undefined, noise: undefined, verdict: "new" };
  }
  const change = now.value / before.value - 1;
  const noise = (notch(now.rounds) + notch(before.rounds)) / Math.abs(before.value);
  const isNoise = Math.abs(change) <= Math.max(noise, FLOOR);
  const isBetter = change > 0 === (now.better === "higher");
  const verdict = isNoise ? "same" : isBetter ? "better" : "worse";
  return { ...base, before: before.value, change, noise, verdict };
}

/** Every figure of this run beside the earlier run's. */
export function compareRuns(suites: readonly Suite[], earlier: EarlierRun): Change[] {
  return suites.flatMap(({ name, figures }) => {
    const before = earlier.suites.find((suite) => suite.name === name)?.figures ?? [];
    return figures.map((now) =>
      changeOf(
        name,
        now,
        before.find((figure) => figure.name === now.name),
      ),
    );
  });
}

const percent = (share: number) => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)} %`;

export const CHANGE_COLUMNS = ["figure", "unit", "before", "now", "change", "noise", ""];

/** A row a change, as text and page show it. */
export function changeRows(changes: readonly Change[]): string[][] {
  return changes.map(({ suite, name, unit, before, after, change, noise, verdict }) => [
    `${suite}: ${name}`,
    unit,
    before === undefined ? "-" : short(before),
    short(after),
    change === undefined ? "-" : percent(change),
    noise === undefined ? "-" : `± ${(100 * noise).toFixed(1)} %`,
    verdict,
  ]);
}

/** A table of the changes, and how they add up. */
export function changesText(changes: readonly Change[], earlier: EarlierRun): string {
  const of = (verdict: Verdict) => changes.filter((change) => change.verdict === verdict).length;
  const known = changes.flatMap(({ change }) => (change === undefined ? [] : [Math.abs(change)]));
  return [
    `Compared with the run of ${earlier.startedAt} (${earlier.machine.cpu}, Node ${earlier.machine.node}` +
      `${earlier.machine.quiet ? "" : `, NOT quiet: load ${earlier.machine.load.toFixed(2)}`}):`,
    "",
    tableText(CHANGE_COLUMNS, changeRows(changes)),
    "",
    `${of("better")} better, ${of("worse")} worse, ${of("same")} the same within noise or ` +
      `${100 * FLOOR} %, ${of("new")} new; median change ${known.length === 0 ? "-" : `${(100 * median(known)).toFixed(1)} %`}.`,
  ].join("\n");
}
