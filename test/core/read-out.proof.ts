/** frame_voxels: order and values against plain code, whatever the table did and however it is read. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { PointLayout } from "../../host/core/frame.ts";
import { between, cellOf, randomCloud, Seeded } from "./clouds.ts";
import { BUILDS, bytesOf, type PolicySettings, RawCore, XYZ } from "./raw-core.ts";

const { fround } = Math;
const CENTROID: PolicySettings = { point: abi.POINT_CENTROID, bits: { centroid: 6 } };
/** Inverse of the core's multiplier: the seed that makes it 1, so that bricks of a plane collide. */
const WEAK_SEED = 0xf1de83e19937733dn;

/** Number of a cell in its brick of 4 x 4 x 4: z1 y1 x1 z0 y0 x0. */
function numberOf(cell: readonly number[]): number {
  return cell.reduce((sum, c, k) => sum + ((c & 1) << k) + ((c & 2) << (k + 2)), 0);
}

interface Met {
  readonly cell: number[];
  readonly steps: [number, number, number];
  points: number;
}

/** Voxels in the order of frame_voxels, for points met in this order: x, y, z and points each. */
function expected(points: Float32Array, leaf: number, centroids: boolean): Float32Array {
  const bricks = new Map<string, Map<number, Met>>();
  for (let i = 0; i < points.length; i += 3) {
    const row = [...points.subarray(i, i + 3)];
    const cell = row.map((v) => cellOf(v, leaf));
    const brick = cell.map((c) => Math.floor(c / 4)).join(" ");
    const cells = bricks.get(brick) ?? new Map<number, Met>();
    bricks.set(brick, cells);
    const met = cells.get(numberOf(cell)) ?? { cell, steps: [0, 0, 0], points: 0 };
    cells.set(numberOf(cell), met);
    for (const [k, v] of row.entries()) {
      const fraction = fround(fround(v / fround(leaf)) - cell[k]!);
      met.steps[k]! += Math.min(2047, Math.floor(fraction * 2048));
    }
    met.points++;
  }
  const edge = fround(leaf);
  const rows = [...bricks.values()].flatMap((cells) => {
    const sorted = [...cells].sort(([a], [b]) => a - b);
    return sorted.flatMap(([, { cell, steps, points: n }]) => {
      const share = fround(1 / n);
      const place = (k: number) => {
        const mean = fround(fround(fround(fround(steps[k]!) * share) + 0.5) / 2048);
        return fround(fround(cell[k]! + (centroids ? mean : 0.5)) * edge);
      };
      return [place(0), place(1), place(2), centroids ? n : 0];
    });
  });
  return Float32Array.from(rows);
}

/** Rows of x y z and intensity, column by column: beams that follow each other look far apart. */
function columnsOf(random: Seeded, rows: number, columns: number): Float32Array {
  const points: number[] = [];
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const yaw = (column * Math.PI) / 900;
      const pitch = ((((row * 13) % rows) / rows - 0.5) * Math.PI) / 2;
      const range = 5 + between(random, -0.01, 0.01);
      const flat = range * Math.cos(pitch);
      const point = [flat * Math.cos(yaw), flat * Math.sin(yaw), range * Math.sin(pitch)];
      const slot = random.below(50);
      if (slot === 0) point.fill(0);
      if (slot === 1) point[1] = Number.NaN;
      if (slot === 2) point[2] = Number.POSITIVE_INFINITY;
      if (slot === 3) point[0] = 1e9;
      points.push(...point, between(random, 0, 1));
    }
  }
  return Float32Array.from(points);
}

/** The points in the order in which beams are read: 32 columns at a time, each beam in one go. */
function byBeam(points: Float32Array, rows: number): Float32Array {
  const slots = points.length / 4;
  const order: number[] = [];
  for (let first = 0; first < slots; first += rows * 32) {
    const end = Math.min(slots, first + rows * 32);
    for (let row = first; row < first + rows; row++) {
      for (let slot = row; slot < end; slot += rows) order.push(slot);
    }
  }
  return Float32Array.from(order.flatMap((slot) => [...points.subarray(4 * slot, 4 * slot + 4)]));
}

/** x y z of those that are measurements within the domain. */
function validOf(points: Float32Array): Float32Array {
  const rows: number[] = [];
  for (let i = 0; i < points.length; i += 4) {
    const [x, y, z] = points.subarray(i, i + 3);
    if (!Number.isFinite(x! + y! + z!) || (x === 0 && y === 0 && z === 0) || x! > 1e8) continue;
    rows.push(x!, y!, z!);
  }
  return Float32Array.from(rows);
}

const WITH_INTENSITY: PointLayout = {
  ...XYZ,
  pointStep: 16,
  intensity: { offset: 12, type: "f32" },
};

