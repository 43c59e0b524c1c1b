/** The results of the sensors as tables with gates, figures and plots. */
import { ratioFigure } from "../measure/figures.ts";
import { ratioOf, type Timing } from "../measure/race.ts";
import { STAGE_NOTES, type Stage } from "../measure/stages.ts";
import {
  atLeast,
  atMost,
  count,
  type Figure,
  type Gate,
  type MissingPeer,
  type Plot,
  type Suite,
  verdict,
} from "../report/report.ts";
import type { SensorMode } from "../sensors.ts";
import type { ChainTimings } from "./sensor-chains.ts";
import type { Memory } from "./sensor-memory.ts";

export interface Whole {
  readonly simd: Timing;
  readonly baseline: Timing;
  /** Baseline to SIMD, of the rounds. */
  readonly ratio: number;
  /** All samples of the SIMD build in milliseconds, sorted. */
  readonly sorted: readonly number[];
  /** Means of the variants. */
  readonly voxels: number;
  readonly sealedBytes: number;
  readonly memory: Memory;
}

export interface Result {
  readonly sensor: SensorMode;
  readonly label: string;
  readonly origin: string;
  /** Share of the slots that hold a point, mean of the variants. */
  readonly valid: number;
  readonly whole?: Whole;
  readonly chains?: ChainTimings;
  /** Milliseconds of each stage in both builds. */
  readonly stages?: {
    readonly simd: Readonly<Record<Stage, number>>;
    readonly baseline: Readonly<Record<Stage, number>>;
  };
}

const MIB = 2 ** 20;
/** Frames of 262,144 slots at 10 Hz: the most of a core. */
const GATE_CORE = 0.15;
/** The hardest stream, 6.9 million slots a second: the most of a core. */
const GATE_HARDEST = 0.5;
/** Frames of 131,072 slots: the median in milliseconds. */
const GATE_MEDIAN_MS = 6;
const GOALS: Readonly<Record<string, (r: Measured) => Gate>> = {
  "OS1-128 2048x10": (r) => atMost(`sensors ${r.label}: share of a core`, shareOf(r), GATE_CORE),
  "OT128 dual": (r) => atMost(`sensors ${r.label}: share of a core`, shareOf(r), GATE_HARDEST),
  "OS1-128 1024x10": (r) =>
    atMost(`sensors ${r.label}: median ms`, r.whole.simd.p50, GATE_MEDIAN_MS),
};
/** Whose latencies are drawn. */
const DRAWN = ["Mid-360 single", "OS1-128 1024x10", "OS1-128 2048x10", "OT128 dual"];

type Measured = Result & { readonly whole: Whole };

const periodMs = ({ sensor }: Result) => 1000 / sensor.rateHz;
/** Share of a frame's period, and so of a core, that the median frame takes. */
const shareOf = (r: Measured) => r.whole.simd.p50 / periodMs(r);
const realTime = (r: Measured) => 1 / shareOf(r);
const inMiB = ({ sensor }: Result) => (sensor.slots * sensor.pointStep * sensor.rateHz) / MIB;
const outMiB = ({ sensor, whole }: Measured) => (whole.sealedBytes * sensor.rateHz) / MIB;

/** Three digits are as many as a run repeats. */
const short = (value: number) =>
  value >= 100 ? count(Math.round(value)) : value.toFixed(value >= 10 ? 1 : value >= 1 ? 2 : 3);
const percent = (share: number, digits = 0) => `${(100 * share).toFixed(digits)} %`;

function gatesOf(r: Measured): Gate[] {
  const { simd } = r.whole;
  return [
    atLeast(`sensors ${r.label}: times real time`, realTime(r), 1),
    atMost(`sensors ${r.label}: p99 to period`, simd.p99 / periodMs(r), 1),
    ...(r.label in GOALS ? [GOALS[r.label]!(r)] : []),
  ];
}

/** How many times as long the chains take; "!" where the C++ one seals points that it did not reduce. */
function chainCells(chains: ChainTimings | undefined): string[] {
  if (chains === undefined) return ["-", "-"];
  const { ours, node, cpp, gaveUp } = chains;
  const times = (chain: Timing) => `${ratioOf(chain, ours).toFixed(1)}x`;
  return [cpp ? `${times(cpp)}${gaveUp ? "!" : ""}` : "-", times(node)];
}

function rowOf(r: Measured): string[] {
  const { sensor, whole } = r;
  const { simd, memory } = whole;
  return [
    r.label,
    r.origin,
    String(sensor.rateHz),
    count(sensor.slots),
    (sensor.pointsPerSecond / 1e6).toFixed(3),
    percent(r.valid),
    count(whole.voxels),
    ...[simd.p50, simd.p99, simd.max].map(short),
    percent(shareOf(r), 1),
    `${short(realTime(r))}x`,
    short(inMiB(r)),
    short(outMiB(r)),
    memory.peakMiB.toFixed(0),
    memory.coreMiB === undefined ? "-" : memory.coreMiB.toFixed(0),
    `${whole.ratio.toFixed(1)}x`,
    ...chainCells(r.chains),
    verdict(...gatesOf(r)),
  ];
}

const COLUMNS =
  "sensor,from,Hz,slots,Mpts/s,valid,voxels,p50 ms,p99,max,of core,real time,in MiB/s,out," +
  "RSS MiB,wasm,base,C++,Node,gates";

