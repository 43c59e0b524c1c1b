/** One turn of a Velodyne's head while it is gathered: its points, when it began, what was told. */
import type { Frame, PointLayout } from "../core/frame.ts";
import { RING_SCALE } from "../core/frame.ts";
import type { MetadataList } from "./metadata-list.ts";
import {
  PACKET_POINTS_MAX,
  POINT_AZIMUTH,
  POINT_REFLECTIVITY,
  POINT_RING,
  POINT_STEP,
  TURN_UNITS,
} from "./velodyne-packet.ts";

const LAYOUT: PointLayout = {
  pointStep: POINT_STEP,
  x: { offset: 0, type: "f32" },
  y: { offset: 4, type: "f32" },
  z: { offset: 8, type: "f32" },
  intensity: { offset: POINT_REFLECTIVITY, type: "u8", scale: 1 / 255 },
  ring: { offset: POINT_RING, type: "u8", ...RING_SCALE },
  time: { offset: POINT_AZIMUTH, type: "u16", scale: 1 / TURN_UNITS },
  otherFields: [],
};

/** Memory for points that grows and is used again. */
export class PointBuffer {
  #bytes = new Uint8Array(0);

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** With room for one packet behind the first `points`, which stay. */
  room(points: number): DataView {
    const wanted = (points + PACKET_POINTS_MAX) * POINT_STEP;
    if (this.#bytes.length < wanted) {
      const larger = new Uint8Array(2 * wanted);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return new DataView(this.#bytes.buffer);
  }
}

export class VelodyneTurn {
  readonly buffer: PointBuffer;
  readonly metadata: MetadataList;
  readonly stampNs: bigint;
  /** Time since the full hour of its first packet. */
  readonly startUs: number;
  points = 0;
  /** How far the head has turned, in hundredths of a degree. */
  spanUnits = 0;

  constructor(buffer: PointBuffer, metadata: MetadataList, stampNs: bigint, startUs: number) {
    this.buffer = buffer;
    this.metadata = metadata;
    this.stampNs = stampNs;
    this.startUs = startUs;
  }

  /** Takes over the points of what came after. */
  append(piece: VelodyneTurn): void {
    for (let at = 0; at < piece.points; at += PACKET_POINTS_MAX) {
      const count = Math.min(PACKET_POINTS_MAX, piece.points - at);
      this.buffer.room(this.points);
      const from = piece.buffer.bytes.subarray(at * POINT_STEP, (at + count) * POINT_STEP);
      this.buffer.bytes.set(from, this.points * POINT_STEP);
      this.points += count;
    }
  }

  toFrame(): Frame {
    const { points, stampNs } = this;
    const metadata = this.metadata.list();
    return { count: points, layout: LAYOUT, data: this.buffer.bytes, stampNs, metadata };
  }
}
