/** Homes are recognised by what is alike in two visits, and the attack that does it can win. */
import { beforeAll, describe, expect, test } from "vitest";
import { likeness } from "../../host/attack/align.ts";
import { makeHome, TRUTH_CELL_M } from "../../host/attack/home.ts";
import { loadProduct, type Product } from "../../host/attack/product.ts";
import { seeded } from "../../host/attack/random.ts";
import { recogniseHomes } from "../../host/attack/recognise-homes.ts";
import { robotPlan } from "../../host/attack/robot-plan.ts";
import { shapeDistance } from "../../host/attack/shape-distribution.ts";
import { type SeenCells, sightingOf, wallDirection } from "../../host/attack/sighting.ts";
import { mapView, pathView, planView } from "../../host/attack/views.ts";
import { makeVisit } from "../../host/attack/visit.ts";

describe("made-up homes", () => {
  const homes = Array.from({ length: 50 }, (_, i) => makeHome(5, i));

  test("have rooms that do not overlap and are all reached through doors", () => {
    for (const { rooms, doors } of homes) {
      for (const [i, a] of rooms.entries()) {
        for (const b of rooms.slice(i + 1)) {
          expect(a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1).toBe(false);
        }
      }
      const reached = new Set([0]);
      for (let round = 0; round < rooms.length; round++) {
        for (const { rooms: pair } of doors) {
          if (pair.some((room) => reached.has(room))) for (const room of pair) reached.add(room);
        }
      }
      expect(reached.size).toBe(rooms.length);
    }
  });

  test("are the same for the same seed, and of many sizes", () => {
    expect(makeHome(5, 7)).toEqual(homes[7]);
    const areas = homes.map(({ rooms }) =>
      rooms.reduce((sum, { x0, y0, x1, y1 }) => sum + (x1 - x0) * (y1 - y0), 0),
    );
    const m2 = areas.map((cells) => cells * TRUTH_CELL_M ** 2).sort((a, b) => a - b);
    expect(m2[45]! / m2[5]!).toBeGreaterThan(2);
    expect(new Set(homes.map(({ rooms }) => rooms.length)).size).toBeGreaterThan(4);
  });
});

test("two visits to a home differ in everything but the home", () => {
  const home = makeHome(5, 3);
  const [one, two] = [1, 2].map((number) => makeVisit(home, 5, 3, number));
  const { scans, path } = makeVisit(home, 5, 3, 1);
  expect({ scans, path }).toEqual({ scans: one!.scans, path: one!.path });
  expect(one!.path.slice(0, 40)).not.toEqual(two!.path.slice(0, 40));
  expect(robotPlan(one!).cells).not.toEqual(robotPlan(two!).cells);
});

/** The outline of an L of rooms, turned. */
function outline(angle: number, free: SeenCells["free"] = new Int32Array(0)): SeenCells {
  const places: number[] = [];
  const wall = (x0: number, y0: number, x1: number, y1: number) => {
    for (let t = 0; t <= 1; t += 1 / 128) {
      const [x, y] = [x0 + t * (x1 - x0), y0 + t * (y1 - y0)];
      places.push(
        Math.floor(Math.cos(angle) * x - Math.sin(angle) * y),
        Math.floor(Math.sin(angle) * x + Math.cos(angle) * y),
      );
    }
  };
  wall(0, 0, 60, 0);
  wall(60, 0, 60, 25);
  wall(60, 25, 33, 25);
  wall(33, 25, 33, 47);
  wall(33, 47, 0, 47);
  wall(0, 47, 0, 0);
  return { cellM: 0.2, occupied: Int32Array.from(places), free };
}

describe("an alignment", () => {
  const straight = sightingOf(outline(0), 4);

  test("finds the direction of walls", () => {
    for (const angle of [0.1, 0.7, 1.3]) {
      expect(Math.abs(wallDirection(outline(angle).occupied) - angle)).toBeLessThan(0.02);
    }
  });

  test("is as good however the home is turned", () => {
    expect(likeness(straight, straight)).toBeCloseTo(1);
    for (const angle of [0.4, 1.9, 3.5, 5.1]) {
      const turned = sightingOf(outline(angle), 4);
      expect(likeness(turned, straight)).toBeGreaterThan(0.7);
      expect(shapeDistance(turned.shape, straight.shape)).toBeLessThan(0.15);
    }
  });

  test("is worse where one shows a wall and the other an empty floor", () => {
    const wall = [10, 10, 11, 10, 12, 10, 13, 10, 14, 10, 15, 10];
    const seen = outline(0);
    const more = { ...seen, occupied: Int32Array.from([...seen.occupied, ...wall]) };
    const other = (free: number[]) => sightingOf(outline(0, Int32Array.from(free)), 4);
    const withWall = sightingOf(more, 4);
    expect(likeness(withWall, other(wall))).toBeLessThan(likeness(withWall, other([])));
  });
});

describe("the attack on places", () => {
  const terms = { seed: 3, homes: 8, queries: 4, rawQueries: 4 };
  let product: Product;
  beforeAll(async () => {
    product = await loadProduct(3);
  });

  test("wins on what the robot had, on plans and on maps", async () => {
    const views = [planView(0.2), mapView(0.1, product.maker), pathView()];
    const shares: number[] = [];
    const results = await recogniseHomes(views, terms, (share) => shares.push(share));
    const [plan, map, path] = results;
    for (const { raw } of results) expect(raw.first).toBeGreaterThanOrEqual(3);
    for (const { release } of [plan!, map!]) {
      expect(release.queries).toBe(4);
      expect(release.first).toBeGreaterThanOrEqual(3);
    }
    expect(path!.release.queries + path!.refused).toBe(4);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });

  test("finds nothing by chance where nothing is alike", async () => {
    // What leaves are cells at random, which no two visits share.
    const random = {
      ...planView(0.2),
      release: () => {
        const { uniform } = seeded(Math.floor(1e9 * noise()));
        const cells = Int32Array.from({ length: 400 }, () => Math.floor(60 * uniform()));
        return { cellM: 0.2, occupied: cells, free: new Int32Array(0) };
      },
    };
    const noise = seeded(11).uniform;
    const [result] = await recogniseHomes(
      [random],
      { ...terms, homes: 12, queries: 12, rawQueries: 0 },
      () => {},
    );
    expect(result!.release.first).toBeLessThan(5);
    expect(result!.raw.queries).toBe(0);
  });
});
