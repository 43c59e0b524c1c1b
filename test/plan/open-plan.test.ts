import fc from "fast-check";
import { expect, test } from "vitest";
import type { Tile } from "../../host/core/tile.ts";
import { LAYER_NONE, LAYER_ROOMS, ROOM_TYPES } from "../../host/formats/plan.ts";
import { openPlanTile } from "../../host/plan/index.ts";

function tileOf(...cells: number[]): Tile {
  const positions = new Float32Array(cells.length);
  const rest = { leafM: 0.2, voxels: cells.length / 3, hasOrigin: false, strings: {}, positions };
  return { ...rest, cells: Int32Array.from(cells) };
}

const LAYERS = LAYER_ROOMS + ROOM_TYPES.length;

test("every cell is where it was, what is missing is none", () => {
  const place = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }));
  const cell = fc.tuple(place, fc.nat(LAYERS - 1)).map(([[x, y], z]) => ({ x, y, z }));
  const cells = fc.uniqueArray(cell, { minLength: 1, selector: ({ x, y }) => `${x},${y}` });
  fc.assert(
    fc.property(cells, (list) => {
      const plan = openPlanTile(tileOf(...list.flatMap(({ x, y, z }) => [x, y, z])));
      const [x0, y0] = [Math.min(...list.map(({ x }) => x)), Math.min(...list.map(({ y }) => y))];
      const expected = new Map(list.map(({ x, y, z }) => [`${x - x0},${y - y0}`, z]));
      expect(plan.cellM).toBe(0.2);
      expect(plan.layers.length).toBe(plan.width * plan.height);
      expect(plan.width).toBe(Math.max(...list.map(({ x }) => x)) - x0 + 1);
      expect(plan.height).toBe(Math.max(...list.map(({ y }) => y)) - y0 + 1);
      const found = new Map<string, number>();
      for (const [i, layer] of plan.layers.entries()) {
        const key = `${i % plan.width},${Math.floor(i / plan.width)}`;
        if (layer !== LAYER_NONE) found.set(key, layer);
      }
      expect(found).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test("a tile that is no plan is refused before memory is taken", () => {
  expect(() => openPlanTile(tileOf())).toThrow(/has no cells/);
  expect(() => openPlanTile(tileOf(0, 0, 0, 1, 0, LAYERS))).toThrow(/cell 1 is of layer 10/);
  expect(() => openPlanTile(tileOf(0, 0, -1))).toThrow(/cell 0 is of layer -1/);
  expect(() => openPlanTile(tileOf(5, 5, 0, 5, 5, 1))).toThrow(/cell 1 has two layers/);
  const far = tileOf(-(2 ** 31), -(2 ** 31), 0, 2 ** 31 - 1, 2 ** 31 - 1, 0);
  expect(() => openPlanTile(far)).toThrow(
    expect.objectContaining({
      code: "BAD_INPUT",
      message: expect.stringMatching(/spans 4294967296/),
    }),
  );
});
