/** Small frames out of a real recording, each different, each with something that must never be found again. */
import { fileURLToPath } from "node:url";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  FrameSchema,
  StreamOpenSchema,
} from "../../../host/gen/mapveil/v1/sensor_service_pb.ts";
import { DataClass, FieldType } from "../../../host/gen/mapveil/v1/types_pb.ts";
import { type Frame, openFrames, type PointLayout } from "../../../host/index.ts";
import type { SeededRandom } from "./random.ts";

const RECORDING = fileURLToPath(
  new URL("../../data/nebula/at128_1679653308704927652.pcd", import.meta.url),
);

/** Planted in metadata and in unread bytes of every point; in no file and no log may it occur. */
export const CANARY = "canary-4711-x";
const CANARY_BYTES = 16;
const POINT_STEP = 12 + CANARY_BYTES;

const coordinate = (offset: number) => ({ offset, type: FieldType.F32 });

/** The layout as the library takes it. */
export const FRAME_LAYOUT: PointLayout = {
  pointStep: POINT_STEP,
  x: { offset: 0, type: "f32" },
  y: { offset: 4, type: "f32" },
  z: { offset: 8, type: "f32" },
  otherFields: ["serial"],
};

/** The first message of a stream of these frames. */
export const STREAM_OPEN: MessageInitShape<typeof StreamOpenSchema> = {
  dataClass: DataClass.LIDAR,
  inMapFrame: true,
  layout: {
    pointStep: POINT_STEP,
    x: coordinate(0),
    y: coordinate(4),
    z: coordinate(8),
    otherFields: ["serial"],
  },
};

export type FrameMessage = MessageInitShape<typeof FrameSchema> & {
  readonly sequence: bigint;
  readonly count: number;
  readonly data: Uint8Array;
};

async function readRecording(): Promise<Float32Array> {
  const source = await openFrames(RECORDING);
  try {
    for await (const frame of source.frames()) return pointsOf(frame);
    throw new Error("the recording is empty");
  } finally {
    await source.close();
  }
}

function pointsOf({ count, layout, data }: Frame): Float32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const points = new Float32Array(count * 3);
  for (let i = 0; i < count; i++) {
    for (const [axis, field] of [layout.x, layout.y, layout.z].entries()) {
      points[i * 3 + axis] = view.getFloat32(i * layout.pointStep + field.offset, true);
    }
  }
  return points;
}

export class FrameFactory {
  readonly #points: Float32Array;
  readonly #random: SeededRandom;

  private constructor(points: Float32Array, random: SeededRandom) {
    this.#points = points;
    this.#random = random;
  }

  static async open(random: SeededRandom): Promise<FrameFactory> {
    return new FrameFactory(await readRecording(), random);
  }

  /** A frame of `count` points of the recording (at most 10,198), moved a little. */
  make(sequence: bigint, count: number): FrameMessage {
    const total = this.#points.length / 3;
    const first = this.#random.between(0, total - Math.min(count, total));
    const shift = [0, 1, 2].map(() => this.#random.next() * 2 - 1);
    const data = Buffer.alloc(count * POINT_STEP);
    for (let i = 0; i < count; i++) {
      for (let axis = 0; axis < 3; axis++) {
        const value = this.#points[(first + i) * 3 + axis]! + shift[axis]!;
        data.writeFloatLE(value, i * POINT_STEP + axis * 4);
      }
      data.write(CANARY, i * POINT_STEP + 12, "latin1");
    }
    const metadata = [
      { name: "serial_number", value: CANARY },
      { name: "label", value: `${CANARY} living room` },
    ];
    return { sequence, count, data, metadata };
  }
}
