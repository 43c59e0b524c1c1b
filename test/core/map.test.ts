/** The map of the core beside the plain reference, and at its borders. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { type MapTerms, putMapTerms, readMapStats } from "../../host/core/map.ts";
import { type Cell, ReferenceMap } from "../map/reference-map.ts";
import { Seeded } from "./clouds.ts";
import { BUILDS, bytesOf, type PolicySettings, RawCore, XYZ } from "./raw-core.ts";

const LEAF = 0.5;
const POLICY: PolicySettings = { leaf: LEAF, pose: abi.POSE_MAP };
const TERMS: MapTerms = {
  holdNs: 0n,
  windowScans: 1,
  carveCells: 20,
  gapCells: 1,
  flat: false,
  voidMin: 1,
  hitsMin: 1,
  voteHits: 0,
};

interface Scan {
  readonly stampNs: bigint | undefined;
  readonly sensor: Cell;
  readonly hits: readonly Cell[];
}

/** Where the sensor's cell 0 0 0 lies: in the middle of a cell that is so far from the origin. */
function begin(core: RawCore, terms: MapTerms, base: Cell = [0, 0, 0]): number {
  core.call.wipe();
  const offset = base.map((cell) => (cell + 0.5) * LEAF);
  expect(core.beginSession(offset, [0, 0])).toBe(0);
  // The first position of the session is its origin.
  expect(core.voxelise(bytesOf([1, 1, 1]), POLICY, XYZ, { pose: poseAt([0, 0, 0]) })).toBe(1);
  return beginMap(core, terms);
}

function beginMap(core: RawCore, terms: MapTerms): number {
  putMapTerms(core.view, core.at(abi.REGION_MAP), terms);
  return core.call.map_begin();
}

/** Somewhere in a robot's map: only ways from the first position count. */
const poseAt = (cell: Cell) => ({
  translation: cell.map((k, axis) => k * LEAF + [40, -7, 1.5][axis]!) as [number, number, number],
  quaternion: [0, 0, 0, 1] as [number, number, number, number],
});

/** A frame with a point in each of the cells; the status of map_add, or of what failed before. */
function add(core: RawCore, { stampNs, sensor, hits }: Scan, policy = POLICY): number {
  const points = hits.flatMap((cell) => cell.map((k, axis) => (k - sensor[axis]!) * LEAF + 0.125));
  const voxels = core.voxelise(bytesOf(points), policy, XYZ, { pose: poseAt(sensor), stampNs });
  return voxels < 0 ? voxels : core.call.map_add();
}

/** Cells of a part as texts, sorted. */
function release(core: RawCore, part: number): string[] {
  const count = core.call.map_release(part);
  expect(count).toBeGreaterThanOrEqual(0);
  const voxels = core.voxels(count);
  const cells = Array.from({ length: count }, (_, i) =>
    [0, 1, 2].map((axis) => Math.floor(voxels[4 * i + axis]! / LEAF)).join(" "),
  );
  return cells.sort();
}

function texts(coordinates: Int32Array): string[] {
  const cells = Array.from({ length: coordinates.length / 3 }, (_, i) =>
    coordinates.subarray(3 * i, 3 * i + 3).join(" "),
  );
  return cells.sort();
}

const stats = (core: RawCore) =>
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
    if (kind > 1) step[random.below(flat ? 2 : 3)] = random.below(2) === 0 ? reach : -reach;
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
const isCell = (cell: Cell) => cell.every((k) => k > -abi.CELL_LIMIT && k < abi.CELL_LIMIT);

