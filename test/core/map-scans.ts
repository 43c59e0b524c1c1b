/** Scans of a map by the cells that they hit, for the bare core and for the reference beside it. */
import { expect } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { type MapTerms, putMapTerms, readMapStats } from "../../host/core/map.ts";
import { type Cell, ReferenceMap } from "../map/reference-map.ts";
import type { Seeded } from "./clouds.ts";
import { bytesOf, type PolicySettings, type RawCore, XYZ } from "./raw-core.ts";

export const LEAF = 0.5;
export const POLICY: PolicySettings = { leaf: LEAF, pose: abi.POSE_MAP };
export interface Scan {
  readonly stampNs: bigint | undefined;
  readonly sensor: Cell;
  readonly hits: readonly Cell[];
}

/** Where the sensor's cell 0 0 0 lies: in the middle of a cell that is so far from the origin. */
export function begin(core: RawCore, terms: MapTerms, base: Cell = [0, 0, 0]): number {
  core.call.wipe();
  const offset = base.map((cell) => (cell + 0.5) * LEAF);
  expect(core.beginSession(offset, [0, 0])).toBe(0);
  // The first position of the session is its origin.
  expect(core.voxelise(bytesOf([1, 1, 1]), POLICY, XYZ, { pose: poseAt([0, 0, 0]) })).toBe(1);
  return beginMap(core, terms);
}

export function beginMap(core: RawCore, terms: MapTerms): number {
  putMapTerms(core.view, core.at(abi.REGION_MAP), terms);
  return core.call.map_begin();
}

/** Somewhere in a robot's map: only ways from the first position count. */
export const poseAt = (cell: Cell) => ({
  translation: cell.map((k, axis) => k * LEAF + [40, -7, 1.5][axis]!) as [number, number, number],
  quaternion: [0, 0, 0, 1] as [number, number, number, number],
});

/** A frame with a point in each of the cells; the status of map_add, or of what failed before. */
export function add(core: RawCore, { stampNs, sensor, hits }: Scan, policy = POLICY): number {
  const points = hits.flatMap((cell) => cell.map((k, axis) => (k - sensor[axis]!) * LEAF + 0.125));
  const voxels = core.voxelise(bytesOf(points), policy, XYZ, { pose: poseAt(sensor), stampNs });
  return voxels < 0 ? voxels : core.call.map_add();
}

/** Cells of a part as texts, sorted. */
export function release(core: RawCore, part: number): string[] {
  const count = core.call.map_release(part);
  expect(count).toBeGreaterThanOrEqual(0);
  const voxels = core.voxels(count);
  const cells = Array.from({ length: count }, (_, i) =>
    [0, 1, 2].map((axis) => Math.floor(voxels[4 * i + axis]! / LEAF)).join(" "),
  );
  return cells.sort();
}

export function texts(coordinates: Int32Array): string[] {
  const cells = Array.from({ length: coordinates.length / 3 }, (_, i) =>
    coordinates.subarray(3 * i, 3 * i + 3).join(" "),
  );
  return cells.sort();
}

export const stats = (core: RawCore) =>
  readMapStats(new DataView(core.memory.buffer, core.at(abi.REGION_MAP), abi.MAP_BYTES));

/** Terms of every kind, mostly of small boxes, for which the reference is quick. */
function randomTerms(random: Seeded): MapTerms {
  return {
    holdNs: BigInt(random.below(4)),
    windowScans: 1 + random.below(random.below(3) === 0 ? 8 : 2),
    carveCells: random.below(8) === 0 ? 1 + random.below(255) : 1 + random.below(40),
    gapCells: random.below(3) === 0 ? random.below(9) : random.below(3),
    flat: random.below(3) === 0,
    voidMin: 1 + random.below(3),
    hitsMin: 1 + random.below(random.below(4) === 0 ? 3 : 1),
    voteHits: [0, 1, 3, 255][random.below(4)]!,
    crowdHits: [0, 1, 5, 255][random.below(4)]!,
    crowdVoids: 1 + random.below(26),
  };
}

/** Cells around the sensor: a shell, so that rays lie side by side, with some in its midst or far off. */
function randomHits(random: Seeded, sensor: Cell, reach: number, flat: boolean): Cell[] {
  const found = new Map<string, Cell>();
  const near = () => random.below(2 * reach + 1) - reach;
  const count = 20 + random.below(300);
  const far = random.below(6) === 0 ? 10 ** random.below(6) : 1;
  for (let i = 0; i < count; i++) {
    const step = [near(), near(), flat ? 0 : near()];
    const kind = random.below(20);
    const sides = kind > 18 ? 2 : kind > 1 ? 1 : 0;
    for (let side = 0; side < sides; side++) {
      step[random.below(flat ? 2 : 3)] = random.below(2) === 0 ? reach : -reach;
    }
    const scale = kind === 2 ? far : 1;
    const cell = sensor.map((k, axis) => k + scale * step[axis]!) as unknown as Cell;
    found.set(cell.join(" "), cell);
  }
  return [...found.values()];
}

const EDGE = abi.CELL_LIMIT - 30;
const BASES: readonly Cell[] = [
  [0, 0, 0],
  [0, 0, 0],
  [-1000, 77, 13],
  [EDGE, -EDGE, EDGE],
  [-EDGE, EDGE, -EDGE],
];

const sum = ([x, y, z]: Cell, base: Cell): Cell => [x + base[0], y + base[1], z + base[2]];

/** Whether there is such a cell: frames drop the others. */
const isCell = (cell: Cell) => cell.every((k) => k >= -abi.CELL_LIMIT && k < abi.CELL_LIMIT);

/**
 * Plays maps of random terms and scans, some at the border of the cells, and holds every release to the
 * reference's. Returns how many cells were kept and removed in all.
 */
export function playAgainstReference(core: RawCore, random: Seeded, rounds: number) {
  let [kept, removed] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const drawn = randomTerms(random);
    const reach = 2 + random.below(24);
    // Now and then rays come to their target's surroundings and to the end of the box at once.
    const both = reach - drawn.gapCells - 1;
    const terms = both > 0 && random.below(6) === 0 ? { ...drawn, carveCells: both } : drawn;
    const base = BASES[random.below(BASES.length)]!;
    expect(begin(core, terms, base)).toBe(0);
    const reference = new ReferenceMap(terms);
    let stamp = random.below(5);
    for (let i = 0; i < 2 + random.below(9); i++) {
      stamp += random.below(3);
      const sensor: Cell = [random.below(7) - 3, random.below(5) - 2, random.below(3) - 1];
      const hits = randomHits(random, sensor, reach, terms.flat && random.below(4) > 0);
      const cells = hits.map((cell) => sum(cell, base)).filter(isCell);
      const stampNs = BigInt(stamp);
      expect(add(core, { stampNs, sensor, hits })).toBe(cells.length);
      const all = Int32Array.from(cells.flat());
      reference.add({ stampNs, sensor: sum(sensor, base), hits: all });
      if (random.below(5) > 0) continue;
      // A release closes the window, and the map goes on.
      expect(release(core, abi.MAP_KEPT)).toEqual(texts(reference.release().kept));
    }
    const expected = reference.release();
    expect(release(core, abi.MAP_REMOVED)).toEqual(texts(expected.removed));
    expect(release(core, abi.MAP_KEPT)).toEqual(texts(expected.kept));
    kept += expected.kept.length;
    removed += expected.removed.length;
  }
  return { kept, removed };
}
