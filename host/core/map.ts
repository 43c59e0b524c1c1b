/** A map of many frames, as the core keeps it: what it is told at the start, and what it tells. */
import * as abi from "../../assembly/abi.ts";
import { MapveilError } from "./errors.ts";

/** How a map is made. Cells are cubes of the policy's leaf. */
export interface MapTerms {
  /** Nothing younger than this is released. 0 to an hour. */
  readonly holdNs: bigint;
  /** Scans whose hits and free space are put together before empty space is told from it, 1 to 8. */
  readonly windowScans: number;
  /** How far from the sensor free space is looked for, in cells along x and y, 1 to 255. */
  readonly carveCells: number;
  /** So many cells before what it hit a ray tells nothing any more, 0 to 8. */
  readonly gapCells: number;
  /** The lidar measures in one plane: empty space is told from that plane alone. */
  readonly flat: boolean;
  /** Windows in which a cell must have been empty before what was hit in it counts as moving, 1 to 3. */
  readonly voidMin: number;
  /** Scans that must have hit a cell before it is released, 1 to 255. */
  readonly hitsMin: number;
  /** A cell hit in no more scans than this goes with a neighbour that was empty, 0 to 255. */
  readonly voteHits: number;
  /** The same for a cell hit in no more scans than this with `crowdVoids` such neighbours, 0 to 255. */
  readonly crowdHits: number;
  /** 1 to 26. */
  readonly crowdVoids: number;
}

/** How far a map has come. */
export interface MapStats {
  /** Scans that were taken, those that are held back included. */
  readonly scans: number;
  readonly heldScans: number;
  /** Room that the scans held back take, and how much there is: a cell each, and three a scan. */
  readonly heldCells: number;
  readonly heldCellsMax: number;
  /** Blocks of memory in use, and how many there are. */
  readonly blocks: number;
  readonly blocksMax: number;
  /** Empty cells that found no block: what moved there may stay in the map. */
  readonly voidsLost: number;
}

/** What a map holds: what stands still, and what was taken out of it, which never leaves. */
export type MapPart = "kept" | "removed";

/** Writes the terms of a map, the first fields of MAP, at byte `at` of the view. */
export function putMapTerms(view: DataView, at: number, terms: MapTerms): void {
  view.setBigUint64(at + abi.MAP_HOLD_NS, terms.holdNs, true);
  const put = (offset: number, value: number) => view.setUint32(at + offset, value, true);
  put(abi.MAP_WINDOW_SCANS, terms.windowScans);
  put(abi.MAP_CARVE_CELLS, terms.carveCells);
  put(abi.MAP_GAP_CELLS, terms.gapCells);
  put(abi.MAP_FLAT, terms.flat ? 1 : 0);
  put(abi.MAP_VOID_MIN, terms.voidMin);
  put(abi.MAP_HITS_MIN, terms.hitsMin);
  put(abi.MAP_VOTE_HITS, terms.voteHits);
  put(abi.MAP_CROWD_HITS, terms.crowdHits);
  put(abi.MAP_CROWD_VOIDS, terms.crowdVoids);
}

/** Reads how far a map has come, the other fields of MAP. */
export function readMapStats(map: DataView): MapStats {
  const read = (offset: number) => map.getUint32(offset, true);
  return {
    scans: read(abi.MAP_SCANS),
    heldScans: read(abi.MAP_HELD_SCANS),
    heldCells: read(abi.MAP_HELD_CELLS),
    heldCellsMax: read(abi.MAP_HELD_CELLS_MAX),
    blocks: read(abi.MAP_BLOCKS),
    blocksMax: read(abi.MAP_BLOCKS_MAX),
    voidsLost: read(abi.MAP_VOIDS_LOST),
  };
}

/**
 * Why a map did not take a scan, as an error for the host.
 * @param status of map_add, below 0
 * @param map the MAP struct
 * @param leafM edge of a cell in metres
 */
export function mapError(status: number, map: DataView, leafM: number): MapveilError {
  const stats = readMapStats(map);
  const leaf = `leaf_m is ${Number(leafM.toPrecision(6))}`;
  if (status === abi.E_FULL && map.getUint32(abi.MAP_FULL, true) === abi.FULL_HELD) {
    const { heldCells, heldCellsMax, heldScans } = stats;
    return new MapveilError(
      "TOO_LARGE",
      `map: ${heldScans} scans are held back with ${heldCells} of at most ${heldCellsMax} cells, and this ` +
        `scan does not fit (${leaf}); use a shorter hold_back, a larger leaf_m or a crop.`,
      { field: "hold_back" },
    );
  }
  if (status === abi.E_FULL) {
    return new MapveilError(
      "TOO_LARGE",
      `map: ${stats.blocks} of at most ${stats.blocksMax} blocks of 64 x 64 x 16 cells are in use, and this ` +
        `scan needs more (${leaf}); use a larger leaf_m or a crop.`,
      { field: "leaf_m" },
    );
  }
  if (status === abi.E_ARG) {
    return new MapveilError(
      "BAD_INPUT",
      `map: the scan has no stamp or one below the last scan's, another leaf than the map (${leaf}), or a ` +
        `sensor beyond the ${abi.CELL_LIMIT} cells of the grid; give every scan its capture time, in order.`,
      { field: "stamp" },
    );
  }
  return new MapveilError(
    "INTERNAL",
    "map: no map was begun in this session, or the policy is none for maps; begin session and map first.",
  );
}
