/** Tables, goals, figures and plots of the replay suite. */
import { quantile } from "../measure/race.ts";
import {
  atMost,
  type CurvePlot,
  count,
  type Figure,
  type Gate,
  type MissingPeer,
  milliseconds,
  type Suite,
  verdict,
} from "../report/report.ts";
import { type Figures, figuresOf } from "./replay-figures.ts";
import type { Run } from "./replay-run.ts";

const MIB = 2 ** 20;
/** Goals where nothing is held back, on two cores that other processes of the run share. */
const P99_MAX_MS = 50;
const CORES_MAX = 1;
/** Cores that others may use before the tables say that no latency is sure. */
const FOREIGN_CORES_MAX = 0.3;
/** Points of a curve; its tail is drawn in full. */
const CURVE_POINTS = 200;

export interface Finished {
  readonly run: Run;
  /** Whether no deadline may be missed: all but sensors that a small robot does not carry. */
  readonly gated: boolean;
}

interface Row extends Finished {
  readonly figures: Figures;
  /** Sensor and quota. */
  readonly label: string;
  readonly gates: readonly Gate[];
}

const quotaText = ({ plan }: Run) =>
  plan.quota === undefined ? "all" : `${plan.quota.cores} of ${plan.quota.periodMs} ms`;

function rowOf(finished: Finished): Row {
  const { run, gated } = finished;
  const figures = figuresOf(run);
  const { latenciesMs, missed } = figures;
  const quota = run.plan.quota && `, ${quotaText(run)}`;
  const label = `${run.plan.sensor}${quota ?? ""}`;
  const lost = Math.abs(run.captured - latenciesMs.length) + Math.abs(run.captured - run.uploaded);
  const gates = [atMost(`${label}: frames that are not accounted for`, lost, 0)];
  if (gated) gates.push(atMost(`${label}: missed deadlines`, missed, 0));
  if (run.plan.quota === undefined) {
    gates.push(
      atMost(`${label}: p99 ms from due to receipt`, quantile(latenciesMs, 0.99), P99_MAX_MS),
      atMost(`${label}: cores of the sidecar`, run.cores.all, CORES_MAX),
    );
  }
  return { run, gated, figures, label, gates };
}

function timingCells({ run, gated, figures, gates }: Row): string[] {
  const { latenciesMs, missed, p999Ms, jitter, queue } = figures;
  return [
    run.plan.sensor,
    quotaText(run),
    count(latenciesMs.length),
    count(missed),
    milliseconds(quantile(latenciesMs, 0.5)),
    milliseconds(quantile(latenciesMs, 0.99)),
    p999Ms === undefined ? "-" : milliseconds(p999Ms),
    milliseconds(Math.max(...latenciesMs)),
    milliseconds(jitter.deviationMs),
    milliseconds(jitter.p99Ms),
    count(queue.max),
    queue.mean.toFixed(2),
    // A sensor without a goal for its deadlines is not called ok for having lost nothing.
    gated || gates.some(({ ok }) => !ok) ? verdict(...gates) : "-",
  ];
}

function costCells({ run, figures }: Row): string[] {
  const { memory, robotLateMs, spoolMax } = figures;
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const rawBytes = run.plan.hz * run.plan.frames[0]!.frame.data.length;
  return [
    run.plan.sensor,
    quotaText(run),
    run.cores.all.toFixed(3),
    run.cores.loop.toFixed(3),
    run.cores.frames.toFixed(3),
    run.throttled === undefined ? "-" : percent(run.throttled),
    memory.firstMib.toFixed(0),
    memory.lastMib.toFixed(0),
    memory.mibPerMinute.toFixed(1),
    count(spoolMax),
    (rawBytes / MIB).toFixed(2),
    (run.sealedBytes / MIB / run.seconds).toFixed(3),
    percent(run.waited),
    run.foreign.cores.toFixed(2),
    percent(run.foreign.steal),
    milliseconds(robotLateMs),
  ];
}

/** Share of the frames that took longer than each latency; every step of the last hundred frames. */
function tailCurve({ label, figures }: Row): CurvePlot["curves"][number] {
  const sorted = [...figures.latenciesMs].sort((a, b) => a - b);
  const step = Math.ceil(sorted.length / CURVE_POINTS);
  const points = sorted
    .map((ms, i) => [ms, (sorted.length - i) / sorted.length] as const)
    .filter((_, i) => i % step === 0 || i >= sorted.length - CURVE_POINTS / 2);
  return { label, points };
}

