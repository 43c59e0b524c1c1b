/**
 * Frames for every sensor of the table: real ones where a recording fits, else made from a real one.
 *
 * Made: each beam of the sensor is sent into the scene of the OS1-128 (range-image.ts), in the order
 * in which the sensor fires. A field of view that is higher than the source's is squeezed into it and
 * the reach of the sensor is not applied, since empty slots would cost nothing. In dual return, a
 * seeded share of beams has a second point behind the first, on the same ray.
 *
 * Real: the recording, its points laid out as the driver does. Files often lack the empty slots; they
 * are put back, in runs at seeded places, so that a frame has as many slots as the sensor sends.
 */
import type { Frame } from "../../host/core/frame.ts";
import type { SensorMode } from "../sensors.ts";
import {
  floatsOf,
  frameOf,
  motionOf,
  moved,
  OS1,
  os1WithPoses,
  type Recording,
  VARIANTS,
} from "./frames.ts";
import { bytes, normal, uniform } from "./random.ts";
import { RangeImage } from "./range-image.ts";

const SOURCE_ROWS = 128;
const RADIANS = Math.PI / 180;
/** Share of the returns in dual mode that have a second one, and how far behind it lies. */
const SECOND_SHARE = 0.2;
const SECOND_M = [0.3, 3] as const;
/** A recording with fewer points than this share of the slots is of another mode, or was cut out. */
const FULL_SHARE = 0.5;
/** Empty slots stand together: sky, glass, what is too near. */
const GAP_SLOTS = 16;
/** Shares of a turn by which azimuth and elevation of a rosette go on from point to point. */
const ROSETTE = [Math.SQRT2 / 127, Math.sqrt(5) / 1013] as const;

export interface SensorFrames {
  readonly sensor: SensorMode;
  /** "real", or the recording that they were made from. */
  readonly origin: string;
  /** VARIANTS frames as the driver lays them out; x y z are f32 at offset 0, empty slots 0, 0, 0. */
  readonly variants: readonly Frame[];
  /** The same points as x y z alone. */
  readonly positions: readonly Frame[];
}

/** The scenes that frames are made from. */
export async function sourceImages(): Promise<RangeImage[]> {
  return (await os1WithPoses()).map(({ frame }) => new RangeImage(frame, SOURCE_ROWS));
}

/** Frames of a sensor; `recordings` are searched for one of its own. */
export function framesOf(
  sensor: SensorMode,
  images: readonly RangeImage[],
  recordings: readonly Recording[],
): SensorFrames {
  const real = recordings.find((recording) => isOf(recording, sensor));
  const positions = Array.from({ length: VARIANTS }, (_, variant) =>
    real
      ? withGaps(real.variants[variant]!, sensor.slots, variant)
      : moved(resample(images[variant % images.length]!, sensor, variant), motionOf(variant)),
  );
  const variants = positions.map((frame) => packed(frame, sensor.pointStep));
  return { sensor, origin: real ? "real" : OS1, variants, positions };
}

/** Whether it is of this sensor, by its name, and as full as a frame of this mode. */
function isOf({ name, valid }: Recording, { name: sensor, slots, second }: SensorMode): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const full = valid >= FULL_SHARE * slots && valid <= slots;
  return second === undefined && full && plain(name).startsWith(plain(sensor));
}

/** What the sensor would have seen where the source stood; `seed` turns it and draws second returns. */
export function resample(image: RangeImage, sensor: SensorMode, seed: number): Frame {
  const { slots, beams, second } = sensor;
  const next = uniform(77 + seed);
  const noise = normal(next);
  const heading = 2 * Math.PI * next();
  const direction = directionsOf(sensor, image.elevations);
  const out = new Float32Array(3 * slots);
  const block = second === undefined ? beams : 2 * beams;
  for (let slot = 0; slot < slots; slot++) {
    const column = Math.floor(slot / block);
    const inBlock = slot - column * block;
    if (inBlock >= beams) {
      putSecond(out, 3 * slot, 3 * (slot - beams), second === "repeats", next);
      continue;
    }
    const [azimuth, elevation] = direction(column * beams + inBlock);
    image.sample(azimuth + heading, elevation, noise, out, 3 * slot);
    if (sensor.mode === "2D") out[3 * slot + 2] = 0;
  }
  return frameOf(out);
}

