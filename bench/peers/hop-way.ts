/** What goes over the hop from a driver's process to the sidecar's, the same for every way to go. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { create } from "@bufbuild/protobuf";
import type { Frame } from "../../host/core/frame.ts";
import {
  type StreamFramesResponse,
  StreamFramesResponseSchema,
} from "../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { bytes } from "../inputs/random.ts";

/** Frames that may wait for their receipts: the sidecar's default. */
export const IN_FLIGHT = 4;
/** Points of a frame: 128 beams at 1024 columns, or 2 MiB. */
export const POINTS = 131_072;
const POINT_STEP = 16;
export const FRAME_BYTES = POINTS * POINT_STEP;
export const VARIANTS = 8;
const SEED_BYTES = 65_536;

/** Gives a frame to the server; resolves with its receipt. */
export type Push = (frame: Frame) => Promise<void>;

/** A way over the hop. Both ends run in processes of their own. */
export interface HopWay {
  /** Listens on a unix socket; `take` gets every frame as the sidecar's worker would. */
  serve(path: string, take: (frame: Frame) => void): Promise<unknown>;
  connect(path: string): Promise<Push>;
}

const field = (offset: number) => ({ offset, type: "f32" as const });

export const LAYOUT = {
  pointStep: POINT_STEP,
  x: field(0),
  y: field(4),
  z: field(8),
  intensity: field(12),
};

/** Frames as a driver makes them; the hop does not look at the points, so that any bytes will do. */
export function hopFrames(): Frame[] {
  return Array.from({ length: VARIANTS }, (_, variant) => {
    const data = new Uint8Array(FRAME_BYTES);
    const part = bytes(SEED_BYTES, 1 + variant);
    for (let at = 0; at < data.length; at += part.length) data.set(part, at);
    // Somewhere in the middle, so that a piece that is put in the wrong place shows.
    data[1_000_003 + variant] = variant;
    return {
      count: POINTS,
      layout: LAYOUT,
      data,
      stampNs: 1_700_000_000_000_000_000n + BigInt(variant),
      metadata: [{ name: "serial_number" as const, value: "122150000150" }],
    };
  });
}

/** The receipt of a frame that was taken, as long as a real one. */
export function receiptOf(sequence: bigint): MessageInitShape<typeof StreamFramesResponseSchema> {
  const value = {
    artefactId: "0123456789abcdef0123456789abcdef",
    sealedBytes: 262_144n,
    pointsIn: POINTS,
    voxels: 100_000,
    stripped: ["serial_number"],
  };
  const outcome = { case: "accepted" as const, value };
  return { message: { case: "receipt", value: { sequence, permissionEpoch: 1n, outcome } } };
}

export const receiptMessage = (sequence: bigint): StreamFramesResponse =>
  create(StreamFramesResponseSchema, receiptOf(sequence));
