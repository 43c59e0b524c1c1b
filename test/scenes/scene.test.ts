/** Scenes are the same for a seed, and every point lies where its label says. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  LAYOUTS,
  type LabelledScan,
  makeHome,
  makeScene,
  type Scene,
  type SceneTerms,
  SENSORS,
  solidsOf,
} from "../../host/scenes/index.ts";
import type { Capsule, Solid } from "../../host/scenes/solids.ts";

type Point = readonly [number, number, number];

/** Noise of a range is below this in all but one of a million points. */
const NOISE_SIGMAS = 5;

function digestOf(terms: SceneTerms): string {
  const hash = createHash("sha256");
  for (const scan of makeScene(terms).scans()) {
    hash.update(scan.points).update(scan.labels);
    hash.update(JSON.stringify([scan.pose, scan.truePose, String(scan.stampNs)]));
  }
  return hash.digest("hex");
}

const yawOf = (q: readonly number[]) => 2 * Math.atan2(q[2]!, q[3]!);

/** From the sensor's frame to the home's, by the true pose. */
function inHome({ mapInHome }: Scene, { truePose }: LabelledScan, [x, y, z]: Point): Point {
  const turned = (a: number, b: number, yaw: number): [number, number] => [
    Math.cos(yaw) * a - Math.sin(yaw) * b,
    Math.sin(yaw) * a + Math.cos(yaw) * b,
  ];
  const [tx, ty, tz] = truePose.translation;
  const [mx, my] = turned(x, y, yawOf(truePose.quaternion));
  const [hx, hy] = turned(mx + tx, my + ty, mapInHome.yaw);
  return [hx + mapInHome.x, hy + mapInHome.y, z + tz + mapInHome.z];
}

function pointAt(scan: LabelledScan, i: number): Point {
  return [scan.points[3 * i]!, scan.points[3 * i + 1]!, scan.points[3 * i + 2]!];
}

/** How far a point is outside of a solid, 0 in it. */
function toSolid(solid: Solid, [x, y, z]: Point): number {
  const up = Math.max(solid.z0 - z, z - solid.z1, 0);
  const flat =
    solid.kind === "cylinder"
      ? Math.max(Math.hypot(x - solid.x, y - solid.y) - solid.radius, 0)
      : Math.hypot(
          Math.max(solid.x0 - x, x - solid.x1, 0),
          Math.max(solid.y0 - y, y - solid.y1, 0),
        );
  return Math.hypot(up, flat);
}

/** How deep a point is in a solid; 0 or below outside of it. */
function depthIn(solid: Solid, [x, y, z]: Point): number {
  const flat =
    solid.kind === "cylinder"
      ? solid.radius - Math.hypot(x - solid.x, y - solid.y)
      : Math.min(x - solid.x0, solid.x1 - x, y - solid.y0, solid.y1 - y);
  return Math.min(flat, z - solid.z0, solid.z1 - z);
}

function toCapsule({ a, b, radius }: Capsule, point: Point): number {
  const along = b.map((value, k) => value - a[k]!);
  const from = point.map((value, k) => value - a[k]!);
  const dot = (p: readonly number[], q: readonly number[]) =>
    p.reduce((sum, value, k) => sum + value * q[k]!, 0);
  const length = dot(along, along);
  const part = length === 0 ? 0 : Math.min(1, Math.max(0, dot(from, along) / length));
  return Math.hypot(...from.map((value, k) => value - part * along[k]!)) - radius;
}

/** The nearest of all that stands still. */
function toHome(solids: readonly Solid[], ceilingM: number, point: Point): number {
  const distances = solids.map((solid) => toSolid(solid, point));
  return Math.min(Math.max(point[2], 0), Math.max(ceilingM - point[2], 0), ...distances);
}

