import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  LAYER_FREE,
  LAYER_NONE,
  LAYER_OCCUPIED,
  LAYER_ROOMS,
  PLAN_FREE,
  PLAN_OCCUPIED,
  PLAN_UNKNOWN,
  type Plan,
  ROOM_TYPES,
} from "../../host/formats/plan.ts";
import { roomType } from "../../host/formats/room-types.ts";
import { apply, compose, transform } from "../../host/plan/grid.ts";
import { drawSecret, openPlanTile, type PlanRules, releasePlan } from "../../host/plan/index.ts";
import { sanitisePlan } from "../../host/plan/release-plan.ts";
import { toRelease } from "../../host/plan/secret.ts";
import type { Vertex } from "../../host/policy/index.ts";
import {
  copyOf,
  cornersInMap,
  drawn,
  emptyRoom,
  fill,
  gapBetween,
  RULES,
  seededRandom,
} from "./support.ts";

const seed = fc.integer({ min: 0, max: 2 ** 31 });
const metre = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const cellM = fc.constantFrom(0.05, 0.1, 0.2, 0.33, 0.5);

/** All that leaves of a plan. */
function release(plan: Plan, rules: PlanRules, randomSeed: number): Int32Array {
  return releasePlan(plan, rules, drawSecret(plan, rules, seededRandom(randomSeed))).cells;
}

/** That two releases are the same; as text, which is compared at once. */
function expectSame(one: Int32Array, other: Int32Array): void {
  expect(one.join()).toBe(other.join());
}

function opened(cells: Int32Array) {
  const tile = { leafM: 0.2, voxels: cells.length / 3, hasOrigin: false, strings: {} };
  return openPlanTile({ ...tile, cells, positions: new Float32Array(cells.length) });
}

/** Corners around a point at random distances: a simple polygon. */
const polygon = fc
  .tuple(metre(0, 2.5), metre(0, 2.5), fc.array(metre(0.02, 0.8), { minLength: 3, maxLength: 8 }))
  .map(([x, y, radii]) =>
    radii.map((radius, i): Vertex => {
      const angle = (2 * Math.PI * i) / radii.length;
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    }),
  );

describe("no-go areas", () => {
  const room = emptyRoom(50, 50);

  test("no released cell comes near one, of the policy or of the robot's own app", () => {
    fc.assert(
      fc.property(polygon, metre(0, 0.4), seed, cellM, fc.boolean(), (area, dilateM, s, c, app) => {
        const plan = app ? { ...room, noGo: [area.map(([x, y]) => ({ x, y }))] } : room;
        const rules = { ...RULES, cellM: c, dilateM, noGo: app ? [] : [area] };
        const secret = drawSecret(plan, rules, seededRandom(s));
        const { x0, y0, width, layers } = sanitisePlan(plan, rules, secret).coarse;
        let nearest = Number.POSITIVE_INFINITY;
        for (const [i, layer] of layers.entries()) {
          if (layer === LAYER_NONE) continue;
          const [x, y] = [x0 + (i % width), y0 + Math.floor(i / width)];
          nearest = Math.min(nearest, gapBetween(cornersInMap(x, y, secret, c), area, nearest));
        }
        expect(nearest).toBeGreaterThanOrEqual(dilateM);
      }),
      { numRuns: 25 },
    );
  });

  test("what is in one changes nothing of the release", () => {
    const area: Vertex[] = [
      [1, 1],
      [2.2, 1.2],
      [1.5, 2],
    ];
    const rules = { ...RULES, noGo: [area], rooms: "types" as const };
    const inside = fc.array(fc.tuple(fc.nat(23), fc.nat(19), fc.nat(2)), { maxLength: 40 });
    fc.assert(
      fc.property(seed, inside, (s, changes) => {
        const plan = copyOf(room);
        for (const [x, y, value] of changes) plan.cells[(20 + y) * 50 + 20 + x] = value;
        expectSame(release(plan, rules, s), release(room, rules, s));
      }),
      { numRuns: 25 },
    );
  });

  test("a wall that ends in one tells nothing of how it goes on", () => {
    const area: Vertex[] = [
      [1, 1],
      [1.5, 1],
      [1.5, 1.5],
      [1, 1.5],
    ];
    const rules = { ...RULES, noGo: [area] };
    // From 0.3 m up; the hole begins at 0.4 to 0.7 m, so less than a wall's length is outside.
    const [short, long] = [copyOf(room), copyOf(room)];
    fill(short, 25, 6, 1, 9, PLAN_OCCUPIED);
    fill(long, 25, 6, 1, 24, PLAN_OCCUPIED);
    for (let s = 0; s < 20; s++) {
      expectSame(release(long, rules, s), release(short, rules, s));
      const secret = drawSecret(long, rules, seededRandom(s));
      const { noGo } = releasePlan(long, rules, secret).report;
      expect(noGo.areas).toBe(1);
      // Squares of 1.1 to 1.7 m.
      expect(noGo.cells).toBeGreaterThanOrEqual(22 * 22);
      expect(noGo.cells).toBeLessThanOrEqual(36 * 36);
    }
  });

  test("outlines with one bounding rectangle give the same release", () => {
    const corners: Vertex[] = [
      [1, 1],
      [2.5, 1],
      [2.5, 2],
      [1, 2],
    ];
    const inner = fc.array(fc.tuple(metre(1, 2.5), metre(1, 2)), { maxLength: 5 });
    fc.assert(
      fc.property(seed, inner, metre(-0.5, 0.5), (s, more, turn) => {
        const turned = transform(turn, 1, 0.5, 0);
        const one = corners.map((corner) => apply(turned, corner));
        const other = [...corners, ...more].reverse().map((corner) => apply(turned, corner));
        expectSame(
          release(room, { ...RULES, noGo: [other] }, s),
          release(room, { ...RULES, noGo: [one] }, s),
        );
      }),
      { numRuns: 25 },
    );
  });

  test("that hold every wall leave nothing, and the refusal says so", () => {
    const all: Vertex[] = [
      [-1, -1],
      [4, -1],
      [4, 4],
      [-1, 4],
    ];
    const rules = { ...RULES, noGo: [all] };
    expect(() => release(room, rules, 1)).toThrow(/all of its walls lie in no-go areas/);
  });
});

