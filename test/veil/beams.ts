/** Frames as lidars of each kind see a room, and frames of a beam that stands still on a sounding wall. */
import type { Frame } from "../../host/core/frame.ts";
import { between, type Seeded } from "../core/clouds.ts";

const FLOATS = {
  pointStep: 16,
  x: { offset: 0, type: "f32" },
  y: { offset: 4, type: "f32" },
  z: { offset: 8, type: "f32" },
  intensity: { offset: 12, type: "f32" },
} as const;

/** One measurement: azimuth and elevation in radians, range in metres; 0 is an empty slot. */
export interface Ray {
  readonly azimuth: number;
  readonly elevation: number;
  readonly range: number;
  readonly intensity?: number;
}

export function frameOfRays(rays: readonly Ray[]): Frame {
  const values = new Float32Array(4 * rays.length);
  for (const [i, { azimuth, elevation, range, intensity = 0.5 }] of rays.entries()) {
    const flat = range * Math.cos(elevation);
    const at = [flat * Math.cos(azimuth), flat * Math.sin(azimuth), range * Math.sin(elevation)];
    values.set(range === 0 ? [0, 0, 0, 0] : [...at, intensity], 4 * i);
  }
  const data = new Uint8Array(values.buffer);
  return { count: rays.length, layout: FLOATS, data, metadata: [] };
}

/** A room with flat walls around the sensor, floor 1 m below and ceiling 1.5 m above it. */
export interface Box {
  readonly low: readonly [number, number];
  readonly high: readonly [number, number];
}

export function roomOf(random: Seeded): Box {
  const side = () => between(random, 0.15, 8);
  return { low: [-side(), -side()], high: [side(), side()] };
}

/** Range to the first surface of the room. */
export function rangeIn({ low, high }: Box, azimuth: number, elevation: number): number {
  const reach = (towards: number, below: number, above: number) =>
    towards === 0 ? Number.POSITIVE_INFINITY : (towards > 0 ? above : below) / towards;
  const flat = Math.min(
    reach(Math.cos(azimuth), low[0], high[0]),
    reach(Math.sin(azimuth), low[1], high[1]),
  );
  const wall = flat / Math.cos(elevation);
  const level = (elevation > 0 ? 1.5 : -1) / Math.sin(elevation);
  return elevation === 0 ? wall : Math.min(wall, level);
}

const DEGREE = Math.PI / 180;

/** Directions of one frame of a kind of lidar, in the order of its slots. */
export const LIDARS: Readonly<Record<string, (random: Seeded) => [number, number][]>> = {
  // A robot cleaner: 360 rays in one plane.
  cleaner: () => Array.from({ length: 360 }, (_, i) => [i * DEGREE, 0]),
  // A scanner in front, 240 degrees in 726 rays.
  front: () => Array.from({ length: 726 }, (_, i) => [(i / 3 - 120) * DEGREE, 0]),
  // Solid state, 120 by 25 degrees, row by row.
  solid: () =>
    Array.from({ length: 2400 }, (_, i) => [
      ((i % 240) / 2 - 60) * DEGREE,
      (Math.floor(i / 240) * 2.5 - 12.5) * DEGREE,
    ]),
  // 16 beams that turn, column by column.
  spinning: () =>
    Array.from({ length: 4096 }, (_, i) => [
      ((i >> 4) * 360 * DEGREE) / 256,
      ((i & 15) * 2 - 15) * DEGREE,
    ]),
  // A rosette without rows.
  rosette: (random) =>
    Array.from({ length: 2000 }, () => [
      between(random, -35, 35) * DEGREE,
      between(random, -38, 38) * DEGREE,
    ]),
};

/** A frame of a lidar that turns, in a room, with a share of empty slots. */
export function turningFrame(random: Seeded, kind: string): Frame {
  const room = roomOf(random);
  const empty = random.below(4) === 0 ? between(random, 0, 0.97) : 0.05;
  return frameOfRays(
    LIDARS[kind]!(random).map(([azimuth, elevation]) => ({
      azimuth,
      elevation,
      range: between(random, 0, 1) < empty ? 0 : rangeIn(room, azimuth, elevation),
    })),
  );
}

/**
 * A frame of a beam that stands still on a surface which a tone moves: 0.1 mm of range, 1 % of
 * intensity (LidarPhone's figures); fans of several beams share the azimuth.
 */
export function stillFrame(random: Seeded, hertz: number, points: number): Frame {
  const azimuth = between(random, -Math.PI, Math.PI);
  const range = between(random, 0.3, 5);
  const fan = 1 + 15 * random.below(2);
  const rays = Array.from({ length: points }, (_, i) => {
    const tone = Math.sin((2 * Math.PI * hertz * i) / 4000);
    return {
      azimuth: azimuth + between(random, -0.01, 0.01),
      elevation: (i % fan) * DEGREE,
      range: range + 1e-4 * tone,
      intensity: 0.5 * (1 + 0.01 * tone),
    };
  });
  // Up to one in fifty is a stray reflection.
  for (let strays = random.below(1 + Math.floor(points / 50)); strays > 0; strays--) {
    rays[random.below(points)]!.azimuth = between(random, -Math.PI, Math.PI);
  }
  return frameOfRays(rays);
}
