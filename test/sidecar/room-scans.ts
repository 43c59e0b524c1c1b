/** Scans of a small room, as a sensor that is carried through it would see them. */
import type { Frame } from "../../host/core/frame.ts";

/** Half edges of the room and the height of its ceiling, metres. */
const HALF = [2, 1.5] as const;
const HEIGHT = 2.4;
/** What hangs far above the room, so that it is seen in the height of a map alone. */
const LAMP_HEIGHT = 5;
const START_NS = 1_700_000_000_000_000_000n;
const PERIOD_NS = 500_000_000n;

/** Points of the walls every 5 cm, and of the lamp. */
function worldOf(hasLamp: boolean): number[][] {
  const points: number[][] = [];
  const steps = (half: number) => Array.from({ length: 40 * half + 1 }, (_, i) => i / 20 - half);
  const heights = Array.from({ length: 20 * HEIGHT }, (_, i) => i / 20 + 0.025);
  for (const z of heights) {
    for (const x of steps(HALF[0])) points.push([x, -HALF[1], z], [x, HALF[1], z]);
    for (const y of steps(HALF[1])) points.push([-HALF[0], y, z], [HALF[0], y, z]);
  }
  if (!hasLamp) return points;
  for (const x of steps(0.5)) for (const y of steps(0.5)) points.push([x, y, LAMP_HEIGHT]);
  return points;
}

const WORLDS = [worldOf(false), worldOf(true)] as const;

/** Scan number `index`: half a second after the one before, a few centimetres further. */
export function roomScan(index: number, hasLamp = false): Frame {
  const translation = [0.03 * index - 0.5, 0.02 * index - 0.3, 1] as const;
  const world = WORLDS[hasLamp ? 1 : 0];
  const points = new Float32Array(world.length * 3);
  for (const [i, point] of world.entries()) {
    for (let axis = 0; axis < 3; axis++) points[3 * i + axis] = point[axis]! - translation[axis]!;
  }
  const field = (offset: number) => ({ offset, type: "f32" as const });
  return {
    count: world.length,
    layout: { pointStep: 12, x: field(0), y: field(4), z: field(8) },
    data: new Uint8Array(points.buffer),
    stampNs: START_NS + BigInt(index) * PERIOD_NS,
    pose: { translation, quaternion: [0, 0, 0, 1] },
    metadata: [{ name: "serial_number", value: "SN-4711" }],
  };
}
