/** A plan of a lidar map: what stands in it, seen from above. */
import { MapveilError } from "../core/errors.ts";
import { PLAN_OCCUPIED, type Plan } from "../formats/plan.ts";
import { GRID_CELLS_MAX } from "./grid.ts";

/**
 * So much of a wall must be seen above each other, in metres: a ceiling or the top of a cupboard,
 * which would fill whole rooms seen from above, is one or two voxels thick.
 */
const WALL_HEIGHT_M = 0.3;

/** Lowest and highest voxel of each column, by its place in the plan. */
interface Columns {
  readonly minX: number;
  readonly minY: number;
  readonly width: number;
  readonly height: number;
  readonly place: (voxel: number) => number;
}

function columnsOf(centres: Float32Array, leafM: number): Columns {
  const cell = (value: number) => Math.floor(value / leafM);
  let [minX, minY] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [maxX, maxY] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < centres.length; i += 3) {
    minX = Math.min(minX, centres[i]!);
    maxX = Math.max(maxX, centres[i]!);
    minY = Math.min(minY, centres[i + 1]!);
    maxY = Math.max(maxY, centres[i + 1]!);
  }
  const [lowX, lowY] = [cell(minX), cell(minY)];
  const [width, height] = [cell(maxX) - lowX + 1, cell(maxY) - lowY + 1];
  if (!(width * height <= GRID_CELLS_MAX)) {
    const message =
      `The map spans ${width} x ${height} voxels of ${leafM} m, a plan at most ${GRID_CELLS_MAX}: ` +
      "take a larger map.leaf_m, or crop what is far away.";
    throw new MapveilError("TOO_LARGE", message, { field: "map.leaf_m" });
  }
  const place = (voxel: number) =>
    (cell(centres[3 * voxel + 1]!) - lowY) * width + cell(centres[3 * voxel]!) - lowX;
  return { minX: lowX, minY: lowY, width, height, place };
}

/**
 * The plan of a map of voxels. A column of voxels is occupied if it is at least 0.3 m high, from its
 * lowest voxel to its highest; in a map of one plane every voxel counts. All else is unknown: a map says
 * nothing of floors. The result goes through `releasePlan` like any plan; no-go areas are cut from
 * the map before, in the robot's frame, so rules for it name none.
 *
 * @param centres x y z of each voxel in metres, in the frame of the map; multiples of the leaf and a half
 * @param leafM edge of a voxel in metres
 * @param flat whether the lidar measures in one plane
 * Throws BAD_INPUT without voxels, TOO_LARGE where they are too far apart.
 */
export function projectToPlan(centres: Float32Array, leafM: number, flat: boolean): Plan {
  if (centres.length === 0) {
    throw new MapveilError("BAD_INPUT", "The map has no voxels, so it gives no plan.");
  }
  const { minX, minY, width, height, place } = columnsOf(centres, leafM);
  const lowest = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  const highest = new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY);
  for (let voxel = 0; 3 * voxel < centres.length; voxel++) {
    const at = place(voxel);
    lowest[at] = Math.min(lowest[at]!, centres[3 * voxel + 2]!);
    highest[at] = Math.max(highest[at]!, centres[3 * voxel + 2]!);
  }
  // From centre to centre it is a voxel less; half a one is for rounding. One voxel is never a wall.
  const rise = flat ? 0 : Math.max(WALL_HEIGHT_M - 1.5 * leafM, 0.5 * leafM);
  const cells = new Uint8Array(width * height);
  for (let i = 0; i < cells.length; i++) {
    if (highest[i]! - lowest[i]! >= rise) cells[i] = PLAN_OCCUPIED;
  }
  const origin = { x: minX * leafM, y: minY * leafM, yawRad: 0 };
  return { cellM: leafM, width, height, origin, cells, rooms: [], noGo: [], metadata: [] };
}
