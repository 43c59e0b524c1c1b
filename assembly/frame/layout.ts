/**
 * The point layout: where x, y, z and the attributes lie in a point of the driver's buffer.
 *
 * Follows sensor_msgs/PointCloud2 (fields with an offset and a datatype, a point step) and adds a
 * scale and a bias, since many drivers hand out millimetres as integers.
 */
import {
  E_ARG,
  FIELD_BIAS,
  FIELD_BYTES,
  FIELD_OFFSET,
  FIELD_SCALE,
  FIELD_TYPE,
  LAYOUT_INTENSITY,
  LAYOUT_POINT_STEP,
  LAYOUT_TIME,
  LAYOUT_X,
  POINT_STEP_MAX,
  TYPE_ABSENT,
  TYPE_F32,
  TYPE_F64,
  TYPE_I16,
  TYPE_I32,
  TYPE_U8,
  TYPE_U16,
  TYPE_U32,
} from "../abi.ts";
import { LAYOUT_PTR } from "../memory.ts";

/** Four bits a type, the lowest for type 0. */
const TYPE_SIZES: u32 =
  (8 << (TYPE_F64 * 4)) |
  (4 << (TYPE_F32 * 4)) |
  (4 << (TYPE_I32 * 4)) |
  (4 << (TYPE_U32 * 4)) |
  (2 << (TYPE_I16 * 4)) |
  (2 << (TYPE_U16 * 4)) |
  (1 << (TYPE_U8 * 4));

/** Bytes that a field of this type takes, or 0 for an unknown type. */
function typeBytes(type: u32): u32 {
  return type < 8 ? (TYPE_SIZES >> (type * 4)) & 15 : 0;
}

/** Checks the whole layout: E_ARG if a field leaves the point or a number is not finite. */
export function checkLayout(): i32 {
  const step = load<u32>(LAYOUT_PTR, LAYOUT_POINT_STEP);
  if (step == 0 || step > <u32>POINT_STEP_MAX) return E_ARG;
  for (let field: u32 = LAYOUT_X; field <= <u32>LAYOUT_TIME; field += FIELD_BYTES) {
    const at = LAYOUT_PTR + field;
    const type = load<u32>(at, FIELD_TYPE);
    if (type == TYPE_ABSENT && field >= <u32>LAYOUT_INTENSITY) continue;
    const bytes = typeBytes(type);
    const offset = load<u32>(at, FIELD_OFFSET);
    if (bytes == 0 || offset > step || bytes > step - offset) return E_ARG;
    const scale = load<f64>(at, FIELD_SCALE);
    const bias = load<f64>(at, FIELD_BIAS);
    if (scale - scale != 0 || bias - bias != 0) return E_ARG;
  }
  return 0;
}

/** Bytes from one point to the next. */
export function pointStep(): u32 {
  return load<u32>(LAYOUT_PTR, LAYOUT_POINT_STEP);
}

/** Whether the layout has this optional field. */
export function hasField(field: u32): bool {
  return load<u32>(LAYOUT_PTR + field, FIELD_TYPE) != TYPE_ABSENT;
}

/** Whether x, y, z are three plain f32 in a row: the fast path. */
export function isPlainF32(): bool {
  const offset = load<u32>(LAYOUT_PTR, LAYOUT_X + FIELD_OFFSET);
  for (let k: u32 = 0; k < 3; k++) {
    const at = LAYOUT_PTR + LAYOUT_X + k * FIELD_BYTES;
    if (load<u32>(at, FIELD_TYPE) != TYPE_F32) return false;
    if (load<u32>(at, FIELD_OFFSET) != offset + 4 * k) return false;
    if (load<f64>(at, FIELD_SCALE) != 1 || load<f64>(at, FIELD_BIAS) != 0) return false;
  }
  return true;
}

/** The value of one field of the point at `point`, scaled; f64 so that i32 keeps every bit. */
export function fieldValue(field: u32, point: u32): f64 {
  const at = LAYOUT_PTR + field;
  const raw = point + load<u32>(at, FIELD_OFFSET);
  const type = load<u32>(at, FIELD_TYPE);
  let value: f64 = 0;
  if (type == TYPE_F32) value = <f64>load<f32>(raw);
  else if (type == TYPE_F64) value = load<f64>(raw);
  else if (type == TYPE_I16) value = <f64>load<i16>(raw);
  else if (type == TYPE_I32) value = <f64>load<i32>(raw);
  else if (type == TYPE_U8) value = <f64>load<u8>(raw);
  else if (type == TYPE_U16) value = <f64>load<u16>(raw);
  else if (type == TYPE_U32) value = <f64>load<u32>(raw);
  return value * load<f64>(at, FIELD_SCALE) + load<f64>(at, FIELD_BIAS);
}
