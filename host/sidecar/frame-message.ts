/** Frames and layouts as they come over the wire, checked: nothing that a client says is trusted. */
import { MAX_SLOTS, POINT_STEP_MAX } from "../../assembly/abi.ts";
import { MapveilError } from "../core/errors.ts";
import type {
  FieldType,
  Frame,
  MetadataField,
  MetadataName,
  PointField,
  PointLayout,
  Pose,
} from "../core/frame.ts";
import { METADATA_IDS } from "../core/metadata-ids.ts";
import type * as wire from "../gen/mapveil/v1/sensor_service_pb.ts";
import * as types from "../gen/mapveil/v1/types_pb.ts";
import { type FieldViolation, RpcError } from "../rpc/index.ts";

const FIELD_TYPES: ReadonlyMap<number, readonly [FieldType, number]> = new Map([
  [types.FieldType.F32, ["f32", 4]],
  [types.FieldType.F64, ["f64", 8]],
  [types.FieldType.I16, ["i16", 2]],
  [types.FieldType.I32, ["i32", 4]],
  [types.FieldType.U8, ["u8", 1]],
  [types.FieldType.U16, ["u16", 2]],
  [types.FieldType.U32, ["u32", 4]],
] as const);

/** Names of further fields of a point, and their characters: they come back in every receipt. */
const OTHER_FIELDS_MAX = 64;
const NAME_CHARACTERS_MAX = 64;
/** Things that a driver may say beside a frame, and the bytes of one. */
const METADATA_MAX = 64;
const VALUE_BYTES_MAX = 1024;
/** Metres; beyond it the core takes no translation. */
const TRANSLATION_MAX_M = 1e9;
/** How far the length of a quaternion may be from 1. */
const QUATERNION_TOLERANCE = 0.01;

type Report = (field: string, description: string) => void;

function readField(
  message: wire.PointField,
  name: string,
  pointStep: number,
  report: Report,
): PointField | undefined {
  const { offset, scale, bias } = message;
  const known = FIELD_TYPES.get(message.type);
  if (known === undefined) {
    report(`layout.${name}.type`, "is not a type of number");
    return undefined;
  }
  const [type, bytes] = known;
  if (offset + bytes > pointStep) {
    report(`layout.${name}.offset`, `is ${offset}, so that the number leaves the point`);
  }
  for (const [key, value] of Object.entries({ scale, bias })) {
    if (value !== undefined && !Number.isFinite(value)) {
      report(`layout.${name}.${key}`, "is not a finite number");
    }
  }
  return {
    offset,
    type,
    ...(scale !== undefined && { scale }),
    ...(bias !== undefined && { bias }),
  };
}

/**
 * The layout of a stream that is opened.
 * @throws RpcError INVALID_ARGUMENT naming every field that is wrong
 */
export function readLayout(message: wire.PointLayout | undefined): PointLayout {
  const violations: FieldViolation[] = [];
  const report: Report = (field, description) => violations.push({ field, description });
  const pointStep = message?.pointStep ?? 0;
  if (pointStep < 1 || pointStep > POINT_STEP_MAX) {
    report("layout.point_step", `is ${pointStep}, must be 1 to ${POINT_STEP_MAX}`);
  }
  const field = (name: "x" | "y" | "z" | "intensity" | "ring" | "time") => {
    const given = message?.[name];
    return given && readField(given, name, pointStep, report);
  };
  const required = (name: "x" | "y" | "z"): PointField => {
    if (!message?.[name]) report(`layout.${name}`, "is missing");
    return field(name) ?? { offset: 0, type: "f32" };
  };
  const [intensity, ring, time] = [field("intensity"), field("ring"), field("time")];
  const otherFields = message?.otherFields ?? [];
  if (otherFields.length > OTHER_FIELDS_MAX) {
    report("layout.other_fields", `has more than ${OTHER_FIELDS_MAX} names`);
  }
  if (otherFields.some((name) => name.length > NAME_CHARACTERS_MAX)) {
    report("layout.other_fields", `has a name of more than ${NAME_CHARACTERS_MAX} characters`);
  }
  const layout = {
    pointStep,
    x: required("x"),
    y: required("y"),
    z: required("z"),
    ...(intensity && { intensity }),
    ...(ring && { ring }),
    ...(time && { time }),
    otherFields,
  };
  if (violations.length === 0) return layout;
  throw new RpcError("INVALID_ARGUMENT", "INVALID_LAYOUT", "The layout of the points is wrong.", {
    fieldViolations: violations,
  });
}

