/**
 * The attack on sensors: somebody has what each of many units gave in one home, gets what one of them
 * gave in another home, and says which unit it was.
 */
import type { Frame } from "../core/frame.ts";
import { defaultPolicy } from "../policy/index.ts";
import { beamResiduals, heightShares, ranks, ringElevations } from "./fingerprint.ts";
import { furnish, makeHome, TRUTH_CELL_M } from "./home.ts";
import type { Product } from "./product.ts";
import { type Random, seeded } from "./random.ts";
import { type Recall, type Report, Tally } from "./recognise-homes.ts";
import { MOUNT_M, makeUnit, type SensorUnit, spin } from "./sensor-unit.ts";
import { drawTruth, isFree, type Truth } from "./truth.ts";

export interface SensorTerms {
  readonly seed: number;
  readonly units: number;
  /** Edge of a voxel of the maps, metres. */
  readonly leafM: number;
}

export interface SensorResult {
  /** On raw frames of the sensor. */
  readonly raw: Recall;
  /** On single frames as level frames lets them out. */
  readonly frames: Recall;
  /** On maps, by the attack of the two that finds more. */
  readonly map: Recall;
}

/** Frames of a session that the attacks on frames see. */
const FRAMES = 10;
/** Frames of a map. */
const MAP_FRAMES = 30;
/** Metres between two frames along the way, about. */
const FRAME_EVERY_M = 0.25;
const FRAME_EVERY_NS = 1_000_000_000n;
const ROBOT_REACH_CELLS = 4;

/** What a session gives to each of the attacks. */
interface Features {
  readonly raw: number[];
  readonly frames: number[];
  readonly mapBeams: number[];
  readonly mapHeights: number[];
}

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Attacks a population of sensor units, each in two homes of its own. */
export async function recogniseSensors(
  { seed, units, leafM }: SensorTerms,
  product: Product,
  report: Report,
): Promise<SensorResult> {
  const sessions: [Features[], Features[]] = [[], []];
  for (let index = 0; index < units; index++) {
    const unit = makeUnit(seed, index);
    for (const [session, features] of sessions.entries()) {
      // No two sessions are in one home.
      const random = seeded(seed, index, 102 + session);
      features.push(record(unit, seed, 2 * index + session, random, leafM, product));
      report((2 * index + session) / (2 * units));
      await pause();
    }
  }
  const [known, asked] = sessions;
  const recall = (pick: (features: Features) => number[]) => {
    const tally = new Tally();
    for (const rank of ranks(known.map(pick), asked.map(pick))) tally.add(rank);
    return tally.recall();
  };
  const byBeams = recall(({ mapBeams }) => mapBeams);
  const byHeights = recall(({ mapHeights }) => mapHeights);
  return {
    raw: recall(({ raw }) => raw),
    frames: recall(({ frames }) => frames),
    map: byBeams.first >= byHeights.first ? byBeams : byHeights,
  };
}

function record(
  unit: SensorUnit,
  seed: number,
  home: number,
  random: Random,
  leafM: number,
  { maker, sanitizer }: Product,
): Features {
  const truth = furnishedHome(seed, home, random);
  const frames = drive(truth, random).map((place) => ({
    place,
    points: spin(unit, truth, TRUTH_CELL_M, place, random.normal),
  }));
  const single = frames.slice(0, FRAMES).map(({ points }) => points);
  const sanitized = single.map((points) =>
    sanitizer.copyVoxels(sanitizer.sanitize(frameOf(points)).report),
  );
  const policy = defaultPolicy();
  maker.begin({ policy: { ...policy, map: { ...policy.map, leaf_m: leafM, hold_back: "0s" } } });
  for (const [i, { place, points }] of frames.entries()) {
    const [x, y, heading] = place;
    const half = heading / 2;
    maker.add({
      ...frameOf(points),
      pose: {
        translation: [x * TRUTH_CELL_M, y * TRUTH_CELL_M, MOUNT_M],
        quaternion: [0, 0, Math.sin(half), Math.cos(half)],
      },
      stampNs: BigInt(i + 1) * FRAME_EVERY_NS,
    });
  }
  const map = maker.copyKept();
  const floor = map.reduce((min, value, i) => (i % 3 === 2 ? Math.min(min, value) : min), Infinity);
  return {
    raw: ringElevations(single),
    frames: beamResiduals(sanitized, [0, 0, 0]),
    mapBeams: beamResiduals([map], [middle(map, 0), middle(map, 1), floor + MOUNT_M]),
    mapHeights: heightShares(map, floor),
  };
}

function furnishedHome(seed: number, index: number, random: Random): Truth {
  const home = makeHome(seed, index);
  const doors = home.doors.map(({ hole }) => hole);
  return drawTruth(home, [...home.rooms, ...doors], furnish(home, random));
}

/** A walk of small steps that turns where it meets something: x, y in cells, heading in radians. */
function drive(truth: Truth, { uniform }: Random): [number, number, number][] {
  const free = (x: number, y: number) =>
    x > ROBOT_REACH_CELLS &&
    y > ROBOT_REACH_CELLS &&
    x < truth.width - ROBOT_REACH_CELLS &&
    y < truth.height - ROBOT_REACH_CELLS &&
    isFree(truth, Math.floor(x), Math.floor(y), ROBOT_REACH_CELLS);
  let [x, y] = [0, 0];
  // Some place is free in every home that is drawn, so that this ends.
  while (!free(x, y)) [x, y] = [truth.width * uniform(), truth.height * uniform()];
  let heading = 2 * Math.PI * uniform();
  const step = FRAME_EVERY_M / TRUTH_CELL_M;
  const places: [number, number, number][] = [];
  for (let i = 0; i < MAP_FRAMES; i++) {
    places.push([x, y, heading]);
    const next: [number, number] = [x + step * Math.cos(heading), y + step * Math.sin(heading)];
    if (free(...next)) [x, y] = next;
    else heading += (uniform() - 0.5) * Math.PI;
  }
  return places;
}

function frameOf(points: Float32Array): Frame {
  return {
    count: points.length / 3,
    layout: {
      pointStep: 12,
      x: { offset: 0, type: "f32" },
      y: { offset: 4, type: "f32" },
      z: { offset: 8, type: "f32" },
    },
    data: new Uint8Array(points.buffer),
    metadata: [],
  };
}

/** The median of one coordinate. */
function middle(points: Float32Array, axis: number): number {
  const values = points.filter((_, i) => i % 3 === axis).sort();
  return values[values.length >> 1]!;
}
