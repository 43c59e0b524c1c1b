/**
 * The voxel grid against those that robots run today, native code, and against a good one in plain
 * JavaScript: from the same points to the same product, the list of centroids. Ours is timed with the
 * copy of the points into the core, and with all voxels written out by it.
 */
import type { Frame } from "../../host/core/frame.ts";
import { ExactGrid } from "../inputs/exact-grid.ts";
import { floatsOf, type Recording, VARIANTS } from "../inputs/frames.ts";
import { pointsOf } from "../inputs/points.ts";
import { type Context, paceOf } from "../measure/context.ts";
import { policyOf, RawCore } from "../measure/core-driver.ts";
import { type Contender, race } from "../measure/race.ts";
import { JsVoxelGrid } from "../peers/js-voxel-grid.ts";
import { type Finding, type GridName, NativeGrids } from "../peers/voxel-grids.ts";
import type { Suite } from "../report/report.ts";
import { type Cell, voxelReport } from "./voxel-report.ts";

const LEAVES = [0.05, 0.1, 0.2, 0.5];
const LEAVES_QUICK = [0.05, 0.2];

function gridInJs(grid: JsVoxelGrid, frame: Frame, leafM: number, out: Float32Array): number {
  const { floats, stride } = floatsOf(frame);
  const voxels = grid.addPoints(floats, stride, frame.count, leafM);
  grid.writeCentroids(voxels, out);
  return voxels;
}

/** What is in this process: the core, and the grid in JavaScript with room for its output. */
class Local {
  readonly #core = new RawCore();
  readonly #js: JsVoxelGrid;
  readonly #jsOut: Float32Array;
  readonly #frames: readonly Frame[];
  readonly #leafM: number;
  readonly #centroid: Uint8Array;
  readonly #centre: Uint8Array;

  constructor(frames: readonly Frame[], leafM: number) {
    const slots = Math.max(...frames.map((frame) => frame.count));
    this.#js = new JsVoxelGrid(slots);
    this.#jsOut = new Float32Array(4 * slots);
    this.#frames = frames;
    this.#leafM = leafM;
    this.#centroid = policyOf(leafM, "centroid");
    this.#centre = policyOf(leafM, "centre");
  }

  /** Throws unless cells, numbers of points and centroids are right; returns the voxels of variant 0. */
  verify(): number {
    for (const [i, frame] of this.#frames.entries()) {
      const exact = new ExactGrid(pointsOf(frame), this.#leafM, "divide");
      const what = (who: string) => `${who}, variant ${i}, ${this.#leafM} m`;
      const list = (policy: Uint8Array) => this.#core.copyVoxels(this.#core.grid(frame, policy));
      exact.assertSame(what("centroids"), list(this.#centroid), 4);
      exact.assertSameCells(what("centres"), list(this.#centre), 4);
      const voxels = gridInJs(this.#js, frame, this.#leafM, this.#jsOut);
      exact.assertSame(what("plain JavaScript"), this.#jsOut.subarray(0, 4 * voxels), 4);
    }
    return this.#core.grid(this.#frames[0]!, this.#centroid);
  }

  contenders(): Contender[] {
    const core = this.#core;
    const frameAt = (turn: number) => this.#frames[turn % VARIANTS]!;
    const listed = (policy: Uint8Array) => (turn: number) =>
      core.readVoxels(core.grid(frameAt(turn), policy));
    return [
      { name: "ours", run: listed(this.#centroid) },
      { name: "grid alone", run: (turn) => core.grid(frameAt(turn), this.#centroid) },
      { name: "centres", run: listed(this.#centre) },
      {
        name: "js",
        run: (turn) => gridInJs(this.#js, frameAt(turn), this.#leafM, this.#jsOut),
      },
    ];
  }
}

async function measure(
  context: Context,
  recording: Recording,
  leafM: number,
  natives: NativeGrids,
): Promise<Cell> {
  const local = new Local(recording.variants, leafM);
  const voxels = local.verify();
  const findings: Partial<Record<GridName, Finding>> = {};
  for (const name of natives.names) findings[name] = await natives.verify(name, leafM);
  const contenders = [
    ...local.contenders(),
    ...natives.names.map((name) => natives.contender(name, leafM)),
  ];
  const timings = await race(contenders, paceOf(context));
  const byName = Object.fromEntries(timings.map((timing) => [timing.name, timing]));
  return { recording, leafM, voxels, findings, timings: byName as Cell["timings"] };
}

export async function voxelSuite(context: Context): Promise<Suite> {
  const natives = await NativeGrids.start();
  const cells: Cell[] = [];
  try {
    for (const recording of context.recordings) {
      await natives.load(recording);
      for (const leafM of context.quick ? LEAVES_QUICK : LEAVES) {
        context.progress(`voxel: ${recording.name} at ${leafM} m`);
        cells.push(await measure(context, recording, leafM, natives));
      }
    }
  } finally {
    await natives.close();
  }
  return voxelReport(cells, natives.missing);
}
