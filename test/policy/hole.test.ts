import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  HOLE_GROWTH_MAX_M,
  HOLE_RANDOM_BYTES,
  noGoHole,
  type Rectangle,
} from "../../host/policy/hole.ts";
import type { Vertex } from "../../host/policy/polygon.ts";

const zeros = new Uint8Array(HOLE_RANDOM_BYTES);
const ones = new Uint8Array(HOLE_RANDOM_BYTES).fill(255);
const randomBytes = fc.uint8Array({ minLength: HOLE_RANDOM_BYTES, maxLength: HOLE_RANDOM_BYTES });
const metre = fc.double({ min: -50, max: 50, noNaN: true });
const points = fc.array(fc.tuple(metre, metre), { minLength: 1, maxLength: 12 });

/** Signed distance of a point to the nearest side, positive inside. */
function depth([x, y]: Vertex, hole: Rectangle): number {
  return Math.min(
    ...hole.map(([ax, ay], i) => {
      const [bx, by] = hole[(i + 1) % 4]!;
      return ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / Math.hypot(bx - ax, by - ay);
    }),
  );
}

function sides(hole: Rectangle): [number, number] {
  const length = (a: Vertex, b: Vertex) => Math.hypot(b[0] - a[0], b[1] - a[1]);
  const lengths = [length(hole[0], hole[1]), length(hole[1], hole[2])].sort((a, b) => a - b);
  return lengths as [number, number];
}

function turned(polygon: readonly Vertex[], angle: number, dx = 0, dy = 0): Vertex[] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return polygon.map(([x, y]) => [c * x - s * y + dx, s * x + c * y + dy]);
}

describe("the hole of a no-go area", () => {
  test("holds the area grown by dilate_m, whatever the random bytes, also as f32", () => {
    fc.assert(
      fc.property(
        points,
        fc.double({ min: 0, max: 2, noNaN: true }),
        randomBytes,
        (p, d, bytes) => {
          const hole = noGoHole(p, d, bytes);
          const f32 = hole.map(([x, y]): Vertex => [Math.fround(x), Math.fround(y)]);
          const depths = p.flatMap((corner) => [
            depth(corner, hole),
            depth(corner, f32 as unknown as Rectangle),
          ]);
          expect(Math.min(...depths)).toBeGreaterThanOrEqual(d);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("is the smallest rectangle: none along another direction has less area", () => {
    fc.assert(
      fc.property(points, fc.double({ min: 0, max: Math.PI, noNaN: true }), (p, angle) => {
        const [short, long] = sides(noGoHole(p, 0, zeros));
        const other = turned(p, angle);
        const span = (axis: 0 | 1) => {
          const along = other.map((corner) => corner[axis]);
          return Math.max(...along) - Math.min(...along);
        };
        // Sides are rounded to f32 outwards and directions to a millionth.
        expect(short * long).toBeLessThanOrEqual(span(0) * span(1) + 1e-2);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps a rectangle's sides under any turn, and each side moves by 0 to the most", () => {
    const box: Vertex[] = [
      [0, 0],
      [3, 0],
      [3, 2],
      [0, 2],
    ];
    for (const angle of [0, 0.3, Math.PI / 4, 1.5, 2, 4]) {
      const [short, long] = sides(noGoHole(turned(box, angle, 5, -7), 0.3, zeros));
      expect(short).toBeCloseTo(2.6, 4);
      expect(long).toBeCloseTo(3.6, 4);
      const most = sides(noGoHole(turned(box, angle, 5, -7), 0.3, ones));
      expect(most[0]).toBeCloseTo(2.6 + 2 * HOLE_GROWTH_MAX_M, 4);
      expect(most[1]).toBeCloseTo(3.6 + 2 * HOLE_GROWTH_MAX_M, 4);
    }
  });

  test("is the same for all outlines with one smallest rectangle", () => {
    const inner = fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
      ),
      { maxLength: 6 },
    );
    const angle = fc.double({ min: 0, max: 6.3, noNaN: true });
    fc.assert(
      fc.property(inner, inner, angle, randomBytes, (a, b, yaw, bytes) => {
        // Three corners pin the rectangle down; what lies inside of it is the outline's own.
        const pins: Vertex[] = [
          [0, 0],
          [4, 0],
          [4, 2],
          [0, 2],
        ];
        const one = noGoHole(turned([...pins, ...a], yaw), 0.3, bytes);
        const two = noGoHole(turned([...b, ...pins].reverse(), yaw), 0.3, bytes);
        for (let i = 0; i < 4; i++) {
          expect(two[i]![0]).toBeCloseTo(one[i]![0], 5);
          expect(two[i]![1]).toBeCloseTo(one[i]![1], 5);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("takes the four sides from its bytes, and no other", () => {
    const square: Vertex[] = [
      [0, 0],
      [1, 0],
      [1, 2],
      [0, 2],
    ];
    const bytes = Uint8Array.from({ length: HOLE_RANDOM_BYTES }, (_, i) => i * 16);
    expect(noGoHole(square, 0, bytes)).toEqual(noGoHole(square, 0, bytes));
    for (let side = 0; side < 4; side++) {
      const other = bytes.slice();
      other[4 * side + 3]! ^= 128;
      expect(noGoHole(square, 0, other)).not.toEqual(noGoHole(square, 0, bytes));
    }
  });

  test("of a line or a point is that, grown", () => {
    const line = noGoHole(
      [
        [0, 0],
        [2, 2],
      ],
      0.3,
      zeros,
    );
    expect(sides(line)[0]).toBeCloseTo(0.6, 4);
    expect(sides(line)[1]).toBeCloseTo(0.6 + Math.hypot(2, 2), 4);
    expect(sides(noGoHole([[7, 7]], 0.3, zeros))).toEqual([
      expect.closeTo(0.6, 4),
      expect.closeTo(0.6, 4),
    ]);
  });

  test("needs corners that are numbers and its bytes", () => {
    expect(() => noGoHole([], 0.3, zeros)).toThrow(/needs corners/);
    expect(() => noGoHole([[Number.NaN, 0]], 0.3, zeros)).toThrow(/finite/);
    expect(() => noGoHole([[0, 0]], 0.3, zeros.subarray(1))).toThrow(
      /takes 16 random bytes, not 15/,
    );
  });
});
