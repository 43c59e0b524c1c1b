import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LAYER_NONE, PLAN_OCCUPIED, PLAN_UNKNOWN, type Plan } from "../../host/formats/plan.ts";
import { drawSecret, type PathRelease, releasePath } from "../../host/plan/index.ts";
import { sanitisePath } from "../../host/plan/release-path.ts";
import type { Vertex } from "../../host/policy/index.ts";
import {
  copyOf,
  cornersInMap,
  emptyRoom,
  fill,
  gapBetween,
  RULES,
  seededRandom,
} from "./support.ts";

/** 10 m x 8 m. */
const hall = emptyRoom(200, 160);

/** Lanes along x, 0.3 m apart, over all of the hall, from one corner to the other. */
function lanes(): Vertex[] {
  const path: Vertex[] = [];
  for (let y = 0.3, right = true; y < 7.8; y += 0.3, right = !right) {
    const xs = Array.from({ length: 48 }, (_, i) => 0.3 + 0.2 * i);
    for (const x of right ? xs : xs.reverse()) path.push([x, y]);
  }
  return path;
}

const withPath = (path: readonly Vertex[], more: Partial<Plan> = {}): Plan => ({
  ...hall,
  path: Float64Array.from(path.flat()),
  ...more,
});

const secretOf = (plan: Plan, seed: number, noGo: Vertex[][] = []) =>
  drawSecret(plan, { ...RULES, noGo }, seededRandom(seed));

const release = (plan: Plan, seed: number): PathRelease => releasePath(plan, secretOf(plan, seed));

/** Nothing cut off around ends and areas, and nothing left out at random. */
const WHOLE = { holes: [], ends: [], pathBytes: new Uint8Array(4096).fill(255) };
const uncut = (plan: Plan, seed: number) =>
  releasePath(plan, { ...secretOf(plan, seed), ...WHOLE });

test("is the set of cells of 1 m, from the lowest", () => {
  const plan = withPath(lanes());
  for (const seed of [1, 2]) {
    const { cells, cellM, report } = release(plan, seed);
    expect(cellM).toBe(1);
    expect(report.points).toBe(lanes().length);
    // 80 m2 less what the ends take, squares of 3 m and more about two corners; half of the rest.
    expect(report.released).toBeGreaterThan(20);
    expect(report.released).toBeLessThan(report.visited);
    expect(cells.length).toBe(3 * report.released);
    const column = (axis: number) => cells.filter((_, i) => i % 3 === axis);
    expect([0, 1, 2].map((axis) => Math.min(...column(axis)))).toEqual([0, 0, 0]);
    expect(Math.max(...column(2))).toBe(0);
    const places = column(0).map((x, i) => 100 * x + column(1)[i]!);
    expect(new Set(places).size).toBe(report.released);
    expect(release(plan, seed)).toEqual({ cells, cellM, report });
  }
});

test("nothing says which way the robot went, or how often", () => {
  const there = lanes();
  const once = uncut(withPath(there), 4).cells.join();
  expect(uncut(withPath(there.toReversed()), 4).cells.join()).toBe(once);
  expect(uncut(withPath([...there, ...there.toReversed(), ...there]), 4).cells.join()).toBe(once);
});

test("keeps 1.5 m from the dock and from its ends, half a metre and dilate_m from no-go areas", () => {
  const place = fc.tuple(
    fc.double({ min: 0, max: 10, noNaN: true }),
    fc.double({ min: 0, max: 8, noNaN: true }),
  );
  const path = lanes();
  fc.assert(
    fc.property(place, place, fc.nat(1e6), (dock, [x, y], seed) => {
      const area: Vertex[] = [
        [x, y],
        [x + 0.5, y],
        [x, y + 0.4],
      ];
      const plan = withPath(path, { dock: { x: dock[0], y: dock[1] } });
      const secret = secretOf(plan, seed, [area]);
      const { coarse } = sanitisePath(plan, secret);
      const cells = [...coarse.layers.keys()]
        .filter((i) => coarse.layers[i] !== LAYER_NONE)
        .map((i) => [coarse.x0 + (i % coarse.width), coarse.y0 + Math.floor(i / coarse.width)])
        .map(([i, j]) => cornersInMap(i!, j!, secret, 1));
      const nearest = (what: readonly Vertex[]) =>
        Math.min(...cells.map((cell) => gapBetween(cell, what)));
      for (const end of [dock, path[0]!, path.at(-1)!]) {
        expect(nearest([end])).toBeGreaterThanOrEqual(1.5);
      }
      expect(nearest(area)).toBeGreaterThanOrEqual(0.5 + RULES.dilateM);
    }),
    { numRuns: 15 },
  );
});

