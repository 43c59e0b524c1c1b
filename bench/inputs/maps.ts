/**
 * Aggregated maps, VARIANTS of each, as frames of a point a cell or of all points.
 *
 * Real: the three frames of the OS1-128, put together by their poses. Three frames of 0.1 s are a thin
 * map: few cells were seen from two places.
 *
 * Synthetic: a furnished room, ray-cast. 20 seeded poses, 64 x 2048 rays each, normal noise of 2 cm
 * along the ray; a cell counts once it was hit five times, as mapping systems do against noise. No real
 * sensor made it: it stands for the dense indoor map that the bundled recordings do not have.
 */
import type { Frame, Pose } from "../../host/core/frame.ts";
import { JsVoxelGrid } from "../peers/js-voxel-grid.ts";
import { floatsOf, frameOf, motionOf, moved, os1WithPoses, VARIANTS } from "./frames.ts";
import { normal, uniform } from "./random.ts";

export interface MapSet {
  readonly name: string;
  readonly leaf: number;
  readonly variants: readonly Frame[];
}

/** Points of a frame that are there, in the map's frame, pushed to `to`. */
function putInMap(frame: Frame, { translation, quaternion }: Pose, to: number[]): void {
  const { floats, stride } = floatsOf(frame);
  const [qx, qy, qz, qw] = quaternion;
  for (let at = 0; at < floats.length; at += stride) {
    const [x, y, z] = [floats[at]!, floats[at + 1]!, floats[at + 2]!];
    if (x === 0 && y === 0 && z === 0) continue;
    // v + 2 q x (q x v + w v)
    const tx = qy * z - qz * y + qw * x;
    const ty = qz * x - qx * z + qw * y;
    const tz = qx * y - qy * x + qw * z;
    to.push(
      x + 2 * (qy * tz - qz * ty) + translation[0],
      y + 2 * (qz * tx - qx * tz) + translation[1],
      z + 2 * (qx * ty - qy * tx) + translation[2],
    );
  }
}

async function realMaps(): Promise<MapSet[]> {
  const points: number[] = [];
  for (const { frame, pose } of await os1WithPoses()) putInMap(frame, pose, points);
  const merged = frameOf(Float32Array.from(points));
  const variants = Array.from({ length: VARIANTS }, (_, i) => moved(merged, motionOf(i)));
  return [0.1, 0.2].map((leaf) => ({ name: "OS1-128, 3 frames by pose", leaf, variants }));
}

const ROOM = [6.4, 5.2, 2.6] as const;
const POSES = 20;
const BEAMS = 64;
const COLUMNS = 2048;
const NOISE_M = 0.02;
const HITS_MIN = 5;
const ROOM_LEAF = 0.05;
/** Half the opening angle of the scan above and below the horizon. */
const ELEVATION = Math.PI / 4;

/** Boxes as x, y, z low, then high. The sensor is inside of the first and outside of the others. */
const BOXES: readonly (readonly number[])[] = [
  [0, 0, 0, ...ROOM],
  [0.02, 0.6, 0, 0.92, 2.7, 0.42], // sofa: seat,
  [0.02, 0.6, 0.42, 0.25, 2.7, 0.85], // its back
  [0.02, 0.6, 0.42, 0.92, 0.78, 0.6], // and its arms
  [0.02, 2.52, 0.42, 0.92, 2.7, 0.6],
  [1.5, 1.2, 0.38, 2.1, 2.3, 0.42], // low table
  [1.53, 1.23, 0, 1.58, 1.28, 0.38],
  [2.02, 1.23, 0, 2.07, 1.28, 0.38],
  [1.53, 2.22, 0, 1.58, 2.27, 0.38],
  [2.02, 2.22, 0, 2.07, 2.27, 0.38],
  [4.3, 3.2, 0.72, 5.9, 4.1, 0.76], // table
  [4.4, 3.3, 0, 4.46, 3.36, 0.72],
  [5.74, 3.3, 0, 5.8, 3.36, 0.72],
  [4.4, 3.94, 0, 4.46, 4, 0.72],
  [5.74, 3.94, 0, 5.8, 4, 0.72],
  [4.6, 2.75, 0.42, 5.02, 3.17, 0.46], // chairs
  [4.6, 2.75, 0.46, 5.02, 2.79, 0.92],
  [5.2, 4.15, 0.42, 5.62, 4.57, 0.46],
  [5.2, 4.53, 0.46, 5.62, 4.57, 0.92],
  [2.6, 0.01, 0, 4.4, 0.42, 0.5], // sideboard,
  [2.9, 0.1, 0.55, 4.1, 0.16, 1.25], // television
  [5.95, 0.4, 0, 6.39, 1.6, 2.1], // shelf
  [0.3, 4.2, 0, 1.5, 5.19, 1.95], // wardrobe
  [2.4, 4.9, 0.85, 3.9, 5.19, 0.95], // sill
];

