/** One measurement of how well releases of a kind can be linked to the home that they came from. */

/** Counts on when the attacks become better, or other: figures of two versions do not compare. */
export const ATTACK_VERSION = 1;

/** Kinds of artefacts that show a home: a map of voxels, a plan, the cells where a robot was. */
export type LinkageKind = "map" | "grid" | "path";

export interface LinkageFigure {
  readonly kind: LinkageKind;
  /** Edge of a cell of the release in metres. */
  readonly cellM: number;
  /** Homes among which the right one was looked for. */
  readonly homes: number;
  /** Releases of a second visit that were looked up. */
  readonly queries: number;
  /** For how many of them the right home came first, and for how many among the first ten. */
  readonly first: number;
  readonly ten: number;
}
