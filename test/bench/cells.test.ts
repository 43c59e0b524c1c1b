/** Cells of two codecs or chains are compared for what they may differ in, and for no more. */
import { describe, expect, test } from "vitest";
import { assertAlikeCells, assertSameCells } from "../../bench/inputs/cells.ts";

/** A floor of 50 x 50 cells; cells that the map turns to undefined are left out. */
function floor(map: (x: number, y: number) => readonly number[] | undefined): Int32Array {
  const cells = Array.from({ length: 2500 }, (_, i) => map(i % 50, Math.floor(i / 50)) ?? []);
  return Int32Array.from(cells.flat());
}

const FLOOR = floor((x, y) => [x, y, 0]);

test("the same cells elsewhere and in another order are the same, one more or twice is not", () => {
  const moved = floor((x, y) => [40 - y, x - 7, 3]);
  expect(() => assertSameCells("it", FLOOR, moved)).not.toThrow();
  expect(() => assertSameCells("it", FLOOR, Int32Array.of(...FLOOR, 1, 1, 1))).toThrow(/against/);
  const twice = floor((x, y) => (x === 1 && y === 1 ? [2, 1, 0] : [x, y, 0]));
  expect(() => assertSameCells("it", FLOOR, twice)).toThrow(/differ|twice/);
});

describe("cells are alike", () => {
  const alike = (other: Int32Array) => () => assertAlikeCells("it", FLOOR, other);

  test("if few lie beside their places, or stand there more than once", () => {
    expect(alike(floor((x, y) => [x, y, x === 20 && y === 20 ? 1 : 0]))).not.toThrow();
    expect(alike(Int32Array.of(...FLOOR, ...FLOOR))).not.toThrow();
  });

  test("also if the lowest cell is one of them, so that all others seem to have moved", () => {
    const other = Int32Array.of(...FLOOR, -1, 5, 0);
    expect(alike(other)).not.toThrow();
  });

  test("not if one lies farther off, if many do, or if a part is missing", () => {
    expect(alike(floor((x, y) => [x, y, x === 20 && y === 20 ? 2 : 0]))).toThrow(/not alike/);
    expect(alike(floor((x, y) => [x, y, x === 20 ? 1 : 0]))).toThrow(/not alike/);
    expect(alike(floor((x, y) => (x < 5 ? undefined : [x, y, 0])))).toThrow(/not alike/);
  });
});
