/** Re-basing: frames of a session fit together, and where they were is not to be found. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { Pose } from "../../host/core/frame.ts";
import { between, cellKeys, lowest, randomCloud, referenceVoxels, Seeded } from "./clouds.ts";
import { BUILDS, bytesOf, RawCore, XYZ } from "./raw-core.ts";

type Triple = readonly [number, number, number];

const NO_OFFSET = [0, 0, 0] as const;
const NO_TURN = [0, 0] as const;

/** Turned about z, somewhere. */
function poseAt(translation: Triple, yaw: number): Pose {
  return { translation, quaternion: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] };
}

/** p of the sensor in the map, in f64. */
function toMap([x, y, z]: Triple, { translation: [tx, ty, tz], quaternion: q }: Pose): Triple {
  const yaw = 2 * Math.atan2(q[2], q[3]);
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  return [c * x - s * y + tx, s * x + c * y + ty, z + tz];
}

/** p of the map in the sensor. */
function toSensor([x, y, z]: Triple, { translation: [tx, ty, tz], quaternion: q }: Pose): Triple {
  const yaw = 2 * Math.atan2(q[2], q[3]);
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const [dx, dy] = [x - tx, y - ty];
  return [c * dx + s * dy, c * dy - s * dx, z - tz];
}

/** Corner of the block of four cells that a cell lies in: where octrees begin. */
const corner = (cell: number) => 4 * Math.floor(cell / 4);

function header(record: Uint8Array) {
  const view = new DataView(record.buffer, record.byteOffset);
  const origin = [0, 4, 8].map((k) => view.getInt32(abi.TILE_ORIGIN + k, true));
  return { hasOrigin: view.getUint8(abi.TILE_FLAGS) === abi.TILE_HAS_ORIGIN, origin };
}

