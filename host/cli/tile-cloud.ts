/** Opened tiles as clouds that can be written, and the file names of several of them. */
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import type { Tile } from "../core/tile.ts";
import type { Cloud } from "../formats/index.ts";

const DIGITS = 4;
const RING_STEPS = 256;

/** The columns that a tile has. The ring, which a tile has as a share, becomes 0 to 255. */
export function tileCloud(tile: Tile): Cloud {
  return {
    count: tile.voxels,
    positions: tile.positions,
    ...(tile.intensity && { intensity: tile.intensity }),
    ...(tile.ring && { ring: Uint16Array.from(tile.ring, (share) => share * RING_STEPS) }),
    ...(tile.time && { time: tile.time }),
  };
}

/**
 * Puts clouds one behind the other; attributes that not all of them have are left out. Voxels that
 * several frames have seen stay as often as they were seen.
 */
export function mergeClouds(clouds: readonly Cloud[]): Cloud {
  const count = clouds.reduce((sum, cloud) => sum + cloud.count, 0);
  const positions = new Float32Array(3 * count);
  const all = (name: "intensity" | "ring" | "time") => clouds.every((cloud) => cloud[name]);
  const merged = {
    count,
    positions,
    ...(all("intensity") && { intensity: new Float32Array(count) }),
    ...(all("ring") && { ring: new Uint16Array(count) }),
    ...(all("time") && { time: new Float32Array(count) }),
  };
  let at = 0;
  for (const cloud of clouds) {
    positions.set(cloud.positions, 3 * at);
    merged.intensity?.set(cloud.intensity!, at);
    merged.ring?.set(cloud.ring!, at);
    merged.time?.set(cloud.time!, at);
    at += cloud.count;
  }
  return merged;
}

/** "out.pcd" as "out.0007.pcd". */
export function numberedPath(path: string, number: number): string {
  const extension = extname(path);
  const stem = path.slice(0, path.length - extension.length);
  return `${stem}.${String(number).padStart(DIGITS, "0")}${extension}`;
}

/** Throws USAGE if numbered files of `path` exist: old and new frames would stand side by side. */
export async function checkNumbered(path: string, force: boolean | undefined): Promise<void> {
  if (force) return;
  const extension = extname(path);
  const stem = basename(path, extension);
  const names = await readdir(dirname(path)).catch((): string[] => []);
  const found = names.find(
    (name) =>
      name.startsWith(`${stem}.`) &&
      name.endsWith(extension) &&
      /^\.[0-9]{4,}$/.test(name.slice(stem.length, name.length - extension.length)),
  );
  if (found === undefined) return;
  const text = `${join(dirname(path), found)} exists already; name another output, or replace it with --force.`;
  throw new MapveilError("USAGE", text, { file: found });
}
