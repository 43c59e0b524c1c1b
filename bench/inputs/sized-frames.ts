/**
 * Frames of any number of points from a real one: fewer are every n-th point, in scan order; more are
 * the whole scan several times, each time turned and moved by a seeded amount, as scans from several
 * places that were put together.
 */
import type { Frame } from "../../host/core/frame.ts";
import { floatsOf, frameOf, motionOf, moved, type Recording, VARIANTS } from "./frames.ts";
import { pointsOf } from "./points.ts";
import { uniform } from "./random.ts";

/** Metres between the places of scans that are put together, on each axis, at most. */
const APART_M = 40;

function place(part: Frame, index: number): Frame {
  if (index === 0) return part;
  const next = uniform(7000 + index);
  const within = (metres: number) => (2 * next() - 1) * metres;
  const yaw = 2 * Math.PI * next();
  return moved(part, { yaw, move: [within(APART_M), within(APART_M), within(1)] });
}

/** So many points, all of them finite, from the real ones of a frame. */
function sized(points: Float32Array, count: number): Float32Array {
  const available = points.length / 3;
  const out = new Float32Array(3 * count);
  for (let filled = 0, part = 0; filled < count; part++) {
    const { floats } = floatsOf(place(frameOf(points), part));
    const take = Math.min(available, count - filled);
    for (let i = 0; i < take; i++) {
      const from = 3 * Math.floor((i * available) / take);
      out.set(floats.subarray(from, from + 3), 3 * (filled + i));
    }
    filled += take;
  }
  return out;
}

/** VARIANTS frames of so many points, x y z as f32, turned and moved as those of every recording. */
export function sizedFrames(recording: Recording, count: number): Frame[] {
  const frame = frameOf(sized(pointsOf(recording.variants[0]!), count));
  return Array.from({ length: VARIANTS }, (_, i) => moved(frame, motionOf(i)));
}
