/**
 * Keeps a lidar from being a microphone. A beam that stands still on a thing samples how sound moves
 * it, hundreds of times a second: LidarPhone (Sammakia et al., SenSys 2020) understood spoken digits by
 * the lidar of a robot cleaner. A lidar that maps turns; so a frame of one direction is refused before
 * anything of it is worked on.
 */
import { MapveilError } from "../core/errors.ts";
import type { Frame, PointField } from "../core/frame.ts";

/** Width of the sector, seen from the sensor, about its z. */
const SECTOR_RAD = (5 * Math.PI) / 180;
/** Share of the measured points in one sector from which a beam counts as standing still. */
const STILL_SHARE = 0.95;
/**
 * Frames with fewer measured points pass: too few to tell, and at 20 frames a second, to which the
 * sidecar holds a robot, under 400 samples a second, which hold no tone of 200 Hz or more.
 */
export const TELLING_POINTS_MIN = 20;
/** Points that are looked at. */
const SAMPLES = 1024;
/** Golden ratio: its multiples modulo 1 spread evenly and in no step of rows or columns (Weyl, 1916). */
const SPREAD = 0.6180339887498949;
/** Bins of half a sector: any sector lies in three of them. */
const BINS = 144;

type Read = (point: number) => number;

const READERS = {
  f32: (view: DataView, at: number) => view.getFloat32(at, true),
  f64: (view: DataView, at: number) => view.getFloat64(at, true),
  i16: (view: DataView, at: number) => view.getInt16(at, true),
  i32: (view: DataView, at: number) => view.getInt32(at, true),
  u8: (view: DataView, at: number) => view.getUint8(at),
  u16: (view: DataView, at: number) => view.getUint16(at, true),
  u32: (view: DataView, at: number) => view.getUint32(at, true),
} as const;
const SIZES = { f32: 4, f64: 8, i16: 2, i32: 4, u8: 1, u16: 2, u32: 4 } as const;

/** Whether all coordinates lie in their points, and all points in the data; if not, the core refuses. */
function isSound({ count, layout, data }: Frame): boolean {
  const { pointStep, x, y, z } = layout;
  const isInside = ({ offset, type }: PointField) =>
    offset >= 0 && offset + SIZES[type] <= pointStep;
  return [x, y, z].every(isInside) && data.length >= count * pointStep;
}

function reader(view: DataView, pointStep: number, field: PointField): Read {
  const read = READERS[field.type];
  const { offset, scale = 1, bias = 0 } = field;
  return (point) => read(view, point * pointStep + offset) * scale + bias;
}

/** Directions of up to SAMPLES measured points; of all the first ones where a spread finds too few. */
function directionsOf(frame: Frame): Float64Array {
  const { layout, data, count } = frame;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [x, y, z] = [layout.x, layout.y, layout.z].map((f) =>
    reader(view, layout.pointStep, f),
  ) as [Read, Read, Read];
  const out = new Float64Array(Math.min(SAMPLES, count));
  let found = 0;
  const take = (point: number) => {
    const [px, py, pz] = [x(point), y(point), z(point)];
    // Empty slots are zeros or no numbers, as in the core.
    if (!Number.isFinite(px + py + pz) || (px === 0 && py === 0 && pz === 0)) return;
    out[found++] = Math.atan2(py, px);
  };
  if (count <= SAMPLES) {
    for (let i = 0; i < count; i++) take(i);
    return out.subarray(0, found);
  }
  for (let i = 0; i < SAMPLES; i++) take(Math.floor(((i * SPREAD) % 1) * count));
  if (found < TELLING_POINTS_MIN) {
    found = 0;
    for (let i = 0; i < count && found < SAMPLES; i++) take(i);
  }
  return out.subarray(0, found);
}

/** Most directions that lie in one sector; they are sorted in place. */
function mostInSector(directions: Float64Array): number {
  directions.sort();
  const n = directions.length;
  let most = 0;
  for (let first = 0, last = 0; first < n; first++) {
    const end = directions[first]! + SECTOR_RAD;
    while (last < first + n && directions[last % n]! + (last >= n ? 2 * Math.PI : 0) <= end) last++;
    most = Math.max(most, last - first);
  }
  return most;
}

/** Can `needed` directions lie in one sector, as far as counting bins tells? */
function mayStandStill(directions: Float64Array, needed: number): boolean {
  const bins = new Uint16Array(BINS);
  for (const direction of directions) {
    bins[Math.floor((direction / (2 * Math.PI) + 0.5) * BINS) % BINS]!++;
  }
  return bins.some((size, i) => size + bins[(i + 1) % BINS]! + bins[(i + 2) % BINS]! >= needed);
}

/**
 * Refuses a frame of which at least 95 % of the measured points lie in one sector of 5 degrees, looked
 * at from the sensor. At most 1,024 points are sampled, evenly; frames with fewer than
 * TELLING_POINTS_MIN measured points pass. So do frames without a pose whose points are in the map's
 * frame already: where their sensor stood is not known.
 * @throws MapveilError REFUSED, reason BEAM_STUCK
 */
export function assertBeamMoves(frame: Frame, inMapFrame: boolean): void {
  if (inMapFrame && frame.pose === undefined) return;
  if (!isSound(frame)) return;
  const directions = directionsOf(frame);
  if (directions.length < TELLING_POINTS_MIN) return;
  const needed = Math.ceil(STILL_SHARE * directions.length);
  if (!mayStandStill(directions, needed)) return;
  const most = mostInSector(directions);
  if (most < needed) return;
  const share = Math.floor((100 * most) / directions.length);
  throw new MapveilError(
    "REFUSED",
    `The beam stands still: ${share} % of the points lie within 5 degrees as the sensor sees them. ` +
      "Such frames can carry sound, so none of this one leaves; it goes on when the lidar turns again.",
    { field: "data", reason: "BEAM_STUCK" },
  );
}
