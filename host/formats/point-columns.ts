/**
 * From the columns that a file declares to the layout that the core reads: which column is x, which
 * is the ring, and on what scale the values lie.
 */
import { type FieldType, type PointField, type PointLayout, RING_SCALE } from "../core/frame.ts";
import { badInput } from "./input-errors.ts";
import type { Tell } from "./metadata-list.ts";
import { valueSpan } from "./value-span.ts";

/** Every type that a file may declare; the core reads those of FieldType. */
export type ColumnType = FieldType | "i8" | "i64" | "u64";

export const COLUMN_BYTES: Readonly<Record<ColumnType, number>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  f32: 4,
  f64: 8,
  i64: 8,
  u64: 8,
};

export interface PointColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Byte offset from the start of the point. */
  readonly offset: number;
  /** Values of this type that stand behind one another. */
  readonly count: number;
}

/** Points as bytes with their columns; what every format is brought to. */
export interface PointTable {
  readonly count: number;
  readonly pointStep: number;
  readonly columns: readonly PointColumn[];
  readonly data: Uint8Array;
}

/**
 * How float intensities are read: "unit" lie in 0..1, "byte" in 0..255 as ROS drivers write them,
 * "detect" is unit if no value of this cloud exceeds 1, else byte.
 */
export type FloatIntensity = "unit" | "byte" | "detect";

/** A larger point is not a point of any driver; the core refuses it as well. */
const POINT_STEP_MAX = 4096;

const INTENSITY_NAMES = ["intensity", "scalar_intensity", "reflectivity", "reflectance", "i"];
const RING_NAMES = ["ring", "channel", "line", "beam", "laser_id"];
const TIME_NAMES = ["time", "t", "timestamp", "time_stamp", "time_offset", "offset_time"];

/** Further fields of PCL, of the drivers of lidars and of programs that edit clouds. */
const COMMON_NAMES = new Set([
  ...[...INTENSITY_NAMES, ...RING_NAMES, ...TIME_NAMES],
  ...["rgb", "rgba", "red", "green", "blue", "alpha", "r", "g", "b", "a"],
  ...["normal_x", "normal_y", "normal_z", "nx", "ny", "nz", "curvature", "quality", "confidence"],
  ...["label", "class", "classification", "object", "instance", "cluster", "segment", "tag"],
  ...["range", "distance", "azimuth", "elevation", "return_type", "return_number", "column", "row"],
  ...[
    "ambient",
    "noise",
    "signal",
    "near_ir",
    "near_infrared",
    "radial_speed",
    "velocity",
    "doppler",
  ],
  ...["vx", "vy", "vz", "_", "padding"],
]);

/** Full scale of the integer types. */
const INTENSITY_SPAN: Readonly<Partial<Record<FieldType, number>>> = {
  u8: 255,
  u16: 65535,
  i16: 32767,
  // 32-bit integers are used by drivers that only widened the usual byte.
  i32: 255,
  u32: 255,
};

/**
 * The layout of a table. Intensity is scaled so that 0..1 spans the sensor's range (see
 * FloatIntensity). Time is scaled so that the first point of this cloud is 0 and the last is 1,
 * which needs no unit and takes offsets and absolute times alike.
 * `tell` hears the names of all other columns; the layout has them as far as everybody uses them.
 * Throws BAD_INPUT for missing coordinates and for columns that reach out of the point.
 */
export function layoutOf(
  file: string,
  table: PointTable,
  floats: FloatIntensity,
  tell: Tell,
): PointLayout {
  checkColumns(file, table);
  const used = new Set<PointColumn>();
  const take = (names: readonly string[]): PointField | undefined => {
    for (const name of names) {
      const column = table.columns.find((c) => c.name.toLowerCase() === name && readable(c));
      if (column !== undefined) {
        used.add(column);
        return { offset: column.offset, type: column.type as FieldType };
      }
    }
    return undefined;
  };
  const axis = (name: string): PointField => {
    const field = take([name]);
    if (field !== undefined) return field;
    throw badInput(
      file,
      `no usable field "${name}" (one f32, f64 or integer of at most 32 bits) among ` +
        `${table.columns.length}. Export the cloud with x, y and z.`,
      { field: name },
    );
  };
  const [x, y, z] = [axis("x"), axis("y"), axis("z")];
  const intensity = take(INTENSITY_NAMES);
  const ring = take(RING_NAMES);
  const time = take(TIME_NAMES);
  const others = table.columns.filter((column) => !used.has(column));
  for (const { name } of others) tell("point_field", name);
  return {
    pointStep: table.pointStep,
    x,
    y,
    z,
    ...(intensity && { intensity: scaleIntensity(intensity, table, floats) }),
    ...(ring && { ring: { ...ring, ...RING_SCALE } }),
    ...(time && { time: scaleTime(time, table) }),
    otherFields: [...new Set(others.map(({ name }) => commonName(name)))],
  };
}

/** A name that many programs write, or that it is another one: whoever names a field may say anything. */
function commonName(name: string): string {
  const plain = name.toLowerCase();
  return COMMON_NAMES.has(plain) ? plain : "other";
}

function readable(column: PointColumn): boolean {
  const wide = column.type === "i64" || column.type === "u64" || column.type === "i8";
  return column.count === 1 && !wide;
}

function checkColumns(file: string, table: PointTable): void {
  if (table.pointStep < 1 || table.pointStep > POINT_STEP_MAX) {
    throw badInput(
      file,
      `a point has ${table.pointStep} bytes; 1 to ${POINT_STEP_MAX} are possible. ` +
        "The header is damaged or declares the wrong fields.",
      { field: "point_step" },
    );
  }
  for (const [i, column] of table.columns.entries()) {
    const end = column.offset + COLUMN_BYTES[column.type] * column.count;
    if (end > table.pointStep) {
      throw badInput(
        file,
        `field ${i + 1} ends at byte ${end} of a point that has ${table.pointStep} bytes; ` +
          "the field's offset, type or count is wrong.",
        { field: "fields" },
      );
    }
  }
}

function scaleIntensity(field: PointField, table: PointTable, floats: FloatIntensity): PointField {
  const span = INTENSITY_SPAN[field.type];
  if (span !== undefined) return { ...field, scale: 1 / span };
  const unit =
    floats === "unit" || (floats === "detect" && (valueSpan(table, field)?.max ?? 1) <= 1);
  return { ...field, scale: unit ? 1 : 1 / 255 };
}

function scaleTime(field: PointField, table: PointTable): PointField {
  const span = valueSpan(table, field);
  const scale = span === undefined ? 0 : 1 / (span.max - span.min);
  const bias = span === undefined ? 0 : -span.min * scale;
  // One single time, none, or values of no sense (a span that is too small to divide by): all 0.
  if (!Number.isFinite(scale) || !Number.isFinite(bias)) return { ...field, scale: 0, bias: 0 };
  return { ...field, scale, bias };
}
