/** Cropping against plain references: what a rule removes is gone, and nothing else is. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { between, randomCloud, Seeded } from "./clouds.ts";
import {
  type AreaSetting,
  type BoxSetting,
  BUILDS,
  bytesOf,
  type FrameSettings,
  type PolicySettings,
  RawCore,
  XYZ,
} from "./raw-core.ts";

type Point = readonly [number, number, number];

const ALL = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

function pointsOf(cloud: Float32Array): Point[] {
  return Array.from({ length: cloud.length / 3 }, (_, i) => [
    cloud[3 * i]!,
    cloud[3 * i + 1]!,
    cloud[3 * i + 2]!,
  ]);
}

/** p turned by the quaternion x y z w, which is normalised here. */
function turned([px, py, pz]: Point, quaternion: readonly number[]): Point {
  const length = Math.hypot(...quaternion);
  const [x, y, z, w] = quaternion.map((part) => part / length) as [number, number, number, number];
  const [tx, ty, tz] = [2 * (y * pz - z * py), 2 * (z * px - x * pz), 2 * (x * py - y * px)];
  return [
    px + w * tx + y * tz - z * ty,
    py + w * ty + z * tx - x * tz,
    pz + w * tz + x * ty - y * tx,
  ];
}

/** By how much a point is inside a box; negative outside. */
function depthInBox(p: Point, { centre, half, quaternion }: BoxSetting): number {
  const [x, y, z, w] = quaternion as [number, number, number, number];
  const local = turned([p[0] - centre[0]!, p[1] - centre[1]!, p[2] - centre[2]!], [-x, -y, -z, w]);
  return Math.min(...local.map((v, k) => half[k]! - Math.abs(v)));
}

