/**
 * Folders as the benchmark of KTH-RPL lays them out: pcd/NNNNNN.pcd, each a scan in the map's frame with
 * the sensor's place as VIEWPOINT, and gt_cloud.pcd, all points with intensity 1 for what moves.
 */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Frame, PointField, Pose } from "../core/frame.ts";
import { ioError } from "../core/io-error.ts";
import { openFrames, readValue, writeCloud } from "../formats/index.ts";
import { badInput } from "../formats/input-errors.ts";
import { CellFinder, cellKey, cellSet } from "./cells.ts";
import type { Mapper } from "./measure.ts";
import { type Figures, homeCells, scanPoints, Tally } from "./metrics.ts";
import { NearPoints } from "./near-points.ts";
import type { Scan, Scene } from "./scene.ts";

/** A point counts as removed if what is left has none this near: the benchmark's min_dis. */
const NEAR_M = 0.05;
/** The folder has no times: scans come at the rate that spinning lidars have. */
const PERIOD_NS = 100_000_000n;
const NO_POSE: Pose = { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] };

export interface FolderResult {
  readonly scans: number;
  /** A point is kept if its cell is. Nothing is known of single persons. */
  readonly byCell: Figures;
  /** A point is kept if a kept point of the scans is within NEAR_M: the published protocol. */
  readonly byPoint: Figures;
  readonly scanMs: readonly number[];
}

/** Points in the map's frame as a file has them; those that are not finite are left out. */
interface MapPoints {
  readonly points: Float32Array;
  /** 1 for what moves; all 0 where the file has no intensity. */
  readonly labels: Uint8Array;
}

/**
 * Puts the scans of a folder into a map and judges it by gt_cloud.pcd.
 * @param leafM edge of the map's cells, metres
 * @throws MapveilError IO, BAD_INPUT naming the file
 */
export async function runFolder(
  folder: string,
  map: Mapper,
  leafM: number,
  onScan?: (done: number, total: number) => void,
): Promise<FolderResult> {
  const paths = await scanPaths(folder);
  const scanMs: number[] = [];
  for (const [i, path] of paths.entries()) {
    const scan = await readScan(path, i);
    const startMs = performance.now();
    map.add(scan);
    scanMs.push(performance.now() - startMs);
    onScan?.(i + 1, 2 * paths.length);
  }
  const kept = cellSet(map.release());
  const finder = new CellFinder(leafM);
  const near = new NearPoints(NEAR_M);
  for (const [i, path] of paths.entries()) {
    const { points, pose } = await readScan(path, i);
    const cells = finder.cellsOf(points, pose);
    const inMap = movedBy(points, pose);
    for (let p = 0; p < points.length; p += 3) {
      if (!kept.has(cellKey(cells[p]!, cells[p + 1]!, cells[p + 2]!))) continue;
      near.add(inMap[p]!, inMap[p + 1]!, inMap[p + 2]!);
    }
    onScan?.(paths.length + i + 1, 2 * paths.length);
  }
  const truth = await readPoints(join(folder, "gt_cloud.pcd"), true);
  // The finder knows the first scan's place: what is in the map's frame has no pose of its own.
  const points = scanPoints(finder.cellsOf(truth.points, NO_POSE), truth.labels);
  const home = homeCells([points]);
  const byCell = new Tally(home);
  byCell.count(points, (i) => kept.has(points.keys[i]!));
  const byPoint = new Tally(home);
  byPoint.count(points, (i) => near.hasNear(...pointAt(truth.points, i)));
  return { scans: paths.length, byCell: byCell.figures(), byPoint: byPoint.figures(), scanMs };
}

/**
 * Writes a scene as such a folder, which must not be there yet.
 * @throws MapveilError IO, NO_SPACE
 */
export async function writeFolder(
  folder: string,
  scene: Scene,
  onScan?: (done: number, total: number) => void,
): Promise<void> {
  await mkdir(join(folder, "pcd"), { recursive: true }).catch((error: unknown) => {
    throw ioError(error, folder, "write");
  });
  const all: Float32Array[] = [];
  const labels: Uint8Array[] = [];
  for (const scan of scene.scans()) {
    const positions = movedBy(scan.points, scan.pose);
    all.push(positions);
    labels.push(scan.labels);
    const cloud = { count: scan.count, positions, viewpoint: scan.pose };
    await writeCloud(join(folder, "pcd", `${String(scan.index).padStart(6, "0")}.pcd`), {
      ...cloud,
      intensity: new Float32Array(scan.count),
    });
    onScan?.(scan.index + 1, scene.scanCount);
  }
  const count = labels.reduce((sum, of) => sum + of.length, 0);
  const positions = new Float32Array(3 * count);
  const intensity = new Float32Array(count);
  let at = 0;
  for (const [i, points] of all.entries()) {
    positions.set(points, 3 * at);
    for (const label of labels[i]!) intensity[at++] = label === 0 ? 0 : 1;
  }
  await writeCloud(join(folder, "gt_cloud.pcd"), { count, positions, intensity });
}