describe("what links a release to the robot or to another release", () => {
  const plan = drawn(`
#########################
#11111111#22222222222222#
#11111111#22222222222222#
#11111111#22222222222222#
#1111111122222222222222##
#1111111122222222222222#
#11111111#2222222222222#
#11111111#2222222222222#
########################
`);

  test("the turn is uniform, and so is the place of a corner in its cell", () => {
    const count = 2000;
    const drawnOf = (pick: (secret: ReturnType<typeof drawSecret>) => number) =>
      Array.from({ length: count }, (_, s) => pick(drawSecret(plan, RULES, seededRandom(s)))).sort(
        (a, b) => a - b,
      );
    const shares = [
      drawnOf(({ yawRad }) => yawRad / (2 * Math.PI)),
      drawnOf(({ shift }) => (shift[0] / RULES.cellM) % 1),
      drawnOf(({ shift }) => (shift[1] / RULES.cellM) % 1),
    ];
    for (const sorted of shares) {
      // Kolmogorov and Smirnov: beyond this in one of ten thousand fair draws.
      const distances = sorted.map((share, i) => Math.abs(share - (i + 0.5) / count));
      expect(Math.max(...distances)).toBeLessThan(2.23 / Math.sqrt(count));
    }
  });

  test("neither coordinates nor the extent join two releases of one plan", () => {
    const room = emptyRoom(80, 50);
    const tiles = Array.from({ length: 40 }, (_, s) => opened(release(room, RULES, s)));
    const extents = tiles.map(({ width, height }) => `${width} x ${height}`);
    const pairs = extents.flatMap((a, i) => extents.slice(i + 1).map((b) => a === b));
    // 20 to 24 cells by 13 to 24: two draws agree now and then.
    expect(pairs.filter(Boolean).length / pairs.length).toBeLessThan(0.1);
    const bodies = new Set(tiles.map(({ layers }) => layers.join()));
    expect(bodies.size).toBe(tiles.length);
  });

  test("the size and place of the robot's grid do not show", () => {
    const margin = fc.nat(9);
    fc.assert(
      fc.property(seed, margin, margin, margin, margin, (s, left, right, below, above) => {
        const width = plan.width + left + right;
        const height = plan.height + below + above;
        const cells = new Uint8Array(width * height);
        for (let y = 0; y < plan.height; y++) {
          const row = plan.cells.subarray(y * plan.width, (y + 1) * plan.width);
          cells.set(row, (y + below) * width + left);
        }
        const origin = { x: -left * 0.05, y: -below * 0.05, yawRad: 0 };
        const { roomOf: _, ...bare } = { ...plan, origin, width, height, cells };
        expectSame(release(bare, RULES, s), release(plan, RULES, s));
      }),
      { numRuns: 20 },
    );
  });

  test("rooms are types or nothing: names and numbers do not show, nor dock, path, strings", () => {
    const typed = { ...RULES, rooms: "types" as const };
    const rooms = (a: string, b: string, swap = false) => [
      { number: swap ? 2 : 1, type: roomType(a) },
      { number: swap ? 1 : 2, type: roomType(b) },
    ];
    const swapped = { ...plan, roomOf: plan.roomOf!.map((n) => (n === 0 ? 0 : 3 - n)) };
    const one = release({ ...plan, rooms: rooms("Mary's bedroom", "Küche") }, typed, 5);
    const two = release({ ...swapped, rooms: rooms("主卧", "kitchen 2", true) }, typed, 5);
    expect(two).toEqual(one);
    const layerOf = (type: (typeof ROOM_TYPES)[number]) => LAYER_ROOMS + ROOM_TYPES.indexOf(type);
    const layers = new Set(one.filter((_, i) => i % 3 === 2));
    expect([...layers].sort()).toEqual(
      [LAYER_OCCUPIED, layerOf("kitchen"), layerOf("bedroom")].sort(),
    );
    const more = {
      dock: { x: 0.3, y: 0.3 },
      path: Float64Array.of(0.2, 0.2, 0.3, 0.3),
      metadata: [{ name: "serial_number", value: "R0B0T-1" } as const],
    };
    const secretive = { ...plan, ...more, rooms: rooms("Mary's bedroom", "Küche") };
    expect(release(secretive, typed, 5)).toEqual(one);
    const untyped = release({ ...plan, rooms: rooms("Mary's bedroom", "Küche") }, RULES, 5);
    expect(new Set(untyped.filter((_, i) => i % 3 === 2))).toEqual(
      new Set([LAYER_OCCUPIED, LAYER_FREE]),
    );
    const secret = drawSecret(secretive, typed, seededRandom(5));
    const { report } = releasePlan(secretive, typed, secret);
    expect(JSON.stringify(report)).not.toMatch(/Mary|Küche|R0B0T/);
    expect(report).toMatchObject({
      ...{ roomNames: 2, dock: true, pathPoints: 2, metadata: ["serial_number"] },
      ...{ noGo: { areas: 0, cells: 0 } },
    });
  });

  test("the lowest cell is the origin, and each place has one cell", () => {
    fc.assert(
      fc.property(seed, (s) => {
        const cells = release(plan, { ...RULES, rooms: "types" }, s);
        const column = (axis: number) => cells.filter((_, i) => i % 3 === axis);
        for (const axis of [0, 1, 2]) expect(Math.min(...column(axis))).toBe(0);
        const places = column(0).map((x, i) => x * 1000 + column(1)[i]!);
        expect(new Set(places).size).toBe(places.length);
      }),
      { numRuns: 15 },
    );
  });

  test("same bytes of randomness, same cells", () => {
    expect(release(plan, RULES, 9)).toEqual(release(plan, RULES, 9));
  });
});

