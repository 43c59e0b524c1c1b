/** livox_ros_driver/CustomMsg and livox_ros_driver2/msg/CustomMsg, which lie in the same bytes. */
import type { MessageCursor } from "./message-cursor.ts";
import { isoTime, type Tell } from "./metadata-list.ts";
import type { PointTable } from "./point-columns.ts";
import { type RosHeader, readHeader } from "./ros-messages.ts";

/** Point: offset_time u32, x y z f32, reflectivity, tag, line u8. CDR begins each on a multiple of 4. */
const POINT_BYTES = 19;
const CDR_STEP = 20;
const RESERVED_BYTES = 3;

const COLUMNS: PointTable["columns"] = [
  { name: "offset_time", type: "u32", offset: 0, count: 1 },
  { name: "x", type: "f32", offset: 4, count: 1 },
  { name: "y", type: "f32", offset: 8, count: 1 },
  { name: "z", type: "f32", offset: 12, count: 1 },
  { name: "reflectivity", type: "u8", offset: 16, count: 1 },
  { name: "tag", type: "u8", offset: 17, count: 1 },
  { name: "line", type: "u8", offset: 18, count: 1 },
];

/**
 * The points as they are; placeholders are 0, 0, 0. `tell` hears the time of the first point and the
 * number of the lidar. Throws BAD_INPUT for big-endian messages and counts that do not fit.
 */
export function readLivoxMessage(
  cursor: MessageCursor,
  tell: Tell,
): { header: RosHeader; table: PointTable } {
  const header = readHeader(cursor);
  const timebase = cursor.u64("timebase");
  if (timebase > 0n) tell("wall_clock", isoTime(timebase));
  cursor.u32("point_num");
  tell("session_id", `lidar_id ${cursor.u8("lidar_id")}`);
  cursor.borrowBytes(RESERVED_BYTES, "rsvd");
  const count = cursor.u32("points");
  if (!cursor.isLittleEndian) {
    throw cursor.fail(
      "points",
      "are big-endian: convert the recording on the machine that wrote it.",
    );
  }
  const pointStep = cursor.isRos1 ? POINT_BYTES : CDR_STEP;
  const table = { count, pointStep, columns: COLUMNS };
  if (count === 0) return { header, table: { ...table, data: new Uint8Array() } };
  const bytes = cursor.borrowBytes((count - 1) * pointStep + POINT_BYTES, "points");
  if (pointStep === POINT_BYTES) return { header, table: { ...table, data: bytes } };
  // Nothing need follow the last point, but readers of the table take all steps for whole.
  const data = new Uint8Array(count * pointStep);
  data.set(bytes);
  return { header, table: { ...table, data } };
}