function figuresOf(r: Measured): Figure[] {
  const { simd, sealedBytes } = r.whole;
  return [
    {
      name: `${r.label}: frame`,
      unit: "ms",
      better: "lower",
      value: simd.p50,
      rounds: simd.rounds,
    },
    {
      name: `${r.label}: sealed frame`,
      unit: "bytes",
      better: "lower",
      value: sealedBytes,
      rounds: [sealedBytes],
    },
    ...chainFigures(r),
  ];
}

function chainFigures({ label, chains }: Result): Figure[] {
  if (chains === undefined) return [];
  const { ours, node, cpp } = chains;
  return [
    ratioFigure(`${label}: to the Node chain`, node, ours),
    ...(cpp ? [ratioFigure(`${label}: to the C++ chain`, cpp, ours)] : []),
  ];
}

function plotsOf(results: readonly Measured[]): Plot[] {
  const drawn = results.filter(({ label }) => DRAWN.includes(label));
  const bars = results.map((r) => ({ label: r.label, value: realTime(r) }));
  const factors: Plot = {
    kind: "bars",
    title: "Real-time factor: how many such sensors one core carries",
    unit: "times real time",
    bars,
    line: { label: "real time", value: 1 },
    logarithmic: true,
  };
  if (drawn.length === 0) return [factors];
  const latencies: Plot = {
    kind: "curves",
    title: "Latency of a frame, raw points to sealed artefact",
    x: { label: "milliseconds", logarithmic: true },
    y: { label: "share of the frames that are done, %" },
    curves: drawn.map(({ label, whole: { sorted } }) => ({
      label,
      points: sorted.map((time, i) => [time, (100 * (i + 1)) / sorted.length] as const),
    })),
  };
  return [factors, latencies];
}

/** The main table: each sensor the whole way. */
export function sensorTable(results: readonly Result[], missing: readonly MissingPeer[]): Suite {
  const measured = results.filter((r): r is Measured => r.whole !== undefined);
  const samples = measured.map(({ whole }) => whole.simd.samples);
  return {
    name: "sensors",
    title: "raw points to sealed artefact on one core, default policy, SIMD build (ms a frame)",
    columns: COLUMNS.split(","),
    rows: measured.map(rowOf),
    notes: [
      "from: a recording (real), or the one into whose scene this sensor's beams were sent; it is outdoors, the hard case. Mpts/s: slots on the wire.",
      "of core: p50 as a share of the frame's period. real time: period / p50, so many such sensors one core carries. base: time of the build without SIMD.",
      "in: points as the driver lays them out; out: artefacts, padding included. RSS: peak of a process that does this alone, Node included;",
      "wasm: what was touched of the core's 235 MiB, its warm-up at the start included.",
      "C++, Node: how many times as long PCL CropBox + VoxelGrid + Draco + libsodium take, and a plain grid + draco3d + libsodium-wrappers, in the",
      "same run. !: pcl::VoxelGrid gave up (its indices overflow) and the chain sealed the raw cloud.",
      "Verified: every artefact opens and holds exactly the cells of a plain JavaScript grid, on all variants.",
      `p99 is of ${Math.min(...samples)} to ${Math.max(...samples)} samples. Gates: p50 and p99 within the period; ` +
        `OS1-128 1024x10 <= ${GATE_MEDIAN_MS} ms; OS1-128 2048x10 <= ${percent(GATE_CORE)} and OT128 dual <= ${percent(GATE_HARDEST)} of a core.`,
    ],
    gates: measured.flatMap(gatesOf),
    figures: measured.flatMap(figuresOf),
    plots: plotsOf(measured),
    missing,
    data: measured.map((r) => {
      const { sorted, ...whole } = r.whole;
      const { sensor, label, origin, valid, chains } = r;
      const figures = { share: shareOf(r), realTime: realTime(r), bestMs: sorted[0] };
      return { label, sensor, origin, valid, ...whole, chains, ...figures };
    }),
  };
}

/** Where the time goes, for both builds. */
export function stageTable(results: readonly Result[], stages: readonly Stage[]): Suite {
  const rows = results.flatMap(({ label, stages: times, whole }) => {
    if (times === undefined) return [];
    const { simd, baseline } = times;
    const sum = stages.reduce((total, stage) => total + simd[stage], 0);
    // A difference of two passes may drown in the noise of a busy machine.
    const cell = (stage: Stage) =>
      simd[stage] > 0
        ? `${simd[stage].toFixed(3)} (${(baseline[stage] / simd[stage]).toFixed(1)}x)`
        : "-";
    const total = whole === undefined ? "-" : whole.simd.p50.toFixed(3);
    return [[label, ...stages.map(cell), sum.toFixed(3), total]];
  });
  const legend = stages.map((stage) => `${stage}: ${STAGE_NOTES[stage]}`);
  const parts = [legend.slice(0, 3), legend.slice(3)].filter((part) => part.length > 0);
  return {
    name: "sensor stages",
    title: "median ms of each stage alone, SIMD build (baseline: times as long)",
    columns: ["sensor", ...stages, "sum", "whole way"],
    rows,
    notes: [
      ...parts.map((part) => `${part.join("; ")}.`),
      "grid and read+crop are differences of passes with and without them (-: lost in noise); the whole way is p50 of the table above.",
    ],
    gates: [],
    figures: [],
    plots: [],
    missing: [],
    data: results.map(({ label, stages: times }) => ({ label, stages: times })),
  };
}