function bad(field: string, description: string): never {
  throw new MapveilError("BAD_INPUT", `${field}: ${description}.`, { field });
}

function readPose({ x, y, z, qx, qy, qz, qw }: wire.Pose): Pose {
  // Written so that what is no number fails as well.
  if (![x, y, z].every((value) => Math.abs(value) <= TRANSLATION_MAX_M)) {
    bad("pose", `the translation is not within ${TRANSLATION_MAX_M} metres`);
  }
  if (!(Math.abs(Math.hypot(qx, qy, qz, qw) - 1) <= QUATERNION_TOLERANCE)) {
    bad("pose", "the quaternion does not have length 1");
  }
  return { translation: [x, y, z], quaternion: [qx, qy, qz, qw] };
}

function readMetadata(fields: readonly wire.MetadataField[]) {
  if (fields.length > METADATA_MAX) bad("metadata", `there are more than ${METADATA_MAX}`);
  const metadata: MetadataField[] = [];
  const unknown: string[] = [];
  for (const [i, { name, value }] of fields.entries()) {
    if (name.length > NAME_CHARACTERS_MAX) {
      bad(`metadata[${i}].name`, `it has more than ${NAME_CHARACTERS_MAX} characters`);
    }
    if (Buffer.byteLength(value) > VALUE_BYTES_MAX) {
      bad(`metadata[${i}].value`, `it has more than ${VALUE_BYTES_MAX} bytes`);
    }
    if (Object.hasOwn(METADATA_IDS, name)) metadata.push({ name: name as MetadataName, value });
    else unknown.push(name);
  }
  return { metadata, unknown: [...new Set(unknown)] };
}

/** A frame, and the names of metadata that no policy can name: they end here. */
export interface ReadFrame {
  readonly frame: Frame;
  readonly unknown: readonly string[];
}

/**
 * A frame of a stream; its points are those of the message, not copied.
 * @throws MapveilError BAD_INPUT, TOO_LARGE with the field that is wrong
 */
export function readFrame(
  message: wire.Frame,
  layout: PointLayout,
  frameBytesMax: number,
): ReadFrame {
  const { count, data, stampNs } = message;
  if (count > MAX_SLOTS) {
    const text = `count: ${count} points are more than the ${MAX_SLOTS} that a frame may have.`;
    throw new MapveilError("TOO_LARGE", text, { field: "count" });
  }
  if (data.length > frameBytesMax) {
    const text = `data: ${data.length} bytes are more than the ${frameBytesMax} that a frame may have.`;
    throw new MapveilError("TOO_LARGE", text, { field: "data" });
  }
  const needed = count * layout.pointStep;
  if (data.length < needed) {
    const points = `${count} points of ${layout.pointStep} bytes`;
    bad("data", `it has ${data.length} bytes, but ${points} need ${needed}`);
  }
  if (stampNs !== undefined && stampNs < 0n) bad("stamp_ns", "it lies before the Unix epoch");
  const { metadata, unknown } = readMetadata(message.metadata);
  const pose = message.pose && readPose(message.pose);
  const frame: Frame = {
    count,
    layout,
    data,
    metadata,
    ...(stampNs !== undefined && { stampNs }),
    ...(pose && { pose }),
  };
  return { frame, unknown };
}
