/** The grid that others are held against finds what is wrong with them. */
import { describe, expect, test } from "vitest";
import { ExactGrid } from "../../bench/inputs/exact-grid.ts";

/** Two points in one cell of 1 m, one in another. */
const POINTS = Float32Array.of(0.2, 0.2, 0.2, 0.4, 0.4, 0.4, -0.5, 0.5, 0.5);
const RIGHT = [
  [-0.5, 0.5, 0.5, 1],
  [0.3, 0.3, 0.3, 2],
] as const;
const grid = new ExactGrid(POINTS, 1, "divide");
const check = (...voxels: (readonly number[])[]) => {
  grid.assertSame("it", Float32Array.from(voxels.flat()), 4);
};

describe("voxels are the same", () => {
  test("in any order, with or without the number of points", () => {
    expect(() => check(...RIGHT)).not.toThrow();
    expect(() => check(RIGHT[1], RIGHT[0])).not.toThrow();
    const positions = Float32Array.of(0.3, 0.3, 0.3, -0.5, 0.5, 0.5);
    expect(() => grid.assertSame("it", positions, 3)).not.toThrow();
  });

  test("not if one is missing, twice there, elsewhere, or of other points", () => {
    expect(() => check(RIGHT[0])).toThrow(/1 voxels where 2 are right/);
    expect(() => check(RIGHT[0], RIGHT[0])).toThrow(/no such voxel/);
    expect(() => check(RIGHT[0], [0.3006, 0.3, 0.3, 2])).toThrow(/no such voxel/);
    expect(() => check(RIGHT[0], [0.3, 0.3, 0.3, 3])).toThrow(/no such voxel/);
    expect(() => check(RIGHT[0], [Number.NaN, 0.3, 0.3, 2])).toThrow(/no such voxel/);
  });

  test("although a rounding moved a centroid over the bound of its cell", () => {
    const edge = new ExactGrid(Float32Array.of(1, 0.5, 0.5, 3, 0.5, 0.5), 1, "divide");
    const moved = Float32Array.of(0.99999, 0.5, 0.5, 1, 3, 0.5, 0.5, 1);
    expect(() => edge.assertSame("it", moved, 4)).not.toThrow();
    expect(() => edge.assertInside("it", Float32Array.of(0.99999, 0.5, 0.5))).not.toThrow();
    expect(() => edge.assertInside("it", Float32Array.of(0.9, 0.5, 0.5))).toThrow(/no voxel/);
  });
});

test("centres stand in all cells, one in each", () => {
  const same = (...positions: number[]) =>
    grid.assertSameCells("it", Float32Array.from(positions), 3);
  expect(() => same(0.5, 0.5, 0.5, -0.5, 0.5, 0.5)).not.toThrow();
  expect(() => same(0.5, 0.5, 0.5, 0.6, 0.5, 0.5)).toThrow(/twice/);
  expect(() => same(0.5, 0.5, 0.5, -1.5, 0.5, 0.5)).toThrow(/no cell/);
  expect(() => same(0.5, 0.5, 0.5)).toThrow(/1 cells where 2 are right/);
});

test("cells follow the rule that is asked for", () => {
  const points = Float32Array.of(0, 0, 0, 0.04, 0, 0, 0.06, 0, 0);
  expect(new ExactGrid(points, 0.05, "divide").size).toBe(2);
  expect(new ExactGrid(points, 0.05, "multiply").size).toBe(2);
  // The first cell reaches from -0.025 to 0.025.
  expect(new ExactGrid(points, 0.05, "from the corner").size).toBe(2);
  const near = Float32Array.of(0, 0, 0, 0.03, 0, 0, 0.049, 0, 0);
  expect(new ExactGrid(near, 0.05, "divide").size).toBe(1);
  expect(new ExactGrid(near, 0.05, "from the corner").size).toBe(2);
});