describe("coarse cells", () => {
  /** A wall of one fine cell along a line, in a field of floor. */
  function lineWall(angle: number, lengthM: number): Plan {
    const plan = emptyRoom(100, 100);
    plan.cells.fill(PLAN_FREE);
    for (let t = 0; t < lengthM; t += 0.01) {
      const x = Math.floor((2.5 + (t - lengthM / 2) * Math.cos(angle)) / 0.05);
      const y = Math.floor((2.5 + (t - lengthM / 2) * Math.sin(angle)) / 0.05);
      plan.cells[y * 100 + x] = PLAN_OCCUPIED;
    }
    return plan;
  }

  const anyCellM = fc.constantFrom(0.05, 0.1, 0.2, 0.33, 1, 2);

  test("a wall one fine cell thick stays, each cell of it within one coarse cell", () => {
    fc.assert(
      fc.property(metre(0, 3.2), metre(0.72, 4), seed, anyCellM, (angle, lengthM, s, c) => {
        const plan = lineWall(angle, lengthM);
        const rules = { ...RULES, cellM: c };
        const secret = drawSecret(plan, rules, seededRandom(s));
        const { x0, y0, width, height, layers } = sanitisePlan(plan, rules, secret).coarse;
        const place = compose(toRelease(secret, c), transform(0, 0.05, 0, 0));
        const lost = [...plan.cells.keys()].filter((i) => {
          if (plan.cells[i] !== PLAN_OCCUPIED) return false;
          const [px, py] = apply(place, [(i % 100) + 0.5, Math.floor(i / 100) + 0.5]);
          for (let y = Math.floor(py) - 1; y <= Math.floor(py) + 1; y++) {
            for (let x = Math.floor(px) - 1; x <= Math.floor(px) + 1; x++) {
              const [gx, gy] = [x - x0, y - y0];
              const inside = gx >= 0 && gy >= 0 && gx < width && gy < height;
              if (inside && layers[gy * width + gx] === LAYER_OCCUPIED) return false;
            }
          }
          return true;
        });
        expect(lost).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  /** Free cells that one can walk to from the first, through sides. */
  function reachable({ width, layers }: ReturnType<typeof opened>): number {
    const free = layers.map((layer) => (layer === LAYER_FREE ? 1 : 0));
    const open = [free.indexOf(1)];
    free[open[0]!] = 0;
    let count = 0;
    for (let cell = open.pop(); cell !== undefined; cell = open.pop()) {
      count++;
      for (const at of [cell - 1, cell + 1, cell - width, cell + width]) {
        if (free[at] !== 1) continue;
        free[at] = 0;
        open.push(at);
      }
    }
    return count;
  }

  test("a door of 0.8 m stays open and the wall beside it closed, however it is turned", () => {
    const open = emptyRoom(120, 60);
    fill(open, 60, 0, 1, 60, PLAN_OCCUPIED);
    const closed = copyOf(open);
    fill(open, 60, 20, 1, 16, PLAN_FREE);
    for (let s = 0; s < 16; s++) {
      const through = opened(release(open, RULES, s));
      const free = through.layers.filter((layer) => layer === LAYER_FREE).length;
      expect(reachable(through)).toBeGreaterThan(0.95 * free);
      const apart = opened(release(closed, RULES, s));
      expect(reachable(apart)).toBeLessThan(0.6 * free);
    }
  });

  test("floor that fills less than half a cell is not told", () => {
    const plan = emptyRoom(40, 40);
    plan.cells.fill(PLAN_UNKNOWN);
    fill(plan, 0, 0, 40, 1, PLAN_OCCUPIED);
    fill(plan, 0, 1, 40, 10, PLAN_FREE);
    const { report } = releasePlan(plan, RULES, drawSecret(plan, RULES, seededRandom(2)));
    // 2 m x 0.5 m of floor; cells of the wall take some of it.
    expect(report.free * 0.04).toBeGreaterThan(0.5);
    expect(report.free * 0.04).toBeLessThan(1.1);
  });
});

describe("limits", () => {
  test("a plan without a wall is no plan", () => {
    const plan = drawn("....\n....");
    expect(() => release(plan, RULES, 1)).toThrow(/no occupied cell/);
  });

  test("a plan of clutter alone is refused, and told what to change", () => {
    const plan = drawn(`
........
..####..
........
`);
    expect(() => release(plan, RULES, 1)).toThrow(/smaller than plan\.clutter_m, 0\.5 m/);
    expect(release(plan, { ...RULES, clutterM: 0 }, 1).length).toBeGreaterThan(0);
  });

  test("more cells than the core takes: the advice does", () => {
    const room = emptyRoom(100, 100);
    const rules = { ...RULES, cellM: 0.05, voxelsMax: 1000 };
    let advice = "";
    try {
      release(room, rules, 1);
    } catch (error) {
      expect(error).toMatchObject({ code: "TOO_LARGE", details: { field: "plan.cell_m" } });
      advice = /(\d\.\d+) may do/.exec((error as Error).message)![1]!;
    }
    expect(release(room, { ...rules, cellM: 1.2 * Number(advice) }, 1).length).toBeGreaterThan(0);
  });

  test("a grid that would take all memory is refused before it is made", () => {
    const plan = { ...emptyRoom(60, 60), cellM: 10 };
    expect(() => release(plan, { ...RULES, cellM: 0.05 }, 1)).toThrow(/larger plan\.cell_m/);
    const cells = new Uint8Array(5000 * 5000).fill(PLAN_OCCUPIED, 0, 1);
    cells[cells.length - 1] = PLAN_FREE;
    const wide = { ...emptyRoom(3, 3), width: 5000, height: 5000, cells };
    expect(() => release(wide, RULES, 1)).toThrow(/5000 x 5000 cells/);
  });

  test("an area of too many corners is refused", () => {
    const noGo = [Array.from({ length: 5000 }, (_, i): Vertex => [i, i * i])];
    expect(() => drawSecret(emptyRoom(9, 9), { ...RULES, noGo }, seededRandom(1))).toThrow(
      expect.objectContaining({ code: "TOO_LARGE" }),
    );
  });
});