describe.each(SENSORS)("a scene seen with %s", (sensor) => {
  const terms = { seed: 7, sensor, seconds: 0.4, poseSigmaM: 0.03 } as const;

  test("is the same for the same seed, and another one for another", () => {
    expect(digestOf(terms)).toBe(digestOf(terms));
    expect(digestOf({ ...terms, seed: 8 })).not.toBe(digestOf(terms));
  });

  test("is the same world whatever the noise of the poses", () => {
    const scans = (poseSigmaM: number) => [...makeScene({ ...terms, poseSigmaM }).scans()];
    const [exact, noisy] = [scans(0), scans(0.05)];
    for (const [i, { points, truePose, pose }] of exact.entries()) {
      expect(Buffer.compare(Buffer.from(points.buffer), Buffer.from(noisy[i]!.points.buffer))).toBe(
        0,
      );
      expect(pose).toEqual(truePose);
      expect(noisy[i]!.truePose).toEqual(truePose);
      expect(noisy[i]!.pose).not.toEqual(truePose);
    }
  });

  test("has points for nearly all rays, stamps at its rate, and no ray that leaves the home", () => {
    const scene = makeScene(terms);
    const rays = scene.sensor.columns * scene.sensor.beams.length;
    let index = 0;
    for (const { count, points, labels, stampNs } of scene.scans()) {
      expect(count).toBeGreaterThan(0.9 * rays);
      expect(points.length).toBe(3 * count);
      expect(labels.length).toBe(count);
      const ns = stampNs - 1_700_000_000_000_000_000n;
      expect(Number(ns)).toBe(Math.round((index++ * 1e9) / scene.sensor.rateHz));
    }
    expect(index).toBe(scene.scanCount);
  });
});

describe.each(LAYOUTS)("in a home of the kind %s", (layout) => {
  test("every point lies where its label says, and none is seen through a solid", () => {
    const scene = makeScene({ seed: 12, sensor: "lds", seconds: 6, layout, still: true });
    const solids = solidsOf(scene.home);
    const slack = NOISE_SIGMAS * scene.sensor.noiseM;
    let [farthest, deepest] = [0, 0];
    for (const scan of scene.scans()) {
      const [x, y] = inHome(scene, scan, [0, 0, 0]);
      const at = scan.index / scene.sensor.rateHz;
      const bodies = scene.people.map((person) => person.bodyAt(at, { x, y }));
      for (let i = scan.index % 23; i < scan.count; i += 23) {
        const point = inHome(scene, scan, pointAt(scan, i));
        const label = scan.labels[i]!;
        const body = label === 0 ? [] : bodies[label - 1]!;
        const distances =
          label === 0
            ? solids.map((solid) => toSolid(solid, point))
            : body.map((part) => toCapsule(part, point));
        farthest = Math.max(farthest, Math.min(...distances));
        for (const solid of solids) deepest = Math.max(deepest, depthIn(solid, point));
      }
    }
    expect(farthest).toBeLessThan(slack);
    expect(deepest).toBeLessThan(slack);
  });

  test("all beams of a 3D lidar end at the home, its floor or its ceiling", () => {
    const scene = makeScene({ seed: 5, sensor: "vlp16", seconds: 0.1, layout });
    const solids = solidsOf(scene.home);
    const [scan] = scene.scans();
    let farthest = 0;
    for (let i = 0; i < scan!.count; i += 61) {
      const point = inHome(scene, scan!, pointAt(scan!, i));
      if (scan!.labels[i] !== 0) continue;
      farthest = Math.max(farthest, toHome(solids, scene.home.ceilingM, point));
    }
    expect(farthest).toBeLessThan(NOISE_SIGMAS * scene.sensor.noiseM);
  });

  test("rooms are furnished, and doors lead into each of them", () => {
    const home = makeHome(21, layout);
    expect(home.furniture.length).toBeGreaterThan(2 * home.rooms.length);
    const entered = new Set(home.doorways.flatMap(({ rooms }) => rooms));
    expect(entered.size).toBe(home.rooms.length);
  });
});

test("people are seen as often as they should be", () => {
  const scene = makeScene({ seed: 12, sensor: "vlp16", seconds: 3, layout: "studio", still: true });
  const seen = new Set<number>();
  let points = 0;
  for (const { labels } of scene.scans()) {
    for (const label of labels) {
      if (label === 0) continue;
      seen.add(label);
      points++;
    }
  }
  // One room with hardly a corner: everybody is in sight, and a body fills some degrees of a turn.
  expect(seen.size).toBeGreaterThanOrEqual(scene.people.length - 1);
  expect(points / scene.scanCount).toBeGreaterThan(100);
});

test("every seed draws another home", () => {
  const walls = new Set([1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(makeHome(seed).walls)));
  expect(walls.size).toBe(6);
});

test("somebody who never moves is there only if asked for", () => {
  const kinds = (still: boolean) =>
    makeScene({ seed: 3, sensor: "lds", still }).people.map(({ kind }) => kind);
  expect(kinds(false)).not.toContain("sitter");
  expect(kinds(false)).not.toContain("stander");
  expect(kinds(true).filter((kind) => kind === "sitter" || kind === "stander").length).toBe(1);
});
