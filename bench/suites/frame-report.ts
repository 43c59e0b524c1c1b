/** Table, gates, figures and plots of the frame suite; first frames of fresh processes. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { OS1, type Recording } from "../inputs/frames.ts";
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
import { STAGES } from "./frame-stages.ts";

const GATE_RATIO = 5;
const GATE_MEDIAN_MS = 6;
const GATE_P99 = 1.5;
const GATE_FIRST = 2;
const FIRST_REPEATS = 3;

/** One recording at one leaf. "cropped" is ours under the crop of the C++ chain. */
export interface FrameCell {
  readonly recording: Recording;
  readonly leafM: number;
  /** Whether the leaf is that of the default policy. */
  readonly isDefault: boolean;
  /** Of variant 0, as are the bytes. */
  readonly voxels: number;
  readonly bytes: {
    readonly ours: number;
    readonly node: number;
    readonly cpp: number | undefined;
  };
  /** Variants on which pcl::VoxelGrid handed the cloud on unfiltered. */
  readonly gaveUp: number;
  readonly timings: Record<"ours" | "node", Timing> & Partial<Record<"cropped" | "cpp", Timing>>;
  /** Medians of STAGES in milliseconds. */
  readonly stages: readonly number[];
}

interface FirstFrame {
  readonly built: boolean;
  readonly first: number;
  readonly median: number;
}

/** First frames of fresh processes. */
export function firstFrames(): FirstFrame[] {
  const script = fileURLToPath(new URL("./first-frame.ts", import.meta.url));
  return Array.from({ length: FIRST_REPEATS }, () =>
    JSON.parse(execFileSync(process.execPath, ["--import", "tsx", script], { encoding: "utf8" })),
  );
}

const labelOf = ({ recording, leafM }: FrameCell) => `${recording.name} ${leafM} m`;
const toNode = ({ timings }: FrameCell) => ratioOf(timings.node, timings.ours);

function toCpp({ timings }: FrameCell): number | undefined {
  const { cpp, cropped } = timings;
  return cpp && cropped ? ratioOf(cpp, cropped) : undefined;
}

function gatesOf(cell: FrameCell): Gate[] {
  const { recording, isDefault, timings, gaveUp } = cell;
  const name = `frame ${labelOf(cell)}`;
  const gates: Gate[] = [];
  const cpp = toCpp(cell);
  if (recording.large && isDefault) {
    gates.push(atLeast(`${name}: to the Node chain`, toNode(cell), GATE_RATIO));
  }
  if (recording.large && cpp !== undefined && gaveUp === 0) {
    gates.push(atLeast(`${name}: to the C++ chain`, cpp, GATE_RATIO));
  }
  if (recording.name === OS1 && isDefault) {
    const { p50, p99 } = timings.ours;
    gates.push(atMost(`${name}: median ms`, p50, GATE_MEDIAN_MS));
    gates.push(atMost(`${name}: p99 to median`, p99 / p50, GATE_P99));
  }
  return gates;
}

const COLUMNS = [
  ..."frame,slots,voxels,p50 ms,p99,Node,ratio,cropped,C++,ratio,bytes,Node,C++".split(","),
  ..."stages ms,gates".split(","),
];

function cppRatioText(cell: FrameCell): string {
  const ratio = toCpp(cell);
  if (ratio === undefined) return "-";
  return cell.gaveUp > 0
    ? `gives up ${cell.gaveUp}/${cell.recording.variants.length}`
    : times(ratio);
}

function rowOf(cell: FrameCell): string[] {
  const { recording, voxels, timings, bytes, stages } = cell;
  const time = (timing: Timing | undefined) => (timing ? milliseconds(timing.p50) : "-");
  return [
    labelOf(cell),
    count(recording.variants[0]!.count),
    count(voxels),
    milliseconds(timings.ours.p50),
    milliseconds(timings.ours.p99),
    time(timings.node),
    times(toNode(cell)),
    time(timings.cropped),
    time(timings.cpp),
    cppRatioText(cell),
    count(bytes.ours),
    count(bytes.node),
    bytes.cpp === undefined ? "-" : count(bytes.cpp),
    stages.map((stage) => stage.toFixed(2)).join("/"),
    verdict(...gatesOf(cell)),
  ];
}

