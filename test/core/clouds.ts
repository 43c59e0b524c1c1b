/** Seeded clouds, recordings, and plain TypeScript answers to what the core computes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "../../host/core/frame.ts";
import { MANIFEST, positionsOf, readAll } from "../formats/samples.ts";
import { Seeded } from "../seal/module.ts";

export { MANIFEST, Seeded };

const fround = Math.fround;

/** A number in [low, high). */
export function between(random: Seeded, low: number, high: number): number {
  return low + ((high - low) * random.below(2 ** 30)) / 2 ** 30;
}

/** `count` points in a box around the origin, x y z x y z ... */
export function randomCloud(random: Seeded, count: number, half: number): Float32Array {
  return Float32Array.from({ length: 3 * count }, () => between(random, -half, half));
}

/** The cell of one coordinate: f32 division, floor. */
export function cellOf(value: number, leaf: number): number {
  return Math.floor(fround(fround(value) / fround(leaf)));
}

export interface ReferenceVoxel {
  readonly cell: readonly [number, number, number];
  readonly sum: [number, number, number];
  points: number;
}

/** Occupied cells of x y z rows with the f64 sums of their points; invalid points are left out. */
export function referenceVoxels(points: Float32Array, leaf: number): Map<string, ReferenceVoxel> {
  const voxels = new Map<string, ReferenceVoxel>();
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    if (!Number.isFinite(x + y + z) || (x === 0 && y === 0 && z === 0)) continue;
    const cell = [cellOf(x, leaf), cellOf(y, leaf), cellOf(z, leaf)] as const;
    if (cell.some((c) => c < -(2 ** 20) || c >= 2 ** 20)) continue;
    const key = cell.join(" ");
    const voxel = voxels.get(key) ?? { cell, sum: [0, 0, 0], points: 0 };
    voxel.sum[0] += x;
    voxel.sum[1] += y;
    voxel.sum[2] += z;
    voxel.points++;
    voxels.set(key, voxel);
  }
  return voxels;
}

/** Cells as texts, to be compared as sets. */
export function cellKeys(cells: Int32Array, shift: readonly number[] = [0, 0, 0]): string[] {
  const keys: string[] = [];
  for (let i = 0; i < cells.length; i += 3) {
    keys.push(`${cells[i]! + shift[0]!} ${cells[i + 1]! + shift[1]!} ${cells[i + 2]! + shift[2]!}`);
  }
  return keys;
}

/** Lowest cell on each axis. */
export function lowest(cells: Iterable<readonly number[]>): [number, number, number] {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  for (const cell of cells) {
    for (let k = 0; k < 3; k++) low[k] = Math.min(low[k]!, cell[k]!);
  }
  return low;
}

/** x y z of a reader's frame as f32 rows. */
export function cloudOf(frame: Frame): Float32Array {
  return Float32Array.from(positionsOf(frame).flat());
}

export interface Recording {
  readonly name: string;
  /** Occupied voxels a leaf, a frame. */
  readonly voxels: readonly Readonly<Record<string, number>>[];
  read(): Promise<Frame[]>;
}

/** The bundled recordings that have counts. */
export function bundled(folder: string): Recording[] {
  return MANIFEST.filter(({ frames }) => frames).map(({ path, frames }) => ({
    name: path,
    voxels: frames!.map(({ voxels }) => voxels),
    read: () => readAll(join(folder, path)),
  }));
}

interface OuterEntry {
  readonly path: string;
  readonly kind?: string;
  readonly voxels_floor_f32_nonzero?: Readonly<Record<string, number>>;
}

/** Further recordings beside a manifest.json of the folder that MAPVEIL_DATA names. */
export function further(folder: string | undefined): Recording[] {
  if (folder === undefined) return [];
  const readable = new Set([".pcd", ".ply", ".bin", ".mcap", ".bag"]);
  const entries: OuterEntry[] = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  const present = new Set(readdirSync(folder, { recursive: true }).map(String));
  return (
    entries
      .filter(({ path }) => present.has(path) && readable.has(path.slice(path.lastIndexOf("."))))
      // A bare message of a middleware is no file that a reader knows.
      .filter((entry) => entry.voxels_floor_f32_nonzero && !entry.kind?.startsWith("CDR"))
      .map((entry) => ({
        name: entry.path,
        voxels: [entry.voxels_floor_f32_nonzero!],
        read: () => readAll(join(folder, entry.path)),
      }))
  );
}
