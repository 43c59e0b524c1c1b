/** The bytes that the core reads of a policy: POLICY and what follows it, in assembly/abi.ts. */
import {
  AREA_BYTES,
  AREA_VERTICES,
  AREA_Z_MAX,
  AREA_Z_MIN,
  BOX_BYTES,
  BOX_CENTRE,
  BOX_HALF,
  BOX_KEEP,
  BOX_MODE,
  BOX_QUATERNION,
  BOX_REMOVE,
  POLICY_AREA_COUNT,
  POLICY_BOX_COUNT,
  POLICY_BYTES,
  POLICY_CENTROID_BITS,
  POLICY_DILATE_M,
  POLICY_FIELDS,
  POLICY_HEIGHT_MAX,
  POLICY_HEIGHT_MIN,
  POLICY_INTENSITY_BITS,
  POLICY_LEAF_M,
  POLICY_PADDING,
  POLICY_POINT,
  POLICY_POSE,
  POLICY_RANGE_MAX,
  POLICY_RANGE_MIN,
  POLICY_RING_BITS,
  POLICY_TIME_BITS,
  POLICY_TIME_NS,
  POLICY_VERTEX_COUNT,
  POSE_MAP,
  VERTEX_BYTES,
} from "../../assembly/abi.ts";
import { parseDuration } from "../config/index.ts";
import { isGathered, PADDINGS, POINT_MODES, POSE_MODES, STRING_FIELDS } from "./fields.ts";
import { type Area, type Box, centroidBits, type Policy } from "./policy.ts";

const LITTLE_ENDIAN = true;
const NS_PER_MS = 1_000_000n;

function put(view: DataView, offset: number, values: readonly number[]): void {
  for (const [i, value] of values.entries()) view.setFloat32(offset + 4 * i, value, LITTLE_ENDIAN);
}

/** Nanoseconds that capture times are floored to, 0 if they are dropped. */
function timeNs(policy: Policy): bigint {
  return policy.time === "drop" ? 0n : BigInt(parseDuration(policy.time) ?? 0) * NS_PER_MS;
}

/**
 * The bits of POLICY_FIELDS: strings alone. META_TIME stays clear, because POLICY_TIME_NS lets the
 * floored capture time pass, and the bit would let a time pass that is offered as metadata.
 */
function fieldBits(policy: Policy): bigint {
  let bits = 0n;
  for (const name of policy.keep.strings) bits |= 1n << BigInt(STRING_FIELDS[name]);
  return bits;
}

function putFixed(view: DataView, policy: Policy, firstClass: number | undefined): void {
  const u32 = (offset: number, value: number) => view.setUint32(offset, value, LITTLE_ENDIAN);
  const { attributes } = policy.keep;
  put(view, POLICY_LEAF_M, [policy.leaf_m]);
  u32(POLICY_POINT, POINT_MODES[policy.point]);
  u32(POLICY_POSE, isGathered(policy.level) ? POSE_MAP : POSE_MODES[policy.pose]);
  const isSized = policy.padding === "classes" && firstClass !== undefined;
  u32(POLICY_PADDING, isSized ? firstClass : PADDINGS[policy.padding]);
  view.setBigUint64(POLICY_TIME_NS, timeNs(policy), LITTLE_ENDIAN);
  view.setBigUint64(POLICY_FIELDS, fieldBits(policy), LITTLE_ENDIAN);
  u32(POLICY_INTENSITY_BITS, attributes.intensity ?? 0);
  u32(POLICY_RING_BITS, attributes.ring ?? 0);
  u32(POLICY_TIME_BITS, attributes.time ?? 0);
  u32(POLICY_CENTROID_BITS, centroidBits(policy));
  const [near, far] = policy.crop.range_m ?? [0, Number.POSITIVE_INFINITY];
  const [low, high] = heightBounds(policy.crop.height_m);
  put(view, POLICY_RANGE_MIN, [near]);
  put(view, POLICY_RANGE_MAX, [far]);
  put(view, POLICY_HEIGHT_MIN, [low]);
  put(view, POLICY_HEIGHT_MAX, [high]);
  put(view, POLICY_DILATE_M, [policy.no_go.dilate_m]);
}

/** Lowest and highest z that stay. */
export function heightBounds(
  height: readonly [number, number] | undefined,
): readonly [number, number] {
  return height ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** Unit quaternion x, y, z, w of a box. */
function rotation(box: Box): readonly number[] {
  if (box.quaternion !== undefined) {
    const length = Math.hypot(...box.quaternion);
    return box.quaternion.map((component) => component / length);
  }
  const half = ((box.yaw_deg ?? 0) * Math.PI) / 360;
  return [0, 0, Math.sin(half), Math.cos(half)];
}

function putBox(view: DataView, offset: number, box: Box): void {
  const mode = box.mode === "keep" ? BOX_KEEP : BOX_REMOVE;
  view.setUint32(offset + BOX_MODE, mode, LITTLE_ENDIAN);
  put(view, offset + BOX_CENTRE, box.centre_m);
  put(
    view,
    offset + BOX_HALF,
    box.size_m.map((edge) => edge / 2),
  );
  put(view, offset + BOX_QUATERNION, rotation(box));
}

function putArea(view: DataView, offset: number, area: Area): void {
  const [low, high] = heightBounds(area.height_m);
  view.setUint32(offset + AREA_VERTICES, area.polygon_m.length, LITTLE_ENDIAN);
  put(view, offset + AREA_Z_MIN, [low]);
  put(view, offset + AREA_Z_MAX, [high]);
}

/**
 * The POLICY struct of assembly/abi.ts with the boxes, areas and vertices behind it. At levels plan and
 * map the pose is that of a map.
 * @param firstClass bytes of the first size class under `padding: classes`; none for single frames
 */
export function policyStruct(policy: Policy, firstClass?: number): Uint8Array {
  const { boxes } = policy.crop;
  const { areas } = policy.no_go;
  const vertices = areas.flatMap((area) => area.polygon_m);
  const areasAt = POLICY_BYTES + boxes.length * BOX_BYTES;
  const verticesAt = areasAt + areas.length * AREA_BYTES;
  const bytes = new Uint8Array(verticesAt + vertices.length * VERTEX_BYTES);
  const view = new DataView(bytes.buffer);
  putFixed(view, policy, firstClass);
  view.setUint32(POLICY_BOX_COUNT, boxes.length, LITTLE_ENDIAN);
  view.setUint32(POLICY_AREA_COUNT, areas.length, LITTLE_ENDIAN);
  view.setUint32(POLICY_VERTEX_COUNT, vertices.length, LITTLE_ENDIAN);
  for (const [i, box] of boxes.entries()) putBox(view, POLICY_BYTES + i * BOX_BYTES, box);
  for (const [i, area] of areas.entries()) putArea(view, areasAt + i * AREA_BYTES, area);
  put(view, verticesAt, vertices.flat());
  return bytes;
}
