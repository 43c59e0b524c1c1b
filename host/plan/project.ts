/** A plan of a lidar map: what stands in it, seen from above. */
import { MapveilError } from "../core/errors.ts";
import { PLAN_OCCUPIED, type Plan } from "../formats/plan.ts";
import { GRID_CELLS_MAX } from "./grid.ts";

/**
 * So much of a wall must be seen above each other, in metres: a ceiling or the top of a cupboard,
 * which would fill whole rooms seen from above, is one or two voxels thick.
 */
const WALL_HEIGHT_M = 0.3;
/** Voxels that may be missing in between: the beams of a lidar leave stripes on a wall. */
const GAP_VOXELS = 1;
/** Columns lie so far apart in the order of voxels; maps are half as high at most, so none meets the next. */
const COLUMN = 2 ** 22;

/** Range of the voxels along an axis, in cells. */
function range(centres: Float32Array, axis: number, leafM: number) {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = axis; i < centres.length; i += 3) {
    min = Math.min(min, centres[i]!);
    max = Math.max(max, centres[i]!);
  }
  const first = Math.floor(min / leafM);
  return { first, count: Math.floor(max / leafM) - first + 1 };
}

/**
 * The plan of a map of voxels. A column of voxels is occupied where a piece of it, with gaps of at most
 * one voxel, is at least 0.3 m high, and two voxels; in a map of one plane every voxel counts. All
 * else is unknown: a map says nothing of floors. The result goes through `releasePlan` like any
 * plan; no-go areas are cut from the map before, in the robot's frame, so rules for it name none.
 *
 * @param centres x y z of each voxel in metres, in the frame of the map
 * @param leafM edge of a voxel in metres
 * @param flat whether the lidar measures in one plane
 * Throws BAD_INPUT without voxels, TOO_LARGE where they are too far apart.
 */
export function projectToPlan(centres: Float32Array, leafM: number, flat: boolean): Plan {
  if (centres.length === 0) {
    throw new MapveilError("BAD_INPUT", "The map has no voxels, so it gives no plan.");
  }
  const [xs, ys, zs] = [0, 1, 2].map((axis) => range(centres, axis, leafM)) as [
    ReturnType<typeof range>,
    ReturnType<typeof range>,
    ReturnType<typeof range>,
  ];
  if (!(xs.count * ys.count <= GRID_CELLS_MAX && zs.count <= COLUMN / 2)) {
    const message =
      `The map spans ${xs.count} x ${ys.count} x ${zs.count} voxels of ${leafM} m, a plan at most ` +
      `${GRID_CELLS_MAX} columns: take a larger map.leaf_m, or crop what is far away.`;
    throw new MapveilError("TOO_LARGE", message, { field: "map.leaf_m" });
  }
  const cell = (i: number, { first }: { first: number }) => Math.floor(centres[i]! / leafM) - first;
  const order = Float64Array.from({ length: centres.length / 3 }, (_, voxel) => {
    const column = cell(3 * voxel + 1, ys) * xs.count + cell(3 * voxel, xs);
    return column * COLUMN + cell(3 * voxel + 2, zs);
  }).sort();
  const voxelsMin = flat ? 1 : Math.max(2, Math.ceil(WALL_HEIGHT_M / leafM - 1e-3));
  const cells = new Uint8Array(xs.count * ys.count);
  let bottom = 0;
  for (let i = 0; i < order.length; i++) {
    // The first voxel of a piece: nothing is right below it, be it the end of another column.
    if (i === 0 || order[i]! - order[i - 1]! > GAP_VOXELS + 1) bottom = order[i]!;
    if (order[i]! - bottom + 1 >= voxelsMin) cells[Math.floor(bottom / COLUMN)] = PLAN_OCCUPIED;
  }
  const origin = { x: xs.first * leafM, y: ys.first * leafM, yawRad: 0 };
  const size = { width: xs.count, height: ys.count };
  return { cellM: leafM, ...size, origin, cells, rooms: [], noGo: [], metadata: [] };
}