async function scanPaths(folder: string): Promise<string[]> {
  const scans = join(folder, "pcd");
  const names = await readdir(scans).catch((error: unknown) => {
    throw ioError(error, scans, "read");
  });
  const found = names.filter((name) => name.endsWith(".pcd")).sort();
  if (found.length > 0) return found.map((name) => join(scans, name));
  throw badInput(scans, "holds no .pcd files; expected the benchmark's scans 000000.pcd and on.");
}

async function readFrame(path: string): Promise<Frame> {
  const source = await openFrames(path);
  try {
    for await (const frame of source.frames()) return frame;
  } finally {
    await source.close();
  }
  throw badInput(path, "holds no cloud.");
}

/** A scan of the folder, brought back into its sensor's frame. */
async function readScan(path: string, index: number): Promise<Scan> {
  const frame = await readFrame(path);
  const pose = frame.pose ?? NO_POSE;
  const { points } = pointsOf(frame);
  const stampNs = BigInt(index) * PERIOD_NS;
  return { count: points.length / 3, points: movedBy(points, inverseOf(pose)), pose, stampNs };
}

async function readPoints(path: string, needsLabels: boolean): Promise<MapPoints> {
  const frame = await readFrame(path);
  if (needsLabels && frame.layout.intensity === undefined) {
    const text = "has no intensity; the benchmark marks what moves by intensity 1.";
    throw badInput(path, text, { field: "intensity" });
  }
  return pointsOf(frame);
}

function pointsOf({ data, count, layout }: Frame): MapPoints {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const value = (field: PointField, at: number) =>
    readValue(view, field.type, at + field.offset) * (field.scale ?? 1) + (field.bias ?? 0);
  const points = new Float32Array(3 * count);
  const labels = new Uint8Array(count);
  let kept = 0;
  for (let i = 0, at = 0; i < count; i++, at += layout.pointStep) {
    const x = value(layout.x, at);
    const y = value(layout.y, at);
    const z = value(layout.z, at);
    if (!Number.isFinite(x + y + z)) continue;
    points.set([x, y, z], 3 * kept);
    labels[kept++] = layout.intensity && value(layout.intensity, at) > 0.5 ? 1 : 0;
  }
  return { points: points.subarray(0, 3 * kept), labels: labels.subarray(0, kept) };
}

function pointAt(points: Float32Array, i: number): [number, number, number] {
  return [points[3 * i]!, points[3 * i + 1]!, points[3 * i + 2]!];
}

/** v + 2 q x (q x v + w v) + t for each point. */
function movedBy(points: Float32Array, { translation: t, quaternion: q }: Pose): Float32Array {
  const moved = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const x = points[i]!;
    const y = points[i + 1]!;
    const z = points[i + 2]!;
    const ax = q[1] * z - q[2] * y + q[3] * x;
    const ay = q[2] * x - q[0] * z + q[3] * y;
    const az = q[0] * y - q[1] * x + q[3] * z;
    moved[i] = x + 2 * (q[1] * az - q[2] * ay) + t[0];
    moved[i + 1] = y + 2 * (q[2] * ax - q[0] * az) + t[1];
    moved[i + 2] = z + 2 * (q[0] * ay - q[1] * ax) + t[2];
  }
  return moved;
}

/** From the map back to the sensor. The place is turned back as f64. */
function inverseOf({ translation: [x, y, z], quaternion }: Pose): Pose {
  const q = [-quaternion[0], -quaternion[1], -quaternion[2], quaternion[3]] as const;
  const ax = q[1] * z - q[2] * y + q[3] * x;
  const ay = q[2] * x - q[0] * z + q[3] * y;
  const az = q[0] * y - q[1] * x + q[3] * z;
  const translation = [
    -(x + 2 * (q[1] * az - q[2] * ay)),
    -(y + 2 * (q[2] * ax - q[0] * az)),
    -(z + 2 * (q[0] * ay - q[1] * ax)),
  ] as const;
  return { translation, quaternion: q };
}
