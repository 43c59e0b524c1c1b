/**
 * Runs a fresh core until the engine has compiled it with its optimising compiler, which V8 does only
 * for functions that have been in use: a robot's first frame should not take five times as long as
 * its second.
 */
import type { Core } from "../core/core.ts";
import type { Frame } from "../core/frame.ts";
import { compilePolicy, defaultPolicy } from "../policy/index.ts";

const POINTS = 16384;
const ROUNDS = 24;

/** Points of a made-up room, some slots empty; the same on every run. */
function roomFrame(): Frame {
  const points = new Float32Array(POINTS * 3);
  for (let i = 0; i < POINTS; i++) {
    if (i % 7 === 0) continue;
    const turn = (i * 2 * Math.PI) / 1024;
    const range = 2 + Math.sin(3 * turn) + (i % 16) * 0.01;
    points.set([range * Math.cos(turn), range * Math.sin(turn), (i >> 10) * 0.15 - 1], 3 * i);
  }
  return {
    count: POINTS,
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
  const frame = roomFrame();
  const { bytes } = compilePolicy(defaultPolicy());
  for (let round = 0; round < ROUNDS; round++) {
    core.encodeFrame(frame, bytes);
    if (round % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  core.wipe();
}
