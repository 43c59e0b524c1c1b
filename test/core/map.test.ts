/** The map of the core beside the plain reference, and at its borders. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { MapTerms } from "../../host/core/map.ts";
import type { Cell } from "../map/reference-map.ts";
import { between, Seeded } from "./clouds.ts";
import { memoryBase } from "./compile.ts";
import {
  add,
  begin,
  beginMap,
  LEAF,
  POLICY,
  playAgainstReference,
  poseAt,
  release,
  type Scan,
  stats,
} from "./map-scans.ts";
import { BUILDS, bytesOf, isZero, RawCore, XYZ } from "./raw-core.ts";

const TERMS: MapTerms = {
  holdNs: 0n,
  windowScans: 1,
  carveCells: 20,
  gapCells: 1,
  flat: false,
  voidMin: 1,
  hitsMin: 1,
  voteHits: 0,
  crowdHits: 0,
  crowdVoids: 1,
};

/** A vector turned by a quaternion x y z w of any length. */
function turned(v: readonly number[], q: readonly number[]): number[] {
  const norm = Math.hypot(...q);
  const [x, y, z, w] = q.map((k) => k / norm) as [number, number, number, number];
  const cross = (a: readonly number[], b: readonly number[]) => [
    a[1]! * b[2]! - a[2]! * b[1]!,
    a[2]! * b[0]! - a[0]! * b[2]!,
    a[0]! * b[1]! - a[1]! * b[0]!,
  ];
  const axis = [x, y, z];
  const once = cross(axis, v).map((k) => 2 * k);
  const twice = cross(axis, once);
  return v.map((k, i) => k + w * once[i]! + twice[i]!);
}

describe.each(BUILDS)("the map of the %s build", (build) => {
  const core = RawCore.load(build);

  test("is that of the reference, whatever the terms and the scans", () => {
    const { kept, removed } = playAgainstReference(core, new Seeded(3101), 16);
    // No ray marked anything beside its box, where nobody clears it.
    core.call.wipe();
    expect(isZero(core.memory.subarray(0, memoryBase(build)))).toBe(true);
    // Neither part is empty by some mistake.
    expect(kept).toBeGreaterThan(3000);
    expect(removed).toBeGreaterThan(500);
  });

  test("turns a session about the vertical alone: what is level stays so, however the robot tilts", () => {
    core.call.wipe();
    const offset = [2.5, -1, 0.75];
    expect(core.beginSession(offset, [0.6, 0.8])).toBe(0);
    const first = { translation: [9, 8, 7] as const, quaternion: [0.1, -0.2, 0.3, 0.927] as const };
    const random = new Seeded(3102);
    for (let round = 0; round < 40; round++) {
      const draw = (reach: number) => between(random, -reach, reach);
      const pose =
        round === 0
          ? first
          : {
              translation: [9 + draw(5), 8 + draw(5), 7 + draw(1)] as const,
              quaternion: [draw(1), draw(1), draw(1), draw(1)] as const,
            };
      const point = [draw(4), draw(4), draw(2)];
      const [dx, dy, dz] = turned(point, pose.quaternion).map(
        (k, axis) => k + pose.translation[axis]! - first.translation[axis]!,
      ) as [number, number, number];
      const expected = [0.6 * dx - 0.8 * dy + 2.5, 0.8 * dx + 0.6 * dy - 1, dz + 0.75];
      expect(core.voxelise(bytesOf(point), { leaf: 0.01, pose: abi.POSE_MAP }, XYZ, { pose })).toBe(
        1,
      );
      const [x, y, z] = core.voxels(1);
      for (const [axis, found] of [x!, y!, z!].entries()) {
        expect(Math.abs(found - expected[axis]!)).toBeLessThan(0.00501);
      }
    }
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
      { crowdHits: 256 },
      { crowdVoids: 0 },
      { crowdVoids: 27 },
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

  test("counts no further than it can: what was empty often stays removed", () => {
    const range = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
    const wall = range.flatMap((y) => range.map((z): Cell => [12, y, z]));
    const scan = (hits: readonly Cell[]): Scan => ({ stampNs: 1n, sensor: [0, 0, 0], hits });
    for (const windows of [2, 3, 4, 5, 40]) {
      expect(begin(core, { ...TERMS, voidMin: 3 })).toBe(0);
      expect(add(core, scan([[6, 0, 0], ...wall]))).toBe(wall.length + 1);
      for (let i = 0; i < windows; i++) expect(add(core, scan(wall))).toBe(wall.length);
      expect(release(core, abi.MAP_REMOVED)).toEqual(windows < 3 ? [] : ["6 0 0"]);
      expect(release(core, abi.MAP_KEPT)).toHaveLength(wall.length + (windows < 3 ? 1 : 0));
    }
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