test("leaves half of the cells out at random, others in each release", () => {
  const plan = withPath(lanes());
  let [whole, left] = [0, 0];
  const kept = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const secret = { ...secretOf(plan, seed), holes: [], ends: [] };
    const all = releasePath(plan, { ...secret, pathBytes: WHOLE.pathBytes });
    const some = releasePath(plan, secret);
    whole += all.report.released;
    left += all.report.released - some.report.released;
    kept.add(some.cells.join());
    expect(releasePath(plan, secret).cells).toEqual(some.cells);
  }
  // Half of some 1600 draws, give or take four deviations.
  expect(left / whole).toBeGreaterThan(0.45);
  expect(left / whole).toBeLessThan(0.55);
  expect(kept.size).toBe(20);
});

describe("a cell needs as much of a path as a straight way through it", () => {
  const lone = (lengthM: number) =>
    withPath([
      [5 - lengthM / 2, 4],
      [5 + lengthM / 2, 4],
    ]);

  test("a moment in it is nothing, whatever the turn", () => {
    for (let seed = 0; seed < 20; seed++) {
      expect(() => uncut(lone(0.2), seed)).toThrow(/Nothing of the path may leave/);
    }
  });

  test("a straight way of 5 m has a cell for most of its metres", () => {
    for (let seed = 0; seed < 20; seed++) {
      const { released } = uncut(lone(5), seed).report;
      expect(released).toBeGreaterThanOrEqual(3);
      expect(released).toBeLessThanOrEqual(8);
    }
  });
});

describe("jumps between two runs are not driven", () => {
  /** Two short runs at either side of a wall. */
  const runs: Vertex[] = [
    [2, 4],
    [3, 4],
    [7, 4],
    [8, 4],
  ];

  test("through a wall", () => {
    const walled = copyOf(hall);
    fill(walled, 100, 0, 1, 160, PLAN_OCCUPIED);
    const open = uncut(withPath(runs), 1).report.released;
    const closed = uncut({ ...withPath(runs), cells: walled.cells }, 1).report.released;
    expect(open).toBeGreaterThanOrEqual(5);
    expect(closed).toBeLessThanOrEqual(4);
  });

  test("longer than any piece that robots report", () => {
    const far = emptyRoom(400, 40);
    const path = (to: number) => Float64Array.of(1, 1, to, 1);
    expect(uncut({ ...far, path: path(8.9) }, 1).report.released).toBeGreaterThan(5);
    expect(() => uncut({ ...far, path: path(9.1) }, 1)).toThrow(/Nothing of the path/);
  });
});

test("where the plan knows no floor nothing is told, whatever the path says", () => {
  const half = copyOf(hall);
  fill(half, 100, 0, 100, 160, PLAN_UNKNOWN);
  const plan = { ...withPath(lanes()), cells: half.cells };
  expect(uncut(plan, 2).report.visited).toBeLessThan(65);
  const wild = [Number.NaN, 1e300, -1e300, Number.POSITIVE_INFINITY, 1e-300];
  const path = Float64Array.from({ length: 99 }, (_, i) => wild[i % wild.length]!);
  expect(() => uncut({ ...hall, path }, 2)).toThrow(/Nothing of the path may leave/);
});

test("a plan without a path has none to release", () => {
  expect(() => release(hall, 1)).toThrow(/no path/);
  expect(() => release(withPath([[5, 4]]), 1)).toThrow(/no path/);
});

test("a run that stays about the dock is refused, and the refusal says why", () => {
  const plan = withPath([
    [5, 4],
    [5.8, 4],
    [5, 4.1],
  ]);
  expect(() => release(plan, 1)).toThrow(
    expect.objectContaining({ code: "REFUSED", message: expect.stringMatching(/within 1\.5 m/) }),
  );
});
