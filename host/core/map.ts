/** A map of many frames, as the core keeps it: what it is told at the start, and what it tells. */

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
}

/** How far a map has come. */
export interface MapStats {
  /** Scans that were taken, those that are held back included. */
  readonly scans: number;
  readonly heldScans: number;
  /** Blocks of memory in use, and how many there are. */
  readonly blocks: number;
  readonly blocksMax: number;
}
