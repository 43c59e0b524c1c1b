/** sensor_msgs/PointCloud2, from either ROS, without copying the points. */
import type { MessageCursor } from "./message-cursor.ts";
import type { ColumnType, PointColumn, PointTable } from "./point-columns.ts";
import { type RosHeader, readHeader } from "./ros-messages.ts";

export interface PointCloud2 {
  readonly header: RosHeader;
  readonly table: PointTable;
}

/** sensor_msgs/PointField: INT8 = 1 to FLOAT64 = 8. */
const DATATYPES: readonly (ColumnType | undefined)[] = [
  undefined,
  "i8",
  "u8",
  "i16",
  "u16",
  "i32",
  "u32",
  "f32",
  "f64",
];

const FIELDS_MAX = 256;

/**
 * Reads the message. The table's data is a view on it, or a packed copy if rows are padded. Throws
 * BAD_INPUT for big-endian points, unknown datatypes and sizes that do not fit the data.
 */
export function readPointCloud2(cursor: MessageCursor): PointCloud2 {
  const header = readHeader(cursor);
  const height = cursor.u32("height");
  const width = cursor.u32("width");
  const columns = readFields(cursor);
  if (cursor.u8("is_bigendian") !== 0) {
    throw cursor.fail(
      "is_bigendian",
      "is true: points must be little-endian; convert the recording on the machine that wrote it.",
    );
  }
  const pointStep = cursor.u32("point_step");
  const rowStep = cursor.u32("row_step");
  const length = cursor.u32("data");
  const data = cursor.borrowBytes(length, "data");
  const rows = { height, width, pointStep, rowStep };
  const table = { count: width * height, pointStep, columns, data: packRows(cursor, rows, data) };
  return { header, table };
}

function readFields(cursor: MessageCursor): PointColumn[] {
  const count = cursor.u32("fields");
  if (count > FIELDS_MAX) {
    throw cursor.fail("fields", `declares ${count} fields; at most ${FIELDS_MAX} are possible.`);
  }
  return Array.from({ length: count }, (_, i) => {
    const name = cursor.string("fields.name");
    const offset = cursor.u32("fields.offset");
    const datatype = cursor.u8("fields.datatype");
    const values = cursor.u32("fields.count");
    const type = DATATYPES[datatype];
    if (type === undefined) {
      throw cursor.fail(
        "fields.datatype",
        `is unknown at entry ${i + 1} of ${count}; 1 (INT8) to 8 (FLOAT64) exist.`,
      );
    }
    // Some drivers write count 0 and mean one value.
    return { name, offset, type, count: Math.max(values, 1) };
  });
}

interface Rows {
  readonly height: number;
  readonly width: number;
  readonly pointStep: number;
  readonly rowStep: number;
}

function packRows(cursor: MessageCursor, rows: Rows, data: Uint8Array): Uint8Array {
  const { height, width, pointStep, rowStep } = rows;
  const rowBytes = width * pointStep;
  if (height === 0 || width === 0) return data.subarray(0, 0);
  // Drivers that write a single row often leave row_step 0.
  const step = rowStep === 0 && height === 1 ? rowBytes : rowStep;
  if (step < rowBytes) {
    throw cursor.fail(
      "row_step",
      `is ${rowStep}, less than the ${rowBytes} bytes of ${width} points of ${pointStep} bytes.`,
    );
  }
  const needed = step * (height - 1) + rowBytes;
  if (data.length < needed) {
    throw cursor.fail(
      "data",
      `has ${data.length} bytes, but ${width} x ${height} points of ${pointStep} bytes need ` +
        `${needed}: the message is cut short or its sizes are wrong.`,
    );
  }
  if (step === rowBytes) return data.subarray(0, needed);
  const packed = new Uint8Array(rowBytes * height);
  for (let row = 0; row < height; row++) {
    packed.set(data.subarray(row * step, row * step + rowBytes), row * rowBytes);
  }
  return packed;
}
