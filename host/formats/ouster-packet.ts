/** One Ouster lidar packet: its header, and its columns turned into points. */
import type { OusterGeometry } from "./ouster-geometry.ts";
import type { OusterMetadata } from "./ouster-metadata.ts";
import { columnBytes, type OusterProfile } from "./ouster-profile.ts";

/**
 * A point: x, y, z f32 metres, reflectivity u8, unused u8, ring u16, column u16, unused u16. The
 * unused bytes stay 0.
 */
export const POINT_STEP = 20;
export const POINT_REFLECTIVITY = 12;
export const POINT_RING = 14;
export const POINT_COLUMN = 16;

export interface PacketHeader {
  readonly frameId: number;
  /** Undefined where the profile has none. */
  readonly initId: number | undefined;
  readonly serial: number | undefined;
}

/** Reads the header of a packet whose length was checked against the profile. */
export function readPacketHeader(metadata: OusterMetadata, packet: Uint8Array): PacketHeader {
  const { frameId, initId, serial } = metadata.profile;
  return {
    frameId: littleEndian(packet, frameId.offset, frameId.bytes),
    initId: initId === undefined ? undefined : littleEndian(packet, initId, 3),
    serial: serial === undefined ? undefined : littleEndian(packet, serial, 5),
  };
}

/**
 * Writes the packet's columns into `points`, column by column as they were measured: slot =
 * column * rows + row. Pixels without a return stay exact (0, 0, 0). Returns how many columns were
 * valid; invalid ones and those beyond the frame are left out.
 */
export function decodeColumns(
  metadata: OusterMetadata,
  geometry: OusterGeometry,
  packet: Uint8Array,
  points: DataView,
): number {
  const { profile, rows, columnsPerFrame, columnsPerPacket } = metadata;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const bytes = columnBytes(profile, rows);
  const point: [number, number, number] = [0, 0, 0];
  let valid = 0;
  for (let c = 0; c < columnsPerPacket; c++) {
    const at = profile.packetHeader + c * bytes;
    const column = view.getUint16(at + 8, true);
    const status =
      profile.status === "header"
        ? view.getUint16(at + 10, true) & 1
        : Number(view.getUint32(at + bytes - 4, true) === 0xffffffff);
    if (status === 0 || column >= columnsPerFrame) continue;
    valid++;
    let pixel = at + profile.columnHeader;
    let slot = column * rows * POINT_STEP;
    for (let row = 0; row < rows; row++, pixel += profile.pixel, slot += POINT_STEP) {
      const rangeMm = readRangeMm(profile, view, pixel);
      if (rangeMm === 0) point.fill(0);
      else geometry.toMetres(rangeMm, column, row, point);
      points.setFloat32(slot, point[0], true);
      points.setFloat32(slot + 4, point[1], true);
      points.setFloat32(slot + 8, point[2], true);
      points.setUint8(slot + POINT_REFLECTIVITY, packet[pixel + profile.reflectivity]!);
      points.setUint16(slot + POINT_RING, row, true);
      points.setUint16(slot + POINT_COLUMN, column, true);
    }
  }
  return valid;
}

/** Range of the pixel at byte `at`, of the first return, in millimetres; 0 if there is none. */
export function readRangeMm(profile: OusterProfile, view: DataView, at: number): number {
  return (view.getUint32(at, true) & profile.rangeMask) << profile.rangeShift;
}

function littleEndian(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let i = length - 1; i >= 0; i--) value = value * 256 + bytes[offset + i]!;
  return value;
}
