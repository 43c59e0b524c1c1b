/** Recordings of 2D lidars as scans whose points are known to be the home's or somebody's. */
import { fileURLToPath } from "node:url";
import { readBag } from "../../host/formats/bag-records.ts";
import { openByteFile } from "../../host/formats/byte-file.ts";
import { type OpenOptions, openFrames, readValue } from "../../host/formats/index.ts";
import { MessageCursor } from "../../host/formats/message-cursor.ts";
import { readHeader } from "../../host/formats/ros-messages.ts";
import type { LabelledScan } from "../../host/scenes/index.ts";

export const DATA = fileURLToPath(new URL("../data/", import.meta.url));

/** Where the robot is that stands still, or whose recording has no poses. */
const STILL = { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] } as const;

/** A scan with its points by their beams: NaN where a beam gave nothing. */
export interface RecordedScan extends LabelledScan {
  /** Metres a beam. */
  readonly ranges: Float64Array;
  /** Beam of each point. */
  readonly beams: Uint16Array;
}

/** The scans of a recording; all points belong to the home until they are labelled. */
export async function readScans(
  path: string,
  options: OpenOptions & { readonly rangeMaxM: number },
): Promise<RecordedScan[]> {
  const source = await openFrames(path, options);
  const scans: RecordedScan[] = [];
  try {
    for await (const { count, data, layout, stampNs, pose = STILL } of source.frames()) {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
      const points: number[] = [];
      const beams: number[] = [];
      const ranges = new Float64Array(count).fill(Number.NaN);
      for (let beam = 0; beam < count; beam++) {
        const at = beam * layout.pointStep;
        const x = readValue(view, layout.x.type, at + layout.x.offset);
        const y = readValue(view, layout.y.type, at + layout.y.offset);
        const range = Math.hypot(x, y);
        if (!(range > 0 && range <= options.rangeMaxM)) continue;
        points.push(x, y, 0);
        beams.push(beam);
        ranges[beam] = range;
      }
      scans.push({
        ...{ index: scans.length, count: beams.length, pose, truePose: pose, stampNs: stampNs! },
        ...{ points: Float32Array.from(points), labels: new Uint8Array(beams.length) },
        ...{ ranges, beams: Uint16Array.from(beams) },
      });
    }
  } finally {
    await source.close();
  }
  return scans;
}

/** The scans with a label for each point: 0 for the home's, 1 for what moves. */
export function labelled(
  scans: readonly RecordedScan[],
  moves: (scan: RecordedScan, point: number) => boolean,
): LabelledScan[] {
  return scans.map((scan) => ({
    ...scan,
    labels: Uint8Array.from(scan.beams, (_, point) => (moves(scan, point) ? 1 : 0)),
  }));
}

/** x y of each leg that people found in each scan of a recording, in the order of the scans. */
export async function readLegs(path: string): Promise<(readonly [number, number])[][]> {
  const file = await openByteFile(path);
  const legs: (readonly [number, number])[][] = [];
  try {
    for await (const { connection, data, offset } of readBag(file)) {
      if (connection.type !== "geometry_msgs/PoseArray") continue;
      const cursor = MessageCursor.ros1({ file: path, offset }, data);
      readHeader(cursor);
      const count = cursor.u32("poses");
      legs.push(Array.from({ length: count }, () => readPlace(cursor)));
    }
  } finally {
    await file.close();
  }
  return legs;
}

/** x y of a geometry_msgs/Pose; its orientation is all zeros here, which a pose may not be. */
function readPlace(cursor: MessageCursor): readonly [number, number] {
  const [x, y] = Array.from({ length: 7 }, () => cursor.f64("poses"));
  return [x!, y!];
}

/** What a beam that stands still measures again and again. */
export class Background {
  /** Scans in which a beam measured a range, by beam and by decimetre. */
  readonly #counts: readonly Uint32Array[];
  readonly #enough: number;

  /** @param share of the scans that must agree on a range for it to be the home */
  constructor(scans: readonly RecordedScan[], share: number) {
    const beams = scans[0]!.ranges.length;
    this.#counts = Array.from({ length: beams }, () => new Uint32Array(1024));
    for (const { ranges } of scans) {
      for (const [beam, range] of ranges.entries()) {
        if (range >= 0) this.#counts[beam]![Math.floor(10 * range)]!++;
      }
    }
    this.#enough = share * scans.length;
  }

  /** The home is within 0.1 m of this point. */
  isHome({ ranges, beams }: RecordedScan, point: number): boolean {
    return this.#homeWithin(beams[point]!, ranges[beams[point]!]!, 1);
  }

  /** The home is farther than 0.3 m from this point, along its beam. */
  isMoving({ ranges, beams }: RecordedScan, point: number): boolean {
    return !this.#homeWithin(beams[point]!, ranges[beams[point]!]!, 3);
  }

  #homeWithin(beam: number, range: number, decimetres: number): boolean {
    const at = Math.floor(10 * range);
    const near = this.#counts[beam]!.subarray(Math.max(0, at - decimetres), at + decimetres + 1);
    return near.reduce((sum, count) => sum + count, 0) >= this.#enough;
  }
}
