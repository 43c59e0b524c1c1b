/** Scans in the form in which small lidars send them, for the smallest controllers. */
import type { Frame } from "../../core/frame.ts";

/** Steps of 5 mm in i16: up to 163 m. */
const UNIT_M = 0.005;
const POINT_STEP = 6;

const axis = (offset: number) => ({ offset, type: "i16", scale: UNIT_M, bias: 0 }) as const;

/** A scan of f32 points, x y z in front, as points of six bytes; empty slots stay empty. */
export function smallScan(frame: Frame): Frame {
  const { count, layout } = frame;
  const from = new DataView(frame.data.buffer, frame.data.byteOffset, frame.data.byteLength);
  const data = new Uint8Array(count * POINT_STEP);
  const view = new DataView(data.buffer);
  for (let i = 0; i < count; i++) {
    for (const [at, { offset }] of [layout.x, layout.y].entries()) {
      const value = from.getFloat32(i * layout.pointStep + offset, true);
      view.setInt16(i * POINT_STEP + 2 * at, Math.round(value / UNIT_M), true);
    }
  }
  const small = { pointStep: POINT_STEP, x: axis(0), y: axis(2), z: axis(4) };
  return { ...frame, layout: small, data };
}