function plotsOf(rows: readonly Row[], where: string): CurvePlot[] {
  if (rows.length === 0) return [];
  const overTime = (
    what: string,
    y: string,
    pointsOf: (row: Row) => readonly (readonly [number, number])[],
  ): CurvePlot => ({
    kind: "curves",
    title: `${what}, ${where}`,
    x: { label: "seconds" },
    y: { label: y },
    curves: rows.map((row) => ({ label: row.label, points: pointsOf(row) })),
  });
  return [
    {
      kind: "curves",
      title: `From due to receipt, ${where}`,
      x: { label: "milliseconds", logarithmic: true },
      y: { label: "share of frames that took longer", logarithmic: true },
      curves: rows.map(tailCurve),
    },
    overTime("Resident memory of the sidecar", "MiB", ({ run }) =>
      run.samples.map(({ atS, residentMib }) => [atS, residentMib]),
    ),
    overTime("Frames without a receipt, most in a second", "frames", ({ figures }) => [
      ...figures.queueOverTime,
    ]),
  ];
}

function comparable({ label, run, figures }: Row): Figure[] {
  const { latenciesMs, p50PartsMs } = figures;
  const lower = (name: string, unit: string, value: number, rounds = [value]): Figure => ({
    name: `${label}: ${name}`,
    unit,
    better: "lower",
    value,
    rounds,
  });
  return [
    lower("p50 from due to receipt", "ms", quantile(latenciesMs, 0.5), [...p50PartsMs]),
    lower("p99 from due to receipt", "ms", quantile(latenciesMs, 0.99)),
    lower("processor time of the sidecar", "cores", run.cores.all),
    lower("resident memory at the end", "MiB", figures.memory.lastMib),
  ];
}

function dataOf({ run, figures, label }: Row): object {
  const { plan, dueMs: _, pushedMs: __, receivedMs: ___, ...rest } = run;
  const { sensor, hz, seconds: planned, quota } = plan;
  return { label, sensor, hz, planned, quota, ...rest, ...figures };
}

/** Said where the machine was not ours alone. */
function noiseNotes(rows: readonly Row[]): string[] {
  const others = Math.max(0, ...rows.map(({ run }) => run.foreign.cores + run.foreign.steal));
  if (others <= FOREIGN_CORES_MAX) return [];
  return [
    `NOISE: other programs or machines took up to ${others.toFixed(2)} cores: the latencies are theirs as much as ours.`,
  ];
}

/** Two tables over the same runs: when receipts came, and what that cost. */
export function suitesOf(finished: readonly Finished[], missing: readonly MissingPeer[]): Suite[] {
  const rows = finished.map(rowOf);
  const free = rows.filter(({ run }) => run.plan.quota === undefined);
  const held = rows.filter(({ run }) => run.plan.quota !== undefined);
  return [
    {
      name: "replay",
      title: "frames at their sensor's rate through a sidecar, from due to receipt",
      columns: [
        ...["", "cores", "frames", "missed", "p50 ms", "p99 ms", "p99.9", "max ms"],
        ...["jitter sd", "p99", "queue max", "mean", ""],
      ],
      rows: rows.map(timingCells),
      notes: [
        "Frames are due at fixed times whatever the sidecar does; a receipt says that the sealed form is on the",
        "disk. Missed: it came later than one period after the frame was due. Jitter: receipt to receipt less the",
        "period. Queue: frames that are due and have no receipt. p99.9 from 1,000 frames on.",
        "Cores 0.2 of 100 ms: the sidecar alone may run for 20 ms in every 100 ms, from its first instruction on.",
        ...noiseNotes(rows),
      ],
      gates: rows.flatMap(({ gates }) => gates),
      data: rows.map(dataOf),
      figures: rows.flatMap(comparable),
      plots: [...plotsOf(free, "all cores"), ...plotsOf(held, "under a quota")],
      missing,
    },
    {
      name: "replay-cost",
      title: "what the same runs cost the sidecar, and what else ran on the machine",
      columns: [
        ...[
          "",
          "cores",
          "used",
          "loop",
          "frames",
          "stalled",
          "MiB first",
          "last",
          "a min",
          "spool",
        ],
        ...["MiB/s in", "sealed", "waited", "others", "stolen", "robot late"],
      ],
      rows: rows.map(costCells),
      notes: [
        "Used: cores, of these loop and frames its two busiest threads; stalled: periods in which the quota was used",
        "up. MiB: resident memory without mapped files, first and last sample and slope. Spool: most artefacts that",
        "waited. Noise: waited is time in which these threads were ready and had no processor (a quota's stalls are",
        "in it); others are cores that programs used that are no part of the run; robot late: milliseconds at most.",
      ],
      gates: [],
      data: [],
      figures: [],
      plots: [],
      missing: [],
    },
  ];
}
