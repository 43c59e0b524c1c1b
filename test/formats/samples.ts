/** The bundled recordings, temporary folders, and frames in a form that is easy to compare. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { MapveilError } from "../../host/core/errors.ts";
import type { Frame, MetadataName, PointField } from "../../host/core/frame.ts";
import { type OpenOptions, openFrames } from "../../host/formats/index.ts";
import { readValue } from "../../host/formats/value-span.ts";

export const DATA = fileURLToPath(new URL("../data/", import.meta.url));
export const OS1 = join(DATA, "ouster/OS-1-128_v2.3.0_1024x10_lb_n3.pcap");
export const OS1_POSES = join(DATA, "ouster/OS-1-128_v2.3.0_1024x10_lb_n3_poses_kitti.txt");
export const OS0 = join(DATA, "ouster/OS-0-32-U1_v2.2.0_1024x10.pcap");
export const SAME_PORTS = join(DATA, "ouster/same_ports.pcap");
export const RAW_BAG = join(DATA, "ouster/512x10_raw.bag");
export const VLP16 = join(DATA, "nebula/vlp16_1673400472138016708.pcd");
export const AT128 = join(DATA, "nebula/at128_1679653308704927652.pcd");
export const XT32 = join(DATA, "nebula/xt32_1673400678101968885.pcd");

export const JARVIS = join(DATA, "scan2d_jarvis/jarvis_circular_path_fast_navigation.bag");
export const LAB_PLAN = join(DATA, "occupancy/lab_slam.yaml");
export const VALETUDO_1C = join(DATA, "vacuum_maps/dreame_1c_1096_fullcleanup.json");
export const VALETUDO_Z10 = join(DATA, "vacuum_maps/dreame_z10_1056_paths.json");
export const VALETUDO_3I = join(DATA, "vacuum_maps/3irobotix_converted_3790.json");
export const ROBOROCK = join(DATA, "vacuum_upload_protobuf/raw-mqtt-map301.bin.inflated.bin.gz");

interface ManifestEntry {
  readonly path: string;
  readonly sha256: string;
  readonly frames?: readonly {
    readonly points: number;
    readonly valid: number;
    readonly voxels: Readonly<Record<string, number>>;
  }[];
  /** Sums over all scans; voxels of 0.1 m. */
  readonly scans?: Readonly<Record<"frames" | "points" | "valid" | "voxels", number>>;
  readonly plan?: PlanFacts;
}

export interface PlanFacts {
  readonly width: number;
  readonly height: number;
  readonly cellM: number;
  readonly unknown: number;
  readonly free: number;
  readonly occupied: number;
  /** Free cells of each room, by its number and type. */
  readonly rooms: Readonly<Record<string, number>>;
  readonly pathPoints: number;
  readonly noGo: number;
}

export const MANIFEST: readonly ManifestEntry[] = JSON.parse(
  readFileSync(join(DATA, "manifest.json"), "utf8"),
);

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "formats-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes one input into `folder` and returns its path. */
export function writeInput(folder: string, name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** All frames with all of their metadata; their data copied, for it is valid only until the next frame. */
export async function readAll(path: string, options: OpenOptions = {}): Promise<Frame[]> {
  const source = await openFrames(path, { reads: "all", ...options });
  try {
    const frames: Frame[] = [];
    for await (const frame of source.frames()) frames.push({ ...frame, data: frame.data.slice() });
    return frames;
  } finally {
    await source.close();
  }
}

/** The error with which reading ends; fails if it does not end with a MapveilError. */
export async function errorOf(path: string, options: OpenOptions = {}): Promise<MapveilError> {
  try {
    await readAll(path, options);
  } catch (error) {
    if (error instanceof MapveilError) return error;
    throw error;
  }
  throw new Error(`${path} was read without an error`);
}

/** One field of every point, raw * scale + bias. */
export function valuesOf(frame: Frame, field: PointField | undefined): number[] {
  if (field === undefined) throw new Error("the frame has no such field");
  const { data, layout, count } = frame;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: count }, (_, i) => {
    const raw = readValue(view, field.type, i * layout.pointStep + field.offset);
    return raw * (field.scale ?? 1) + (field.bias ?? 0);
  });
}

/** Beam number of every point, undone from its place in the middle of one of 256 steps. */
export function beamsOf(frame: Frame): number[] {
  return valuesOf(frame, frame.layout.ring).map((value) => value * 256 - 0.5);
}

/** x, y, z of every point. */
export function positionsOf(frame: Frame): [number, number, number][] {
  const [x, y, z] = [frame.layout.x, frame.layout.y, frame.layout.z].map((f) => valuesOf(frame, f));
  return x!.map((value, i) => [value, y![i]!, z![i]!]);
}

/** The points where the file has them, metres: those of a surveyed cloud count from its pose. */
export function placesOf(frame: Frame): number[][] {
  const origin = frame.pose?.translation ?? [0, 0, 0];
  return positionsOf(frame).map((point) => point.map((value, axis) => value + origin[axis]!));
}

/** Positions that are finite and not exactly (0, 0, 0). */
export function validPositions(frame: Frame): [number, number, number][] {
  return positionsOf(frame).filter((p) => p.every(Number.isFinite) && p.some((v) => v !== 0));
}

/** Occupied voxels by the rule of the manifest: floor(x / edge) with f32 division. */
export function voxelCount(frame: Frame, edge: number): number {
  const leaf = Math.fround(edge);
  const cells = new Set<string>();
  for (const p of validPositions(frame)) {
    cells.add(p.map((v) => Math.floor(Math.fround(Math.fround(v) / leaf))).join(" "));
  }
  return cells.size;
}

/** Values of the metadata with that name. */
export function metadataOf(frame: Frame, name: MetadataName): string[] {
  return frame.metadata.filter((field) => field.name === name).map((field) => field.value);
}
