/** The points of Livox packets, brought to metres. */
import type { LivoxForm, LivoxHeader } from "./livox-packet.ts";
import { PACKET_POINT_STEP, packetLayout, REFLECTIVITY_AT, TIME_AT } from "./packet-point.ts";

/** Frames are as long as the drivers make them by default: these lidars' beams follow no turns. */
export const LIVOX_FRAME_NS = 100_000_000;
const TIME_UNIT_NS = 2000;
const TIME_MAX = LIVOX_FRAME_NS / TIME_UNIT_NS;

export const LIVOX_LAYOUT = packetLayout(TIME_MAX, false);

/**
 * Writes the points of a packet to `points` from byte `at` on, a slot for each return; those without
 * one are 0, 0, 0, as the lidars send them. `sinceNs`: from the frame's first point to the packet's.
 */
export function writeLivoxPoints(
  header: LivoxHeader,
  packet: DataView,
  sinceNs: number,
  points: DataView,
  at: number,
): void {
  const { form, firings, pointsAt } = header;
  const stepNs = (header.spanNs ?? 0) / firings;
  const read = READERS[form.coordinates];
  const point: Point = [0, 0, 0, 0];
  for (let firing = 0; firing < firings; firing++) {
    const time = Math.min(TIME_MAX, Math.max(0, (sinceNs + firing * stepNs) / TIME_UNIT_NS));
    const from = pointsAt + firing * form.bytes;
    for (let echo = 0; echo < form.echoes; echo++, at += PACKET_POINT_STEP) {
      read(form, packet, from, echo, point);
      points.setFloat32(at, point[0], true);
      points.setFloat32(at + 4, point[1], true);
      points.setFloat32(at + 8, point[2], true);
      points.setUint8(at + REFLECTIVITY_AT, point[3]);
      points.setUint16(at + TIME_AT, time, true);
    }
  }
}

/** x, y, z in metres, reflectivity. */
type Point = [number, number, number, number];
type ReadPoint = (
  form: LivoxForm,
  packet: DataView,
  from: number,
  echo: number,
  point: Point,
) => void;

const READERS: Readonly<Record<LivoxForm["coordinates"], ReadPoint>> = {
  /** x y z reflectivity (tag), for each return. */
  cartesian(form, packet, from, echo, point) {
    const at = from + (echo * form.bytes) / form.echoes;
    const size = form.isShort ? 2 : 4;
    for (let axis = 0; axis < 3; axis++) {
      const place = at + axis * size;
      const raw = form.isShort ? packet.getInt16(place, true) : packet.getInt32(place, true);
      point[axis] = raw * form.unit;
    }
    point[3] = packet.getUint8(at + 3 * size);
  },
  /** Depth, angle from the zenith, azimuth, reflectivity (tag). */
  spherical(form, packet, from, _echo, point) {
    turn(packet.getUint32(from, true) * form.unit, packet, from + 4, point);
    point[3] = packet.getUint8(from + 8);
  },
  /** Angle from the zenith, azimuth; then depth, reflectivity, tag for each return. */
  "direction and depths"(form, packet, from, echo, point) {
    const at = from + 4 + 6 * echo;
    turn(packet.getUint32(at, true) * form.unit, packet, from, point);
    point[3] = packet.getUint8(at + 4);
  },
};

/** Angles in hundredths of a degree. */
function turn(depth: number, packet: DataView, at: number, point: Point): void {
  const zenith = (packet.getUint16(at, true) * Math.PI) / 18_000;
  const azimuth = (packet.getUint16(at + 2, true) * Math.PI) / 18_000;
  const flat = depth * Math.sin(zenith);
  point[0] = flat * Math.cos(azimuth);
  point[1] = flat * Math.sin(azimuth);
  point[2] = depth * Math.cos(zenith);
}
