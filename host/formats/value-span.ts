/** Smallest and largest value of one field of a cloud. */
import type { FieldType, PointField } from "../core/frame.ts";

interface Points {
  readonly count: number;
  readonly pointStep: number;
  readonly data: Uint8Array;
}

export interface Span {
  readonly min: number;
  readonly max: number;
}

/** Reads one little-endian value; the caller has checked the bounds. */
export function readValue(view: DataView, type: FieldType, at: number): number {
  switch (type) {
    case "f32":
      return view.getFloat32(at, true);
    case "f64":
      return view.getFloat64(at, true);
    case "u8":
      return view.getUint8(at);
    case "u16":
      return view.getUint16(at, true);
    case "i16":
      return view.getInt16(at, true);
    case "u32":
      return view.getUint32(at, true);
    case "i32":
      return view.getInt32(at, true);
  }
}

/**
 * The span of a field over all points, raw (before scale and bias); undefined if no value counts.
 * NaN and infinities do not count, and neither does an exact 0 in an f64: drivers leave it in empty
 * slots beside absolute times, which would stretch the frame over half a century.
 */
export function valueSpan(points: Points, field: PointField): Span | undefined {
  const { data, pointStep, count } = points;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const skipZero = field.type === "f64";
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0, at = field.offset; i < count; i++, at += pointStep) {
    const value = readValue(view, field.type, at);
    if ((skipZero && value === 0) || !Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : undefined;
}
