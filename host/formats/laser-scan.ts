/** sensor_msgs/LaserScan, from either ROS. */
import { scanTable } from "./flat-scan.ts";
import type { MessageCursor } from "./message-cursor.ts";
import type { PointTable } from "./point-columns.ts";
import { type RosHeader, readHeader } from "./ros-messages.ts";

/** The densest lidars have some 16,000 readings a turn. */
const READINGS_MAX = 1 << 16;

/** Readings of one turn as points in the lidar's frame, z = 0; see scanTable for empty slots. */
export function readLaserScan(cursor: MessageCursor): { header: RosHeader; table: PointTable } {
  const header = readHeader(cursor);
  const angleMin = finite(cursor, "angle_min");
  cursor.f32("angle_max");
  const angleStep = finite(cursor, "angle_increment");
  cursor.f32("time_increment");
  cursor.f32("scan_time");
  const rangeMin = finite(cursor, "range_min");
  // Some drivers write infinity here and mean that they do not know.
  const rangeMax = cursor.f32("range_max");
  if (Number.isNaN(rangeMax)) throw cursor.fail("range_max", "is not a number; record it again.");
  const ranges = readFloats(cursor, "ranges");
  const intensities = readFloats(cursor, "intensities");
  const lit = intensities.length === ranges.length && ranges.length > 0;
  if (!lit && intensities.length > 0) {
    throw cursor.fail(
      "intensities",
      `has ${intensities.length} values beside ${ranges.length} ranges; there must be as many, or none.`,
    );
  }
  const scan = { angleMin, angleStep, ranges, rangeMin, rangeMax };
  return { header, table: scanTable(lit ? { ...scan, intensities } : scan) };
}

function finite(cursor: MessageCursor, field: string): number {
  const value = cursor.f32(field);
  if (!Number.isFinite(value)) throw cursor.fail(field, "must be a finite number.");
  return value;
}

function readFloats(cursor: MessageCursor, field: string): Float32Array {
  const count = cursor.u32(field);
  if (count > READINGS_MAX) {
    throw cursor.fail(field, `declares ${count} readings; at most ${READINGS_MAX} are possible.`);
  }
  return cursor.floats(count, field);
}
