/**
 * A plan of a home as a robot has it: a grid of cells, rooms, the dock, where the robot went. What
 * readers of occupancy grids and of robot cleaners' maps give; nothing of it is sanitised yet.
 */
import type { MetadataField } from "../core/frame.ts";
import type { MetadataReads } from "./metadata-list.ts";

/** Values of Plan.cells. */
export const PLAN_UNKNOWN = 0;
export const PLAN_FREE = 1;
export const PLAN_OCCUPIED = 2;

/** Types that a room's name may be reduced to. */
export const ROOM_TYPES = [
  "other",
  "living_room",
  "kitchen",
  "bedroom",
  "bathroom",
  "hall",
  "office",
  "dining_room",
] as const;
export type RoomType = (typeof ROOM_TYPES)[number];

export interface Room {
  /** 1 to 255, as in Plan.roomOf. */
  readonly number: number;
  /** What its name tells, as people typed it; absent if it has no name. */
  readonly type?: RoomType;
}

export interface Point2 {
  readonly x: number;
  readonly y: number;
}

export interface PlanOptions {
  /** Recordings of ROS: which topic holds the grid. Default: the first that does. */
  readonly topic?: string | undefined;
  /** As OpenOptions.reads. */
  readonly reads?: MetadataReads | undefined;
}

export interface Plan {
  /** Edge of a cell in metres. */
  readonly cellM: number;
  /** Cells along x and along y. */
  readonly width: number;
  readonly height: number;
  /** Lower left corner of cell (0, 0) in the robot's map, metres, and how the grid is turned there. */
  readonly origin: Point2 & { readonly yawRad: number };
  /** PLAN_* a cell, rows along x, the row of the lowest y first. */
  readonly cells: Uint8Array;
  /** Number of the room of each cell, 0 for none. */
  readonly roomOf?: Uint8Array;
  readonly rooms: readonly Room[];
  /** Where the robot charges, in the robot's map. */
  readonly dock?: Point2;
  /** Where the robot went: x y x y ... in the robot's map, metres, in its order. */
  readonly path?: Float64Array;
  /** Areas that the owner closed in the robot's own app: corners in the robot's map. */
  readonly noGo: readonly (readonly Point2[])[];
  /** What else the file says; only what a policy names ever passes. */
  readonly metadata: readonly MetadataField[];
}

/** Values of PlanTile.layers: the z of a plan tile's cells, and none. */
export const LAYER_OCCUPIED = 0;
export const LAYER_FREE = 1;
/** Plus the index of the room's type in ROOM_TYPES. */
export const LAYER_ROOMS = 2;
export const LAYER_NONE = 255;

/** A released plan as it was opened again, for writing: sanitised cells and nothing else. */
export interface PlanTile {
  /** Edge of a cell in metres. */
  readonly cellM: number;
  /** Cells along x and along y. */
  readonly width: number;
  readonly height: number;
  /** LAYER_* a cell, rows along x, the row of the lowest y first. */
  readonly layers: Uint8Array;
}
