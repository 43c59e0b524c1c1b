/**
 * Frames made to be costly: what a sensor, a policy and whoever places the points can choose, as a few
 * numbers that a search can turn.
 */
import { readFileSync } from "node:fs";
import * as abi from "../../../../assembly/abi.ts";
import { uniform } from "../../../../bench/inputs/random.ts";
import type { FieldType, PointLayout } from "../../../../host/core/frame.ts";
import type { Profile } from "../../../../host/embed/tools/build-c.ts";
import type { Trial } from "./trials.ts";

export interface Limits {
  readonly MAX_POINTS: number;
  readonly MAX_SLOTS: number;
  readonly BOX_COUNT_MAX: number;
  readonly AREA_COUNT_MAX: number;
  readonly VERTEX_COUNT_MAX: number;
  readonly inputBytes: number;
}

/** Limits of a profile, as abi.json has them. */
export function limitsOf(profile: Profile): Limits {
  const text = readFileSync(new URL("../../../../host/embed/abi.json", import.meta.url), "utf8");
  const { profiles } = JSON.parse(text) as {
    profiles: readonly { name: string; limits: Limits; regions: { INPUT: number } }[];
  };
  const { limits, regions } = profiles.find(({ name }) => name === profile)!;
  return { ...limits, inputBytes: regions.INPUT };
}

/** All that is varied. Numbers are shares 0..1 of what the profile allows, where not said otherwise. */
export interface Scenario {
  readonly seed: number;
  readonly type: FieldType;
  /** Points lie in a cube of 2^extent cells, 0..20. */
  readonly extent: number;
  /** Different cells among the points. */
  readonly cells: number;
  /** Cells that stand together: 1, 8 or 64 in a row of the list, in Morton order. */
  readonly cluster: number;
  /** The points of a cell follow each other, or come again after all others. */
  readonly together: boolean;
  /** What the frame is said to have: 0 nothing, 1 a single point, 2 the truth. */
  readonly said: number;
  /** Points that were pushed before. */
  readonly lead: number;
  readonly boxes: number;
  readonly areas: number;
  readonly vertices: number;
  readonly crops: boolean;
  readonly posed: boolean;
  /** Centroids and attributes, where the profile has them. */
  readonly values: boolean;
}

const TYPES: readonly FieldType[] = ["f32", "f64", "i16", "i32", "u8", "u16", "u32"];
const TYPE_BYTES = { f32: 4, f64: 8, i16: 2, i32: 4, u8: 1, u16: 2, u32: 4 } as const;
const LEAF_M = 0.0625;

/** A layout in which x, y, z have this type; attributes are f32 behind them. */
function layoutOf(type: FieldType, values: boolean): PointLayout {
  const bytes = TYPE_BYTES[type];
  // A quarter of a cell a step, so that every type can meet every cell that it can name.
  const scale = type.startsWith("f") ? 1 : LEAF_M / 4;
  const field = (i: number) => ({ type, offset: i * bytes, scale, bias: 0 });
  const value = (i: number) => ({ type: "f32" as const, offset: 3 * bytes + 4 * i });
  const step = 3 * bytes + (values ? 12 : 0);
  const axes = { pointStep: step, x: field(0), y: field(1), z: field(2) };
  return values ? { ...axes, intensity: value(0), ring: value(1), time: value(2) } : axes;
}

