/** What a policy says about plans and paths, as this room needs it. */
import type { Vertex } from "../policy/index.ts";

export interface PlanRules {
  /** Edge of a released cell in metres, 0.05 to 2. */
  readonly cellM: number;
  /** What stands alone and is smaller than this goes, in metres; 0 keeps it. */
  readonly clutterM: number;
  /** Whether free cells tell the type of their room. */
  readonly rooms: "none" | "types";
  /** Corners of the policy's no-go areas in the robot's map, metres. Those of the plan are cut too. */
  readonly noGo: readonly (readonly Vertex[])[];
  /** Growth of every no-go area in metres. */
  readonly dilateM: number;
  /** Cells that the core takes in one tile. */
  readonly voxelsMax: number;
}

/** Edge of a cell of a path in metres: finer ones recognise a home by its path alone. */
export const PATH_CELL_M = 1;

/**
 * So far from the dock and from its ends a path is cut, in metres: more than the diagonal of a cell,
 * so that neither the cell of such a place nor one that touches it is released.
 */
export const PATH_TRIM_M = 1.5;

/**
 * So far from a hole a path is cut, in metres: robots drive along what they may not enter, and cells
 * half a cell away show its side no better than to a cell. More would leave little of a home with
 * many small areas.
 */
export const PATH_HOLE_TRIM_M = 0.5;

/**
 * Share of the visited cells of a path that is left out at random: a cell that is missing may have
 * been visited as well as not, and the outline and size of what was are blurred. With all cells,
 * three homes of a hundred were recognised among a thousand; with half of them, less than one.
 */
export const PATH_LEFT_OUT = 0.5;
