/** Frames and layouts as they go over the wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { FieldType, Frame, PointField, PointLayout } from "../core/frame.ts";
import type * as wire from "../gen/mapveil/v1/sensor_service_pb.ts";
import * as types from "../gen/mapveil/v1/types_pb.ts";

const FIELD_TYPES: Readonly<Record<FieldType, types.FieldType>> = {
  f32: types.FieldType.F32,
  f64: types.FieldType.F64,
  i16: types.FieldType.I16,
  i32: types.FieldType.I32,
  u8: types.FieldType.U8,
  u16: types.FieldType.U16,
  u32: types.FieldType.U32,
};

const toField = (field: PointField) => ({ ...field, type: FIELD_TYPES[field.type] });

/** A layout, field by field. */
export function toLayout(layout: PointLayout): MessageInitShape<typeof wire.PointLayoutSchema> {
  const { pointStep, x, y, z, intensity, ring, time, otherFields } = layout;
  return {
    pointStep,
    x: toField(x),
    y: toField(y),
    z: toField(z),
    ...(intensity && { intensity: toField(intensity) }),
    ...(ring && { ring: toField(ring) }),
    ...(time && { time: toField(time) }),
    otherFields: [...(otherFields ?? [])],
  };
}

/** A frame without its layout, which the stream has; its points are not copied. */
export function toFrame(frame: Frame, sequence: bigint): MessageInitShape<typeof wire.FrameSchema> {
  const { count, layout, data, stampNs, pose, metadata } = frame;
  const [x, y, z] = pose?.translation ?? [0, 0, 0];
  const [qx, qy, qz, qw] = pose?.quaternion ?? [0, 0, 0, 1];
  return {
    sequence,
    count,
    data: data.subarray(0, count * layout.pointStep),
    ...(stampNs !== undefined && { stampNs }),
    ...(pose && { pose: { x, y, z, qx, qy, qz, qw } }),
    metadata: metadata.map((field) => ({ ...field })),
  };
}
