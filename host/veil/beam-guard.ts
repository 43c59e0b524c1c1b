/**
 * Keeps a lidar from being a microphone. A beam that stands still on a thing samples how sound moves
 * it, hundreds of times a second: LidarPhone (Sammakia et al., SenSys 2020) understood spoken digits by
 * the lidar of a robot cleaner. A lidar that maps turns; so a frame of one direction is refused before
 * anything of it is worked on.
 */
import { MapveilError } from "../core/errors.ts";
import type { Frame, PointField } from "../core/frame.ts";
import { COLUMN_BYTES, readValue } from "../formats/index.ts";

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

type Column = Float64Array;

// Frames are looked at one after the other, many a second: nothing is allocated for one.
const chosen = new Uint32Array(SAMPLES);
const columns = [0, 1, 2].map(() => new Float64Array(SAMPLES)) as [Column, Column, Column];
const found = new Float64Array(SAMPLES);
const bins = new Uint16Array(BINS);

/** Whether all coordinates lie in their points, and all points in the data; if not, the core refuses. */
function isSound({ count, layout, data }: Frame): boolean {
  const { pointStep, x, y, z } = layout;
  const isInside = ({ offset, type }: PointField) =>
    offset >= 0 && offset + COLUMN_BYTES[type] <= pointStep;
  return [x, y, z].every(isInside) && data.length >= count * pointStep;
}

/** Reads one coordinate of the chosen points. */
function readColumn(
  to: Column,
  points: number,
  view: DataView,
  pointStep: number,
  { type, offset, scale = 1, bias = 0 }: PointField,
): void {
  if (type === "f32") {
    // As nearly all drivers send them. A number that a call returns is an object on the heap.
    for (let i = 0; i < points; i++) {
      to[i] = view.getFloat32(chosen[i]! * pointStep + offset, true) * scale + bias;
    }
    return;
  }
  for (let i = 0; i < points; i++) {
    to[i] = readValue(view, type, chosen[i]! * pointStep + offset) * scale + bias;
  }
}

/** Appends the directions of those of the chosen points that are measured; returns how many there are then. */
function takeChosen(points: number, frame: Frame, view: DataView, taken: number): number {
  const { x, y, z, pointStep } = frame.layout;
  const [xs, ys, zs] = columns;
  readColumn(xs, points, view, pointStep, x);
  readColumn(ys, points, view, pointStep, y);
  readColumn(zs, points, view, pointStep, z);
  for (let i = 0; i < points && taken < SAMPLES; i++) {
    // Empty slots are zeros or no numbers, as in the core.
    if (!Number.isFinite(xs[i]! + ys[i]! + zs[i]!)) continue;
    if (xs[i] === 0 && ys[i] === 0 && zs[i] === 0) continue;
    found[taken++] = Math.atan2(ys[i]!, xs[i]!);
  }
  return taken;
}

/** Directions of the first measured points, up to SAMPLES. */
function takeFirst(frame: Frame, view: DataView): number {
  let taken = 0;
  for (let first = 0; first < frame.count && taken < SAMPLES; first += SAMPLES) {
    const points = Math.min(SAMPLES, frame.count - first);
    for (let i = 0; i < points; i++) chosen[i] = first + i;
    taken = takeChosen(points, frame, view, taken);
  }
  return taken;
}

/** Directions of up to SAMPLES measured points; of all the first ones where a spread finds too few. */
function borrowDirections(frame: Frame): Float64Array {
  const { data, count } = frame;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (count <= SAMPLES) return found.subarray(0, takeFirst(frame, view));
  for (let i = 0; i < SAMPLES; i++) chosen[i] = Math.floor(((i * SPREAD) % 1) * count);
  const taken = takeChosen(SAMPLES, frame, view, 0);
  return found.subarray(0, taken < TELLING_POINTS_MIN ? takeFirst(frame, view) : taken);
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
  bins.fill(0);
  for (let i = 0; i < directions.length; i++) {
    bins[Math.floor((directions[i]! / (2 * Math.PI) + 0.5) * BINS) % BINS]!++;
  }
  for (let i = 0; i < BINS; i++) {
    if (bins[i]! + bins[(i + 1) % BINS]! + bins[(i + 2) % BINS]! >= needed) return true;
  }
  return false;
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
  const directions = borrowDirections(frame);
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
