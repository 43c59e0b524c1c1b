/**
 * One Velodyne data packet (1206 bytes): 12 blocks of mark, azimuth and 32 values, the time since the
 * last full hour, the mode of returns and the product. Layout: the manuals named in velodyne-models.ts,
 * section "Data Packet Format".
 */
import {
  CHANNEL_AT,
  PACKET_POINT_STEP,
  packetLayout,
  REFLECTIVITY_AT,
  TIME_AT,
} from "./packet-point.ts";
import { BLOCK_VALUES, type VelodyneModel } from "./velodyne-models.ts";

export const DATA_PACKET_BYTES = 1206;
const BLOCKS = 12;
const BLOCK_BYTES = 100;
const TIME_OFFSET = 1200;
const MODE_OFFSET = 1204;
const PRODUCT_OFFSET = 1205;
/** Azimuths count hundredths of a degree. */
export const TURN_UNITS = 36_000;
/** At 20 turns a second a column takes 80 of these; more is a gap in the recording. */
const STEP_UNITS_MAX = 200;

/** Modes of the factory byte with one return of each firing (strongest, last), and with two. */
const SINGLE_MODES = [0x37, 0x38];
const DUAL_MODE = 0x39;

/** The azimuth is the time in the turn. */
export const VELODYNE_LAYOUT = packetLayout(TURN_UNITS, true);

/** First byte 0xFF, then which bank of lasers the block is of. */
const BANK_MARKS = [0xee, 0xdd, 0xcc, 0xbb];

/** True for the size and marks of a data packet. */
export function isDataPacket(payload: Uint8Array): boolean {
  return payload.length === DATA_PACKET_BYTES && payload[0] === 0xff && payload[1] === 0xee;
}

/** True for a packet of an HDL-64E: an upper and a lower bank, and no more than these two. */
export function isHdl64Packet(payload: Uint8Array): boolean {
  let banks = 0;
  for (let block = 0; block < BLOCKS; block++) {
    banks |= 1 << BANK_MARKS.indexOf(payload[block * BLOCK_BYTES + 1]!);
  }
  return banks === 0b11;
}

export function productOf(payload: Uint8Array): number {
  return payload[PRODUCT_OFFSET]!;
}

/** Returns of each firing, 1 or 2; undefined for modes that are not known. */
export function returnsOf(payload: Uint8Array): 1 | 2 | undefined {
  const mode = payload[MODE_OFFSET]!;
  if (mode === DUAL_MODE) return 2;
  return SINGLE_MODES.includes(mode) ? 1 : undefined;
}

/** Microseconds since the full hour at which the packet's first laser fired, by the sensor's clock. */
export function microsecondsOf(payload: Uint8Array): number {
  return viewOf(payload).getUint32(TIME_OFFSET, true);
}

/** Decodes the columns of a sensor's packets; keeps how fast it turned. */
export class VelodyneDecoder {
  readonly #model: VelodyneModel;
  /** For each laser: cosine and sine of its elevation, height in metres. */
  readonly #beams: Float64Array;
  #stepUnits = 0;
  #lastAzimuth: number | undefined;

  constructor(model: VelodyneModel) {
    this.#model = model;
    this.#beams = Float64Array.from(
      model.elevations.flatMap((elevation, laser) => {
        const angle = radians(elevation);
        return [Math.cos(angle), Math.sin(angle), model.heightsMm[laser]! / 1000];
      }),
    );
  }

  /** Columns of a packet with so many returns: firings that have an azimuth of their own. */
  columns(returns: 1 | 2): number {
    return Math.floor(BLOCKS / (this.#model.blocksPerColumn * returns));
  }

  /** Azimuth of a column in hundredths of a degree; undefined if it is beyond a turn. */
  azimuth(payload: Uint8Array, returns: 1 | 2, column: number): number | undefined {
    const block = column * this.#model.blocksPerColumn * returns;
    const azimuth = viewOf(payload).getUint16(block * BLOCK_BYTES + 2, true);
    return azimuth < TURN_UNITS ? azimuth : undefined;
  }

  /** Points that a column may have. */
  room(returns: 1 | 2): number {
    return this.#model.blocksPerColumn * returns * BLOCK_VALUES;
  }

  /**
   * Writes the points of a column from byte `start` of `points` on and returns how many there are.
   * Values without a return are left out, and a second return that is the same as the first.
   */
  decode(
    payload: Uint8Array,
    returns: 1 | 2,
    column: number,
    points: DataView,
    start: number,
  ): number {
    const azimuth = this.azimuth(payload, returns, column);
    if (azimuth === undefined) return 0;
    this.#measureSpeed(payload, returns, column, azimuth);
    const { blocksPerColumn } = this.#model;
    const view = viewOf(payload);
    let at = start;
    for (let part = 0; part < blocksPerColumn * returns; part++) {
      const block = (column * blocksPerColumn * returns + part) * BLOCK_BYTES;
      const bank = Math.floor(part / returns);
      // A block with another mark is damaged, or padding.
      if (payload[block] !== 0xff || payload[block + 1] !== BANK_MARKS[bank]) continue;
      // Blocks of one firing lie side by side: the last return, then the strongest.
      const twin = part % returns === 1 ? BLOCK_BYTES : 0;
      for (let value = 0, from = block + 4; value < BLOCK_VALUES; value++, from += 3) {
        const distance = view.getUint16(from, true);
        if (distance === 0) continue;
        if (twin > 0 && view.getUint16(from - twin, true) === distance) continue;
        this.#write(points, at, azimuth, bank * BLOCK_VALUES + value, distance);
        points.setUint8(at + REFLECTIVITY_AT, payload[from + 2]!);
        at += PACKET_POINT_STEP;
      }
    }
    return (at - start) / PACKET_POINT_STEP;
  }

  #write(points: DataView, at: number, azimuth: number, value: number, distance: number): void {
    const { metresPerUnit, azimuths, rings, delays } = this.#model;
    const laser = value % rings.length;
    const turned = azimuth + this.#stepUnits * delays[value]!;
    const angle = radians(turned / 100 + azimuths[laser]!);
    const range = distance * metresPerUnit;
    const flat = range * this.#beams[3 * laser]!;
    // Azimuths run clockwise from the direction of x, seen from above.
    points.setFloat32(at, flat * Math.cos(angle), true);
    points.setFloat32(at + 4, -flat * Math.sin(angle), true);
    const height = this.#beams[3 * laser + 2]!;
    points.setFloat32(at + 8, range * this.#beams[3 * laser + 1]! + height, true);
    points.setUint8(at + CHANNEL_AT, rings[laser]!);
    points.setUint16(at + TIME_AT, Math.min(turned, TURN_UNITS - 1), true);
  }

  /** How far the head turns in one column: to the next one, else as far as before. */
  #measureSpeed(payload: Uint8Array, returns: 1 | 2, column: number, azimuth: number): void {
    const isLast = column + 1 === this.columns(returns);
    const following = isLast ? undefined : this.azimuth(payload, returns, column + 1);
    const previous = this.columns(returns) === 1 ? this.#lastAzimuth : undefined;
    this.#lastAzimuth = azimuth;
    let step: number | undefined;
    if (following !== undefined) step = following - azimuth;
    else if (previous !== undefined) step = azimuth - previous;
    if (step === undefined) return;
    const units = (step + TURN_UNITS) % TURN_UNITS;
    if (units <= STEP_UNITS_MAX) this.#stepUnits = units;
  }
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
