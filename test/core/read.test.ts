/** Reading points: every type and layout, invalid points counted, every point accounted for. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { FieldType, PointField, PointLayout } from "../../host/core/frame.ts";
import { between, cellKeys, randomCloud, Seeded } from "./clouds.ts";
import { BUILDS, bytesOf, type PolicySettings, RawCore, XYZ } from "./raw-core.ts";

const KEEP: PolicySettings = { leaf: 0.1, pose: abi.POSE_KEEP };
const ORIGIN = { pose: { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] } } as const;
const SIZES: Readonly<Record<FieldType, number>> = {
  f32: 4,
  f64: 8,
  i16: 2,
  i32: 4,
  u8: 1,
  u16: 2,
  u32: 4,
};

function write(view: DataView, at: number, type: FieldType, raw: number): void {
  if (type === "f32") view.setFloat32(at, raw, true);
  if (type === "f64") view.setFloat64(at, raw, true);
  if (type === "i16") view.setInt16(at, raw, true);
  if (type === "i32") view.setInt32(at, raw, true);
  if (type === "u8") view.setUint8(at, raw);
  if (type === "u16") view.setUint16(at, raw, true);
  if (type === "u32") view.setUint32(at, raw, true);
}

/** Rows of raw numbers laid out as the layout says; bytes between the fields are noise. */
function pack(layout: PointLayout, rows: readonly (readonly number[])[], noise: Seeded) {
  const bytes = noise.bytes(rows.length * layout.pointStep);
  const view = new DataView(bytes.buffer);
  const { x, y, z, intensity, ring, time } = layout;
  const fields = [x, y, z, intensity, ring, time];
  for (const [i, row] of rows.entries()) {
    for (const [k, field] of fields.entries()) {
      if (field) write(view, i * layout.pointStep + field.offset, field.type, row[k]!);
    }
  }
  return bytes;
}

/** x, y, z of one type with a scale and a bias, at unaligned places of an odd point step. */
function oddLayout(type: FieldType, scale: number, bias: number): PointLayout {
  const size = SIZES[type];
  const field = (offset: number): PointField => ({ offset, type, scale, bias });
  return {
    pointStep: 3 * size + 9,
    x: field(3 + 2 * size),
    y: field(1),
    z: field(2 + size),
  };
}

