/** What the bench prints: the machine, a table a suite, the gates. */
import { cpus, loadavg, totalmem } from "node:os";
import { tableText } from "./table.ts";

/** Load average above which the figures are not worth much: something else runs. */
const LOAD_MAX = 0.7;

export interface Gate {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly rule: "at least" | "at most";
  readonly ok: boolean;
}

/** A figure that a later run is compared with. */
export interface Figure {
  /** Unique in its suite and the same in every run: "OS1-128 0.05 m centre: to pcl::VoxelGrid". */
  readonly name: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly value: number;
  /** The same figure of every round, or as many times as it was taken: its noise. */
  readonly rounds: readonly number[];
}

/** Bars with a line that they should reach or stay below. */
export interface BarPlot {
  readonly kind: "bars";
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly { readonly label: string; readonly value: number }[];
  readonly line?: { readonly label: string; readonly value: number };
  readonly logarithmic?: boolean;
}

/** Curves over a common axis: cost against points, or shares of samples against latency. */
export interface CurvePlot {
  readonly kind: "curves";
  readonly title: string;
  readonly x: { readonly label: string; readonly logarithmic?: boolean };
  readonly y: { readonly label: string; readonly logarithmic?: boolean };
  readonly curves: readonly {
    readonly label: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
  readonly line?: { readonly label: string; readonly value: number };
}

export type Plot = BarPlot | CurvePlot;

/** Something to compare with that is not on this machine. */
export interface MissingPeer {
  readonly name: string;
  /** Why, and what to do: "libpcl-dev is not installed: run bench/peers/setup.sh". */
  readonly reason: string;
}

export interface Suite {
  readonly name: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
  readonly gates: readonly Gate[];
  /** The figures behind the rows: medians of every round. */
  readonly data: readonly object[];
  readonly figures: readonly Figure[];
  readonly plots: readonly Plot[];
  readonly missing: readonly MissingPeer[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  /** One minute, at the start. */
  readonly load: number;
  readonly quiet: boolean;
}

export function machine(): Machine {
  const load = loadavg()[0]!;
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    load,
    quiet: load <= LOAD_MAX,
  };
}

export function machineText(m: Machine): string {
  const line =
    `${m.cpu}, ${m.cores} cores, ${m.memoryGiB} GiB, ${m.platform}, ` +
    `Node ${m.node} (V8 ${m.v8}), load ${m.load.toFixed(2)}`;
  if (m.quiet) return line;
  return (
    `${line}\nWARNING: the load average is above ${LOAD_MAX}: other programs run. No figure is sure: ` +
    "who takes longer is interrupted more often, so that even ratios come out too good or too bad."
  );
}

export function atLeast(name: string, value: number, limit: number): Gate {
  return { name, value, limit, rule: "at least", ok: value >= limit };
}

export function atMost(name: string, value: number, limit: number): Gate {
  return { name, value, limit, rule: "at most", ok: value <= limit };
}

/** The last column of a row: how its gates went. */
export function verdict(...gates: readonly (Gate | undefined)[]): string {
  const set = gates.filter((gate) => gate !== undefined);
  if (set.length === 0) return "-";
  return set.every((gate) => gate.ok) ? "ok" : "MISSED";
}

export const milliseconds = (value: number) => value.toFixed(value < 1 ? 3 : 2);
export const times = (value: number) => `${value.toFixed(2)}x`;
export const count = (value: number) => value.toLocaleString("en-US");

export function suiteText(suite: Suite): string {
  const missing = suite.missing.map(({ name, reason }) => `Not compared with ${name}: ${reason}`);
  return [
    `${suite.name}: ${suite.title}`,
    "",
    tableText(suite.columns, suite.rows),
    "",
    ...missing,
    ...suite.notes,
    "",
  ].join("\n");
}

export function gatesText(suites: readonly Suite[]): string {
  const gates = suites.flatMap((suite) => suite.gates);
  const missed = gates.filter((gate) => !gate.ok);
  const lines = missed.map(
    ({ name, value, limit, rule }) => `  missed: ${name} = ${value.toFixed(3)}, ${rule} ${limit}`,
  );
  return [`Gates: ${gates.length - missed.length} of ${gates.length} ok`, ...lines].join("\n");
}
