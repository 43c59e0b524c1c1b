/** Reads compiled policy bytes back, field by field, straight from the binary interface. */
import * as abi from "../../assembly/abi.ts";

export function readStruct(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (offset: number) => view.getUint32(offset, true);
  const f32 = (offset: number) => view.getFloat32(offset, true);
  const f32s = (offset: number, count: number) =>
    Array.from({ length: count }, (_, i) => f32(offset + 4 * i));
  const boxCount = u32(abi.POLICY_BOX_COUNT);
  const areaCount = u32(abi.POLICY_AREA_COUNT);
  const vertexCount = u32(abi.POLICY_VERTEX_COUNT);
  const areasAt = abi.POLICY_BYTES + boxCount * abi.BOX_BYTES;
  const verticesAt = areasAt + areaCount * abi.AREA_BYTES;
  return {
    leaf: f32(abi.POLICY_LEAF_M),
    point: u32(abi.POLICY_POINT),
    pose: u32(abi.POLICY_POSE),
    padding: u32(abi.POLICY_PADDING),
    timeNs: view.getBigUint64(abi.POLICY_TIME_NS, true),
    fields: view.getBigUint64(abi.POLICY_FIELDS, true),
    intensityBits: u32(abi.POLICY_INTENSITY_BITS),
    ringBits: u32(abi.POLICY_RING_BITS),
    timeBits: u32(abi.POLICY_TIME_BITS),
    centroidBits: u32(abi.POLICY_CENTROID_BITS),
    range: [f32(abi.POLICY_RANGE_MIN), f32(abi.POLICY_RANGE_MAX)],
    height: [f32(abi.POLICY_HEIGHT_MIN), f32(abi.POLICY_HEIGHT_MAX)],
    dilate: f32(abi.POLICY_DILATE_M),
    boxes: Array.from({ length: boxCount }, (_, i) => {
      const at = abi.POLICY_BYTES + i * abi.BOX_BYTES;
      return {
        mode: u32(at + abi.BOX_MODE),
        centre: f32s(at + abi.BOX_CENTRE, 3),
        half: f32s(at + abi.BOX_HALF, 3),
        quaternion: f32s(at + abi.BOX_QUATERNION, 4),
      };
    }),
    areas: Array.from({ length: areaCount }, (_, i) => {
      const at = areasAt + i * abi.AREA_BYTES;
      return {
        vertices: u32(at + abi.AREA_VERTICES),
        z: [f32(at + abi.AREA_Z_MIN), f32(at + abi.AREA_Z_MAX)],
      };
    }),
    vertices: Array.from({ length: vertexCount }, (_, i) =>
      f32s(verticesAt + i * abi.VERTEX_BYTES, 2),
    ),
    bytes: verticesAt + vertexCount * abi.VERTEX_BYTES,
  };
}

/** The message of the CONFIG error that `run` throws. */
export function configError(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === "CONFIG") return message;
    throw error;
  }
  throw new Error("nothing was thrown");
}
