/**
 * A cloud whose coordinates count from far away, as those of a map projection do: 5,400 km from the
 * equator the steps of 32-bit numbers are half a metre. So points are kept relative to a place near the
 * first one, and that place is the pose of the frame, in 64 bits: a policy drops it, hides it or keeps
 * it as any other pose, and no-go areas of the map are where they should be.
 */
import type { Frame, PointLayout, Pose } from "../core/frame.ts";
import { tooLarge } from "./input-errors.ts";

/** x, y, z f32, intensity u16, two bytes of nothing. */
const POINT_STEP = 16;
const BYTES_MAX = 2 ** 31 - 1;
const GROWTH_POINTS = 1 << 16;

/** Where the origin lies off the first point: so no point is exactly (0, 0, 0), which means nothing. */
const ASIDE_M = 1 / 3;

const LAYOUT: PointLayout = {
  pointStep: POINT_STEP,
  x: { offset: 0, type: "f32" },
  y: { offset: 4, type: "f32" },
  z: { offset: 8, type: "f32" },
  intensity: { offset: 12, type: "u16", scale: 1 / 65535 },
};

export class LocalCloud {
  #data: DataView;
  #count = 0;
  #origin: readonly [number, number, number] | undefined;

  /**
   * @param expected points, if the input says; memory is taken as they come
   * @throws MapveilError TOO_LARGE for more than one frame may have
   */
  constructor(path: string, expected: number) {
    if (expected * POINT_STEP > BYTES_MAX) {
      const most = Math.floor(BYTES_MAX / POINT_STEP);
      throw tooLarge(path, `${expected} points, but one cloud may have at most ${most}; split it.`);
    }
    this.#data = new DataView(new ArrayBuffer(Math.min(expected, GROWTH_POINTS) * POINT_STEP));
  }

  /** Adds a point: metres in the file's own frame, intensity 0 to 65,535. */
  add(x: number, y: number, z: number, intensity: number): void {
    const at = this.#count * POINT_STEP;
    if (at + POINT_STEP > this.#data.byteLength) this.#grow();
    this.#origin ??= [x - ASIDE_M, y - ASIDE_M, z - ASIDE_M];
    const [ox, oy, oz] = this.#origin;
    this.#data.setFloat32(at, x - ox, true);
    this.#data.setFloat32(at + 4, y - oy, true);
    this.#data.setFloat32(at + 8, z - oz, true);
    this.#data.setUint16(at + 12, intensity, true);
    this.#count++;
  }

  /** The points as a frame has them; the pose says where their origin lies. */
  finish(): Pick<Frame, "count" | "layout" | "data" | "pose"> {
    const data = new Uint8Array(this.#data.buffer, 0, this.#count * POINT_STEP);
    const pose: Pose | undefined = this.#origin && {
      translation: this.#origin,
      quaternion: [0, 0, 0, 1],
    };
    return { count: this.#count, layout: LAYOUT, data, ...(pose && { pose }) };
  }

  #grow(): void {
    const { byteLength } = this.#data;
    const bytes = Math.max(2 * byteLength, GROWTH_POINTS * POINT_STEP);
    const larger = new Uint8Array(bytes);
    larger.set(new Uint8Array(this.#data.buffer));
    this.#data = new DataView(larger.buffer);
  }
}
