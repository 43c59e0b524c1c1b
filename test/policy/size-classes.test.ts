/** The first class of a release: whole numbers, from the policy alone, smaller for coarser cells. */
import fc from "fast-check";
import { expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import {
  compileCells,
  compilePolicy,
  compileScans,
  defaultPolicy,
  narrowPolicy,
} from "../../host/policy/index.ts";
import { firstClassBytes } from "../../host/policy/size-classes.ts";
import { readStruct } from "./struct.ts";

const KINDS = ["map", "flat map", "grid", "path"] as const;

test("stands in the format's page, for the cells that policies begin with", () => {
  expect(firstClassBytes("flat map", 0.1)).toBe(832);
  expect(firstClassBytes("map", 0.1)).toBe(8128);
  expect(firstClassBytes("grid", 0.2)).toBe(576);
  expect(firstClassBytes("path", 1)).toBe(192);
});

test("is a multiple of 64 that the core takes, and falls with the edge of the cells", () => {
  const edge = fc.integer({ min: 50, max: 10_000 });
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), edge, edge, (kind, a, b) => {
      const [fine, coarse] = [Math.min(a, b), Math.max(a, b)].map((mm) =>
        firstClassBytes(kind, mm / 1000),
      ) as [number, number];
      expect([fine, coarse].every(Number.isInteger)).toBe(true);
      expect([fine % 64, coarse % 64]).toEqual([0, 0]);
      expect(fine).toBeGreaterThanOrEqual(coarse);
      expect(coarse).toBeGreaterThanOrEqual(abi.PAD_FIRST_CLASS);
      expect(fine).toBeLessThanOrEqual(65_536);
      // As a robot with the edge in 32 bits finds it.
      expect(firstClassBytes(kind, Math.fround(a / 1000))).toBe(firstClassBytes(kind, a / 1000));
    }),
  );
});

test("is what maps, plans and paths are compiled with; single frames keep powers of two", () => {
  const policy = defaultPolicy();
  const map = narrowPolicy(policy, "map");
  const padding = (bytes: Uint8Array) => readStruct(bytes).padding;
  expect(padding(compileScans(map, true))).toBe(firstClassBytes("flat map", 0.1));
  expect(padding(compileScans(map, false))).toBe(firstClassBytes("map", 0.1));
  expect(padding(compileCells(map, 0.2, "grid"))).toBe(firstClassBytes("grid", 0.2));
  expect(padding(compileCells(map, 1, "path"))).toBe(firstClassBytes("path", 1));
  expect(padding(compilePolicy(policy).bytes)).toBe(abi.PAD_POWER_OF_TWO);
  for (const name of ["power_of_two", "padme"] as const) {
    const other = { ...map, padding: name };
    const number = name === "padme" ? abi.PAD_PADME : abi.PAD_POWER_OF_TWO;
    expect(padding(compileScans(other, true))).toBe(number);
    expect(padding(compileCells(other, 0.2, "grid"))).toBe(number);
  }
});
