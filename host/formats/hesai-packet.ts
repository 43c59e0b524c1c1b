/** What a Hesai lidar packet says: its time, and for each block the returns of all channels. */
import type { BeamAngles } from "./hesai-angles.ts";
import type { HesaiModel } from "./hesai-model.ts";
import {
  CHANNEL_AT,
  PACKET_POINT_STEP,
  packetLayout,
  REFLECTIVITY_AT,
  TIME_AT,
} from "./packet-point.ts";

/** Hundredths of a degree in a turn. */
export const TURN = 36_000;

/** Frames begin at azimuth 0 and the head turns evenly: the azimuth is the time. */
export const HESAI_LAYOUT = packetLayout(TURN, true);

/** Before this year the clock was not set: lidars start counting in 1970 or 2000. */
const CLOCK_YEAR_MIN = 2010;

/** Nanoseconds since the Unix epoch by the lidar's clock; undefined if it was not set. */
export function packetTime(model: HesaiModel, packet: DataView): bigint | undefined {
  const { dateAt, yearBase, microsAt } = model;
  const micros = packet.getUint32(microsAt, true);
  if (micros > 1_000_000) return undefined;
  const seconds = dateSeconds(packet, dateAt, yearBase);
  if (seconds === undefined || seconds < Date.UTC(CLOCK_YEAR_MIN) / 1000) return undefined;
  return BigInt(seconds) * 1_000_000_000n + BigInt(micros) * 1000n;
}

function dateSeconds(packet: DataView, at: number, yearBase: number): number | undefined {
  const [year, month, day, hour, minute, second] = Array.from({ length: 6 }, (_, n) =>
    packet.getUint8(at + n),
  ) as [number, number, number, number, number, number];
  // Lidars that keep seconds instead of a date write a zero byte and five bytes, the highest first.
  if (yearBase === 1900 && year === 0) return packet.getUint32(at + 2);
  const base = year >= 100 ? 1900 : yearBase;
  const isDate = month >= 1 && month <= 12 && day >= 1 && day <= 31;
  if (!isDate || hour > 23 || minute > 59 || second > 60) return undefined;
  return Date.UTC(base + year, month - 1, day, hour, minute, second) / 1000;
}

/** Hundredths of a degree, clockwise from above; undefined if the block is damaged. */
export function blockAzimuth(
  model: HesaiModel,
  packet: DataView,
  block: number,
): number | undefined {
  const azimuth = packet.getUint16(blockStart(model, block) + model.blockHead - 2, true);
  return azimuth < TURN ? azimuth : undefined;
}

function blockStart(model: HesaiModel, block: number): number {
  return model.bodyAt + block * (model.blockHead + model.channels * model.returnBytes);
}

/** Turns distances into points, for one lidar. */
export class HesaiGeometry {
  readonly #model: HesaiModel;
  /** Sine and cosine of each channel's elevation and of its azimuth beside the block's. */
  readonly #beams: Float64Array;

  constructor(model: HesaiModel, angles: BeamAngles) {
    this.#model = model;
    this.#beams = new Float64Array(4 * model.channels);
    for (let channel = 0; channel < model.channels; channel++) {
      const elevation = (angles.elevations[channel]! * Math.PI) / 180;
      const azimuth = (angles.azimuths[channel]! * Math.PI) / 180;
      const turns = [
        Math.sin(elevation),
        Math.cos(elevation),
        Math.sin(azimuth),
        Math.cos(azimuth),
      ];
      this.#beams.set(turns, 4 * channel);
    }
  }

  /**
   * Writes the points of a block to `points` from byte `at` on, a slot a channel, in metres: y points
   * to azimuth 0, x to azimuth 90 degrees, z up. Slots without a return, and those whose return is
   * that of `twin`, the block of the same firing before it, are 0, 0, 0.
   */
  writeBlock(
    packet: DataView,
    block: number,
    azimuth: number,
    twin: number | undefined,
    points: DataView,
    at: number,
  ): void {
    const { channels, blockHead, returnBytes, unitAt } = this.#model;
    const metres = (unitAt === undefined ? 4 : packet.getUint8(unitAt)) / 1000;
    const turn = (azimuth * 2 * Math.PI) / TURN;
    const sin = Math.sin(turn);
    const cos = Math.cos(turn);
    const from = blockStart(this.#model, block) + blockHead;
    const other = twin === undefined ? undefined : blockStart(this.#model, twin) + blockHead;
    for (let channel = 0; channel < channels; channel++, at += PACKET_POINT_STEP) {
      const here = from + channel * returnBytes;
      const raw = packet.getUint16(here, true);
      const reflectivity = packet.getUint8(here + 2);
      const there = other === undefined ? -1 : other + channel * returnBytes;
      const isRepeated =
        there >= 0 &&
        packet.getUint16(there, true) === raw &&
        packet.getUint8(there + 2) === reflectivity;
      const distance = isRepeated ? 0 : raw * metres;
      const beam = 4 * channel;
      const flat = distance * this.#beams[beam + 1]!;
      const sinBeam = this.#beams[beam + 2]!;
      const cosBeam = this.#beams[beam + 3]!;
      points.setFloat32(at, flat * (sin * cosBeam + cos * sinBeam), true);
      points.setFloat32(at + 4, flat * (cos * cosBeam - sin * sinBeam), true);
      points.setFloat32(at + 8, distance * this.#beams[beam]!, true);
      points.setUint8(at + REFLECTIVITY_AT, isRepeated ? 0 : reflectivity);
      points.setUint8(at + CHANNEL_AT, channel);
      points.setUint16(at + TIME_AT, azimuth, true);
    }
  }
}