describe.each(BUILDS)("poses in the %s build", (build) => {
  const core = RawCore.load(build);

  /** Means of the single voxels of frames that hold one point each, in one session. */
  function meansInSession(offset: Triple, direction: readonly number[], frames: [Triple, Pose][]) {
    expect(core.beginSession(offset, direction)).toBe(0);
    const policy = { leaf: 0.01, pose: abi.POSE_SESSION, point: abi.POINT_CENTROID };
    return frames.map(([point, pose]) => {
      expect(core.voxelise(bytesOf(point), policy, XYZ, { pose })).toBe(1);
      return [...core.voxels(1).subarray(0, 3)] as unknown as Triple;
    });
  }

  test("keep: cells are those of the map", () => {
    const pose = poseAt([12.5, -7.25, 1], Math.PI / 2);
    const cloud = randomCloud(new Seeded(401), 2000, 4);
    const mapped = Float32Array.from(cloud);
    for (let i = 0; i < cloud.length; i += 3) {
      mapped.set(toMap([cloud[i]!, cloud[i + 1]!, cloud[i + 2]!], pose), i);
    }
    const policy = { leaf: 0.5, pose: abi.POSE_KEEP };
    const record = core.tileOf(bytesOf(cloud), policy, XYZ, { pose });
    const reference = referenceVoxels(mapped, 0.5);
    const found = cellKeys(core.decode(record).cells);
    // A point within rounding of a border may fall to either side; nearly none does.
    const other = found.filter((key) => !reference.has(key)).length;
    expect(other).toBeLessThanOrEqual(2);
    expect(header(record)).toEqual({
      hasOrigin: true,
      origin: lowest([...reference.values()].map(({ cell }) => cell)).map(corner),
    });
  });

  test("drop: the lowest cell is 0, and the pose changes nothing", () => {
    const cloud = randomCloud(new Seeded(402), 2000, 4);
    const policy = { leaf: 0.25, pose: abi.POSE_DROP };
    const bare = core.tileOf(bytesOf(cloud), policy);
    const posed = core.tileOf(bytesOf(cloud), policy, XYZ, { pose: poseAt([1000, 5, 3], 1) });
    expect(Buffer.compare(posed, bare)).toBe(0);
    expect(header(posed).hasOrigin).toBe(false);
    // Where the octree's corner lies before the lowest cell, and nothing more.
    for (const value of header(posed).origin) expect([-3, -2, -1, -0, 0]).toContain(value);
    const { cells } = core.decode(posed);
    const rows = Array.from({ length: cells.length / 3 }, (_, i) => [
      ...cells.subarray(3 * i, 3 * i + 3),
    ]);
    expect(lowest(rows)).toEqual([0, 0, 0]);
  });

  test("drop: a cloud that is moved by whole blocks of cells gives the same tile", () => {
    const cloud = randomCloud(new Seeded(403), 500, 4);
    const grid = cloud.map((value) => Math.floor(value) + 0.5);
    const moved = grid.map((value, i) => value + [64, -128, 512][i % 3]!);
    const here = core.tileOf(bytesOf(grid), { leaf: 1 });
    expect(Buffer.compare(core.tileOf(bytesOf(moved), { leaf: 1 }), here)).toBe(0);
    const odd = grid.map((value, i) => value + [1, 2, -7][i % 3]!);
    const cells = (record: Uint8Array) => cellKeys(core.decode(record).cells).sort();
    expect(cells(core.tileOf(bytesOf(odd), { leaf: 1 }))).toEqual(cells(here));
  });

  test("session: frames without a pose are as under drop; with one, a session must have begun", () => {
    const policy = { leaf: 0.25, pose: abi.POSE_SESSION };
    core.call.wipe();
    const pose = poseAt([1, 2, 3], 1);
    expect(core.voxelise(bytesOf([1, 1, 1]), policy, XYZ, { pose })).toBe(abi.E_STATE);
    expect(core.call.frame_push(1)).toBe(abi.E_STATE);
    const bare = core.tileOf(bytesOf([1, 1, 1]), policy);
    expect(header(bare).hasOrigin).toBe(false);
    core.beginSession(NO_OFFSET, NO_TURN);
    expect(core.voxelise(bytesOf([1, 1, 1]), policy, XYZ, { pose })).toBe(1);
    core.call.wipe();
    expect(core.voxelise(bytesOf([1, 1, 1]), policy, XYZ, { pose })).toBe(abi.E_STATE);
  });

  test("session without an offset: the first sensor is the origin of the map", () => {
    const pose = poseAt([4000, -250, 17], 2.2);
    const points: Triple[] = [
      [1.005, 2.005, -0.495],
      [-3.335, 0.125, 0.255],
    ];
    const means = meansInSession(
      NO_OFFSET,
      NO_TURN,
      points.map((point) => [point, pose]),
    );
    for (const [i, mean] of means.entries()) {
      for (const k of [0, 1, 2]) expect(Math.abs(mean[k]! - points[i]![k]!)).toBeLessThan(1e-5);
    }
  });

  test("session: one thing seen from two poses is in one place, a geographic origin or not", () => {
    const random = new Seeded(404);
    for (const base of [
      [0, 0, 0],
      [500_000, 5_400_000, 300],
    ] as const) {
      const first = poseAt([base[0] + 3, base[1] - 2, base[2]], 0.4);
      for (let round = 0; round < 30; round++) {
        const second = poseAt(
          [base[0] + between(random, -20, 20), base[1] + between(random, -20, 20), base[2] + 1],
          between(random, 0, 6.28),
        );
        const thing = [
          base[0] + between(random, -9, 9),
          base[1] + between(random, -9, 9),
          base[2] + between(random, 0, 2),
        ] as const;
        const offset = [between(random, -99, 99), between(random, -99, 99), 5] as const;
        const direction = [between(random, -1, 1), between(random, -1, 1)];
        const [a, b] = meansInSession(offset, direction, [
          [toSensor(thing, first), first],
          [toSensor(thing, second), second],
        ]);
        // A millimetre: the matrix is made in f64, however far away the map's origin is.
        const apart = Math.hypot(a![0] - b![0], a![1] - b![1], a![2] - b![2]);
        expect(apart).toBeLessThan(0.001);
      }
    }
  });

  test("session: distances between frames are kept, positions and yaw are not", () => {
    const first = poseAt([120, 45, 2], 0.3);
    const second = poseAt([126, 41, 2], 1.9);
    const frames: [Triple, Pose][] = [
      [[1, 1, 0], first],
      [[2, -1, 0.5], second],
      [[0, 3, 1], second],
    ];
    const true3 = frames.map(([point, pose]) => toMap(point, pose));
    const distance = (p: Triple, q: Triple) => Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
    const heading = (p: Triple, q: Triple) => Math.atan2(q[1] - p[1], q[0] - p[0]);
    const sessions = [
      { offset: [731, -402, 88] as const, direction: [0.3, 0.9] },
      { offset: [-56, 910, -14] as const, direction: [-0.8, 0.1] },
    ];
    const [one, two] = sessions.map(({ offset, direction }) =>
      meansInSession(offset, direction, frames),
    ) as [Triple[], Triple[]];
    for (const [i, j] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const) {
      const expected = distance(true3[i]!, true3[j]!);
      expect(Math.abs(distance(one[i]!, one[j]!) - expected)).toBeLessThan(0.002);
      expect(Math.abs(distance(two[i]!, two[j]!) - expected)).toBeLessThan(0.002);
    }
    expect(Math.abs(heading(one[0]!, one[1]!) - heading(two[0]!, two[1]!))).toBeGreaterThan(0.1);
    expect(Math.abs(heading(one[0]!, one[1]!) - heading(true3[0]!, true3[1]!))).toBeGreaterThan(
      0.1,
    );
    expect(distance(one[0]!, two[0]!)).toBeGreaterThan(100);
    expect(distance(one[0]!, true3[0]!)).toBeGreaterThan(100);
  });

  test("session: the map's own origin and yaw leave no trace at all", () => {
    const cloud = bytesOf(randomCloud(new Seeded(405), 3000, 5));
    const policy = { leaf: 0.25, pose: abi.POSE_SESSION };
    const tile = (pose: Pose) => {
      core.beginSession([11, 22, 3], [1, 2]);
      return core.tileOf(cloud, policy, XYZ, { pose });
    };
    const here = tile(poseAt([0, 0, 0], 0));
    // T = S . inverse(P) . P: only rounding of the f64 product is left of P.
    const there = tile(poseAt([81_000, -3000, 40], 2.5));
    const [a, b] = [here, there].map((record) => new Set(cellKeys(core.decode(record).cells)));
    expect([...a!].filter((key) => !b!.has(key)).length).toBeLessThanOrEqual(2);
    expect(header(there).origin).toEqual(header(here).origin);
  });

  test("session: another secret offset gives other cells for the same recording", () => {
    const cloud = bytesOf(randomCloud(new Seeded(406), 3000, 5));
    const pose = poseAt([5, 6, 7], 1);
    const policy = { leaf: 0.25, pose: abi.POSE_SESSION };
    const tiles = [
      [11, 22, 3],
      [11, 22.5, 3],
      [-80, 1, 9],
    ].map((offset) => {
      core.beginSession(offset, [1, 2]);
      return core.tileOf(cloud, policy, XYZ, { pose });
    });
    expect(new Set(tiles.map((tile) => header(tile).origin.join())).size).toBe(3);
    core.beginSession([11, 22, 3], [1, -2]);
    const turned = core.tileOf(cloud, policy, XYZ, { pose });
    expect(Buffer.compare(turned, tiles[0]!)).not.toBe(0);
  });

  test("session_begin takes the secret and leaves none of it in the inbox", () => {
    expect(core.beginSession([123.456, 7, 8], [0.6, 0.8])).toBe(0);
    const at = core.at(abi.REGION_FRAME) + abi.FRAME_SESSION_OFFSET;
    expect([...core.memory.subarray(at, at + 40)].every((byte) => byte === 0)).toBe(true);
    for (const bad of [Number.NaN, Infinity, -Infinity, 2e9]) {
      for (let k = 0; k < 5; k++) {
        const numbers = [0, 0, 0, 0, 0].map((value, i) => (i === k ? bad : value));
        expect(core.beginSession(numbers.slice(0, 3), numbers.slice(3))).toBe(abi.E_ARG);
      }
    }
  });

  test("refuses poses that are none", () => {
    const good = poseAt([1, 2, 3], 1);
    const poses: Pose[] = [
      { ...good, quaternion: [0, 0, 0, 0] },
      { ...good, quaternion: [Number.NaN, 0, 0, 1] },
      { ...good, translation: [Infinity, 0, 0] },
      { ...good, translation: [0, -2e9, 0] },
    ];
    for (const pose of poses) {
      for (const mode of [abi.POSE_DROP, abi.POSE_SESSION, abi.POSE_KEEP]) {
        const status = core.voxelise(bytesOf([1, 1, 1]), { pose: mode }, XYZ, { pose });
        expect(status).toBe(abi.E_ARG);
      }
    }
  });

  test("a quaternion of another length turns as the unit one does", () => {
    const cloud = bytesOf(randomCloud(new Seeded(407), 500, 5));
    const tile = (scale: number) => {
      const quaternion = [0.5 * scale, 0.5 * scale, -0.5 * scale, 0.5 * scale] as const;
      const pose = { translation: [1, 2, 3], quaternion } as const;
      return core.tileOf(cloud, { pose: abi.POSE_KEEP }, XYZ, { pose });
    };
    for (const scale of [2, 0.25, -1]) {
      expect(Buffer.compare(tile(scale), tile(1))).toBe(0);
    }
  });
});
