/** Points of a frame as other libraries take them. */
import type { Frame } from "../../host/core/frame.ts";
import { floatsOf } from "./frames.ts";

/** x y z of every slot, empty ones included. */
export function slotsOf(frame: Frame): Float32Array {
  return gather(frame, () => true);
}

/** x y z of the points that are finite and not (0, 0, 0): no library has to look for the others. */
export function pointsOf(frame: Frame): Float32Array {
  const isPoint = (x: number, y: number, z: number) =>
    Number.isFinite(x + y + z) && (x !== 0 || y !== 0 || z !== 0);
  return gather(frame, isPoint);
}

function gather(frame: Frame, stays: (x: number, y: number, z: number) => boolean): Float32Array {
  const { floats, stride } = floatsOf(frame);
  const out = new Float32Array(3 * frame.count);
  let kept = 0;
  for (let at = 0; at < floats.length; at += stride) {
    const [x, y, z] = [floats[at]!, floats[at + 1]!, floats[at + 2]!];
    if (!stays(x, y, z)) continue;
    out.set([x, y, z], kept);
    kept += 3;
  }
  return out.slice(0, kept);
}
