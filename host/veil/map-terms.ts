/** How the core makes a map: numbers that were tuned on homes with people in them. */
import type { MapTerms } from "../core/map.ts";

/** Scans whose free space is put together: poses err, and three scans agree where one is wrong. */
const WINDOW_SCANS = 3;
/** How far free space is looked for, metres: farther, rays are too far apart to tell. */
const CARVE_M = 16;
const CARVE_CELLS_MAX = 255;
/** A ray tells nothing so close to what it hit, metres: surfaces are rough, and rays graze them. */
const GAP_M = 0.2;
const GAP_CELLS_MAX = 8;
const VOID_MIN = 1;
/** A single hit may be noise. */
const HITS_MIN = 2;
/** Hits up to which a cell goes with a neighbour that was empty. */
const VOTE_HITS = 25;

/**
 * The terms of a map of cells of `leafM` metres.
 * @param flat the lidar measures in one plane
 * @param holdNs nothing younger is released
 */
export function mapTerms(leafM: number, flat: boolean, holdNs: bigint): MapTerms {
  const cells = (metres: number) => Math.round(metres / leafM);
  return {
    holdNs,
    windowScans: WINDOW_SCANS,
    carveCells: Math.min(CARVE_CELLS_MAX, Math.max(1, cells(CARVE_M))),
    gapCells: Math.min(GAP_CELLS_MAX, cells(GAP_M)),
    flat,
    voidMin: VOID_MIN,
    hitsMin: HITS_MIN,
    voteHits: VOTE_HITS,
  };
}