describe.each(BUILDS)("the reader of the %s build", (build) => {
  const core = RawCore.load(build);

  test.each<[FieldType, number, number, number]>([
    ["f32", 1, 0, 100],
    ["f32", 0.001, 0.5, 30_000],
    ["f64", 1, 0, 100],
    ["f64", 0.01, -3, 5000],
    ["i16", 0.005, 0, 32_767],
    ["i16", 0.01, 20, 32_767],
    ["i32", 0.0001, 0, 2_000_000],
    ["i32", 1e-8, 7, 2_000_000_000],
    ["u8", 0.25, -31, 255],
    ["u16", 0.002, -65, 65_535],
    ["u32", 1e-8, -20, 4_000_000_000],
  ])("reads %s x %d + %d at any place", (type, scale, bias, top) => {
    const random = new Seeded(201);
    const low = type.startsWith("u") ? 0 : -top;
    const draw = () => {
      const value = between(random, low, top);
      return type.startsWith("f") ? value : Math.round(value);
    };
    const rows = Array.from({ length: 1500 }, () => [draw(), draw(), draw()]);
    const layout = oddLayout(type, scale, bias);
    const data = pack(layout, rows, random);
    const plain = rows.flatMap((row) =>
      row.map((raw) => (type === "f32" ? Math.fround(raw) : raw) * scale + bias),
    );
    const expected = core.decode(core.tileOf(bytesOf(plain), KEEP, XYZ, ORIGIN));
    const found = core.decode(core.tileOf(data, KEEP, layout, ORIGIN));
    expect(cellKeys(found.cells)).toEqual(cellKeys(expected.cells));
    expect(found.status).toBeGreaterThan(100);
  });

  test.each<[FieldType, number]>([
    ["u8", 255],
    ["u16", 65_535],
    ["u32", 2 ** 32 - 1],
    ["f32", 1],
    ["f64", 1],
    ["i16", 32_767],
    ["i32", 2 ** 31 - 1],
  ])("reads attributes of type %s", (type, top) => {
    const field = (offset: number): PointField => ({ offset, type, scale: 1 / top });
    const layout: PointLayout = {
      ...XYZ,
      pointStep: 13 + 3 * 8,
      intensity: field(13),
      ring: field(21),
      time: field(29),
    };
    const parts = [0, 0.3, 0.5, 0.8, 1];
    const rows = parts.map((part, i) => {
      const raw = type.startsWith("f") ? part : Math.round(part * top);
      return [i + 0.5, 0.5, 0.5, raw, raw, raw];
    });
    const policy = { leaf: 1, bits: { intensity: 8, ring: 3, time: 1 } };
    const { values } = core.decode(
      core.tileOf(pack(layout, rows, new Seeded(202)), policy, layout),
    );
    for (const [i, part] of parts.entries()) {
      const expected = [8, 3, 1].map((bits) =>
        Math.min(2 ** bits - 1, Math.floor(part * 2 ** bits)),
      );
      const found = [...values.subarray(i * abi.VALUE_BYTES + 3, i * abi.VALUE_BYTES + 6)];
      // The top step is one of 2047; a value on a border may fall to either side of it.
      for (const [k, value] of found.entries()) {
        expect(Math.abs(value - expected[k]!)).toBeLessThanOrEqual(k === 0 ? 1 : 0);
      }
    }
  });

  test("clamps attributes to 0..1, and takes NaN for 0", () => {
    const layout: PointLayout = { ...XYZ, pointStep: 16, intensity: { offset: 12, type: "f32" } };
    const values = [-5, Number.NaN, Number.NEGATIVE_INFINITY, 0, 7, Number.POSITIVE_INFINITY, 1];
    const rows = values.map((value, i) => [i + 0.5, 0.5, 0.5, value]);
    const policy = { leaf: 1, bits: { intensity: 8 } };
    const decoded = core.decode(core.tileOf(pack(layout, rows, new Seeded(203)), policy, layout));
    const found = values.map((_, i) => decoded.values[i * abi.VALUE_BYTES + abi.VALUE_INTENSITY]);
    expect(found).toEqual([0, 0, 0, 0, 255, 255, 255]);
  });

  test("reads the plain layout and the general one to the same tile", () => {
    const random = new Seeded(204);
    const odd = [0, -0, Number.NaN, Infinity, -Infinity, 1e38];
    for (const count of [1, 2, 3, 4, 5, 63, 511, 512, 513, 2000]) {
      const points = randomCloud(random, count, 3);
      for (let i = 0; i < count; i += 3) points[random.below(3 * count)] = odd[random.below(6)]!;
      const general: PointLayout = { ...XYZ, pointStep: 13, z: { offset: 9, type: "f32" } };
      const rows = Array.from({ length: count }, (_, i) => [...points.subarray(3 * i, 3 * i + 3)]);
      const plain = core.tileOf(bytesOf(points), KEEP);
      const counters = core.counters();
      const other = core.tileOf(pack(general, rows, random), KEEP, general);
      expect(Buffer.compare(other, plain)).toBe(0);
      expect(core.counters()).toEqual(counters);
    }
  });

  test("counts each kind of invalid point once, NaN before infinity", () => {
    const [nan, inf] = [Number.NaN, Number.POSITIVE_INFINITY];
    const kinds = {
      nan: [nan, 0, 0, 0, nan, 0, 1, 2, nan, nan, inf, 0, inf, 1, nan, nan, nan, nan],
      inf: [inf, 0, 0, 0, -inf, 0, 1, 1, inf, inf, -inf, inf],
      zero: [0, 0, 0, -0, 0, 0, 0, -0, -0, -0, -0, -0],
      kept: [1, 0, 0, 0, 0, -1, 1e-45, 0, 0, 0, -1e-45, -0],
    };
    const points = Object.values(kinds).flat();
    for (let turn = 0; turn < 4; turn++) {
      core.voxelise(bytesOf([...points.slice(3 * turn), ...points.slice(0, 3 * turn)]), KEEP);
      const { nan: n, inf: i, zero, kept, pointsIn } = core.counters();
      expect({ n, i, zero, kept, pointsIn }).toEqual({
        n: 6,
        i: 4,
        zero: 4,
        kept: 4,
        pointsIn: 18,
      });
    }
  });

  test("an empty slot is one whose scaled coordinates are zero", () => {
    const layout = oddLayout("i32", 0.001, 0);
    const data = pack(
      layout,
      [
        [0, 0, 0],
        [0, 0, 1],
        [0, 0, 0],
      ],
      new Seeded(205),
    );
    core.voxelise(data, KEEP, layout);
    expect(core.counters()).toMatchObject({ zero: 2, kept: 1 });
    core.voxelise(data, KEEP, oddLayout("i32", 0.001, 1));
    expect(core.counters()).toMatchObject({ zero: 0, kept: 3 });
  });

  test("refuses layouts that leave the point, and numbers that are none", () => {
    const field = (offset: number, type: FieldType): PointField => ({ offset, type });
    const cases: PointLayout[] = [
      { ...XYZ, pointStep: 0 },
      { ...XYZ, pointStep: abi.POINT_STEP_MAX + 1 },
      { ...XYZ, pointStep: 11 },
      { ...XYZ, pointStep: 0xffffffff },
      { ...XYZ, x: field(9, "f32") },
      { ...XYZ, x: field(5, "f64") },
      { ...XYZ, x: field(0xffffffff, "u8") },
      { ...XYZ, intensity: field(12, "u8") },
      { ...XYZ, x: { ...XYZ.x, scale: Number.NaN } },
      { ...XYZ, time: { ...XYZ.x, bias: Number.POSITIVE_INFINITY } },
    ];
    const data = bytesOf([1, 2, 3]);
    for (const layout of cases) {
      core.putPolicy(KEEP);
      core.putLayout(layout);
      core.putFrame({});
      expect(core.call.frame_begin()).toBe(abi.E_ARG);
      expect(core.call.frame_push(1)).toBe(abi.E_STATE);
    }
    const absent = core.at(abi.REGION_LAYOUT) + abi.LAYOUT_Y + abi.FIELD_TYPE;
    core.putLayout(XYZ);
    for (const type of [abi.TYPE_ABSENT, abi.TYPE_U32 + 1, 0xffffffff]) {
      core.view.setUint32(absent, type, true);
      expect(core.call.frame_begin()).toBe(abi.E_ARG);
    }
    expect(core.voxelise(data, KEEP)).toBe(1);
  });

  test("every point is dropped, cropped or kept: the counts always add up", () => {
    const coordinate = fc.oneof(
      fc.float({ min: -30, max: 30, noNaN: true }),
      fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1e9, -1e30),
    );
    const point = fc.tuple(coordinate, coordinate, coordinate);
    const policy = fc.record({
      leaf: fc.constantFrom(0.05, 1, 10),
      range: fc.constantFrom([0, Infinity] as const, [2, 20] as const),
      height: fc.constantFrom([-Infinity, Infinity] as const, [-5, 5] as const),
      dilate: fc.constantFrom(0, 2),
      pose: fc.constantFrom(abi.POSE_DROP, abi.POSE_KEEP),
      areas: fc.constantFrom(
        [],
        [
          {
            z: [-9, 9] as const,
            polygon: [
              [0, 0],
              [9, 0],
              [4, 8],
            ] as const,
          },
        ],
      ),
      boxes: fc.constantFrom(
        [],
        [{ mode: abi.BOX_REMOVE, centre: [-5, 0, 0], half: [4, 4, 4], quaternion: [0, 0, 1, 1] }],
      ),
    });
    const frame = fc.option(fc.constant(ORIGIN), { nil: {} });
    const samples = fc.array(point, { maxLength: 700, size: "max" });
    fc.assert(
      fc.property(samples, policy, frame, (points, settings, posed) => {
        const voxels = core.voxelise(bytesOf(points.flat()), settings, XYZ, posed);
        const c = core.counters();
        const dropped = c.nan + c.inf + c.zero + c.domain;
        const cropped = c.noGo + c.range + c.height + c.box;
        expect(dropped + cropped + c.kept).toBe(c.pointsIn);
        expect(c.pointsIn).toBe(points.length);
        expect(c.voxels).toBe(voxels);
        expect(voxels).toBeLessThanOrEqual(c.kept);
      }),
      { seed: 206, numRuns: 400 },
    );
  });
});