/** Vertices of a C around the origin, which is in its bounds and not in it: every edge is looked at. */
function vertexOf(i: number, count: number): [number, number] {
  const half = Math.ceil(count / 2);
  const isOuter = i < half;
  const along = isOuter ? i / half : (count - 1 - i) / half;
  const angle = 5.5 * along;
  const radius = isOuter ? 1e6 : 0.9e6;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

function policyOf(scenario: Scenario, limits: Limits, micro: boolean): Uint8Array {
  const boxes = Math.round(scenario.boxes * limits.BOX_COUNT_MAX);
  const areas = Math.round(scenario.areas * limits.AREA_COUNT_MAX);
  const spare = limits.VERTEX_COUNT_MAX - 3 * limits.AREA_COUNT_MAX;
  const vertices = areas === 0 ? 0 : 3 * areas + Math.round(scenario.vertices * spare);
  const values = scenario.values && !micro;
  const bytes = abi.POLICY_BYTES + boxes * abi.BOX_BYTES + areas * abi.AREA_BYTES;
  const policy = Buffer.alloc(bytes + vertices * abi.VERTEX_BYTES);
  policy.writeFloatLE(LEAF_M, abi.POLICY_LEAF_M);
  policy.writeUInt32LE(scenario.posed ? abi.POSE_KEEP : abi.POSE_DROP, abi.POLICY_POSE);
  policy.writeFloatLE(scenario.crops ? 1e-6 : 0, abi.POLICY_RANGE_MIN);
  policy.writeFloatLE(scenario.crops ? 1e6 : Infinity, abi.POLICY_RANGE_MAX);
  policy.writeFloatLE(scenario.crops ? -1e6 : -Infinity, abi.POLICY_HEIGHT_MIN);
  policy.writeFloatLE(scenario.crops ? 1e6 : Infinity, abi.POLICY_HEIGHT_MAX);
  policy.writeUInt32LE(boxes, abi.POLICY_BOX_COUNT);
  policy.writeUInt32LE(areas, abi.POLICY_AREA_COUNT);
  policy.writeUInt32LE(vertices, abi.POLICY_VERTEX_COUNT);
  if (values) {
    policy.writeUInt32LE(abi.POINT_CENTROID, abi.POLICY_POINT);
    policy.writeUInt32LE(6, abi.POLICY_CENTROID_BITS);
    for (const at of [abi.POLICY_INTENSITY_BITS, abi.POLICY_RING_BITS, abi.POLICY_TIME_BITS]) {
      policy.writeUInt32LE(8, at);
    }
  }
  let at = abi.POLICY_BYTES;
  for (let b = 0; b < boxes; b++, at += abi.BOX_BYTES) {
    // Long and thin along z only: a point is beyond the last of the three faces that are looked at.
    policy.writeUInt32LE(abi.BOX_REMOVE, at);
    policy.writeFloatLE(3e6, at + abi.BOX_CENTRE + 8);
    for (const [k, half] of [9e6, 9e6, 0.5].entries()) {
      policy.writeFloatLE(half, at + abi.BOX_HALF + 4 * k);
    }
    policy.writeFloatLE(1, at + abi.BOX_QUATERNION + 12);
  }
  const each = Math.floor(vertices / Math.max(areas, 1));
  const sizes = Array.from({ length: areas }, (_, a) =>
    a === 0 ? vertices - each * (areas - 1) : each,
  );
  for (const size of sizes) {
    policy.writeUInt32LE(size, at);
    policy.writeFloatLE(-9e6, at + abi.AREA_Z_MIN);
    policy.writeFloatLE(9e6, at + abi.AREA_Z_MAX);
    at += abi.AREA_BYTES;
  }
  for (const size of sizes) {
    for (let i = 0; i < size; i++, at += abi.VERTEX_BYTES) {
      const [x, y] = vertexOf(i, size);
      policy.writeFloatLE(x, at);
      policy.writeFloatLE(y, at + 4);
    }
  }
  return policy;
}

/** Cells in the order in which points meet them first. */
function cellsOf(scenario: Scenario, count: number): Int32Array {
  const next = uniform(scenario.seed);
  const edge = 2 ** scenario.extent;
  const cells = new Int32Array(3 * count);
  let base = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const inCluster = i % scenario.cluster;
    if (inCluster === 0) base = [0, 0, 0].map(() => Math.floor((next() - 0.5) * edge) & ~3);
    const bit = (k: number) => ((inCluster >> k) & 1) | (((inCluster >> (k + 3)) & 1) << 1);
    for (let k = 0; k < 3; k++) cells[3 * i + k] = base[k]! + bit(k);
  }
  return cells;
}

function writeValue(to: DataView, at: number, type: FieldType, metres: number): void {
  const steps = Math.round((metres / LEAF_M) * 4);
  if (type === "f32") to.setFloat32(at, metres, true);
  else if (type === "f64") to.setFloat64(at, metres, true);
  else if (type === "i16") to.setInt16(at, steps, true);
  else if (type === "i32") to.setInt32(at, steps, true);
  else if (type === "u8") to.setUint8(at, steps);
  else if (type === "u16") to.setUint16(at, steps, true);
  else to.setUint32(at, steps, true);
}

