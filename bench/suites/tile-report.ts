/** Table, gates, figures and plots of the tile suite. */
import { ratioFigure, timeFigure } from "../measure/figures.ts";
import { median, ratioOf, type Timing } from "../measure/race.ts";
import {
  atLeast,
  atMost,
  type BarPlot,
  count,
  type Figure,
  type Gate,
  type MissingPeer,
  milliseconds,
  type Suite,
  times,
  verdict,
} from "../report/report.ts";

/** What is to be reached; what is absent has no gate. */
export interface Limits {
  /** The most bytes, as a share of those of the smallest setting of any Draco. */
  readonly share?: number;
  /** How many times faster than each Draco at that setting. */
  readonly speed?: number;
  /** Million voxels decoded a second. */
  readonly decodeRate?: number;
}

export interface PeerResult {
  readonly title: string;
  /** The setting that gives the fewest bytes. */
  readonly speed: number;
  /** Of each variant, the fewest of any setting. */
  readonly bytes: readonly number[];
  readonly smallest: Timing;
  readonly fastest: Timing;
}

export interface Result {
  readonly label: string;
  readonly limits: Limits;
  /** Of each variant. */
  readonly voxels: readonly number[];
  readonly bytes: readonly number[];
  readonly encode: Timing;
  readonly decode: Timing;
  readonly peers: readonly PeerResult[];
}

/** Bytes of each variant to the fewest that any Draco makes of it. */
function sharesOf({ bytes, peers }: Result): number[] {
  return bytes.map((own, i) => own / Math.min(...peers.map((peer) => peer.bytes[i]!)));
}

function bytesPerVoxel({ bytes, voxels }: Result): number[] {
  return bytes.map((own, i) => own / voxels[i]!);
}

/** Million voxels a second. */
function decodeRate({ voxels, decode }: Result): number {
  return median(voxels) / decode.p50 / 1000;
}

function gatesOf(result: Result): Gate[] {
  const { label, limits, encode, peers } = result;
  const gates: Gate[] = [];
  if (limits.share !== undefined) {
    const worst = Math.max(...sharesOf(result));
    gates.push(atMost(`tile ${label}: bytes to Draco's`, worst, limits.share));
  }
  if (limits.speed !== undefined) {
    for (const peer of peers) {
      const ratio = ratioOf(peer.smallest, encode);
      gates.push(atLeast(`tile ${label}: speed to ${peer.title}`, ratio, limits.speed));
    }
  }
  if (limits.decodeRate !== undefined) {
    gates.push(atLeast(`tile ${label}: Mvoxels/s`, decodeRate(result), limits.decodeRate));
  }
  return gates;
}

const COLUMNS =
  "voxels of,voxels,bytes/voxel,to Draco's,worst,encode p50,p99,decode p50,Mvoxels/s".split(",");

function columnsOf(results: readonly Result[]): string[] {
  const peers = results[0]?.peers ?? [];
  return [...COLUMNS, ...peers.flatMap(({ title }) => [title, "its fastest"]), "gates"];
}

function rowOf(result: Result): string[] {
  const { label, voxels, encode, decode, peers } = result;
  const shares = sharesOf(result);
  return [
    label,
    count(Math.round(median(voxels))),
    median(bytesPerVoxel(result)).toFixed(3),
    median(shares).toFixed(3),
    Math.max(...shares).toFixed(3),
    ...[encode.p50, encode.p99, decode.p50].map(milliseconds),
    decodeRate(result).toFixed(1),
    ...peers.flatMap((peer) => [
      times(ratioOf(peer.smallest, encode)),
      times(ratioOf(peer.fastest, encode)),
    ]),
    verdict(...gatesOf(result)),
  ];
}

function figuresOf(result: Result): Figure[] {
  const { label, encode, decode, peers, voxels } = result;
  const rates = decode.rounds.map((ms) => median(voxels) / ms / 1000);
  return [
    {
      name: `${label}: bytes a voxel`,
      unit: "B",
      better: "lower",
      value: median(bytesPerVoxel(result)),
      rounds: bytesPerVoxel(result),
    },
    timeFigure(`${label}: encode`, encode),
    {
      name: `${label}: decode`,
      unit: "Mvoxels/s",
      better: "higher",
      value: decodeRate(result),
      rounds: rates,
    },
    ...peers.map((peer) =>
      ratioFigure(`${label}: to ${peer.title}, smallest`, peer.smallest, encode),
    ),
    ...peers.map((peer) =>
      ratioFigure(`${label}: to ${peer.title}, fastest`, peer.fastest, encode),
    ),
  ];
}

function plotsOf(results: readonly Result[]): BarPlot[] {
  const bars = (value: (result: Result) => number) =>
    results.map((result) => ({ label: result.label, value: value(result) }));
  const first = results[0]?.peers[0];
  return [
    {
      kind: "bars",
      title: "Tile: bytes, Draco's smallest = 1 (median of the variants)",
      unit: "",
      bars: bars((result) => median(sharesOf(result))),
      line: { label: "Draco", value: 1 },
    },
    {
      kind: "bars",
      title: "Tile: decoding",
      unit: "Mvoxels/s",
      bars: bars(decodeRate),
    },
    {
      kind: "bars",
      title: `Tile: how many times longer ${first?.title ?? "Draco"} takes at its smallest`,
      unit: "x",
      bars: bars((result) => {
        const peer = result.peers[0];
        return peer ? ratioOf(peer.smallest, result.encode) : Number.NaN;
      }),
      line: { label: "alike", value: 1 },
    },
  ];
}

export function tileReport(results: readonly Result[], missing: readonly MissingPeer[]): Suite {
  return {
    name: "tile",
    title: "bytes and speed against Draco's KD-tree at its smallest and its fastest setting (ms)",
    columns: columnsOf(results),
    rows: results.map(rowOf),
    notes: [
      "Verified: every codec gives back exactly the cells of the grid, on all variants.",
      "Columns named after a Draco: how many times longer it takes, at its smallest setting first.",
      "The real map is three frames in 0.2 s: it is not dense. A robot mower's map is surfaces alone,",
      "thin and sparse, and has no gate.",
    ],
    gates: results.flatMap(gatesOf),
    figures: results.flatMap(figuresOf),
    plots: plotsOf(results),
    missing,
    data: results,
  };
}
