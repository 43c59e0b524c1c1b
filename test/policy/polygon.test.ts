import fc from "fast-check";
import { expect, test } from "vitest";
import { polygonFault, type Vertex } from "../../host/policy/polygon.ts";

const square: Vertex[] = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
];

test("convex, concave and either direction are simple", () => {
  expect(polygonFault(square)).toBeNull();
  expect(polygonFault([...square].reverse())).toBeNull();
  expect(
    polygonFault([
      [0, 0],
      [4, 0],
      [4, 4],
      [2, 1],
      [0, 4],
    ]),
  ).toBeNull();
});

test("a corner in the middle of a straight edge is allowed", () => {
  expect(
    polygonFault([
      [0, 0],
      [1, 0],
      [2, 0],
      [2, 2],
      [0, 2],
    ]),
  ).toBeNull();
});

test("a closing corner is named as such", () => {
  expect(polygonFault([...square, [0, 0]])).toBe(
    "its last corner repeats the first, leave it out: a polygon closes by itself",
  );
});

test("corners that are the same as f32 are repeated", () => {
  expect(
    polygonFault([
      [0, 0],
      [1, 0],
      [1.00000000001, 0],
      [1, 1],
    ]),
  ).toBe("corners 1 and 2 are the same point, leave one out");
});

test("a polygon without area turns back on itself", () => {
  expect(
    polygonFault([
      [0, 0],
      [1, 1],
      [2, 2],
    ]),
  ).toMatch(/^it turns back on itself at corner/);
});

test("an edge that only touches a corner is not simple", () => {
  expect(
    polygonFault([
      [0, 0],
      [4, 0],
      [4, 4],
      [2, 0],
      [0, 4],
    ]),
  ).toBe("its edge 0-1 meets its edge 2-3, it must not cross itself");
});

test("a star around a point is simple, and never after two far corners are swapped", () => {
  const radii = fc.array(fc.double({ min: 1, max: 2, noNaN: true }), {
    minLength: 8,
    maxLength: 40,
  });
  fc.assert(
    fc.property(radii, (lengths) => {
      const star = lengths.map((r, i): Vertex => {
        const angle = (2 * Math.PI * i) / lengths.length;
        return [r * Math.cos(angle), r * Math.sin(angle)];
      });
      expect(polygonFault(star)).toBeNull();
      const half = Math.floor(star.length / 2);
      const swapped = [...star];
      [swapped[0], swapped[half]] = [star[half]!, star[0]!];
      expect(polygonFault(swapped)).not.toBeNull();
    }),
  );
});
