/**
 * The frames that are measured: real recordings, eight variants of each.
 *
 * A branch predictor learns a frame that is replayed, and then shows times that no robot will see (up
 * to 1.6 times too fast). So each recording becomes eight frames, turned about z and moved by seeded
 * amounts: the same scene and scan order, other cells. Variant 0 is as recorded.
 */
import { readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Frame, Pose } from "../../host/core/frame.ts";
import { openFrames } from "../../host/formats/index.ts";
import { uniform } from "./random.ts";

export const VARIANTS = 8;
/** A frame of 64 beams and 1024 columns has 65,536 slots; gates of speed hold for frames this large. */
const LARGE_SLOTS = 60_000;
const READABLE = [".pcd", ".ply", ".mcap"];
const BUNDLED = fileURLToPath(new URL("../../test/data/", import.meta.url));
export const OS1 = "OS1-128";

export interface Recording {
  readonly name: string;
  /** VARIANTS frames; x y z are f32 at offset 0, the step a multiple of 4. */
  readonly variants: readonly Frame[];
  /** Points of variant 0 that are finite and not (0, 0, 0). */
  readonly valid: number;
  readonly large: boolean;
}

/** Turn about z in radians, then a move in metres. */
export interface Motion {
  readonly yaw: number;
  readonly move: readonly [number, number, number];
}

/** Motion of variant `index`; none for 0. */
export function motionOf(index: number): Motion {
  if (index === 0) return { yaw: 0, move: [0, 0, 0] };
  const next = uniform(1000 + index);
  const within = (metres: number) => (2 * next() - 1) * metres;
  return { yaw: 2 * Math.PI * next(), move: [within(5), within(5), within(0.5)] };
}

/** x y z of the points as floats, and the floats from one point to the next. */
export function floatsOf(frame: Frame): { floats: Float32Array; stride: number } {
  const { buffer, byteOffset } = frame.data;
  const stride = frame.layout.pointStep / 4;
  return { floats: new Float32Array(buffer, byteOffset, frame.count * stride), stride };
}

/** The frame turned and moved; empty slots and NaN stay what they are. */
export function moved(frame: Frame, { yaw, move }: Motion): Frame {
  const data = frame.data.slice(0, frame.count * frame.layout.pointStep);
  const result = { ...frame, data };
  const { floats, stride } = floatsOf(result);
  const cos = Math.cos(yaw);
  const sin = Math.sin(yaw);
  for (let at = 0; at < floats.length; at += stride) {
    const [x, y, z] = [floats[at]!, floats[at + 1]!, floats[at + 2]!];
    if (x === 0 && y === 0 && z === 0) continue;
    floats[at] = cos * x - sin * y + move[0];
    floats[at + 1] = sin * x + cos * y + move[1];
    floats[at + 2] = z + move[2];
  }
  return result;
}

/** A frame that holds nothing but these x y z. */
export function frameOf(positions: Float32Array): Frame {
  const field = (offset: number) => ({ offset, type: "f32" as const });
  return {
    count: positions.length / 3,
    layout: { pointStep: 12, x: field(0), y: field(4), z: field(8) },
    data: new Uint8Array(positions.buffer, positions.byteOffset, positions.byteLength),
    metadata: [],
  };
}

/** As the reader gave it if floats can be read from it in place, else x y z alone. */
function aligned(frame: Frame): Frame {
  const { x, y, z, pointStep } = frame.layout;
  for (const [i, field] of [x, y, z].entries()) {
    const plain = field.type === "f32" && (field.scale ?? 1) === 1 && (field.bias ?? 0) === 0;
    if (!plain || field.offset !== 4 * i) throw new Error("a layout that the bench cannot turn");
  }
  if (pointStep % 4 === 0) return { ...frame, data: frame.data.slice() };
  const view = new DataView(frame.data.buffer, frame.data.byteOffset);
  const at = (i: number) => Math.floor(i / 3) * pointStep + 4 * (i % 3);
  const read = (_: unknown, i: number) => view.getFloat32(at(i), true);
  return { ...frameOf(Float32Array.from({ length: 3 * frame.count }, read)) };
}

/** The frames of a file, their poses included if there is a poses file. */
export async function readFrames(path: string, posesPath?: string): Promise<Frame[]> {
  const source = await openFrames(path, { posesPath });
  try {
    const frames: Frame[] = [];
    for await (const frame of source.frames()) {
      frames.push(aligned(frame));
      if (frames.length === VARIANTS) break;
    }
    return frames;
  } finally {
    await source.close();
  }
}

function validPoints(frame: Frame): number {
  const { floats, stride } = floatsOf(frame);
  let valid = 0;
  for (let at = 0; at < floats.length; at += stride) {
    const [x, y, z] = [floats[at]!, floats[at + 1]!, floats[at + 2]!];
    if (Number.isFinite(x + y + z) && (x !== 0 || y !== 0 || z !== 0)) valid++;
  }
  return valid;
}

/** VARIANTS frames from one or more real ones, in turn. */
export function recordingOf(name: string, real: readonly Frame[]): Recording {
  const variants = Array.from({ length: VARIANTS }, (_, i) =>
    moved(real[i % real.length]!, motionOf(i)),
  );
  const first = variants[0]!;
  return { name, variants, valid: validPoints(first), large: first.count >= LARGE_SLOTS };
}

const FILES = {
  [OS1]: "ouster/OS-1-128_v2.3.0_1024x10_lb_n3.pcap",
  XT32: "nebula/xt32_1673400678101968885.pcd",
  "OS0-32": "ouster/OS-0-32-U1_v2.2.0_1024x10.pcap",
  VLP16: "nebula/vlp16_1673400472138016708.pcd",
  AT128: "nebula/at128_1679653308704927652.pcd",
} as const;

/** One bundled recording. */
export async function bundled(name: keyof typeof FILES): Promise<Recording> {
  return recordingOf(name, await readFrames(join(BUNDLED, FILES[name])));
}

/** The three frames of the OS1-128 with the pose of each. */
export async function os1WithPoses(): Promise<{ frame: Frame; pose: Pose }[]> {
  const path = join(BUNDLED, FILES[OS1]);
  const frames = await readFrames(path, path.replace(".pcap", "_poses_kitti.txt"));
  return frames.map((frame) => ({ frame, pose: frame.pose! }));
}

/**
 * The bundled recordings (`quick`: the two largest), then those of the folder `extra`: every PCD, PLY
 * and MCAP file in it, up to eight frames of each. What is already bundled is not taken twice.
 */
export async function loadRecordings(quick: boolean, extra?: string): Promise<Recording[]> {
  const names = Object.keys(FILES) as (keyof typeof FILES)[];
  const recordings: Recording[] = [];
  for (const name of quick ? names.slice(0, 2) : names) recordings.push(await bundled(name));
  if (extra === undefined) return recordings;
  const taken = new Set(Object.values(FILES).map((path) => basename(path)));
  for (const file of readdirSync(extra).sort()) {
    if (!READABLE.includes(extname(file).toLowerCase()) || taken.has(file)) continue;
    const frames = await readFrames(join(extra, file));
    if (frames.length > 0) recordings.push(recordingOf(basename(file, extname(file)), frames));
  }
  return recordings;
}
