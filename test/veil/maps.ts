/** Maps for the tests beside: makers with known secrets, and places in the turned map. */
import type { Frame, Pose } from "../../host/core/frame.ts";
import type { RandomBytes } from "../../host/keys/index.ts";
import { MapMaker, type MapMakerOptions } from "../../host/veil/map-maker.ts";
import { policyOf, RECIPIENT, seededRandom } from "./support.ts";

/** Bytes that place a session; nothing else draws so many. */
const SESSION_BYTES = 20;

export interface KnownMap {
  readonly maker: MapMaker;
  /** Where a place of the robot's map, relative to the first pose's position, lies in the turned map. */
  readonly turned: (x: number, y: number, z: number) => [number, number, number];
}

/** A map whose secret is known: the seeded bytes that it drew. */
export async function knownMap(
  yaml: string,
  options: Partial<MapMakerOptions> = {},
): Promise<KnownMap> {
  const seeded = options.random ?? seededRandom(31);
  let secret: Uint8Array | undefined;
  const random: RandomBytes = (count) => {
    const bytes = seeded(count);
    if (count === SESSION_BYTES) secret = bytes.slice();
    return bytes;
  };
  const recipient = RECIPIENT.publicKey;
  const maker = await MapMaker.create({ policy: policyOf(yaml), recipient, ...options, random });
  const turned = (x: number, y: number, z: number): [number, number, number] => {
    const view = new DataView(secret!.buffer);
    const [ox, oy, oz, u, v] = [0, 4, 8, 12, 16].map(
      (at) => view.getUint32(at, true) / 2 ** 31 - 1,
    ) as [number, number, number, number, number];
    const [c, s] = [u / Math.hypot(u, v), v / Math.hypot(u, v)];
    return [c * x - s * y + 1000 * ox, s * x + c * y + 1000 * oy, z + 1000 * oz];
  };
  return { maker, turned };
}

const HALF = 2 ** 16;

/** A cell as one number. */
export const cellKey = (x: number, y: number, z: number, leafM: number) =>
  ((Math.floor(x / leafM) + HALF) * 2 * HALF + Math.floor(y / leafM) + HALF) * 2 * HALF +
  Math.floor(z / leafM) +
  HALF;

/** Cells of x y z rows. */
export function cellsOf(rows: Float32Array, leafM: number): Set<number> {
  const cells = new Set<number>();
  for (let i = 0; i < rows.length; i += 3) {
    cells.add(cellKey(rows[i]!, rows[i + 1]!, rows[i + 2]!, leafM));
  }
  return cells;
}

export const levelPose = (x: number, y: number, z: number, yaw = 0): Pose => ({
  translation: [x, y, z],
  quaternion: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
});

/** A scan of points in the sensor's frame. */
export function scanOf(points: readonly number[], stampNs: bigint, pose?: Pose): Frame {
  const axis = (offset: number) => ({ offset, type: "f32" }) as const;
  return {
    count: points.length / 3,
    layout: { pointStep: 12, x: axis(0), y: axis(4), z: axis(8) },
    data: new Uint8Array(Float32Array.from(points).buffer),
    stampNs,
    metadata: [],
    ...(pose && { pose }),
  };
}
