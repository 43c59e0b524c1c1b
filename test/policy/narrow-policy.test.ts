/** A policy under a lower level: never more than either of the two lets leave. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LEVELS } from "../../host/policy/fields.ts";
import {
  compilePolicy,
  mapLeafM,
  narrowPolicy,
  type Policy,
  parsePolicy,
  planCellM,
} from "../../host/policy/index.ts";
import { anyPolicy } from "./arbitrary.ts";

/** Does the crop end below what would be taken of a map? Such a policy is refused. */
const isEmptied = ({ crop, map }: Policy) => (crop.height_m?.[1] ?? 1e9) <= map.slice_m;

const FULL = parsePolicy(
  `version: 1
level: full
leaf_m: 0.1
pose: keep
time: 1h
keep:
  attributes: { intensity: 4, ring: 5, time: 6 }
  strings: [label]
no_go:
  areas:
    - { name: b, polygon_m: [[0, 0], [4, 0], [4, 3]] }
`,
  "full.yaml",
);

describe("full, lowered to frames", () => {
  const lowered = narrowPolicy(FULL, "frames");

  test("loses what only full may let out, and keeps the rest", () => {
    expect(compilePolicy(lowered).kept).toEqual(["attributes.intensity", "strings.label", "time"]);
    expect(lowered.no_go).toEqual(FULL.no_go);
    expect(lowered.leaf_m).toBe(0.1);
  });

  test("is what a file with level frames says", () => {
    const file = parsePolicy(
      `version: 1
level: frames
leaf_m: 0.1
time: 1h
keep:
  attributes: { intensity: 4 }
  strings: [label]
no_go:
  areas:
    - { name: b, polygon_m: [[0, 0], [4, 0], [4, 3]] }
`,
      "frames.yaml",
    );
    expect(compilePolicy(lowered)).toEqual(compilePolicy(file));
  });

  test("keeps a pose that is relative to the session", () => {
    expect(narrowPolicy({ ...FULL, pose: "session" }, "frames").pose).toBe("session");
  });

  test("lets no intensity out that the policy does not name", () => {
    const without = { ...FULL, keep: { ...FULL.keep, attributes: { ring: 3 } } };
    expect(narrowPolicy(without, "frames").keep.attributes).toEqual({});
  });
});

test("a level at or above the policy's own changes nothing", () => {
  expect(narrowPolicy(FULL, "full")).toBe(FULL);
  const frames = narrowPolicy(FULL, "frames");
  expect(narrowPolicy(frames, "full")).toBe(frames);
  const nothing = narrowPolicy(FULL, "nothing");
  expect(narrowPolicy(nothing, "full").level).toBe("nothing");
});

test("nothing compiles to bytes that the core refuses", () => {
  const compiled = compilePolicy(narrowPolicy(FULL, "nothing"));
  expect(compiled.kept).toEqual([]);
  expect(compiled.bytes.every((byte) => byte === 0)).toBe(true);
});

describe.each(["plan", "map"] as const)("full, lowered to %s", (level) => {
  const rich = {
    ...FULL,
    pose: "session" as const,
    point: "centroid" as const,
    centroid_bits: 2,
  };

  test("loses pose, times, attributes and centroids, and is what a file says", () => {
    const file = parsePolicy(
      `version: 1
level: ${level}
leaf_m: 0.1
keep:
  strings: [label]
no_go:
  areas:
    - { name: b, polygon_m: [[0, 0], [4, 0], [4, 3]] }
`,
      "map.yaml",
    );
    const lowered = narrowPolicy(rich, level);
    expect({ ...lowered, source: 0 }).toEqual({ ...file, source: 0 });
    expect(compilePolicy(lowered)).toEqual(compilePolicy(file));
    expect(compilePolicy(lowered).kept).toEqual(["strings.label"]);
  });

  test("is never finer than the frames were", () => {
    const coarse = narrowPolicy({ ...FULL, leaf_m: 0.5 }, level);
    expect(mapLeafM(coarse)).toBe(0.5);
    expect(planCellM(coarse)).toBe(0.5);
    expect(mapLeafM(narrowPolicy({ ...FULL, leaf_m: 0.01 }, level))).toBe(0.1);
  });
});

test("never keeps what the policy does not, and is the same when lowered twice", () => {
  fc.assert(
    fc.property(anyPolicy, fc.constantFrom(...LEVELS), (file, level) => {
      const policy = parsePolicy(JSON.stringify(file), "any.yaml");
      const lowered = narrowPolicy(policy, level);
      fc.pre(!isEmptied(lowered));
      const kept = new Set(compilePolicy(policy).kept);
      expect(compilePolicy(lowered).kept.filter((name) => !kept.has(name))).toEqual([]);
      expect(narrowPolicy(lowered, level)).toEqual(lowered);
    }),
  );
});
