/** Maps at length: many random ones, generated homes, and as much as the core holds back. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { Core } from "../../host/core/core.ts";
import type { MapTerms } from "../../host/core/map.ts";
import { compileScans, defaultPolicy, narrowPolicy } from "../../host/policy/index.ts";
import { frameOf, makeScene, SENSORS } from "../../host/scenes/index.ts";
import { mapTerms } from "../../host/veil/map-terms.ts";
import { type Cell, ReferenceMap } from "../map/reference-map.ts";
import { Seeded } from "./clouds.ts";
import {
  add,
  begin,
  POLICY,
  playAgainstReference,
  poseAt,
  release,
  stats,
  texts,
} from "./map-scans.ts";
import { BUILDS, RawCore, XYZ } from "./raw-core.ts";

describe.each(BUILDS)("the map of the %s build", (build) => {
  test("is that of the reference, for hundreds of random maps", () => {
    const { kept, removed } = playAgainstReference(RawCore.load(build), new Seeded(3201), 200);
    expect(kept).toBeGreaterThan(50_000);
    expect(removed).toBeGreaterThan(20_000);
  });

  test.each(SENSORS)("is that of the reference in a home seen by %s", (sensor) => {
    const policy = narrowPolicy(defaultPolicy(), "map");
    const leaf = Math.fround(policy.map.leaf_m);
    const flat = sensor === "lds";
    const seconds = flat ? 12 : 1.5;
    const frames = Array.from(makeScene({ seed: 11, sensor, seconds }).scans(), frameOf);
    const terms = mapTerms(policy.map.leaf_m, flat, 300_000_000n);
    const core = new Core(build);
    const reference = new ReferenceMap(terms);
    // Not turned, so that a sensor's cell is known to the last bit.
    const offset = [3.03125, -4.71875, 1.59375] as const;
    core.beginSession(offset, [0, 0]);
    core.beginMap(terms);
    const cellsOf = (centres: Float32Array) =>
      Int32Array.from(centres, (metres) => Math.floor(metres / leaf));
    const [first] = frames;
    for (const frame of frames) {
      const { report } = core.addToMap(frame, compileScans(policy, flat));
      const place = offset.map((k, axis) => {
        const way = frame.pose!.translation[axis]! - first!.pose!.translation[axis]!;
        return Math.floor(Math.fround(Math.fround(way + k) / leaf));
      });
      const hits = cellsOf(core.copyVoxels(report.voxels));
      reference.add({ stampNs: frame.stampNs!, sensor: place as unknown as Cell, hits });
    }
    const expected = reference.release();
    expect(expected.kept.length).toBeGreaterThan(flat ? 200 : 1000);
    expect(texts(cellsOf(core.copyMapVoxels("kept")))).toEqual(texts(expected.kept));
    expect(texts(cellsOf(core.copyMapVoxels("removed")))).toEqual(texts(expected.removed));
  });

  test("holds back every scan as long as it says, in 20,000 scans of random stamps", () => {
    const core = RawCore.load(build);
    const random = new Seeded(3202);
    const holdNs = 40n;
    expect(begin(core, { ...TERMS, holdNs })).toBe(0);
    let stamp = 0n;
    const stamps: bigint[] = [];
    for (let scan = 0; scan < 20_000; scan++) {
      if (random.below(3) > 0) stamp += BigInt(random.below(60));
      // A cell of its own for each scan, in few blocks.
      const cell: Cell = [scan & 63, (scan >> 6) & 63, 20 + (scan >> 12)];
      stamps.push(stamp);
      expect(add(core, { stampNs: stamp, sensor: [0, 0, 0], hits: [cell] })).toBe(1);
      if (random.below(100) > 0) continue;
      const old = stamps.filter((each) => each + holdNs <= stamp).length;
      const parts = [abi.MAP_KEPT, abi.MAP_REMOVED].map((part) => core.call.map_release(part));
      expect(parts).toEqual([old, 0]);
      expect(stats(core).heldScans).toBe(stamps.length - old);
    }
  });
});

const TERMS: MapTerms = {
  holdNs: 0n,
  windowScans: 8,
  carveCells: 1,
  gapCells: 8,
  flat: false,
  voidMin: 3,
  hitsMin: 1,
  voteHits: 0,
  crowdHits: 0,
  crowdVoids: 1,
};

test("takes nothing of a scan that cannot be held back, and goes on when time has passed", () => {
  const core = RawCore.load("simd");
  const edge = 100;
  const cells = Array.from(
    { length: edge ** 3 },
    (_, i): Cell => [i % edge, Math.floor(i / edge) % edge, Math.floor(i / edge ** 2)],
  );
  const points = new Uint8Array(Float32Array.from(cells.flat(), (k) => k * 0.5 + 0.125).buffer);
  const full = (stampNs: bigint): number => {
    const pose = poseAt([0, 0, 0]);
    expect(core.voxelise(points, POLICY, XYZ, { pose, stampNs })).toBe(cells.length);
    return core.call.map_add();
  };
  expect(begin(core, { ...TERMS, holdNs: 100n })).toBe(0);
  // The ring has room for eight such scans.
  for (let scan = 0; scan < 8; scan++) expect(full(BigInt(10 * scan))).toBe(cells.length);
  expect(full(80n)).toBe(abi.E_FULL);
  expect(core.view.getUint32(core.at(abi.REGION_MAP) + abi.MAP_FULL, true)).toBe(abi.FULL_HELD);
  expect(stats(core)).toMatchObject({ scans: 8, heldScans: 8, heldCells: 8 * (cells.length + 3) });
  expect(release(core, abi.MAP_REMOVED)).toEqual([]);
  expect(core.call.map_release(abi.MAP_KEPT)).toBe(0);
  expect(full(99n)).toBe(abi.E_FULL);
  // The first is old enough now, and makes the room that this one takes; the ring goes around.
  expect(full(100n)).toBe(cells.length);
  expect(stats(core)).toMatchObject({ scans: 9, heldScans: 8 });
  expect(core.call.map_release(abi.MAP_KEPT)).toBe(cells.length);
  expect(full(170n)).toBe(cells.length);
  expect(stats(core)).toMatchObject({ scans: 10, heldScans: 2 });
  expect(core.call.map_release(abi.MAP_KEPT)).toBe(cells.length);
});
