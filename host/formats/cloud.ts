/** A point cloud as plain columns, for writing. */
import type { Pose } from "../core/frame.ts";

export interface Cloud {
  /** Points; every column has at least this many values (positions three times as many). */
  readonly count: number;
  /** x y z x y z ... in metres. */
  readonly positions: Float32Array;
  /** 0..1 over the sensor's range. */
  readonly intensity?: Float32Array;
  readonly ring?: Uint16Array;
  /** 0..1 over the frame. */
  readonly time?: Float32Array;
  /** Where the sensor was, as a PCD file's VIEWPOINT; none is written by default. */
  readonly viewpoint?: Pose;
}

/** One value of a written point. */
export interface CloudField {
  readonly name: "x" | "y" | "z" | "intensity" | "ring" | "time";
  readonly type: "f32" | "u16";
}

/** The fields that a cloud has, in the order in which they are written. */
export function cloudFields(cloud: Cloud): CloudField[] {
  const fields: CloudField[] = [
    { name: "x", type: "f32" },
    { name: "y", type: "f32" },
    { name: "z", type: "f32" },
  ];
  if (cloud.intensity) fields.push({ name: "intensity", type: "f32" });
  if (cloud.ring) fields.push({ name: "ring", type: "u16" });
  if (cloud.time) fields.push({ name: "time", type: "f32" });
  return fields;
}

/** Bytes of one written point. */
export function cloudPointBytes(cloud: Cloud): number {
  return cloudFields(cloud).reduce((sum, field) => sum + (field.type === "f32" ? 4 : 2), 0);
}

/** Points `start` to `end` (exclusive) as little-endian bytes, field behind field. */
export function packPoints(cloud: Cloud, start: number, end: number): Uint8Array {
  const step = cloudPointBytes(cloud);
  const bytes = new Uint8Array((end - start) * step);
  const view = new DataView(bytes.buffer);
  for (let i = start, at = 0; i < end; i++) {
    for (let axis = 0; axis < 3; axis++, at += 4) {
      view.setFloat32(at, cloud.positions[3 * i + axis]!, true);
    }
    if (cloud.intensity) {
      view.setFloat32(at, cloud.intensity[i]!, true);
      at += 4;
    }
    if (cloud.ring) {
      view.setUint16(at, cloud.ring[i]!, true);
      at += 2;
    }
    if (cloud.time) {
      view.setFloat32(at, cloud.time[i]!, true);
      at += 4;
    }
  }
  return bytes;
}
