/** Table, gates, figures and plots of the voxel suite. */
import type { Recording } from "../inputs/frames.ts";
import { ratioFigure, timeFigure } from "../measure/figures.ts";
import { median, ratioOf, type Timing } from "../measure/race.ts";
import { type Finding, GRID_NAMES, type GridName, NATIVE_GRIDS } from "../peers/voxel-grids.ts";
import {
  atLeast,
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

/** One recording at one leaf. */
export interface Cell {
  readonly recording: Recording;
  readonly leafM: number;
  /** Of variant 0. */
  readonly voxels: number;
  readonly findings: Partial<Record<GridName, Finding>>;
  /** Of the contenders in this process, and of the native grids that are there. */
  readonly timings: Record<"ours" | "grid alone" | "centres" | "js", Timing> &
    Partial<Record<GridName, Timing>>;
}

type PeerName = GridName | "js";

/** Medians over the cells of large frames that are to be reached. */
const MEDIANS: readonly (readonly [PeerName, number])[] = [
  ["pcl", 4],
  ["open3d", 10],
  ["c", 0.8],
  ["js", 2],
];
/** No cell of a large frame below this. */
const PCL_LEAST = 2.5;
/** On every frame of 128 beams at the finest leaf. */
const SORTED_LEAST = 3;
const SORTED_LEAF_M = 0.05;
/** 128 beams of 1024 columns. */
const SLOTS_OF_128_BEAMS = 131_072;

const titleOf = (name: PeerName) => (name === "js" ? "plain JavaScript" : NATIVE_GRIDS[name].title);
const labelOf = ({ recording, leafM }: Cell) => `${recording.name} ${leafM} m`;

/** Ours to the peer; undefined where it is not there, or hands the points back as they are. */
function ratio(cell: Cell, name: PeerName): number | undefined {
  const timing = cell.timings[name];
  if (timing === undefined || gaveUp(cell, name) > 0) return undefined;
  return ratioOf(timing, cell.timings.ours);
}

function gaveUp(cell: Cell, name: PeerName): number {
  return name === "js" ? 0 : (cell.findings[name]?.unfiltered ?? 0);
}

/** The median over large frames; undefined where no cell has a ratio. */
function medianRatio(cells: readonly Cell[], name: PeerName): number | undefined {
  const ratios = cells
    .filter((cell) => cell.recording.large)
    .flatMap((cell) => ratio(cell, name) ?? []);
  return ratios.length === 0 ? undefined : median(ratios);
}

function gatesOf(cell: Cell): Gate[] {
  const { recording, leafM } = cell;
  if (!recording.large) return [];
  const gates: Gate[] = [];
  const pcl = ratio(cell, "pcl");
  const sorted = ratio(cell, "sorted");
  const beams = recording.variants[0]!.count >= SLOTS_OF_128_BEAMS;
  if (pcl !== undefined) {
    gates.push(atLeast(`voxel ${labelOf(cell)}: to ${titleOf("pcl")}`, pcl, PCL_LEAST));
  }
  if (sorted !== undefined && beams && leafM === SORTED_LEAF_M) {
    gates.push(atLeast(`voxel ${labelOf(cell)}: to ${titleOf("sorted")}`, sorted, SORTED_LEAST));
  }
  return gates;
}

function medianGates(cells: readonly Cell[]): Gate[] {
  return MEDIANS.flatMap(([name, limit]) => {
    const value = medianRatio(cells, name);
    return value === undefined ? [] : [atLeast(`voxel: median to ${titleOf(name)}`, value, limit)];
  });
}

/** A ratio as it stands in the table. */
function ratioText(cell: Cell, name: PeerName): string {
  const gave = gaveUp(cell, name);
  if (gave > 0) return `gives up ${gave}/${cell.recording.variants.length}`;
  const value = ratio(cell, name);
  if (value === undefined) return "-";
  const excess = name === "approximate" ? cell.findings[name]!.excess : 0;
  return excess > 0 ? `${times(value)} +${Math.round(100 * excess)}%` : times(value);
}

const COLUMNS = [
  ..."frame,points,voxels,p50 ms,p99,Mpts/s,PCL,PCL approx.,Open3D,sorted,native C,JS".split(","),
  ..."unlisted,centres,gates".split(","),
];

function rowOf(cell: Cell): string[] {
  const { recording, timings, voxels } = cell;
  const { ours } = timings;
  return [
    labelOf(cell),
    count(recording.valid),
    count(voxels),
    milliseconds(ours.p50),
    milliseconds(ours.p99),
    (recording.valid / ours.p50 / 1000).toFixed(1),
    ...[...GRID_NAMES, "js" as const].map((name) => ratioText(cell, name)),
    milliseconds(timings["grid alone"].p50),
    milliseconds(timings.centres.p50),
    verdict(...gatesOf(cell)),
  ];
}

function figuresOf(cell: Cell): Figure[] {
  const peers = [...GRID_NAMES, "js" as const].flatMap((name) => {
    const timing = cell.timings[name];
    return timing === undefined || gaveUp(cell, name) > 0
      ? []
      : [ratioFigure(`${labelOf(cell)}: to ${titleOf(name)}`, timing, cell.timings.ours)];
  });
  return [timeFigure(`${labelOf(cell)}: centroids`, cell.timings.ours), ...peers];
}

function plotsOf(cells: readonly Cell[]): BarPlot[] {
  const ratios = [...GRID_NAMES, "js" as const].flatMap((name) => {
    const value = medianRatio(cells, name);
    return value === undefined ? [] : [{ label: titleOf(name), value }];
  });
  const first = cells[0]!;
  const rates = (["ours", ...GRID_NAMES, "js"] as const).flatMap((name) => {
    const timing = first.timings[name];
    if (timing === undefined || (name !== "ours" && gaveUp(first, name) > 0)) return [];
    const label = name === "ours" ? "Mapveil" : titleOf(name);
    return [{ label, value: first.recording.valid / timing.p50 / 1000 }];
  });
  const plots: BarPlot[] = [
    {
      kind: "bars",
      title: "Voxel grid: how many times longer others take (median, large frames)",
      unit: "x",
      bars: ratios,
      line: { label: "Mapveil", value: 1 },
      logarithmic: true,
    },
    {
      kind: "bars",
      title: `Voxel grid: million points a second, ${labelOf(first)}`,
      unit: "Mpoints/s",
      bars: rates,
    },
  ];
  return plots.filter(({ bars }) => bars.length > 0);
}

function notesOf(cells: readonly Cell[], gates: readonly Gate[]): string[] {
  const medians = gates.map(({ name, value, limit, ok }) => {
    const peer = name.slice(name.indexOf(" to ") + 4);
    return `  ${times(value)} ${peer} (goal ${limit}x: ${ok ? "ok" : "MISSED"})`;
  });
  const gaveUpSomewhere = cells.some((cell) => gaveUp(cell, "pcl") > 0);
  return [
    "PCL to JS: how many times longer they take from the points to the list of centroids. unlisted: ours",
    "without the list; centres: cells alone, listed (ms).",
    "Verified on all variants: voxels, points a voxel, centroids within 0.1 mm or half a step of ours",
    "(1/4096 of the leaf), beyond 100 m 0.1 mm more; each peer by its own rule for cells.",
    ...(gaveUpSomewhere
      ? [
          `gives up n/8: for so many frames ${titleOf("pcl")} hands the cloud on unfiltered, since the grid`,
          "around it has more than 2^31 cells. What that takes is no time of a grid.",
        ]
      : []),
    "PCL approx. emits several points a voxel: so many percent too many.",
    ...(medians.length === 0
      ? []
      : [
          `Goals: ${PCL_LEAST}x ${titleOf("pcl")} on every frame of 60,000 slots and more; ${SORTED_LEAST}x sorted keys`,
          `on 128 beams at ${SORTED_LEAF_M} m; medians over all frames of 60,000 slots and more:`,
        ]),
    ...medians,
  ];
}

export function voxelReport(cells: readonly Cell[], missing: readonly MissingPeer[]): Suite {
  const medians = medianGates(cells);
  return {
    name: "voxel",
    title: "points to the list of centroids (ms a frame, and ratios to ours)",
    columns: COLUMNS,
    rows: cells.map(rowOf),
    notes: notesOf(cells, medians),
    gates: [...cells.flatMap(gatesOf), ...medians],
    figures: cells.flatMap(figuresOf),
    plots: cells.length === 0 ? [] : plotsOf(cells),
    missing,
    data: cells.map((cell) => ({
      label: labelOf(cell),
      points: cell.recording.valid,
      voxels: cell.voxels,
      findings: cell.findings,
      timings: cell.timings,
    })),
  };
}