/** The trial of a scenario with so many points, pushed so many at a time behind those that lead. */
export function trialOf(
  scenario: Scenario,
  profile: Profile,
  points: number,
  pushPoints: number,
): Trial {
  const limits = limitsOf(profile);
  const values = scenario.values && profile !== "micro";
  const layout = layoutOf(scenario.type, values);
  const { pointStep } = layout;
  const lead = Math.floor(scenario.lead);
  const count = Math.min(lead + points, limits.MAX_SLOTS);
  const distinct = Math.max(1, Math.min(Math.floor(scenario.cells * count), limits.MAX_POINTS));
  const cells = cellsOf(scenario, distinct);
  const data = new Uint8Array(count * pointStep);
  const view = new DataView(data.buffer);
  const repeat = Math.ceil(count / distinct);
  const next = uniform(scenario.seed + 1);
  for (let i = 0; i < count; i++) {
    const cell = 3 * (scenario.together ? Math.floor(i / repeat) : i % distinct);
    for (let k = 0; k < 3; k++) {
      // Never all zero: that is an empty slot.
      const metres = (cells[cell + k]! + 0.25 + 0.5 * Math.floor(2 * next())) * LEAF_M;
      writeValue(view, i * pointStep + k * TYPE_BYTES[scenario.type], scenario.type, metres);
    }
    if (!values) continue;
    for (let v = 0; v < 3; v++) {
      view.setFloat32(i * pointStep + 3 * TYPE_BYTES[scenario.type] + 4 * v, next(), true);
    }
  }
  const pose = { translation: [1.5, 2.5, 0.5], quaternion: [0, 0, 0.6, 0.8] } as const;
  return {
    name: JSON.stringify(scenario),
    frame: { count, layout, data, metadata: [], ...(scenario.posed ? { pose } : {}) },
    policy: policyOf(scenario, limits, profile === "micro"),
    pushPoints: Math.min(pushPoints, Math.floor(limits.inputBytes / pointStep)),
    leadPoints: Math.min(lead, count),
    slots: [0, 1, count][scenario.said]!,
  };
}

/** What one would think of first; where a search begins. */
export function suspects(leads: readonly number[]): Scenario[] {
  const full = { boxes: 1, areas: 1, vertices: 1, crops: true, posed: true, values: true };
  const strewn = { seed: 1, extent: 16, cells: 1, cluster: 1, together: false, said: 1 };
  const lead = Math.max(...leads);
  const strange: Scenario = { ...strewn, ...full, type: "i16", lead };
  return [strange, { ...strange, posed: false }, { ...strange, extent: 20, type: "f64" }];
}

const pick = <T>(next: () => number, all: readonly T[]): T => all[Math.floor(next() * all.length)]!;
const share = (next: () => number) => pick(next, [0, 1, next()]);

/** Any scenario. `leads`: numbers of points pushed before that are worth a look. */
export function randomScenario(next: () => number, leads: readonly number[]): Scenario {
  return {
    seed: Math.floor(next() * 1e6),
    type: pick(next, TYPES),
    extent: Math.floor(next() * 21),
    cells: pick(next, [1, 1, 0.5, next()]),
    cluster: pick(next, [1, 1, 8, 64]),
    together: next() < 0.5,
    said: Math.floor(next() * 3),
    lead: pick(next, leads),
    boxes: share(next),
    areas: share(next),
    vertices: share(next),
    crops: next() < 0.5,
    posed: next() < 0.5,
    values: next() < 0.5,
  };
}

/** The scenario with one or two of its numbers drawn anew. */
export function mutate(scenario: Scenario, next: () => number, leads: readonly number[]): Scenario {
  const other = randomScenario(next, leads);
  const names = Object.keys(scenario) as (keyof Scenario)[];
  const chosen = new Set([pick(next, names), pick(next, names)]);
  const entries = names.map((name) => [name, (chosen.has(name) ? other : scenario)[name]]);
  return Object.fromEntries(entries) as unknown as Scenario;
}