/** Signed distance to a polygon: positive inside, measured to the nearest edge. */
function depthInPolygon([px, py]: Point, polygon: AreaSetting["polygon"]): number {
  let inside = false;
  let nearest = Number.POSITIVE_INFINITY;
  for (const [i, [bx, by]] of polygon.entries()) {
    const [ax, ay] = polygon[(i + polygon.length - 1) % polygon.length]!;
    if (ay > py !== by > py && px < ax + ((bx - ax) * (py - ay)) / (by - ay)) inside = !inside;
    const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
    const along = length2 > 0 ? ((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length2 : 0;
    const t = Math.min(1, Math.max(0, along));
    nearest = Math.min(nearest, Math.hypot(px - ax - t * (bx - ax), py - ay - t * (by - ay)));
  }
  return inside ? nearest : -nearest;
}

/** A star-shaped or tangled polygon: both are polygons that a map editor can draw. */
function randomPolygon(random: Seeded): [number, number][] {
  const corners = 3 + random.below(9);
  const tangled = random.below(3) === 0;
  const [cx, cy] = [between(random, -6, 6), between(random, -6, 6)];
  return Array.from({ length: corners }, (_, i) => {
    const angle = tangled ? between(random, 0, 6.28) : (i * 2 * Math.PI) / corners;
    const radius = between(random, 0.2, 6);
    return [Math.fround(cx + radius * Math.cos(angle)), Math.fround(cy + radius * Math.sin(angle))];
  });
}

describe.each(BUILDS)("the crop of the %s build", (build) => {
  const core = RawCore.load(build);

  /** The points that stay, one call a point: no reference of order or voxels is needed. */
  function survivors(points: readonly Point[], policy: PolicySettings, frame: FrameSettings = {}) {
    core.putPolicy(policy);
    core.putLayout(XYZ);
    core.putFrame({ slots: points.length, ...frame });
    expect(core.call.frame_begin()).toBe(0);
    return points.filter((point) => {
      const kept = core.push(bytesOf(point), 12);
      expect(kept).toBeGreaterThanOrEqual(0);
      return kept === 1;
    });
  }

  test("keeps exactly the points within the range, its ends included", () => {
    const points = pointsOf(randomCloud(new Seeded(301), 3000, 12));
    const edges: Point[] = [
      [3, 0, 0],
      [0, -3, 0],
      [0, 6, 8],
      [2.9999998, 0, 0],
      [0, 6, 8.000001],
    ];
    const range = [3, 10] as const;
    const expected = [...points, ...edges].filter(([x, y, z]) => {
      const square = x * x + y * y + z * z;
      return square >= 9 && square <= 100;
    });
    expect(survivors([...points, ...edges], { range })).toEqual(expected);
    expect(core.counters().range).toBe(points.length + edges.length - expected.length);
    expect(expected).toEqual(
      expect.arrayContaining([
        [3, 0, 0],
        [0, 6, 8],
      ]),
    );
  });

  test("squares of large coordinates do not overflow the range", () => {
    const far: Point[] = [
      [3e38, 0, 0],
      [1e20, 1e20, 0],
      [1e6, 0, 0],
    ];
    expect(survivors(far, { leaf: 10, range: [0, 1e30] })).toEqual([[1e6, 0, 0]]);
    expect(core.counters()).toMatchObject({ range: 1, domain: 1, kept: 1 });
  });

  test("keeps exactly the points between the heights, in the map frame", () => {
    const points = pointsOf(randomCloud(new Seeded(302), 3000, 4));
    const height = [-1, 2] as const;
    expect(survivors(points, { height })).toEqual(points.filter(([, , z]) => z >= -1 && z <= 2));
    // Upside down and a metre up: height is z of the map.
    const pose = { translation: [5, 5, 1], quaternion: [1, 0, 0, 0] } as const;
    const kept = survivors(points, { height }, { pose });
    expect(kept).toEqual(points.filter(([, , z]) => 1 - z >= -1 && 1 - z <= 2));
    expect(kept.length).toBeGreaterThan(100);
  });

  test("turned boxes remove or keep exactly what is in them, in the sensor's frame", () => {
    const random = new Seeded(303);
    const pose = { translation: [100, -50, 3], quaternion: [0, 0, 1, 1] } as const;
    for (let round = 0; round < 30; round++) {
      const boxes = Array.from({ length: 1 + random.below(4) }, (): BoxSetting => {
        const draw = (count: number, low: number, high: number) =>
          Array.from({ length: count }, () => Math.fround(between(random, low, high)));
        const mode = random.below(3) === 0 ? abi.BOX_KEEP : abi.BOX_REMOVE;
        return { mode, centre: draw(3, -3, 3), half: draw(3, 0.5, 5), quaternion: draw(4, -1, 1) };
      });
      const points = pointsOf(randomCloud(random, 400, 6)).filter((point) =>
        boxes.every((box) => Math.abs(depthInBox(point, box)) > 1e-4),
      );
      const kept = boxes.filter(({ mode }) => mode === abi.BOX_KEEP);
      const removed = boxes.filter(({ mode }) => mode === abi.BOX_REMOVE);
      const expected = points.filter(
        (point) =>
          !removed.some((box) => depthInBox(point, box) > 0) &&
          (kept.length === 0 || kept.some((box) => depthInBox(point, box) > 0)),
      );
      expect(survivors(points, { boxes, leaf: 0.2 }, round % 2 ? { pose } : {})).toEqual(expected);
      expect(core.counters().box).toBe(points.length - expected.length);
    }
  });

  test("leaves no point in any of 200 grown no-go polygons, and takes no other", () => {
    const random = new Seeded(304);
    let removed = 0;
    for (let round = 0; round < 200; round++) {
      const z = random.below(2) === 0 ? ALL : ([-1, 1] as const);
      const polygon = randomPolygon(random);
      const dilate = Math.fround([0, 0.3, 2][random.below(3)]!);
      const points = pointsOf(randomCloud(random, 300, 10));
      const depth = (p: Point) => {
        const [low, high] = [p[2] - (z[0] - dilate), z[1] + dilate - p[2]];
        return Math.min(depthInPolygon(p, polygon) + dilate, low, high);
      };
      const kept = survivors(points, { areas: [{ z, polygon }], dilate });
      expect(kept.filter((point) => depth(point) > 1e-6)).toEqual([]);
      const outside = points.filter((point) => depth(point) < -1e-6);
      const lost = new Set(outside.map(String));
      for (const point of kept) lost.delete(String(point));
      expect([...lost]).toEqual([]);
      removed += core.counters().noGo;
    }
    expect(removed).toBeGreaterThan(3000);
  });

  test("points on the border of a no-go area, and at its margin, are gone", () => {
    const square: AreaSetting = {
      z: ALL,
      polygon: [
        [0, 0],
        [4, 0],
        [4, 4],
        [0, 4],
      ],
    };
    const border: Point[] = [
      [0, 0, 1],
      [4, 4, 1],
      [2, 0, 1],
      [0, 3, 1],
      [4, 1, 1],
      [2, 4, 1],
    ];
    expect(survivors(border, { areas: [square] })).toEqual([]);
    const margin: Point[] = [
      [-1, 2, 1],
      [5, 2, 1],
      [2, 5, 1],
    ];
    expect(survivors(margin, { areas: [square], dilate: 1 })).toEqual([]);
    expect(survivors([[-3, -4, 1]], { areas: [square], dilate: 5 })).toEqual([]);
    expect(
      survivors(
        [
          [-1, -1, 1],
          [5.001, 2, 1],
        ],
        { areas: [square], dilate: 1 },
      ).length,
    ).toBe(2);
  });

  test("no-go areas stay where they are in the map while the sensor moves", () => {
    const random = new Seeded(305);
    const area: AreaSetting = {
      z: ALL,
      polygon: [
        [10, 10],
        [14, 10],
        [14, 13],
        [10, 13],
      ],
    };
    for (let round = 0; round < 20; round++) {
      const yaw = between(random, 0, 6.28);
      const pose = {
        translation: [between(random, 5, 18), between(random, 5, 18), 1] as const,
        quaternion: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)] as const,
      };
      const points = pointsOf(randomCloud(random, 300, 10));
      const inMap = (p: Point): Point => {
        const [x, y, z] = turned(p, pose.quaternion);
        return [x + pose.translation[0], y + pose.translation[1], z + pose.translation[2]];
      };
      for (const mode of [abi.POSE_DROP, abi.POSE_KEEP]) {
        const kept = survivors(points, { areas: [area], dilate: 0.5, pose: mode }, { pose });
        const depth = (p: Point) => depthInPolygon(inMap(p), area.polygon) + 0.5;
        expect(kept.filter((point) => depth(point) > 1e-4)).toEqual([]);
        expect(kept.length).toBe(points.filter((point) => depth(point) < 0).length);
      }
    }
  });

  test("no-go areas hold to 3 cm at the far end of what a policy can name, 100 km away", () => {
    const random = new Seeded(306);
    const [east, north] = [99_876.543, -98_765.432];
    const polygon = [0, 1, 2, 3, 4].map((i): [number, number] => [
      east + 4 * Math.cos(i * 1.2566),
      north + 3 * Math.sin(i * 1.2566),
    ]);
    const pose = { translation: [east + 2, north - 1, 1], quaternion: [0, 0, 0.6, 0.8] } as const;
    const points = pointsOf(randomCloud(random, 4000, 9));
    const depth = (p: Point) => {
      const [x, y, z] = turned(p, pose.quaternion);
      return depthInPolygon([x + east + 2, y + north - 1, z], polygon);
    };
    const kept = survivors(points, { areas: [{ z: ALL, polygon }] }, { pose });
    expect(kept.filter((point) => depth(point) > 0.03)).toEqual([]);
    expect(kept.length).toBeGreaterThanOrEqual(points.filter((p) => depth(p) < -0.03).length);
    expect(core.counters().noGo).toBeGreaterThan(100);
  });

  test("a point is counted under the first rule that takes it: no-go, range, height, box", () => {
    const policy: PolicySettings = {
      areas: [
        {
          z: ALL,
          polygon: [
            [0, 0],
            [100, 0],
            [100, 100],
            [0, 100],
          ],
        },
      ],
      range: [0, 5],
      height: [-1, 1],
      boxes: [
        { mode: abi.BOX_REMOVE, centre: [0, 0, 0], half: [9, 9, 9], quaternion: [0, 0, 0, 1] },
      ],
    };
    expect(survivors([[50, 50, 50]], policy)).toEqual([]);
    expect(core.counters()).toMatchObject({ noGo: 1, range: 0, height: 0, box: 0 });
    expect(survivors([[-50, -50, 50]], policy)).toEqual([]);
    expect(core.counters()).toMatchObject({ noGo: 0, range: 1, height: 0, box: 0 });
    expect(survivors([[-1, -1, 2]], policy)).toEqual([]);
    expect(core.counters()).toMatchObject({ range: 0, height: 1, box: 0 });
    expect(survivors([[-1, -1, 0]], policy)).toEqual([]);
    expect(core.counters()).toMatchObject({ range: 0, height: 0, box: 1, kept: 0 });
  });

  test("refuses policies whose numbers do not add up", () => {
    const unit: BoxSetting = {
      mode: 0,
      centre: [0, 0, 0],
      half: [1, 1, 1],
      quaternion: [0, 0, 0, 1],
    };
    const area: AreaSetting = {
      z: ALL,
      polygon: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
    };
    const cases: PolicySettings[] = [
      { leaf: 0 },
      { leaf: 0.0099 },
      { leaf: 10.01 },
      { leaf: Number.NaN },
      { point: 2 },
      { pose: 3 },
      { padding: 2 },
      { padding: abi.PAD_FIRST_CLASS - 1 },
      { padding: 2 ** 24 + 1 },
      { bits: { intensity: 9 } },
      { bits: { ring: 9 } },
      { bits: { time: 0xffffffff } },
      { point: abi.POINT_CENTROID, bits: { centroid: 0 } },
      { point: abi.POINT_CENTROID, bits: { centroid: 7 } },
      { range: [-1, 5] },
      { range: [5, 1] },
      { range: [Number.NaN, 1] },
      { height: [1, 0] },
      { height: [0, Number.NaN] },
      { dilate: -1 },
      { dilate: Number.POSITIVE_INFINITY },
      { boxes: [{ ...unit, mode: 2 }] },
      { boxes: [{ ...unit, quaternion: [0, 0, 0, 0] }] },
      { boxes: [{ ...unit, centre: [Number.NaN, 0, 0] }] },
      { boxes: [{ ...unit, half: [-1, 0, 0] }] },
      {
        areas: [
          {
            ...area,
            polygon: [
              [0, 0],
              [1, 0],
            ],
          },
        ],
      },
      {
        areas: [
          {
            ...area,
            polygon: [
              [0, 0],
              [1, 0],
              [Number.NaN, 1],
            ],
          },
        ],
      },
      { areas: [{ ...area, z: [1, 0] }] },
    ];
    for (const policy of cases) {
      expect([policy, core.voxelise(bytesOf([1, 1, 1]), policy)]).toEqual([policy, abi.E_ARG]);
    }
    const count = core.at(abi.REGION_POLICY);
    for (const [at, value] of [
      [abi.POLICY_BOX_COUNT, abi.BOX_COUNT_MAX + 1],
      [abi.POLICY_AREA_COUNT, abi.AREA_COUNT_MAX + 1],
      [abi.POLICY_VERTEX_COUNT, abi.VERTEX_COUNT_MAX + 1],
      [abi.POLICY_VERTEX_COUNT, 2],
      [abi.POLICY_BOX_COUNT, 0xffffffff],
    ] as const) {
      core.putPolicy({ areas: [area] });
      core.view.setUint32(count + at, value, true);
      expect(core.call.frame_begin()).toBe(abi.E_ARG);
    }
  });
});