/** The second return of the beam whose first one stands at `first`. */
function putSecond(
  out: Float32Array,
  at: number,
  first: number,
  repeats: boolean,
  next: () => number,
): void {
  const [x, y, z] = [out[first]!, out[first + 1]!, out[first + 2]!];
  const range = Math.hypot(x, y, z);
  if (range === 0) return;
  const twice = next() < SECOND_SHARE;
  if (!twice && !repeats) return;
  const behind = twice ? SECOND_M[0] + (SECOND_M[1] - SECOND_M[0]) * next() : 0;
  const scale = 1 + behind / range;
  out[at] = x * scale;
  out[at + 1] = y * scale;
  out[at + 2] = z * scale;
}

/** Azimuth and elevation in radians of firing number k, within `limits` of elevation. */
function directionsOf(
  sensor: SensorMode,
  limits: readonly [number, number],
): (k: number) => readonly [number, number] {
  const { slots, beams, pattern, second } = sensor;
  const width = sensor.azimuthDeg * RADIANS;
  const low = Math.max(limits[0], sensor.elevationDeg[0] * RADIANS);
  const high = Math.min(limits[1], sensor.elevationDeg[1] * RADIANS);
  const columns = slots / (second === undefined ? 1 : 2) / beams;
  const azimuthAt = (share: number) => width * (0.5 - share);
  const elevationAt = (share: number) => high - (high - low) * share;
  if (pattern === "columns") {
    return (k) => {
      const column = Math.floor(k / beams);
      const share = beams === 1 ? 0.5 : (k - column * beams) / (beams - 1);
      return [azimuthAt(column / columns), elevationAt(share)];
    };
  }
  if (pattern === "rows") {
    return (k) => {
      const row = Math.floor(k / columns);
      const along = (k - row * columns) / columns;
      return [azimuthAt(row % 2 === 0 ? along : 1 - along), elevationAt(row / (beams - 1))];
    };
  }
  // Steps that no fraction describes: the walk never meets itself, and fills its field evenly.
  const [across, up] = ROSETTE;
  const swing = (turns: number) => Math.abs(2 * (turns - Math.floor(turns)) - 1);
  return (k) => {
    const turns = k * across;
    const share = sensor.azimuthDeg === 360 ? turns - Math.floor(turns) : swing(turns);
    return [azimuthAt(share), elevationAt(swing(k * up))];
  };
}

/** x y z of a frame with gaps, or without its last points, so that it has exactly so many slots. */
function withGaps(frame: Frame, slots: number, seed: number): Frame {
  const { floats, stride } = floatsOf(frame);
  const points = Math.min(frame.count, slots);
  const empty = slots - points;
  const gaps = Math.ceil(empty / GAP_SLOTS);
  const next = uniform(500 + seed);
  const starts = Array.from({ length: gaps }, () => Math.floor(next() * points));
  starts.sort((a, b) => a - b);
  const out = new Float32Array(3 * slots);
  let gap = 0;
  for (let i = 0; i < points; i++) {
    while (gap < gaps && starts[gap]! <= i) gap++;
    const slot = i + Math.min(empty, gap * GAP_SLOTS);
    for (let axis = 0; axis < 3; axis++) out[3 * slot + axis] = floats[i * stride + axis]!;
  }
  return frameOf(out);
}

/** The points at the driver's step; what else a point has is noise, which the core never reads. */
function packed(frame: Frame, pointStep: number): Frame {
  const words = pointStep / 2;
  const noise = new Uint16Array(bytes(2 * 4096, pointStep).buffer);
  const data = new Uint16Array(words * frame.count);
  for (let at = 0; at < data.length; at += noise.length) {
    data.set(noise.subarray(0, Math.min(noise.length, data.length - at)), at);
  }
  const from = new Uint16Array(frame.data.buffer, frame.data.byteOffset, 6 * frame.count);
  for (let i = 0; i < frame.count; i++) {
    for (let word = 0; word < 6; word++) data[i * words + word] = from[6 * i + word]!;
  }
  return {
    ...frame,
    layout: { ...frame.layout, pointStep, otherFields: ["intensity", "ring", "time"] },
    data: new Uint8Array(data.buffer),
  };
}
