/**
 * Many frames in, one sealed map out, or a plan made of it. Frames are put together in the core; what
 * the map keeps of them is cells alone, and only release seals anything.
 */
import type { Frame } from "../core/frame.ts";
import type { FrameReport } from "../core/frame-report.ts";
import type { CoreBuild } from "../core/load-module.ts";
import type { RandomBytes } from "../keys/index.ts";
import type { GatheredLevel, Policy } from "../policy/index.ts";

export interface MapMakerOptions {
  /** At any level but nothing; one of single frames is lowered to map. */
  readonly policy: Policy;
  /** Public key (32 bytes) of who may open what leaves. */
  readonly recipient: Uint8Array;
  /** Permission epoch that artefacts are made under; default 0. */
  readonly epoch?: bigint;
  /** The lidar measures in one plane, as that of a robot cleaner. */
  readonly flat?: boolean;
  /** A frame without a pose is in the map's frame already, measured from its origin. */
  readonly inMapFrame?: boolean;
  readonly build?: CoreBuild;
  /** Source of randomness; default the system's. */
  readonly random?: RandomBytes;
}

/** What became of a scan: points by fate, as of a single frame, and how far the map has come. */
export interface MapScanReport
  extends Pick<
    FrameReport,
    "pointsIn" | "dropped" | "cropped" | "pointsKept" | "voxels" | "bytesIn"
  > {
  /** Scans in the map, those that are held back included. */
  readonly scans: number;
  /** Scans of which nothing may leave yet. */
  readonly heldScans: number;
}

/** What leaves with a release. */
export interface MapReleaseReport {
  readonly level: GatheredLevel;
  /** Edge of a cell of what leaves, metres. */
  readonly cellM: number;
  /** Cells that leave. */
  readonly cells: number;
  readonly scans: number;
  readonly heldScans: number;
  /** How well the release can be linked, as it stands in the tile. */
  readonly linkage: string;
  /** Bytes of the tile, with its padding, and of all messages that leave. */
  readonly tileBytes: number;
  readonly recordBytes: number;
  readonly sealedBytes: number;
  /** Names of metadata that are in the tile, and of those that end here. */
  readonly passed: readonly string[];
  readonly stripped: readonly string[];
}

export interface MapMaker {
  readonly level: GatheredLevel;
  readonly build: CoreBuild;
  /**
   * Takes a scan; all of it, or nothing where it throws.
   * @throws MapveilError REFUSED (no pose, no stamp, a beam that stands still), BAD_INPUT (a pose that
   *   is not finite or jumps, time that does not go on, bytes that are missing), TOO_LARGE
   */
  add(frame: Frame): MapScanReport;
  /**
   * Seals what may leave of the map so far; the map goes on afterwards. Every release is an artefact
   * of its own.
   * @throws MapveilError REFUSED where nothing may leave yet
   */
  release(epoch?: bigint): { veil: Uint8Array; report: MapReleaseReport };
  /** Cells that a release would hold, x y z in metres of the turned map; they stay on the robot. */
  copyKept(): Float32Array;
  /** Cells that were hit and that no release holds: what moved. They stay on the robot. */
  copyRemoved(): Float32Array;
  /** Zeroes all that the core was told, and forgets the map. */
  wipe(): void;
}
