/** The voxel grid against a plain reference: counts, centroids, order, domain, large extents. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import {
  between,
  cellKeys,
  lowest,
  type ReferenceVoxel,
  randomCloud,
  referenceVoxels,
  Seeded,
} from "./clouds.ts";
import { BUILDS, bytesOf, type PolicySettings, RawCore } from "./raw-core.ts";

const CENTROID: PolicySettings = { point: abi.POINT_CENTROID, bits: { centroid: 6 } };
const ORIGIN = { pose: { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] } } as const;

/** The same points in another order. */
function shuffled(random: Seeded, points: Float32Array): Float32Array {
  const order = Array.from({ length: points.length / 3 }, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return Float32Array.from(order.flatMap((i) => [...points.subarray(3 * i, 3 * i + 3)]));
}

/** Largest distance of the core's centroids from the reference, in metres, and of its counts. */
function compareCentroids(core: RawCore, points: Float32Array, leaf: number) {
  const reference = referenceVoxels(points, leaf);
  const count = core.voxelise(bytesOf(points), { ...CENTROID, leaf });
  expect(count).toBe(reference.size);
  const voxels = core.voxels(count);
  // The core gives means, not cells: each is looked up by the cell that it lies in or next to.
  const byCell = new Map<string, ReferenceVoxel>(reference);
  let worst = 0;
  let found = 0;
  for (let i = 0; i < voxels.length; i += 4) {
    const [x, y, z, n] = voxels.subarray(i, i + 4) as unknown as [number, number, number, number];
    const key = [x, y, z].map((v) => Math.floor(v / Math.fround(leaf))).join(" ");
    const voxel = byCell.get(key);
    if (voxel === undefined) continue;
    found++;
    expect(n).toBe(voxel.points);
    for (const [k, value] of [x, y, z].entries()) {
      worst = Math.max(worst, Math.abs(value - voxel.sum[k]! / voxel.points));
    }
  }
  return { worst, found, size: reference.size };
}

describe.each(BUILDS)("the voxel grid of the %s build", (build) => {
  const core = RawCore.load(build);

  test.each([0.01, 0.05, 0.3, 1, 10])("has the reference's means and counts at %d m", (leaf) => {
    const random = new Seeded(101);
    const points = randomCloud(random, 20_000, 8 * leaf);
    const { worst, found, size } = compareCentroids(core, points, leaf);
    expect(found).toBe(size);
    // Half a step of the fraction, and f32's own rounding of a coordinate of 8 cells.
    expect(worst).toBeLessThan(leaf * (1 / 2048 + 8 * 2 ** -22));
  });

  test("has the same means in a cloud far from the origin, up to f32's own steps", () => {
    const random = new Seeded(102);
    const points = randomCloud(random, 20_000, 1);
    for (let i = 0; i < points.length; i += 3) points[i] = points[i]! + 1000;
    const { worst, found, size } = compareCentroids(core, points, 0.25);
    expect(found).toBeGreaterThan(0.99 * size);
    expect(worst).toBeLessThan(0.25 / 2048 + 1000 * 2 ** -22);
  });

  test("gives every fraction inside its cell, just below a border too", () => {
    // x - floor(x) rounds to 1 in f32 for a tiny negative x: it still belongs to cell -1.
    const tiny = [-1e-9, -1e-30, -(2 ** -26), -Number.MIN_VALUE, -1e-45];
    for (const bits of [1, 2, 3, 4, 5, 6]) {
      for (const x of tiny) {
        const cloud = bytesOf([x, 0.5, 0.5]);
        const policy = { ...CENTROID, bits: { centroid: bits }, leaf: 1 };
        const { values, status } = core.decode(core.tileOf(cloud, policy));
        expect(status).toBe(1);
        const top = Math.fround(x) === 0 ? 0 : 2 ** bits - 1;
        expect([...values.subarray(0, 3)]).toEqual([top, 2 ** (bits - 1), 2 ** (bits - 1)]);
      }
    }
  });

  test("does not depend on the order of the points, in any mode", () => {
    const random = new Seeded(103);
    for (const policy of [{}, CENTROID]) {
      const points = randomCloud(random, 30_000, 2);
      const first = core.tileOf(bytesOf(points), { ...policy, leaf: 0.1 });
      for (let round = 0; round < 3; round++) {
        const again = core.tileOf(bytesOf(shuffled(random, points)), { ...policy, leaf: 0.1 });
        expect(Buffer.compare(again, first)).toBe(0);
      }
    }
  });

  test("does not depend on how the points are split into pushes", () => {
    const points = bytesOf(randomCloud(new Seeded(104), 5000, 2));
    const whole = core.tileOf(points, CENTROID);
    for (const most of [1, 7, 511, 512, 513, 4999]) {
      core.putPolicy(CENTROID);
      core.putFrame({});
      expect(core.call.frame_begin()).toBe(0);
      expect(core.push(points, 12, most)).toBe(5000);
      core.call.frame_finish();
      expect(Buffer.compare(core.encode(), whole)).toBe(0);
    }
  });

  test("floors negative coordinates, on borders too", () => {
    const rows = [-0.5, -1, -1.5, -2, 1, 0.5, 0.999, 1.001, -1e-7];
    const points = rows.flatMap((x) => rows.flatMap((y) => rows.flatMap((z) => [x, y, z])));
    const reference = referenceVoxels(Float32Array.from(points), 1);
    const policy = { leaf: 1, pose: abi.POSE_KEEP };
    const { cells } = core.decode(core.tileOf(bytesOf(points), policy, undefined, ORIGIN));
    expect(cellKeys(cells).sort()).toEqual([...reference.keys()].sort());
  });

  test.each([0.01, 0.05, 10])("reaches to the last cell of the domain at %d m", (leaf) => {
    const limit = 2 ** 20;
    const edge = Math.fround(leaf);
    const rows: number[] = [];
    for (const cell of [-limit, -limit + 1, -1, 0, limit - 2, limit - 1]) {
      rows.push(Math.fround((cell + 0.5) * edge));
    }
    const points = Float32Array.from(rows.flatMap((x) => rows.flatMap((y) => [x, y, 0.5 * leaf])));
    const reference = referenceVoxels(points, leaf);
    const policy = { leaf, pose: abi.POSE_KEEP };
    const tile = core.tileOf(bytesOf(points), policy, undefined, ORIGIN);
    expect(core.counters().domain).toBe(0);
    expect(core.decode(tile).status).toBe(36);
    expect(cellKeys(core.decode(tile).cells).sort()).toEqual([...reference.keys()].sort());
  });

  test("drops and counts what is beyond the last cell, and nothing before it", () => {
    const limit = 2 ** 20;
    const next = (value: number, by: number) => {
      const bits = new Int32Array(Float32Array.of(value).buffer);
      bits[0]! += by;
      return new Float32Array(bits.buffer)[0]!;
    };
    const inside = [next(limit, -1), next(-limit, -1), -limit + 0.5];
    const outside = [limit, next(limit, 1), -limit, next(-limit, 1), 1e30, -1e30, 3.4e38];
    for (const axis of [0, 1, 2]) {
      const at = (value: number) => [0.5, 0.5, 0.5].map((v, k) => (k === axis ? value : v));
      const points = [...inside, ...outside].flatMap(at);
      core.voxelise(bytesOf(points), { leaf: 1 });
      const { domain, kept } = core.counters();
      expect({ axis, domain, kept }).toEqual({ axis, domain: 7, kept: 3 });
    }
  });

  test("stays exact where 32-bit voxel indices overflow: 1 km x 1 km x 100 m at 1 cm", () => {
    const random = new Seeded(105);
    const points: number[] = [0, 0, 0.001, 999.99, 999.99, 99.99];
    for (let i = 0; i < 100_000; i++) {
      points.push(between(random, 0, 1000), between(random, 0, 1000), between(random, 0, 100));
    }
    const cloud = Float32Array.from(points);
    const reference = referenceVoxels(cloud, 0.01);
    const low = lowest([...reference.values()].map(({ cell }) => cell));
    const { cells, status } = core.decode(core.tileOf(bytesOf(cloud), { leaf: 0.01 }));
    expect(status).toBe(reference.size);
    expect(cellKeys(cells, low).filter((key) => !reference.has(key))).toEqual([]);
    // 32-bit linear indices would have put distinct cells together.
    expect(1e5 * 1e5 * 1e4).toBeGreaterThan(2 ** 32);
  });

  test("reads voxels back as centres of their cells, without counts", () => {
    const count = core.voxelise(bytesOf([0.12, -0.12, 3]), { leaf: 0.1 });
    const [x, y, z, n] = core.voxels(count);
    expect([x, y, n]).toEqual([Math.fround(0.15), Math.fround(-0.15), 0]);
    expect(z).toBeCloseTo(3.05, 5);
    expect(core.call.frame_voxels(0, 2)).toBe(abi.E_SIZE);
    expect(core.call.frame_voxels(1, 0)).toBe(0);
    expect(core.call.frame_voxels(0xffffffff, 0xffffffff)).toBe(abi.E_SIZE);
  });
});
