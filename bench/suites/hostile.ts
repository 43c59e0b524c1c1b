/** Frames made to collide: what they cost the voxel grid, and the tile, against a typical frame. */
import type { Frame } from "../../host/core/frame.ts";
import { bundled, floatsOf, OS1, VARIANTS } from "../inputs/frames.ts";
import { HOSTILE_POINTS, hostileFrames } from "../inputs/hostile-frames.ts";
import { type Context, paceOf } from "../measure/context.ts";
import { policyOf, RawCore } from "../measure/core-driver.ts";
import { type Contender, race, ratioOf } from "../measure/race.ts";
import { JsVoxelGrid } from "../peers/js-voxel-grid.ts";
import {
  atMost,
  count,
  type Gate,
  milliseconds,
  type Suite,
  times,
  verdict,
} from "../report/report.ts";

const LEAF = 0.05;
const GATE = 2;
/** Twelve contenders, some slow. */
const QUICK = { rounds: 3, samples: 8, warmup: 8 };
/** Any secret will do; the host draws it at random. */
const SEED = 0x5bd1e9955bd1e995n;

function runFrame(core: RawCore, frame: Frame, policy: Uint8Array, seed: bigint): number {
  core.grid(frame, policy, seed);
  core.encode();
  return core.tileBytes();
}

/** Throws unless the voxels are right and the seed changes nothing of the tile. */
function verify(core: RawCore, grid: JsVoxelGrid, frame: Frame, policy: Uint8Array): number {
  const voxels = core.grid(frame, policy, 0n);
  const { floats, stride } = floatsOf(frame);
  const theirs = grid.addCells(floats, stride, frame.count, LEAF);
  if (voxels !== theirs) throw new Error(`hostile frame: ${voxels} voxels against ${theirs}`);
  core.encode();
  const tile = core.copyPlain(core.tileBytes());
  const bytes = runFrame(core, frame, policy, SEED);
  if (Buffer.compare(tile, core.copyPlain(bytes)) !== 0) {
    throw new Error("hostile frame: the tile depends on the seed");
  }
  return voxels;
}

export async function hostileSuite(context: Context): Promise<Suite> {
  const core = new RawCore();
  const grid = new JsVoxelGrid(HOSTILE_POINTS);
  const policy = policyOf(LEAF);
  const typical = await bundled(OS1);
  const sets = hostileFrames(LEAF, VARIANTS);
  const voxels: number[] = [];
  for (const { variants } of [typical, ...sets]) {
    voxels.push(Math.max(...variants.map((frame) => verify(core, grid, frame, policy))));
  }
  const names = [`typical: ${OS1}`, ...sets.map((set) => set.name)];
  const contenders = (run: typeof runFrame): Contender[] =>
    [typical, ...sets].flatMap(({ variants }, i) =>
      [0n, SEED].map((seed) => ({
        name: `${names[i]}, ${seed === 0n ? "no seed" : "seed"}`,
        run: (turn) => run(core, variants[turn % VARIANTS]!, policy, seed),
      })),
    );
  const pace = context.quick ? QUICK : paceOf(context);
  const grids = await race(
    contenders((core, frame, policy, seed) => core.grid(frame, policy, seed)),
    pace,
  );
  const frames = await race(contenders(runFrame), pace);
  const results = grids.map((timing, i) => {
    const ratio = ratioOf(timing, grids[1]!);
    // The host draws a seed for every core; without one the hash is known to whoever reads it.
    const isSeeded = i >= 2 && i % 2 === 1;
    const whole = frames[i]!;
    const wholeRatio = ratioOf(whole, frames[1]!);
    const gates: Gate[] = [];
    if (isSeeded && sets[(i >> 1) - 1]!.attack) {
      gates.push(atMost(`hostile ${timing.name}`, ratio, GATE));
    }
    // Voxels that lie far apart cost the tile most, whether their places collide or not.
    if (isSeeded) gates.push(atMost(`hostile ${timing.name}, with tile`, wholeRatio, GATE));
    return { timing, ratio, whole, wholeRatio, gates };
  });
  return {
    name: "hostile",
    title: `cells made to collide, ${LEAF} m (ms a frame)`,
    columns: [
      "frame",
      "slots",
      "voxels",
      "grid p50",
      "p99",
      "to typical",
      "with tile p50",
      "to typical",
      `gates <= ${GATE}x`,
    ],
    rows: results.map(({ timing, ratio, whole, wholeRatio, gates }, i) => [
      timing.name,
      count(HOSTILE_POINTS),
      count(voxels[i >> 1]!),
      milliseconds(timing.p50),
      milliseconds(timing.p99),
      times(ratio),
      milliseconds(whole.p50),
      times(wholeRatio),
      verdict(...gates),
    ]),
    notes: [
      "Verified: number of cells, and the same tile with and without a seed.",
      "The grid is frame_begin to frame_finish; scattered frames show that colliding costs no more.",
      "Gates, with a seed: the grid of frames made to collide, and grid and tile of all of them.",
    ],
    gates: results.flatMap(({ gates }) => gates),
    figures: [],
    plots: [],
    missing: [],
    data: results.map(({ gates: _, timing, ...rest }) => ({ label: timing.name, timing, ...rest })),
  };
}
