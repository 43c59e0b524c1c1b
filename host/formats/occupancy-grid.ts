/** nav_msgs/OccupancyGrid, from either ROS. */
import type { MessageCursor } from "./message-cursor.ts";
import { isoTime, MetadataList } from "./metadata-list.ts";
import { PLAN_FREE, PLAN_OCCUPIED, PLAN_UNKNOWN, type Plan, type PlanOptions } from "./plan.ts";
import { checkCellM, checkPlace, checkPlanSize } from "./plan-limits.ts";
import { readHeader, readPose, readTime } from "./ros-messages.ts";

/** Percent from which a cell counts as occupied, and up to which as free: those of map_saver. */
const OCCUPIED_PERCENT = 65;
const FREE_PERCENT = 25;

/** State of a cell whose chance of being occupied is so many percent; beyond 100 it is unknown. */
export function occupancyState(percent: number): number {
  if (percent < 0 || percent > 100) return PLAN_UNKNOWN;
  if (percent >= OCCUPIED_PERCENT) return PLAN_OCCUPIED;
  return percent <= FREE_PERCENT ? PLAN_FREE : PLAN_UNKNOWN;
}

/** Reads the message; `file` is named in errors of sizes. */
export function readOccupancyGrid(
  { file, topic }: { readonly file: string; readonly topic: string },
  cursor: MessageCursor,
  { reads }: PlanOptions,
): Plan {
  const header = readHeader(cursor);
  const loadTime = readTime(cursor, "info.map_load_time");
  const cellM = cursor.f32("info.resolution");
  const width = cursor.u32("info.width");
  const height = cursor.u32("info.height");
  const { translation, quaternion } = readPose(cursor);
  checkCellM(file, cellM, "info.resolution");
  checkPlanSize(file, width, height);
  checkPlace(file, translation, "info.origin");
  const [qx, qy, qz, qw] = quaternion;
  if (Math.hypot(qx, qy) > 0.01) {
    throw cursor.fail("info.origin", "is not level; a plan lies flat. Publish the map again.");
  }
  const count = cursor.u32("data");
  if (count !== width * height) {
    throw cursor.fail("data", `has ${count} cells; ${width} x ${height} are declared.`);
  }
  const bytes = cursor.borrowBytes(count, "data");
  const cells = Uint8Array.from(bytes, (byte) => occupancyState(byte > 127 ? -1 : byte));
  const metadata = MetadataList.ofFile(file, reads);
  metadata.add("topic", topic);
  metadata.add("frame_id", header.frameId);
  for (const stampNs of [header.stampNs, loadTime]) {
    if (stampNs !== undefined) metadata.add("wall_clock", isoTime(stampNs));
  }
  const yawRad = 2 * Math.atan2(qz, qw);
  metadata.add("map_origin", `${translation[0]} ${translation[1]} ${yawRad}`);
  return {
    // A grid in steps of 5 cm says so in f32: the nearest figure that people write is meant.
    cellM: Number(cellM.toPrecision(7)),
    width,
    height,
    origin: { x: translation[0], y: translation[1], yawRad },
    cells,
    rooms: [],
    noGo: [],
    metadata: metadata.list(),
  };
}