function figuresOf(cell: FrameCell): Figure[] {
  const { ours, node, cropped, cpp } = cell.timings;
  const label = labelOf(cell);
  const figures = [
    timeFigure(`${label}: frame`, ours),
    ratioFigure(`${label}: to Node`, node, ours),
  ];
  if (cpp && cropped && cell.gaveUp === 0) {
    figures.push(ratioFigure(`${label}: to C++`, cpp, cropped));
  }
  return figures;
}

function plotsOf(cells: readonly FrameCell[]): BarPlot[] {
  const bars = cells
    .filter(({ recording }) => recording.large)
    .flatMap((cell) => {
      const { ours, node, cpp } = cell.timings;
      const label = labelOf(cell);
      const unfiltered = cell.gaveUp > 0 ? ", unfiltered" : "";
      return [
        { label: `${label}: Mapveil`, value: ours.p50 },
        { label: `${label}: Node chain`, value: node.p50 },
        ...(cpp ? [{ label: `${label}: C++ chain${unfiltered}`, value: cpp.p50 }] : []),
      ];
    });
  if (bars.length === 0) return [];
  return [{ kind: "bars", title: "A frame, raw points to sealed", unit: "ms", bars }];
}

function notesOf(cells: readonly FrameCell[], first: string): string[] {
  const gaveUp = cells.some((cell) => cell.gaveUp > 0);
  return [
    "Ours under the default policy against the Node chain; cropped: ours with a box of 200 x 200 x 40 m",
    "that is kept, against the C++ chain (pcl::CropBox, pcl::VoxelGrid, Draco at its fastest, libsodium).",
    "Verified on all variants: all artefacts open; the Node chain's cells are ours; the C++ chain's are, but",
    "for at most 1 in 1000 that lie beside one of ours: PCL rounds otherwise.",
    `stages: ${STAGES.join(" / ")}. Ours is padded to a power of two, no chain is.`,
    ...(gaveUp
      ? [
          "gives up n/8: on so many frames pcl::VoxelGrid hands the cloud on as it is, and the chain seals one",
          "cell a point. That is another job; the rows of coarser leaves are those where it works.",
        ]
      : []),
    first,
    `Goals, on frames of 60,000 slots and more: ${GATE_RATIO}x both chains; ${OS1} within ${GATE_MEDIAN_MS} ms, its p99`,
    `within ${GATE_P99} medians.`,
  ];
}

export function frameReport(
  cells: readonly FrameCell[],
  first: readonly FirstFrame[],
  missing: readonly MissingPeer[],
): Suite {
  const ratio = median(first.map((run) => run.first / run.median));
  const gate = atMost("frame: first after create() to median", ratio, GATE_FIRST);
  const runs = first.map((run) => `${run.first.toFixed(1)} / ${run.median.toFixed(1)}`).join(", ");
  const firstNote =
    `First frame after Sanitizer.create() in a fresh process, ${OS1}: ${times(ratio)} the median ` +
    `(${runs} ms, ${first[0]!.built ? "built package" : "sources"}): ${verdict(gate)}`;
  return {
    name: "frame",
    title: "raw points to sealed artefact (ms a frame)",
    columns: COLUMNS,
    rows: cells.map(rowOf),
    notes: notesOf(cells, firstNote),
    gates: [...cells.flatMap(gatesOf), gate],
    figures: cells.flatMap(figuresOf),
    plots: plotsOf(cells),
    missing,
    data: [
      ...cells.map(({ recording, ...rest }) => ({ recording: recording.name, ...rest })),
      { label: "first frame", first },
    ],
  };
}
