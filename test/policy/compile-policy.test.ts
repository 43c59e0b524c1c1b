import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { POLICY_BYTES } from "../../assembly/abi.ts";
import {
  assertFramesMayLeave,
  compileCells,
  compilePolicy,
  compileScans,
  defaultPolicy,
  explainPolicy,
  parsePolicy,
} from "../../host/policy/index.ts";
import { anyPolicy } from "./arbitrary.ts";
import { configError, readStruct } from "./struct.ts";

const compile = (body: string) => compilePolicy(parsePolicy(`version: 1\n${body}`, "p.yaml"));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const f32 = (values: readonly number[]) => values.map(Math.fround);

/** What the core reserves for a policy (assembly/memory.ts). */
const POLICY_REGION_BYTES = 24 * 1024;

describe("the struct", () => {
  test("the defaults compile to the safest useful policy", () => {
    const compiled = compilePolicy(defaultPolicy());
    expect(compiled.level).toBe("frames");
    expect(compiled.kept).toEqual([]);
    expect(readStruct(compiled.bytes)).toEqual({
      leaf: Math.fround(0.05),
      point: 0,
      pose: 0,
      padding: 0,
      timeNs: 0n,
      fields: 0n,
      intensityBits: 0,
      ringBits: 0,
      timeBits: 0,
      centroidBits: 0,
      range: [0, Number.POSITIVE_INFINITY],
      height: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      dilate: Math.fround(0.3),
      boxes: [],
      areas: [],
      vertices: [],
      bytes: POLICY_BYTES,
    });
  });

  test("everything that a policy can say stands where the core reads it", () => {
    const { bytes, kept } = compile(`level: full
leaf_m: 0.1
point: centroid
pose: keep
time: 15m
crop:
  range_m: [0.5, 100]
  height_m: [-3, 5]
  boxes:
    - { mode: remove, centre_m: [1, 2, 3], size_m: [2, 4, 6], yaw_deg: 90 }
    - { mode: keep, centre_m: [0, 0, 0], size_m: [1, 1, 1], quaternion: [0, 0, 0, 1.005] }
no_go:
  dilate_m: 0.5
  areas:
    - { name: a, polygon_m: [[0, 0], [4, 0], [4, 3]], height_m: [-1, 3] }
    - { name: b, polygon_m: [[5, 5], [6, 5], [6, 6], [5, 6]] }
keep:
  attributes: { intensity: 4, ring: 5, time: 6 }
  strings: [topic, sensor_model, frame_id, label]
padding: padme
`);
    const half = Math.fround(Math.SQRT1_2);
    expect(readStruct(bytes)).toEqual({
      leaf: Math.fround(0.1),
      point: 1,
      pose: 2,
      padding: 1,
      timeNs: 900_000_000_000n,
      fields: 0b111100n,
      intensityBits: 4,
      ringBits: 5,
      timeBits: 6,
      centroidBits: 3,
      range: [0.5, 100],
      height: [-3, 5],
      dilate: 0.5,
      boxes: [
        { mode: 0, centre: [1, 2, 3], half: [1, 2, 3], quaternion: [0, 0, half, half] },
        { mode: 1, centre: [0, 0, 0], half: [0.5, 0.5, 0.5], quaternion: [0, 0, 0, 1] },
      ],
      areas: [
        { vertices: 3, z: [-1, 3] },
        { vertices: 4, z: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] },
      ],
      vertices: [
        [0, 0],
        [4, 0],
        [4, 3],
        [5, 5],
        [6, 5],
        [6, 6],
        [5, 6],
      ],
      bytes: bytes.length,
    });
    expect(kept).toEqual([
      "attributes.intensity",
      "attributes.ring",
      "attributes.time",
      "strings.sensor_model",
      "strings.label",
      "strings.frame_id",
      "strings.topic",
      "time",
      "pose",
    ]);
  });

  test("the largest policy fits into the region of the core", () => {
    const corners = Array.from({ length: 961 }, (_, i) => {
      const angle = (2 * Math.PI * i) / 961;
      return `[${100 * Math.cos(angle)}, ${100 * Math.sin(angle)}]`;
    });
    const { bytes } = compile(`crop:
  boxes: [${"{mode: keep, centre_m: [0,0,0], size_m: [1,1,1]},".repeat(64)}]
no_go:
  areas: [${"{name: a, polygon_m: [[0,0],[1,0],[0,1]]},".repeat(21)}{name: b, polygon_m: [${corners}]}]
`);
    expect(readStruct(bytes).vertices).toHaveLength(1024);
    expect(bytes.length).toBeLessThanOrEqual(POLICY_REGION_BYTES);
  });

  test("any valid policy compiles, and the struct says the same", () => {
    fc.assert(
      fc.property(anyPolicy, (file) => {
        const { bytes } = compilePolicy(parsePolicy(stringify(file), "p.yaml"));
        const read = readStruct(bytes);
        expect(read.bytes).toBe(bytes.length);
        expect(read.leaf).toBe(Math.fround(file.leaf_m));
        expect(read.range).toEqual(f32(file.crop.range_m ?? [0, Number.POSITIVE_INFINITY]));
        expect(read.intensityBits).toBe(file.keep.attributes.intensity ?? 0);
        expect(read.ringBits).toBe(file.keep.attributes.ring ?? 0);
        expect(read.timeBits).toBe(file.keep.attributes.time ?? 0);
        expect(read.fields === 0n).toBe(file.keep.strings.length === 0);
        expect(read.centroidBits > 0).toBe(file.point === "centroid");
        expect(read.dilate).toBe(Math.fround(file.no_go.dilate_m ?? 0.3));
        const boxes = file.crop.boxes ?? [];
        expect(read.boxes.map((box) => box.centre)).toEqual(boxes.map((box) => f32(box.centre_m)));
        for (const { quaternion } of read.boxes) {
          expect(Math.hypot(...quaternion)).toBeCloseTo(1, 6);
        }
        const areas = file.no_go.areas ?? [];
        expect(read.areas.map((area) => area.vertices)).toEqual(
          areas.map((area) => area.polygon_m.length),
        );
        expect(read.vertices).toEqual(areas.flatMap((area) => area.polygon_m.map(f32)));
      }),
    );
  });
});