describe.each(BUILDS)("the map of the %s build", (build) => {
  const core = RawCore.load(build);

  test("is that of the reference, whatever the terms and the scans", () => {
    const random = new Seeded(3101);
    let [kept, removed] = [0, 0];
    for (let round = 0; round < 24; round++) {
      const terms = randomTerms(random);
      const base = BASES[random.below(BASES.length)]!;
      expect(begin(core, terms, base)).toBe(0);
      const reference = new ReferenceMap(terms);
      const reach = 2 + random.below(24);
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
    // Neither part is empty by some mistake.
    expect(kept).toBeGreaterThan(5000);
    expect(removed).toBeGreaterThan(2000);
  });

  test("refuses terms outside of their ranges, and what is no scan of a map", () => {
    const outside: Partial<MapTerms>[] = [
      { holdNs: 3_600_000_000_001n },
      { windowScans: 0 },
      { windowScans: 9 },
      { carveCells: 0 },
      { carveCells: 256 },
      { gapCells: 9 },
      { voidMin: 0 },
      { voidMin: 4 },
      { hitsMin: 0 },
      { hitsMin: 256 },
      { voteHits: 256 },
    ];
    for (const terms of outside) {
      expect(begin(core, { ...TERMS, ...terms }), JSON.stringify(Object.keys(terms))).toBe(
        abi.E_ARG,
      );
      expect(core.call.map_release(abi.MAP_KEPT)).toBe(abi.E_STATE);
    }
    core.view.setUint32(core.at(abi.REGION_MAP) + abi.MAP_FLAT, 2, true);
    expect(core.call.map_begin()).toBe(abi.E_ARG);
    const scan: Scan = { stampNs: 5n, sensor: [0, 0, 0], hits: [[4, 0, 0]] };
    expect(begin(core, TERMS)).toBe(0);
    expect(core.call.map_release(2)).toBe(abi.E_ARG);
    expect(add(core, { ...scan, stampNs: undefined })).toBe(abi.E_ARG);
    expect(add(core, scan)).toBe(1);
    expect(core.call.map_add()).toBe(abi.E_STATE);
    expect(add(core, { ...scan, stampNs: 4n })).toBe(abi.E_ARG);
    expect(add(core, { ...scan, stampNs: 5n })).toBe(1);
    expect(add(core, scan, { ...POLICY, leaf: 0.25 })).toBe(abi.E_ARG);
    expect(add(core, scan, { ...POLICY, pose: abi.POSE_SESSION })).toBe(abi.E_STATE);
    expect(add(core, scan, { ...POLICY, point: abi.POINT_CENTROID })).toBe(abi.E_STATE);
    expect(stats(core).scans).toBe(2);
    // A sensor beyond the cells, whose points are not.
    const [x] = [-abi.CELL_LIMIT - 3];
    expect(add(core, { stampNs: 6n, sensor: [x, 0, 0], hits: [[x + 8, 0, 0]] })).toBe(abi.E_ARG);
    // Without a pose or a session there is no such frame.
    expect(core.voxelise(bytesOf([1, 1, 1]), POLICY, XYZ, { stampNs: 7n })).toBe(abi.E_ARG);
    expect(core.beginSession([0, 0, 0], [0, 0])).toBe(0);
    expect(add(core, { ...scan, stampNs: 8n })).toBe(abi.E_STATE);
    expect(beginMap(core, TERMS)).toBe(0);
    expect(add(core, { ...scan, stampNs: 1n })).toBe(1);
    core.call.wipe();
    expect(core.voxelise(bytesOf([1, 1, 1]), POLICY, XYZ, { pose: poseAt([0, 0, 0]) })).toBe(
      abi.E_STATE,
    );
    expect(core.call.map_release(abi.MAP_KEPT)).toBe(abi.E_STATE);
  });

  test("takes nothing of a scan that needs more blocks than there are", () => {
    const scattered = (from: number, count: number) =>
      Array.from({ length: count }, (_, i): Cell => [64 * (from + i), 5, 0]);
    const scan = (from: number, count: number): Scan => ({
      stampNs: 1n,
      sensor: [0, 0, 0],
      hits: scattered(from, count),
    });
    expect(begin(core, TERMS)).toBe(0);
    expect(add(core, scan(0, 513))).toBe(abi.E_FULL);
    expect(stats(core)).toMatchObject({ scans: 0, blocks: 0, blocksMax: 512 });
    expect(release(core, abi.MAP_REMOVED)).toEqual([]);
    expect(add(core, scan(0, 500))).toBe(500);
    for (const from of [490, -40]) expect(add(core, scan(from, 60))).toBe(abi.E_FULL);
    const full = core.view.getUint32(core.at(abi.REGION_MAP) + abi.MAP_FULL, true);
    expect(full).toBe(abi.FULL_BLOCKS);
    expect(stats(core)).toMatchObject({ scans: 1, blocks: 500 });
    expect(add(core, scan(495, 17))).toBe(17);
    expect(stats(core)).toMatchObject({ scans: 2, blocks: 512 });
    expect(release(core, abi.MAP_KEPT)).toEqual(
      scattered(0, 512)
        .map((c) => c.join(" "))
        .sort(),
    );
  });

  test("gives nothing of what is held back, and its tile says nothing of where and when", () => {
    expect(begin(core, { ...TERMS, holdNs: 10n })).toBe(0);
    const cellAt = (x: number): Scan => ({
      stampNs: BigInt(x),
      sensor: [0, 0, 0],
      hits: [[x, 9, 0]],
    });
    for (const x of [1, 2, 3, 11]) expect(add(core, cellAt(x))).toBe(1);
    expect(stats(core)).toMatchObject({ scans: 4, heldScans: 3, heldCells: 12 });
    expect(core.call.tile_encode(0)).toBe(abi.E_STATE);
    expect(release(core, abi.MAP_REMOVED)).toEqual([]);
    expect(core.call.tile_encode(0)).toBe(abi.E_STATE);
    expect(release(core, abi.MAP_KEPT)).toEqual(["1 9 0"]);
    // Under the policy of the scans, whatever frame came after them.
    expect(core.voxelise(bytesOf([1, 1, 1]), { leaf: 10 })).toBe(1);
    expect(core.call.map_release(abi.MAP_KEPT)).toBe(1);
    const text = "pseudonymised; 1 of 1000 homes";
    const record = core.encode(
      Uint8Array.of(abi.META_LINKAGE, 0, text.length, 0, ...Buffer.from(text)),
    );
    const tile = new DataView(record.buffer);
    expect(tile.getFloat32(abi.TILE_LEAF_M, true)).toBe(LEAF);
    expect(tile.getUint8(abi.TILE_FLAGS)).toBe(0);
    expect(Buffer.from(record).includes(text)).toBe(true);
    expect(core.fate(abi.META_LINKAGE)).toBe(abi.FIELD_PASSED);
    expect(core.fate(abi.META_TIME)).toBe(abi.FIELD_STRIPPED);
    expect([...core.decode(record).cells]).toEqual([0, 0, 0]);
    // The map goes on.
    expect(add(core, cellAt(13))).toBe(1);
    expect(release(core, abi.MAP_KEPT)).toEqual(["1 9 0", "2 9 0", "3 9 0"]);
  });
});
