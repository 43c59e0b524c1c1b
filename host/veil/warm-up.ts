/**
 * Runs a fresh core until the engine has compiled it with its optimising compiler, which V8 does only
 * for functions that have been in use: a robot's first frame should not take five times as long as
 * its second.
 */
import type { Core } from "../core/core.ts";
import type { Frame } from "../core/frame.ts";
import { compilePolicy, defaultPolicy } from "../policy/index.ts";

/** Small frames first, for the compiler; then large ones, for the memory that they touch. */
const ROUNDS = [
  { points: 16_384, rounds: 20 },
  { points: 131_072, rounds: 4 },
] as const;

/** Points of a made-up hall, some slots empty; the same on every run. */
function hallFrame(count: number): Frame {
  const points = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    if (i % 7 === 0) continue;
    const turn = (i * 2 * Math.PI) / 1024;
    const range = 20 + 10 * Math.sin(3 * turn) + (i % 128) * 0.04;
    points.set([range * Math.cos(turn), range * Math.sin(turn), (i >> 10) * 0.1 - 1], 3 * i);
  }
  return {
    count,
    layout: {
      pointStep: 12,
      x: { offset: 0, type: "f32" },
      y: { offset: 4, type: "f32" },
      z: { offset: 8, type: "f32" },
    },
    data: new Uint8Array(points.buffer),
    metadata: [],
  };
}

/** Warms the core up and wipes it; leaves pauses in which the engine's compiler threads finish. */
export async function warmUp(core: Core): Promise<void> {
  const { bytes } = compilePolicy(defaultPolicy());
  for (const { points, rounds } of ROUNDS) {
    const frame = hallFrame(points);
    for (let round = 1; round <= rounds; round++) {
      core.encodeFrame(frame, bytes);
      if (round % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  core.wipe();
}