const AREA = "no_go: {areas: [{name: a, polygon_m: [[0,0],[9,0],[0,9]]}]}";

describe("levels", () => {
  test("nothing compiles to bytes that the core refuses, and every frame is refused", () => {
    const nothing = compile("level: nothing\nkeep: {strings: [label]}\ntime: 1h");
    expect(nothing.bytes).toEqual(new Uint8Array(POLICY_BYTES));
    expect(nothing.kept).toEqual([]);
    expect(() => assertFramesMayLeave(nothing)).toThrow(
      expect.objectContaining({ code: "REFUSED" }),
    );
    expect(() => assertFramesMayLeave(compile("level: frames"))).not.toThrow();
  });

  test.each(["plan", "map"])("%s compiles for the scans of a map, and no frame leaves", (level) => {
    const compiled = compile(`level: ${level}\nleaf_m: 0.05\nmap: {leaf_m: 0.2}`);
    expect(compiled.level).toBe(level);
    expect(readStruct(compiled.bytes)).toMatchObject({ leaf: Math.fround(0.2), pose: 3, point: 0 });
    const refused = () => assertFramesMayLeave(compiled);
    expect(refused).toThrow(expect.objectContaining({ code: "REFUSED" }));
    expect(refused).toThrow(`At level ${level} no single frame leaves`);
  });

  test("people: slice, and level plan of a 3D lidar, take what is higher than slice_m", () => {
    const heights = (body: string, flat = false) =>
      readStruct(compileScans(parsePolicy(`version: 1\n${body}`, "p.yaml"), flat)).height;
    const crop = "crop: {height_m: [-1, 3]}";
    expect(heights("level: map")).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(heights(`level: map\n${crop}`)).toEqual([-1, 3]);
    const slice = "level: map\nmap: {people: slice, slice_m: 2.5}";
    expect(heights(slice)).toEqual([2.5, Number.POSITIVE_INFINITY]);
    expect(heights(`${slice}\n${crop}`)).toEqual([2.5, 3]);
    expect(heights(`${slice}\n${crop}`, true)).toEqual([2.5, 3]);
    expect(heights(`level: plan\n${crop}`)).toEqual([2, 3]);
    expect(heights(`level: plan\n${crop}`, true)).toEqual([-1, 3]);
    expect(configError(() => heights("level: plan\ncrop: {height_m: [-1, 2]}"))).toBe(
      "p.yaml map.slice_m: is 2, but crop.height_m ends at 2: nothing would be left of a plan. " +
        "Lower map.slice_m, or raise the crop",
    );
  });

  test("cells of a plan or path are all taken, wherever they are", () => {
    const body = `level: plan\nkeep: {strings: [label]}\n${AREA}\ncrop: {height_m: [0, 9]}`;
    const struct = readStruct(
      compileCells(parsePolicy(`version: 1\n${body}`, "p.yaml"), 0.2, "grid"),
    );
    expect(struct).toMatchObject({
      leaf: Math.fround(0.2),
      pose: 0,
      point: 0,
      timeNs: 0n,
      fields: 0b100000n,
      height: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
      areas: [],
      boxes: [],
    });
  });
});

