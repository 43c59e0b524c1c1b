/**
 * The voxel grid against a good one in plain JavaScript: the same cells from the same bytes. Ours is
 * timed with the copy of the points into the core, frame_begin to frame_finish.
 */
import type { Frame } from "../../host/core/frame.ts";
import { floatsOf, type Recording, VARIANTS } from "../inputs/frames.ts";
import { type Context, paceOf } from "../measure/context.ts";
import { type PointMode, policyOf, RawCore } from "../measure/core-driver.ts";
import { type Contender, race, ratioOf } from "../measure/race.ts";
import { JsVoxelGrid } from "../peers/js-voxel-grid.ts";
import {
  atLeast,
  count,
  type Gate,
  milliseconds,
  type Suite,
  times,
  verdict,
} from "../report/report.ts";

const GATE = 2;
const LEAVES = [0.05, 0.1, 0.2];
const CENTROID_ERROR_M = 1e-4;

function runPeer(grid: JsVoxelGrid, frame: Frame, leaf: number, mode: PointMode): number {
  const { floats, stride } = floatsOf(frame);
  return mode === "centre"
    ? grid.addCells(floats, stride, frame.count, leaf)
    : grid.addPoints(floats, stride, frame.count, leaf);
}

/** Throws unless every voxel of ours is one of theirs, each once, and all of theirs are there. */
function verifyCells(core: RawCore, grid: JsVoxelGrid, frame: Frame, leaf: number): Int32Array {
  const voxels = core.grid(frame, policyOf(leaf));
  const centres = core.copyVoxels(voxels);
  const theirs = runPeer(grid, frame, leaf, "centre");
  const places = new Int32Array(3 * voxels);
  const seen = new Uint8Array(theirs);
  const edge = Math.fround(leaf);
  for (let i = 0; i < voxels; i++) {
    for (let axis = 0; axis < 3; axis++) {
      places[3 * i + axis] = Math.floor(centres[4 * i + axis]! / edge);
    }
    const found = grid.find(places[3 * i]!, places[3 * i + 1]!, places[3 * i + 2]!);
    if (found < 0 || seen[found] === 1) throw new Error(`voxel ${i}: not in the peer, or twice`);
    seen[found] = 1;
  }
  if (voxels !== theirs) throw new Error(`${voxels} voxels against ${theirs}`);
  return places;
}

/** Throws unless cells, numbers of points and centroids agree. */
function verify(core: RawCore, grid: JsVoxelGrid, frame: Frame, leaf: number, mode: PointMode) {
  const places = verifyCells(core, grid, frame, leaf);
  if (mode === "centre") return;
  const voxels = core.grid(frame, policyOf(leaf, "centroid"));
  const centroids = core.copyVoxels(voxels);
  if (runPeer(grid, frame, leaf, "centroid") !== voxels) throw new Error("another number of cells");
  for (let i = 0; i < voxels; i++) {
    const found = grid.find(places[3 * i]!, places[3 * i + 1]!, places[3 * i + 2]!);
    const [x, y, z, points] = grid.sumsAt(found);
    if (points !== centroids[4 * i + 3]) throw new Error(`voxel ${i}: another number of points`);
    const error = Math.max(
      Math.abs(x / points - centroids[4 * i]!),
      Math.abs(y / points - centroids[4 * i + 1]!),
      Math.abs(z / points - centroids[4 * i + 2]!),
    );
    if (!(error <= CENTROID_ERROR_M)) throw new Error(`voxel ${i}: centroid off by ${error} m`);
  }
}

async function measure(context: Context, recording: Recording, leaf: number, mode: PointMode) {
  const { variants } = recording;
  const core = new RawCore();
  const grid = new JsVoxelGrid(Math.max(...variants.map((frame) => frame.count)));
  const policy = policyOf(leaf, mode);
  for (const [i, frame] of variants.entries()) {
    try {
      verify(core, grid, frame, leaf, mode);
    } catch (cause) {
      throw new Error(`${recording.name}, variant ${i}, ${leaf} m, ${mode}: wrong`, { cause });
    }
  }
  const voxels = core.grid(variants[0]!, policy);
  const frameAt = (turn: number) => variants[turn % VARIANTS]!;
  const contenders: Contender[] = [
    { name: "core", run: (turn) => core.grid(frameAt(turn), policy) },
    { name: "plain JavaScript", run: (turn) => runPeer(grid, frameAt(turn), leaf, mode) },
  ];
  const [ours, peer] = await race(contenders, paceOf(context));
  return { ours: ours!, peer: peer!, ratio: ratioOf(peer!, ours!), voxels };
}

export async function voxelSuite(context: Context): Promise<Suite> {
  const rows: string[][] = [];
  const gates: Gate[] = [];
  const data: object[] = [];
  for (const recording of context.recordings) {
    for (const leaf of context.quick ? [LEAVES[0]!, LEAVES[2]!] : LEAVES) {
      for (const mode of ["centre", "centroid"] as const) {
        const { ours, peer, ratio, voxels } = await measure(context, recording, leaf, mode);
        const label = `${recording.name} ${leaf} m ${mode}`;
        const gate = recording.large ? atLeast(`voxel ${label}`, ratio, GATE) : undefined;
        if (gate) gates.push(gate);
        data.push({ label, points: recording.valid, voxels, ours, peer, ratio });
        rows.push([
          label,
          count(recording.valid),
          count(voxels),
          ...[ours.p50, ours.p99, peer.p50, peer.p99].map(milliseconds),
          (recording.valid / ours.p50 / 1000).toFixed(1),
          times(ratio),
          verdict(gate),
        ]);
      }
    }
  }
  return {
    name: "voxel",
    title: "frame_begin + frame_push + frame_finish against a plain JavaScript grid (ms a frame)",
    columns: [
      ..."frame,points,voxels,ours p50,p99,peer p50,p99,Mpoints/s,ratio".split(","),
      `gate ${GATE}x`,
    ],
    rows,
    notes: [
      "Verified: same cells on all variants, same points a cell, centroids within 0.1 mm.",
      "Gates hold for frames of 60,000 slots and more (64 beams and up).",
    ],
    gates,
    figures: [],
    plots: [],
    missing: [],
    data,
  };
}
