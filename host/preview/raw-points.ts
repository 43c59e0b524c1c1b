/** The measured points of a raw frame, for the picture that shows what did not leave. */
import type { Frame, PointField, Pose } from "../core/frame.ts";
import { readValue } from "../formats/index.ts";

/** x y z of every point that is a measurement: finite, and no empty slot at exact (0, 0, 0). */
export function rawPoints(frame: Frame): Float32Array {
  const { data, count, layout } = frame;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const value = (field: PointField, at: number) =>
    readValue(view, field.type, at + field.offset) * (field.scale ?? 1) + (field.bias ?? 0);
  const out = new Float32Array(3 * count);
  let length = 0;
  for (let i = 0, at = 0; i < count; i++, at += layout.pointStep) {
    const x = value(layout.x, at);
    const y = value(layout.y, at);
    const z = value(layout.z, at);
    if (!Number.isFinite(x + y + z) || (x === 0 && y === 0 && z === 0)) continue;
    out.set([x, y, z], length);
    length += 3;
  }
  return out.subarray(0, length);
}

/** Points of the sensor's frame in the map's. */
export function toMap(points: Float32Array, { translation, quaternion }: Pose): Float32Array {
  const [qx, qy, qz, qw] = quaternion;
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!];
    // v + 2 q x (q x v + w v)
    const ax = qy * z - qz * y + qw * x;
    const ay = qz * x - qx * z + qw * y;
    const az = qx * y - qy * x + qw * z;
    out[i] = x + 2 * (qy * az - qz * ay) + translation[0];
    out[i + 1] = y + 2 * (qz * ax - qx * az) + translation[1];
    out[i + 2] = z + 2 * (qx * ay - qy * ax) + translation[2];
  }
  return out;
}