describe("the digest", () => {
  const area = (x: number) => `no_go: {areas: [{name: a, polygon_m: [[${x},0],[9,0],[0,9]]}]}`;

  test("is the same for the same policy, however it is written", () => {
    const digest = compile("level: frames").digest;
    expect(digest).toHaveLength(32);
    expect(hex(digest)).toBe(hex(compilePolicy(defaultPolicy()).digest));
    // From another implementation: Python's hashlib.blake2b over the same 17 + 80 bytes.
    expect(hex(digest)).toBe("10b0b05b323e491df55a6a6c615d9a3352b67fedcd29ad6e3b12bf5b51028236");
  });

  test("of a map covers its terms as the format's page says", () => {
    // From Python's hashlib.blake2b over context, struct and pack("<IIIfffII", 2, 0, 10000, 2, 0.2, 0.7, 0, 0).
    expect(hex(compile("level: map").digest)).toBe(
      "7b7471bfdc3e68f8b77badbbf04c686b45da63d45b550f0e200ad6534d9b110c",
    );
  });

  test("changes with every rule", () => {
    const bodies = ["", "leaf_m: 0.06", "time: 1h", "padding: padme", "pose: session", area(0)];
    const digests = bodies.map((body) => hex(compile(body).digest));
    expect(new Set(digests).size).toBe(bodies.length);
  });

  test("covers every rule of a map and of a plan at their levels, and at no other", () => {
    const rules = [
      "",
      "map: {leaf_m: 0.2}",
      "map: {hold_back: 0s}",
      "map: {people: slice}",
      "map: {slice_m: 2.5}",
      "plan: {cell_m: 0.3}",
      "plan: {clutter_m: 0}",
      "plan: {rooms: types}",
      "path: coarse",
    ];
    const digests = (level: string) =>
      rules.map((rule) => hex(compile(`level: ${level}\n${rule}`).digest));
    expect(new Set([...digests("map"), ...digests("plan")]).size).toBe(2 * rules.length);
    expect(new Set(digests("frames")).size).toBe(1);
  });

  test("tells the number of areas and nothing of where they are", () => {
    expect(compile(area(0)).bytes).not.toEqual(compile(area(1)).bytes);
    expect(hex(compile(area(0)).digest)).toBe(hex(compile(area(1)).digest));
  });
});

test("an explanation can be made of any valid policy", () => {
  fc.assert(
    fc.property(anyPolicy, (file) => {
      const text = explainPolicy(parsePolicy(stringify(file), "p.yaml"));
      expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    }),
  );
});
