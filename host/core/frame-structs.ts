/** Writes what the core is told of a frame: the structs LAYOUT and FRAME of assembly/abi.ts. */
import * as abi from "../../assembly/abi.ts";
import type { Frame, PointField, PointLayout } from "./frame.ts";

const FIELD_TYPES = {
  f32: abi.TYPE_F32,
  f64: abi.TYPE_F64,
  i16: abi.TYPE_I16,
  i32: abi.TYPE_I32,
  u8: abi.TYPE_U8,
  u16: abi.TYPE_U16,
  u32: abi.TYPE_U32,
} as const;

function putField(view: DataView, at: number, field: PointField | undefined): void {
  view.setUint32(at + abi.FIELD_OFFSET, field?.offset ?? 0, true);
  const type = field === undefined ? abi.TYPE_ABSENT : FIELD_TYPES[field.type];
  view.setUint32(at + abi.FIELD_TYPE, type, true);
  view.setFloat64(at + abi.FIELD_SCALE, field === undefined ? 0 : (field.scale ?? 1), true);
  view.setFloat64(at + abi.FIELD_BIAS, field?.bias ?? 0, true);
}

/** Writes LAYOUT, all LAYOUT_BYTES of it, at byte `at` of the view; absent fields are all zeros. */
export function putLayout(view: DataView, at: number, layout: PointLayout): void {
  view.setUint32(at + abi.LAYOUT_POINT_STEP, layout.pointStep, true);
  view.setUint32(at + abi.LAYOUT_POINT_STEP + 4, 0, true);
  putField(view, at + abi.LAYOUT_X, layout.x);
  putField(view, at + abi.LAYOUT_Y, layout.y);
  putField(view, at + abi.LAYOUT_Z, layout.z);
  putField(view, at + abi.LAYOUT_INTENSITY, layout.intensity);
  putField(view, at + abi.LAYOUT_RING, layout.ring);
  putField(view, at + abi.LAYOUT_TIME, layout.time);
}

/**
 * Writes FRAME, all FRAME_BYTES of it, at byte `at` of the view.
 * @param seed eight bytes for the table of bricks; without it the hash is a fixed one
 */
export function putFrame(view: DataView, at: number, frame: Frame, seed?: Uint8Array): void {
  for (let i = 0; i < abi.FRAME_BYTES; i += 4) view.setUint32(at + i, 0, true);
  view.setUint32(at + abi.FRAME_SLOTS, frame.count, true);
  if (seed !== undefined) {
    for (let i = 0; i < 8; i++) view.setUint8(at + abi.FRAME_SEED + i, seed[i]!);
  }
  if (frame.stampNs !== undefined) {
    view.setUint32(at + abi.FRAME_HAS_STAMP, 1, true);
    view.setBigUint64(at + abi.FRAME_STAMP_NS, frame.stampNs, true);
  }
  if (frame.pose !== undefined) {
    view.setUint32(at + abi.FRAME_HAS_POSE, 1, true);
    const { translation, quaternion } = frame.pose;
    for (let i = 0; i < 3; i++) view.setFloat64(at + abi.FRAME_POSE + 8 * i, translation[i]!, true);
    for (let i = 0; i < 4; i++) {
      view.setFloat64(at + abi.FRAME_POSE + 24 + 8 * i, quaternion[i]!, true);
    }
  }
}