/** Distance to the nearest surface along a ray from inside the room. */
function castRay(from: readonly number[], ray: readonly number[]): number {
  let nearest = Infinity;
  for (let b = 0; b < BOXES.length; b++) {
    const box = BOXES[b]!;
    let enter = -Infinity;
    let leave = Infinity;
    for (let axis = 0; axis < 3; axis++) {
      const one = (box[axis]! - from[axis]!) / ray[axis]!;
      const two = (box[axis + 3]! - from[axis]!) / ray[axis]!;
      enter = Math.max(enter, Math.min(one, two));
      leave = Math.min(leave, Math.max(one, two));
    }
    const hit = b === 0 ? leave : enter;
    if (hit > 0 && enter <= leave && hit < nearest) nearest = hit;
  }
  return nearest;
}

/** All hits of all poses in the room's frame, x y z each. */
function scanRoom(): Float32Array {
  const next = uniform(42);
  const noise = normal(next);
  const points = new Float32Array(3 * POSES * BEAMS * COLUMNS);
  let at = 0;
  for (let pose = 0; pose < POSES; pose++) {
    const from = [2.3 + 1.6 * next(), 2.5 + 1.2 * next(), 0.3 + 1.2 * next()];
    const heading = 2 * Math.PI * next();
    for (let column = 0; column < COLUMNS; column++) {
      const turn = heading + (2 * Math.PI * column) / COLUMNS;
      for (let beam = 0; beam < BEAMS; beam++) {
        const up = ELEVATION * ((2 * beam + 1) / BEAMS - 1);
        const ray = [Math.cos(up) * Math.cos(turn), Math.cos(up) * Math.sin(turn), Math.sin(up)];
        const range = castRay(from, ray) + NOISE_M * noise();
        for (let axis = 0; axis < 3; axis++) points[at++] = from[axis]! + range * ray[axis]!;
      }
    }
  }
  return points;
}

/** The middle of every cell that was hit often enough. */
function seenCells(frame: Frame): Frame {
  const grid = new JsVoxelGrid(frame.count);
  const { floats, stride } = floatsOf(frame);
  const cells = grid.addPoints(floats, stride, frame.count, ROOM_LEAF);
  const edge = Math.fround(ROOM_LEAF);
  const middles: number[] = [];
  for (let i = 0; i < cells; i++) {
    const [x, y, z, hits] = grid.sumsAt(i);
    if (hits < HITS_MIN) continue;
    // The mean lies in the cell, up to rounding; the middle of a cell does so beyond doubt.
    for (const sum of [x, y, z]) middles.push((Math.floor(sum / hits / edge) + 0.5) * edge);
  }
  return frameOf(Float32Array.from(middles));
}

function roomMap(variants: number): MapSet {
  const scan = frameOf(scanRoom());
  const frames = Array.from({ length: variants }, (_, i) => seenCells(moved(scan, motionOf(i))));
  return {
    name: "room (synthetic), 20 poses",
    leaf: ROOM_LEAF,
    variants: Array.from({ length: VARIANTS }, (_, i) => frames[i % variants]!),
  };
}

/** The real maps, then the synthetic one. */
export async function aggregatedMaps(): Promise<{ real: MapSet[]; synthetic: MapSet }> {
  return { real: await realMaps(), synthetic: roomMap(VARIANTS) };
}
