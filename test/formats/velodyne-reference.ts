/**
 * Velodyne's packets decoded plainly, one value after another, in two ways: as the manuals say, and
 * with the deviations of another implementation, whose cloud of a VLP-16 is among the test data (nebula
 * by TIER IV at 606ac41). That one rounds azimuths to 0.01 degrees, leaves out the heights of the beams and
 * takes another block for the azimuth where there are two returns.
 */

import { velodyneModel } from "../../host/formats/velodyne-models.ts";

export interface PlainSensor {
  /** Elevation of a laser in degrees. */
  readonly elevation: (laser: number) => number;
  /** Added to its azimuth, in degrees. */
  readonly azimuth: (laser: number) => number;
  readonly heightMm: (laser: number) => number;
  readonly metres: number;
  /** Part of a column's time that is over when the value in slot 0..31 of bank 0..3 is measured. */
  readonly delay: (slot: number, bank: number) => number;
  readonly laser: (slot: number, bank: number) => number;
  /** Blocks of one return with the same azimuth. */
  readonly column: number;
}

export interface PlainPoint {
  readonly laser: number;
  readonly distance: number;
  readonly intensity: number;
  readonly position: readonly [number, number, number];
}

const puckDelay = (slot: number) =>
  (Math.floor(slot / 16) * 55.296 + (slot % 16) * 2.304) / 110.592;

/** Odd lasers look up from 1 degree, even ones down from the lowest, in steps of 2. */
export const PLAIN_VLP16: PlainSensor = {
  elevation: (laser) => (laser % 2 === 0 ? laser - 15 : laser),
  azimuth: () => 0,
  // All beams meet 41.91 mm from the axis (drawing 86-0101).
  heightMm: (laser) => -41.91 * Math.tan(((laser % 2 === 0 ? laser - 15 : laser) * Math.PI) / 180),
  metres: 0.002,
  delay: puckDelay,
  laser: (slot) => slot % 16,
  column: 1,
};

function hdl32Elevation(laser: number): number {
  return -92 / 3 + ((laser >> 1) + (laser % 2) * 16) * (4 / 3);
}

/** From -30.67 degrees on in steps of 4/3: even lasers the lower half, odd ones the upper. */
export const PLAIN_HDL32: PlainSensor = {
  elevation: hdl32Elevation,
  azimuth: () => 0,
  // All beams meet 28.83 mm from the axis (drawing 86-0106).
  heightMm: (laser) => -28.83 * Math.tan((hdl32Elevation(laser) * Math.PI) / 180),
  metres: 0.002,
  delay: (slot) => (slot * 1.152) / 46.08,
  laser: (slot) => slot,
  column: 1,
};

/** With the angles of the model's table: the firing times and places are its own. */
export function plainModel(
  product: number,
): PlainSensor & { readonly elevations: readonly number[] } {
  const model = velodyneModel(product)!;
  const column = product === 0xa1 ? 4 : 1;
  return {
    elevations: model.elevations,
    elevation: (laser) => model.elevations[laser]!,
    azimuth: (laser) => model.azimuths[laser]!,
    heightMm: () => 0,
    metres: 0.004,
    delay:
      column === 4
        ? (slot, bank) => {
            const group = Math.floor((bank * 32 + slot) / 8);
            return ((group + (group >= 8 ? 1 : 0)) * 2.665) / 53.3;
          }
        : (slot) => (Math.floor(slot / 2) * 2.304) / 55.296,
    laser: (slot, bank) => bank * 32 + slot,
    column,
  };
}

const MARKS = [0xee, 0xdd, 0xcc, 0xbb];
const BLOCKS = 12;

/** The points of one data packet in its order. */
export function plainPoints(
  packet: Buffer,
  sensor: PlainSensor,
  way: "manual" | "nebula",
): PlainPoint[] {
  const returns = packet[1204] === 0x39 ? 2 : 1;
  const used = sensor.column === 4 && returns === 2 ? 8 : BLOCKS;
  const azimuths =
    way === "manual" ? manualAzimuths(packet, sensor, returns) : nebulaAzimuths(packet, returns);
  const points: PlainPoint[] = [];
  for (let block = 0; block < used; block++) {
    const at = block * 100;
    const bank = MARKS.indexOf(packet[at + 1]!);
    for (let slot = 0; slot < 32; slot++) {
      const raw = packet.readUInt16LE(at + 4 + 3 * slot);
      if (raw === 0) continue;
      const isSecond = returns === 2 && block % 2 === 1;
      if (isSecond && packet.readUInt16LE(at - 96 + 3 * slot) === raw) continue;
      const laser = sensor.laser(slot, bank);
      const { azimuth, step } = azimuths[block]!;
      const turned = azimuth + step * sensor.delay(slot, bank) + 100 * sensor.azimuth(laser);
      const angle = ((way === "nebula" ? Math.round(turned) : turned) * Math.PI) / 18000;
      const distance = raw * sensor.metres;
      const tilt = (sensor.elevation(laser) * Math.PI) / 180;
      const height = way === "nebula" ? 0 : sensor.heightMm(laser) / 1000;
      points.push({
        laser,
        distance,
        intensity: packet[at + 6 + 3 * slot]!,
        position: [
          distance * Math.cos(tilt) * Math.cos(angle),
          -distance * Math.cos(tilt) * Math.sin(angle),
          distance * Math.sin(tilt) + height,
        ],
      });
    }
  }
  return points;
}

interface BlockAzimuth {
  readonly azimuth: number;
  readonly step: number;
}

const azimuthOf = (packet: Buffer, block: number) => packet.readUInt16LE(block * 100 + 2);

/** Each column turns as far as to the next one; the last as far as the one before. */
function manualAzimuths(packet: Buffer, sensor: PlainSensor, returns: number): BlockAzimuth[] {
  const size = sensor.column * returns;
  return Array.from({ length: BLOCKS }, (_, block) => {
    const column = Math.floor(block / size);
    const from = Math.min(column, Math.floor(BLOCKS / size) - 2) * size;
    const step = (azimuthOf(packet, from + size) - azimuthOf(packet, from) + 36000) % 36000;
    return { azimuth: azimuthOf(packet, column * size), step };
  });
}

/** Follows the other implementation's variables from block to block. */
function nebulaAzimuths(packet: Buffer, returns: number): BlockAzimuth[] {
  const dual = returns - 1;
  const last = BLOCKS - dual - 1;
  let next = 0;
  let lastStep = 0;
  return Array.from({ length: BLOCKS }, (_, block) => {
    const azimuth = block === 0 ? azimuthOf(packet, 0) : next;
    if (block >= BLOCKS - 1 - dual) return { azimuth, step: block === last ? 0 : lastStep };
    next = azimuthOf(packet, block + 1 + dual);
    lastStep = (next - azimuth + 36000) % 36000;
    return { azimuth, step: lastStep };
  });
}
