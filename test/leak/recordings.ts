/** What the bundled Ouster captures would give away, and where it might turn up. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Identifier } from "../../host/canary/identifier.ts";
import type { Haystack } from "../../host/canary/search.ts";
import type { Frame } from "../../host/core/frame.ts";
import type { Tile } from "../../host/core/tile.ts";
import { writeCloud } from "../../host/formats/index.ts";
import { DATA, OS0, OS1, OS1_POSES, RAW_BAG, readAll, SAME_PORTS } from "../formats/samples.ts";

/** Where the robot's map begins: a geographic origin, as surveyed maps have it. */
const MAP_ORIGIN = [431_234.567, 5_412_345.678, 301.25] as const;

export interface Capture {
  readonly name: string;
  /** Values known beforehand, so that a reader which overlooks one cannot hide it. */
  readonly known: readonly string[];
  readonly path: string;
  readonly metadataPath?: string;
  readonly posesPath?: string;
}

/** The OS-1 poses again, in a map with a geographic origin. */
function movedPoses(): string {
  const rows = readFileSync(OS1_POSES, "utf8").trim().split("\n");
  const moved = rows.map((row) => {
    const numbers = row.split(" ").map(Number);
    for (const k of [0, 1, 2]) numbers[4 * k + 3]! += MAP_ORIGIN[k]!;
    return numbers.join(" ");
  });
  const folder = mkdtempSync(join(tmpdir(), "leak-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "poses.txt");
  writeFileSync(path, moved.join("\n"));
  return path;
}

const samePorts = (n: number) => join(DATA, `ouster/same_ports.${n}.json`);

export const CAPTURES: readonly Capture[] = [
  {
    name: "OS-1-128 with poses in a surveyed map",
    path: OS1,
    posesPath: movedPoses(),
    known: ["122201000998", "840-103575-06", "ousteros-image-prod-aries-v2.3.0+20220415163956"],
  },
  {
    name: "OS-0-32",
    path: OS0,
    known: ["992137000142", "840-103574-06", "v2.2.0-rc.2-17-gbc0879e", "9599938"],
  },
  {
    name: "the first of two sensors on one port",
    path: SAME_PORTS,
    metadataPath: samePorts(1),
    known: ["122247000785", "bc:0f:a7:00:8a:30", "169.254.92.158", "80:61:5f:0e:f4:e9"],
  },
  {
    name: "the second of two sensors on one port",
    path: SAME_PORTS,
    metadataPath: samePorts(2),
    known: ["122239000672", "bc:0f:a7:00:80:73", "169.254.238.111", "169.254.100.204"],
  },
  {
    name: "a ROS bag",
    path: RAW_BAG,
    known: ["992108000265", "840-102144-D", "/os_node0/lidar_packets", "169.254.29.215"],
  },
];

export function framesOf({ path, metadataPath, posesPath }: Capture): Promise<Frame[]> {
  return readAll(path, { metadataPath, posesPath });
}

/** Capture times of a few packets of a pcap file, first and last among them, in microseconds. */
function pcapTimes(path: string): bigint[] {
  if (!path.endsWith(".pcap")) return [];
  const bytes = readFileSync(path);
  const times: bigint[] = [];
  for (let at = 24; at + 16 <= bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    const [seconds, micros] = [bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4)];
    times.push(BigInt(seconds) * 1_000_000n + BigInt(micros));
  }
  const last = times.length - 1;
  return [0, 0.25, 0.5, 1].map((part) => times[Math.floor(part * last)]!);
}

/** A moment in every unit and text in which programs write it. */
function moment(name: string, ns: bigint): Identifier[] {
  const iso = new Date(Number(ns / 1_000_000n)).toISOString();
  const values = [ns, ns / 1000n, ns / 1_000_000n, ns / 1_000_000_000n, Number(ns) / 1e9];
  const texts = [iso.slice(0, 19), iso.slice(0, 19).replace("T", " "), iso.slice(0, 10)];
  return [...values, ...texts].map((value) => ({ name, value }));
}

/** Everything that must not be found: what readers report, what is known, times, places. */
export function identifiersOf(capture: Capture, frames: readonly Frame[]): Identifier[] {
  const found: Identifier[] = capture.known.map((value) => ({ name: "known", value }));
  found.push({ name: "file name", value: basename(capture.path) });
  for (const frame of frames) {
    for (const { name, value } of frame.metadata) found.push({ name, value });
    if (frame.stampNs !== undefined) found.push(...moment("frame time", frame.stampNs));
    for (const value of frame.pose?.translation ?? []) found.push({ name: "pose", value });
  }
  for (const time of pcapTimes(capture.path)) found.push(...moment("packet time", time * 1000n));
  if (capture.posesPath !== undefined) {
    for (const value of MAP_ORIGIN) found.push({ name: "map origin", value });
  }
  const distinct = new Map(found.map((one) => [`${typeof one.value} ${one.value}`, one]));
  return [...distinct.values()];
}

/** An opened tile: its cells, its strings, and the PCD file that is written from it. */
export async function tileHaystacks(name: string, tile: Tile): Promise<Haystack[]> {
  const folder = mkdtempSync(join(tmpdir(), "leak-"));
  try {
    const path = join(folder, "cloud.pcd");
    await writeCloud(path, { count: tile.voxels, positions: tile.positions });
    const said = JSON.stringify([tile.strings, String(tile.stampNs), tile.leafM, tile.hasOrigin]);
    return [
      { name: `${name}: cells`, bytes: new Uint8Array(tile.cells.buffer) },
      { name: `${name}: strings`, bytes: Buffer.from(said) },
      { name: `${name}: PCD`, bytes: readFileSync(path) },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
