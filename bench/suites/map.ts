/**
 * A map of many frames: what a scan costs on its way into it, raw points to held cells, beside the time
 * from one scan to the next. Scans of generated homes with people in them; what the core makes of the
 * first of them is compared with the plain reference before anything is timed.
 */
import { Core } from "../../host/core/core.ts";
import type { Frame } from "../../host/core/frame.ts";
import type { MapTerms } from "../../host/core/map.ts";
import { compileScans, defaultPolicy, narrowPolicy } from "../../host/policy/index.ts";
import { frameOf, makeScene, type SensorName } from "../../host/scenes/index.ts";
import { mapTerms } from "../../host/veil/map-terms.ts";
import { type Cell, ReferenceMap } from "../../test/map/reference-map.ts";
import { bytes } from "../inputs/random.ts";
import type { Context } from "../measure/context.ts";
import { checkInterrupt } from "../measure/interrupt.ts";
import { median, quantile } from "../measure/race.ts";
import { atMost, count, milliseconds, type Suite, verdict } from "../report/report.ts";

/** Sensors at 10 Hz, and what the slowest scan of a hundred may take. */
const CASES: readonly { readonly sensor: SensorName; readonly p99MaxMs: number }[] = [
  { sensor: "vlp16", p99MaxMs: 3 },
  { sensor: "os1-64", p99MaxMs: 4 },
];
const HOME_SEED = 5;
const PERIOD_MS = 100;
/** Scans that the reference, which takes 0.1 s for each, is asked about. */
const VERIFIED = 9;
const SEED = bytes(8, 9);

const POLICY = narrowPolicy(defaultPolicy(), "map");
const STRUCT = compileScans(POLICY, false);
const LEAF_M = POLICY.map.leaf_m;
/** Held back for less than the shortest run, so that all that a scan costs is in it. */
const TERMS: MapTerms = mapTerms(LEAF_M, false, 1_000_000_000n);

interface MapCell {
  readonly sensor: SensorName;
  readonly p99MaxMs: number;
  readonly scans: number;
  /** Of the scans, in the middle. */
  readonly points: number;
  readonly cells: number;
  readonly p50: number;
  readonly p99: number;
  /** Slowest of a hundred scans, each at the fastest of its passes: what no other program disturbed. */
  readonly p99Undisturbed: number;
  readonly rounds: readonly number[];
  readonly releaseMs: number;
  readonly released: number;
  readonly wipeMs: number;
}