describe.each(BUILDS)("voxels read out of the %s build", (build) => {
  const core = RawCore.load(build);

  test.each([1, 2, 3, 4, 5, 63, 64, 65, 511, 512, 513, 4000])(
    "come as bricks were met, with the reference's very numbers: %d points",
    (points) => {
      const cloud = randomCloud(new Seeded(120 + points), points, 0.9);
      for (const centroids of [false, true]) {
        const policy = { ...(centroids && CENTROID), leaf: 0.1 };
        const count = core.voxelise(bytesOf(cloud), policy);
        expect(core.voxels(count)).toEqual(expected(cloud, 0.1, centroids));
      }
    },
  );

  test("are the same in parts, before and after the tile was made", () => {
    const cloud = randomCloud(new Seeded(121), 3000, 0.5);
    const count = core.voxelise(bytesOf(cloud), { ...CENTROID, leaf: 0.1 });
    const whole = core.voxels(count);
    core.encode();
    expect(core.voxels(count)).toEqual(whole);
    for (const size of [1, 3, 4, 61, 64, 500]) {
      for (let first = 0; first < count; first += size) {
        const part = Math.min(size, count - first);
        expect(core.call.frame_voxels(first, part)).toBe(part);
        const at = core.at(abi.REGION_INPUT);
        const read = new Float32Array(core.memory.buffer, at, 4 * part);
        expect(read).toEqual(whole.subarray(4 * first, 4 * (first + part)));
      }
    }
  });

  test("write nothing behind the last one", () => {
    const count = core.voxelise(bytesOf(randomCloud(new Seeded(122), 500, 0.5)), CENTROID);
    for (let size = 1; size < 9; size++) {
      core.region(abi.REGION_INPUT).fill(0xab);
      core.call.frame_voxels(count - size, size);
      const behind = core.region(abi.REGION_INPUT).subarray(16 * size);
      expect(behind.every((byte) => byte === 0xab)).toBe(true);
    }
  });

  test("do not show that bricks collided until the budget was spent, nor does the tile", () => {
    const random = new Seeded(123);
    const half = randomCloud(random, 20_000, 9);
    for (let i = 2; i < half.length; i += 3) half[i] = 0.01;
    const twice = new Float32Array(2 * half.length);
    twice.set(half);
    twice.set(
      half.map((v) => v + 0.003),
      half.length,
    );
    const data = new Float32Array((4 * twice.length) / 3);
    for (let i = 0; i < twice.length / 3; i++) {
      data.set([...twice.subarray(3 * i, 3 * i + 3), random.below(99) / 99], 4 * i);
    }
    for (const point of [abi.POINT_CENTRE, abi.POINT_CENTROID]) {
      const policy = { point, bits: { intensity: 8, centroid: 6 }, leaf: 0.02 };
      const results = [0n, WEAK_SEED, 77n].map((seed) => {
        const bytes = new Uint8Array(data.buffer);
        const count = core.voxelise(bytes, policy, WITH_INTENSITY, { seed });
        const voxels = core.voxels(count);
        return { count, voxels, tile: core.encode() };
      });
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
      expect(results[0]!.voxels).toEqual(expected(twice, 0.02, point === abi.POINT_CENTROID));
    }
  });

  test.each([16, 40, 64, 128])("are met beam by beam if %d of them come in columns", (rows) => {
    const points = columnsOf(new Seeded(124), rows, 99);
    const policy = { point: abi.POINT_CENTROID, bits: { intensity: 8, centroid: 6 }, leaf: 0.1 };
    const run = (data: Float32Array, most?: number) => {
      core.putPolicy(policy);
      core.putLayout(WITH_INTENSITY);
      core.putFrame({ slots: data.length / 4 });
      expect(core.call.frame_begin()).toBe(0);
      core.push(new Uint8Array(data.slice().buffer), 16, most);
      const count = core.call.frame_finish();
      const voxels = core.voxels(count);
      const tile = core.encode();
      return { counters: core.counters(), voxels, tile };
    };
    const whole = run(points);
    expect(whole.voxels).toEqual(expected(validOf(byBeam(points, rows)), 0.1, true));
    // Pushed by the hundred, the order is not found out, and the tile is the same.
    const small = run(points, 100);
    expect(small.voxels).toEqual(expected(validOf(points), 0.1, true));
    expect(small.counters).toEqual(whole.counters);
    expect(small.tile).toEqual(whole.tile);
    // A push that begins in the middle of a column is read as well.
    const odd = run(points, 1111);
    expect(odd.counters).toEqual(whole.counters);
    expect(odd.tile).toEqual(whole.tile);
  });
});
