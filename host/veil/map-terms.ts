/**
 * How the core makes a map: numbers that were tuned on homes with people in them (host/scenes) and on
 * recordings of 2D lidars (test/map). What they give: `mapveil bench people --seeds 20`, for each
 * sensor, noise and leaf; and `npm run test:proofs -- test/map`.
 */
import type { MapTerms } from "../core/map.ts";

interface Tuning {
  /** Scans whose free space is put together: poses err, and several scans agree where one is wrong. */
  readonly windowScans: number;
  /** Windows that must have found a cell empty. */
  readonly voidMin: number;
  /** Scans that a cell needs: fewer are noise, or somebody who is never seen to leave. */
  readonly hitsMin: number;
  /** Hits up to which a cell goes with a neighbour that was empty. */
  readonly voteHits: number;
  /** Hits up to which a cell goes with many neighbours that were empty, and how many are many. */
  readonly crowdHits: number;
  readonly crowdVoids: number;
}

/** Lidars with beams at several elevations. */
const SPATIAL: Tuning = {
  windowScans: 5,
  voidMin: 1,
  hitsMin: 2,
  voteHits: 25,
  crowdHits: 100,
  crowdVoids: 6,
};
/** Lidars of one plane. Legs that stand are hit by many beams at once: more scans are asked of a cell. */
const FLAT: Tuning = {
  windowScans: 5,
  voidMin: 1,
  hitsMin: 10,
  voteHits: 25,
  crowdHits: 100,
  crowdVoids: 4,
};

/** A ray tells nothing so close to what it hit: surfaces are rough, and rays graze them. */
const GAP_M = 0.2;
const GAP_CELLS_MAX = 8;
/** How far free space is looked for: farther, rays are too far apart to tell. */
const CARVE_M = 16;
const CARVE_CELLS_MAX = 255;
/** Cells as small as the errors of poses are found empty where they are not: it takes two windows. */
const FINE_LEAF_M = 0.075;

/**
 * The terms of a map of cells of `leafM` metres.
 * @param flat the lidar measures in one plane
 * @param holdNs nothing younger is released
 */
export function mapTerms(leafM: number, flat: boolean, holdNs: bigint): MapTerms {
  const { windowScans, voidMin, hitsMin, voteHits, crowdHits, crowdVoids } = flat ? FLAT : SPATIAL;
  const cells = (metres: number) => Math.max(1, Math.round(metres / leafM));
  return {
    ...{ holdNs, windowScans, flat, hitsMin, voteHits, crowdHits, crowdVoids },
    carveCells: Math.min(CARVE_CELLS_MAX, cells(CARVE_M)),
    gapCells: Math.min(GAP_CELLS_MAX, cells(GAP_M)),
    voidMin: leafM < FINE_LEAF_M ? 2 : voidMin,
  };
}
