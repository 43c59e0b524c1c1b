/** What became of a frame: points by fate, bytes, fields by name. */
import {
  FIELD_PASSED,
  FIELD_STRIPPED,
  META_COUNT,
  STATS_BOX,
  STATS_DOMAIN,
  STATS_FIELDS,
  STATS_HEIGHT,
  STATS_INF,
  STATS_KEPT,
  STATS_NAN,
  STATS_NO_GO,
  STATS_PADDED_BYTES,
  STATS_POINTS_IN,
  STATS_RANGE,
  STATS_TILE_BYTES,
  STATS_VOXELS,
  STATS_ZERO,
} from "../../assembly/abi.ts";
import { METADATA_NAMES } from "./metadata-ids.ts";

/**
 * Counts of one frame. Every point is in exactly one of `dropped`, `cropped` and `pointsKept`, so
 * that they add up to `pointsIn`.
 */
export interface FrameReport {
  readonly pointsIn: number;
  /** No measurements: not a number, infinite, empty slot (0, 0, 0), too far for the grid. */
  readonly dropped: {
    readonly nan: number;
    readonly infinite: number;
    readonly empty: number;
    readonly outOfDomain: number;
  };
  /** Removed by the policy, under the first rule that applies. */
  readonly cropped: {
    readonly noGo: number;
    readonly range: number;
    readonly height: number;
    readonly box: number;
  };
  readonly pointsKept: number;
  readonly voxels: number;
  /** Bytes of raw points that came in. */
  readonly bytesIn: number;
  /** Bytes of the tile, and with the padding that hides its length. */
  readonly tileBytes: number;
  readonly recordBytes: number;
  /** Names of metadata and point fields that are in the tile. */
  readonly passed: readonly string[];
  /** Names of those that came with the frame and end here. */
  readonly stripped: readonly string[];
}

/** Reads the counters of the frame that was just encoded. */
export function readReport(stats: DataView, bytesIn: number): FrameReport {
  const at = (offset: number) => stats.getUint32(offset, true);
  const passed: string[] = [];
  const stripped: string[] = [];
  for (let id = 0; id < META_COUNT; id++) {
    const fate = stats.getUint8(STATS_FIELDS + id);
    const name = METADATA_NAMES.get(id);
    if (name === undefined || name === "point_field") continue;
    if (fate === FIELD_PASSED) passed.push(name);
    if (fate === FIELD_STRIPPED) stripped.push(name);
  }
  return {
    pointsIn: at(STATS_POINTS_IN),
    dropped: {
      nan: at(STATS_NAN),
      infinite: at(STATS_INF),
      empty: at(STATS_ZERO),
      outOfDomain: at(STATS_DOMAIN),
    },
    cropped: {
      noGo: at(STATS_NO_GO),
      range: at(STATS_RANGE),
      height: at(STATS_HEIGHT),
      box: at(STATS_BOX),
    },
    pointsKept: at(STATS_KEPT),
    voxels: at(STATS_VOXELS),
    bytesIn,
    tileBytes: at(STATS_TILE_BYTES),
    recordBytes: at(STATS_PADDED_BYTES),
    passed,
    stripped,
  };
}