function begin(core: Core, terms: MapTerms): void {
  core.beginSession([3, -4, 1.5], [0.8, 0.6]);
  core.beginMap(terms);
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** Cells of voxels that were read out, x y z each. */
const cellsOf = (centres: Float32Array) =>
  Int32Array.from(centres, (metres) => Math.floor(metres / Math.fround(LEAF_M)));

const textsOf = (cells: Int32Array) =>
  Array.from({ length: cells.length / 3 }, (_, i) =>
    cells.subarray(3 * i, 3 * i + 3).join(),
  ).sort();

/** Where the sensor of a frame stands in the session, if that begins at `first`. */
function sensorCell(frame: Frame, first: Frame): Cell {
  const [dx, dy, dz] = [0, 1, 2].map(
    (axis) => frame.pose!.translation[axis]! - first.pose!.translation[axis]!,
  ) as [number, number, number];
  const place = [0.8 * dx - 0.6 * dy + 3, 0.6 * dx + 0.8 * dy - 4, dz + 1.5];
  const leaf = Math.fround(LEAF_M);
  return place.map((p) => Math.floor(Math.fround(Math.fround(p) / leaf))) as unknown as Cell;
}

/** Throws unless core and reference keep and remove the same cells of the first scans. */
function verify(sensor: SensorName, frames: readonly Frame[]): void {
  const core = new Core();
  const terms = { ...TERMS, holdNs: 200_000_000n };
  const reference = new ReferenceMap(terms);
  begin(core, terms);
  for (const frame of frames.slice(0, VERIFIED)) {
    const { report } = core.addToMap(frame, STRUCT, SEED);
    const hits = cellsOf(core.copyVoxels(report.voxels));
    reference.add({ stampNs: frame.stampNs!, sensor: sensorCell(frame, frames[0]!), hits });
  }
  const expected = reference.release();
  for (const part of ["kept", "removed"] as const) {
    const found = textsOf(cellsOf(core.copyMapVoxels(part)));
    const wanted = textsOf(expected[part]);
    if (wanted.length === 0 && part === "kept") throw new Error(`${sensor}: nothing is kept`);
    if (found.join(" ") === wanted.join(" ")) continue;
    throw new Error(
      `${sensor}: ${found.length} cells are ${part}, ${wanted.length} by the reference`,
    );
  }
}

async function measure(context: Context, { sensor, p99MaxMs }: (typeof CASES)[number]) {
  context.progress(`map: scans of ${sensor}`);
  const scene = makeScene({ seed: HOME_SEED, sensor, seconds: context.quick ? 3 : 20 });
  const frames = Array.from(scene.scans(), frameOf);
  verify(sensor, frames);
  context.progress(`map: ${sensor}, ${frames.length} scans a pass`);
  const core = new Core();
  begin(core, TERMS);
  // This pass warms up.
  const cells = frames.map((frame) => core.addToMap(frame, STRUCT, SEED).report.voxels);
  const passes: number[][] = [];
  for (let pass = 0; pass < (context.quick ? 5 : 10); pass++) {
    await checkInterrupt();
    begin(core, TERMS);
    passes.push(frames.map((frame) => timed(() => void core.addToMap(frame, STRUCT, SEED))));
  }
  const samples = passes.flat();
  const fastest = frames.map((_, i) => Math.min(...passes.map((times) => times[i]!)));
  let released = 0;
  const releaseMs = timed(() => {
    released = core.encodeMap([]).voxels;
  });
  const cell: MapCell = {
    sensor,
    p99MaxMs,
    scans: frames.length,
    points: median(frames.map((frame) => frame.count)),
    cells: median(cells),
    p50: quantile(samples, 0.5),
    p99: quantile(samples, 0.99),
    p99Undisturbed: quantile(fastest, 0.99),
    rounds: passes.map((times) => quantile(times, 0.5)),
    releaseMs,
    released,
    wipeMs: timed(() => core.wipe()),
  };
  return cell;
}

const gateOf = ({ sensor, p99, p99MaxMs }: MapCell) =>
  atMost(`map ${sensor}: p99 ms`, p99, p99MaxMs);

const percent = (ms: number) => `${((100 * ms) / PERIOD_MS).toFixed(1)} %`;

function rowOf(cell: MapCell): string[] {
  return [
    cell.sensor,
    count(cell.points),
    count(cell.cells),
    milliseconds(cell.p50),
    milliseconds(cell.p99),
    milliseconds(cell.p99Undisturbed),
    `${percent(cell.p50)}, ${percent(cell.p99)}`,
    count(cell.released),
    milliseconds(cell.releaseMs),
    milliseconds(cell.wipeMs),
    verdict(gateOf(cell)),
  ];
}

const COLUMNS =
  "sensor,points,cells,p50 ms,p99,p99 undisturbed,of 100 ms,released,release ms,wipe ms,gate";

export async function mapSuite(context: Context): Promise<Suite> {
  const cells: MapCell[] = [];
  for (const each of CASES) cells.push(await measure(context, each));
  return {
    name: "map",
    title: `scans into a map at ${LEAF_M} m, on one thread: push, finish and map_add`,
    columns: COLUMNS.split(","),
    rows: cells.map(rowOf),
    notes: [
      `Homes of seed ${HOME_SEED}; the first ${VERIFIED} scans of each sensor give the reference's cells.`,
      "p99 undisturbed: each scan at the fastest of its passes. release: map_release and tile_encode.",
    ],
    gates: cells.map(gateOf),
    figures: cells.map(({ sensor, p50, rounds }) => ({
      name: `${sensor}: a scan`,
      unit: "ms",
      better: "lower",
      value: p50,
      rounds,
    })),
    plots: [],
    missing: [],
    data: cells,
  };
}
