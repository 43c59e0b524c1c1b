/** Frames made to collide, from raw points to the tile, against a typical frame of as many points. */
import type { Frame } from "../host/core/frame.ts";
import { type Context, paceOf } from "./context.ts";
import { policyOf, RawCore } from "./core-driver.ts";
import { bundled, floatsOf, OS1, VARIANTS } from "./frames.ts";
import { HOSTILE_POINTS, hostileFrames } from "./hostile-frames.ts";
import { type Contender, race, ratioOf } from "./measure.ts";
import { JsVoxelGrid } from "./peers/js-voxel-grid.ts";
import { atMost, count, milliseconds, type Suite, times, verdict } from "./report.ts";

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
  const contender = (name: string, variants: readonly Frame[], seed: bigint): Contender => ({
    name,
    run: (turn) => runFrame(core, variants[turn % VARIANTS]!, policy, seed),
  });
  const names = [`typical: ${OS1}`, ...sets.map((set) => set.name)];
  const contenders = [typical, ...sets].flatMap(({ variants }, i) => [
    contender(`${names[i]}, no seed`, variants, 0n),
    contender(`${names[i]}, seed`, variants, SEED),
  ]);
  const timings = race(contenders, context.quick ? QUICK : paceOf(context));
  const base = timings[1]!;
  const results = timings.map((timing, i) => {
    const ratio = ratioOf(timing, base);
    const attack = i >= 2 && sets[(i >> 1) - 1]!.attack;
    const gate = attack ? atMost(`hostile ${timing.name}`, ratio, GATE) : undefined;
    // The control is the last set before that is no attack, under the same seed.
    const control = attack ? sets.findLastIndex((set, k) => !set.attack && k < (i >> 1) - 1) : -1;
    const toControl = control < 0 ? 1 : ratioOf(timing, timings[2 * (control + 1) + (i & 1)]!);
    return { timing, ratio, toControl, gate, voxels: voxels[i >> 1]! };
  });
  return {
    name: "hostile",
    title: `cells made to collide, frame_begin to tile_encode, ${LEAF} m (ms a frame)`,
    columns: [
      "frame",
      "slots",
      "voxels",
      "p50",
      "p99",
      "to scattered",
      "to typical",
      `gate <= ${GATE}x`,
    ],
    rows: results.map(({ timing, ratio, toControl, gate, voxels }) => [
      timing.name,
      count(HOSTILE_POINTS),
      count(voxels),
      milliseconds(timing.p50),
      milliseconds(timing.p99),
      gate ? times(toControl) : "-",
      times(ratio),
      verdict(gate),
    ]),
    notes: [
      "Verified: number of cells, and the same tile with and without a seed.",
      "The typical frame has as many slots; the scattered ones tell what is not the table's cost.",
    ],
    gates: results.flatMap(({ gate }) => (gate ? [gate] : [])),
    data: results.map(({ gate: _, timing, ...rest }) => ({ label: timing.name, timing, ...rest })),
  };
}
