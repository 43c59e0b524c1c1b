/** Points of a room, as a lidar that is carried through it measures them. */

/** Half edges of the room and its height, metres. */
const HALF_M = [2, 1.5] as const;
const HEIGHT_M = 2.4;
const STEP_M = 0.1;

type Point = readonly [number, number, number];

/** Points of walls and of a lamp above them, every 10 cm. */
function wallsAndLamp(): Point[] {
  const points: Point[] = [];
  const along = (half: number) =>
    Array.from({ length: Math.round((2 * half) / STEP_M) + 1 }, (_, i) => i * STEP_M - half);
  for (let z = 0.025; z < HEIGHT_M; z += STEP_M) {
    for (const x of along(HALF_M[0])) points.push([x, -HALF_M[1], z], [x, HALF_M[1], z]);
    for (const y of along(HALF_M[1])) points.push([-HALF_M[0], y, z], [HALF_M[0], y, z]);
  }
  for (const x of along(0.5)) for (const y of along(0.5)) points.push([x, y, 2 * HEIGHT_M]);
  return points;
}

const WORLD = wallsAndLamp();

/** Where the sensor is in the room at a scan, metres. */
export function sensorPlace(scan: number): Point {
  return [0.03 * scan - 0.5, 0.02 * scan - 0.3, 1];
}

/** The room's points as the sensor sees them at a scan, x y z in metres of the sensor's frame. */
export function roomPoints(scan: number): Point[] {
  const [px, py, pz] = sensorPlace(scan);
  return WORLD.map(([x, y, z]) => [x - px, y - py, z - pz]);
}
