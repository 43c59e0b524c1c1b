/**
 * Point packets (MSOP) of RoboSense's lidars without turning heads, whose points need nothing beside
 * them: RS-LiDAR-M1 and E1 (user manuals, "Main data stream output protocol"). Words are big-endian.
 */
import {
  CHANNEL_AT,
  PACKET_POINT_STEP,
  packetLayout,
  REFLECTIVITY_AT,
  TIME_AT,
} from "./packet-point.ts";

interface Model {
  readonly name: string;
  readonly bytes: number;
  readonly blocks: number;
  readonly blockBytes: number;
  /** Bytes of a block before its points: when they were measured, microseconds after the packet. */
  readonly blockHead: 1 | 2;
  readonly pointsAt: number;
  readonly pointsPerBlock: number;
  readonly pointBytes: number;
  /** Direction as pitch and yaw in hundredths of a degree, or as a vector. */
  readonly isVector: boolean;
}

export interface RobosensePoints {
  readonly model: Model;
  /** Slots that the packet fills. */
  readonly count: number;
  /** Counts from 1 in each frame. */
  readonly sequence: number;
  /** Nanoseconds since the Unix epoch; undefined if the lidar's clock was not set. */
  readonly timeNs: bigint | undefined;
}

/** Those whose packets are decoded. */
export const ROBOSENSE_MODELS = "RS-LiDAR-M1 and E1";

const HEADER_BYTES = 32;
const SEQUENCE_AT = 4;
const SECONDS_AT = 10;
const MICROS_AT = 16;
const ANGLE_ZERO = 32_768;
const VECTOR_UNIT = 32_768;
const METRES = 0.005;
/** 2010: before, the clock counts from when the lidar was switched on. */
const CLOCK_SECONDS_MIN = 1_262_304_000;

const MODELS: readonly Model[] = [
  {
    name: "RS-LiDAR-M1",
    bytes: 1210,
    blocks: 25,
    blockBytes: 47,
    blockHead: 1,
    pointsAt: 2,
    pointsPerBlock: 5,
    pointBytes: 9,
    isVector: false,
  },
  {
    name: "RS-LiDAR-E1",
    bytes: 1200,
    blocks: 96,
    blockBytes: 12,
    blockHead: 2,
    pointsAt: 2,
    pointsPerBlock: 1,
    pointBytes: 10,
    isVector: true,
  },
];

const SOLID_MARK = 0x55aa5aa5;
/** Of heads that turn: RS-16, RS-32 and Bpearl; Helios, Ruby and Airy. */
const TURNING_MARKS = [0x55aa050a, 0x55aa055a];

/** The kind of a packet with points; a text names one that is not read; undefined if it is none. */
export function robosensePoints(packet: Uint8Array): RobosensePoints | string | undefined {
  if (packet.length < HEADER_BYTES) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const mark = view.getUint32(0);
  if (TURNING_MARKS.includes(mark)) return "a lidar with a turning head";
  if (mark !== SOLID_MARK) return undefined;
  const model = MODELS.find(({ bytes }) => bytes === packet.length);
  if (model === undefined) return `a lidar with packets of ${packet.length} bytes`;
  return {
    model,
    count: model.blocks * model.pointsPerBlock,
    sequence: view.getUint16(SEQUENCE_AT),
    timeNs: timeOf(view),
  };
}

/** Seconds in six bytes, of which the first two are 0 for another 60 years; then microseconds. */
function timeOf(view: DataView): bigint | undefined {
  const seconds = view.getUint32(SECONDS_AT + 2);
  const micros = view.getUint32(MICROS_AT);
  if (view.getUint16(SECONDS_AT) !== 0 || seconds < CLOCK_SECONDS_MIN || micros >= 1_000_000) {
    return undefined;
  }
  return BigInt(seconds) * 1_000_000_000n + BigInt(micros) * 1000n;
}

/** These lidars give ten frames a second. */
const FRAME_MICROS = 100_000;
const TIME_UNIT_MICROS = 2;
const TIME_MAX = FRAME_MICROS / TIME_UNIT_MICROS;

export const ROBOSENSE_LAYOUT = packetLayout(TIME_MAX, true);

/**
 * Writes the points of a packet to `points` from byte `at` on, in metres, x ahead, y to the left; those
 * without a return are 0, 0, 0. `sinceMicros`: from the frame's first packet to this one.
 */
export function writeRobosensePoints(
  model: Model,
  packet: DataView,
  sinceMicros: number,
  points: DataView,
  at: number,
): void {
  for (let block = 0; block < model.blocks; block++) {
    const start = HEADER_BYTES + block * model.blockBytes;
    const after = model.blockHead === 1 ? packet.getUint8(start) : packet.getUint16(start);
    const time = Math.min(TIME_MAX, Math.max(0, (sinceMicros + after) / TIME_UNIT_MICROS));
    for (let point = 0; point < model.pointsPerBlock; point++, at += PACKET_POINT_STEP) {
      const from = start + model.pointsAt + point * model.pointBytes;
      const distance = packet.getUint16(from) * METRES;
      const write = model.isVector ? writeAlongVector : writeAlongAngles;
      write(packet, from + 2, distance, points, at);
      points.setUint8(at + REFLECTIVITY_AT, packet.getUint8(from + (model.isVector ? 8 : 6)));
      points.setUint8(at + CHANNEL_AT, point);
      points.setUint16(at + TIME_AT, time, true);
    }
  }
}

function writeAlongVector(
  packet: DataView,
  from: number,
  distance: number,
  points: DataView,
  at: number,
): void {
  for (let axis = 0; axis < 3; axis++) {
    const part = packet.getInt16(from + 2 * axis) / VECTOR_UNIT;
    points.setFloat32(at + 4 * axis, part * distance, true);
  }
}

function writeAlongAngles(
  packet: DataView,
  from: number,
  distance: number,
  points: DataView,
  at: number,
): void {
  const pitch = ((packet.getUint16(from) - ANGLE_ZERO) * Math.PI) / 18_000;
  const yaw = ((packet.getUint16(from + 2) - ANGLE_ZERO) * Math.PI) / 18_000;
  const flat = distance * Math.cos(pitch);
  points.setFloat32(at, flat * Math.cos(yaw), true);
  points.setFloat32(at + 4, flat * Math.sin(yaw), true);
  points.setFloat32(at + 8, distance * Math.sin(pitch), true);
}
