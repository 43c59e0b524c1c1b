/** The tile: exact both ways, readable by an independent decoder, padded with zeros alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { PointLayout } from "../../host/core/frame.ts";
import { DATA } from "../formats/samples.ts";
import { between, bundled, Seeded } from "./clouds.ts";
import { BUILDS, bytesOf, type PolicySettings, RawCore, XYZ } from "./raw-core.ts";
import { decodeReference } from "./reference-tile.ts";

type Cell = readonly [number, number, number];

const ORIGIN = { pose: { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] } } as const;
const KEEP: PolicySettings = { leaf: 1, pose: abi.POSE_KEEP };
const LIMIT = 2 ** 20;

/** Points in the middle of cells of 1 m. */
const centres = (cells: Iterable<Cell>) =>
  bytesOf([...cells].flatMap((cell) => cell.map((value) => value + 0.5)));

/** Cells in Morton order from the corner of the lowest 4 x 4 x 4 of them. */
function inMortonOrder(cells: readonly Cell[]): number[] {
  const lowest = (k: number) => cells.reduce((least, cell) => Math.min(least, cell[k]!), LIMIT);
  const low = [0, 1, 2].map((k) => 4 * Math.floor(lowest(k) / 4));
  const code = (cell: Cell) => {
    let bits = 0n;
    for (let b = 0; b < 21; b++) {
      for (let k = 0; k < 3; k++) {
        bits |= BigInt(((cell[k]! - low[k]!) >>> b) & 1) << BigInt(3 * b + k);
      }
    }
    return bits;
  };
  const coded = cells.map((cell) => ({ cell, code: code(cell) }));
  coded.sort((a, b) => (a.code < b.code ? -1 : Number(a.code > b.code)));
  return coded.flatMap(({ cell }) => [...cell]);
}

function distinct(cells: Iterable<Cell>): Cell[] {
  return [...new Map([...cells].map((cell) => [cell.join(), cell])).values()];
}

function* cube(edge: number, offset = 0): Generator<Cell> {
  for (let i = 0; i < edge ** 3; i++) {
    const rest = Math.floor(i / edge);
    yield [(i % edge) + offset, (rest % edge) + offset, Math.floor(rest / edge) + offset];
  }
}

const SHAPES: readonly [string, () => Cell[]][] = [
  ["one voxel", () => [[5, -3, 100]]],
  [
    "two voxels side by side",
    () => [
      [0, 0, 0],
      [1, 0, 0],
    ],
  ],
  [
    "two voxels at the ends of the domain",
    () => [
      [-LIMIT + 1, -LIMIT + 1, -LIMIT + 1],
      [LIMIT - 1, LIMIT - 1, LIMIT - 1],
    ],
  ],
  [
    "all eight corners of the domain",
    () => [...cube(2)].map((c) => c.map((v) => (v ? LIMIT - 1 : -LIMIT + 1)) as unknown as Cell),
  ],
  ["a full cube", () => [...cube(32, -16)]],
  ["a plane", () => Array.from({ length: 10_000 }, (_, i) => [i % 100, Math.floor(i / 100), 7])],
  ["a line", () => Array.from({ length: 5000 }, (_, i) => [i - 2500, 0, 0])],
  ["a diagonal", () => Array.from({ length: 5000 }, (_, i) => [i, i, i])],
  [
    "a sphere",
    () =>
      Array.from({ length: 20_000 }, (_, i) => {
        const z = 1 - (2 * i + 1) / 20_000;
        const [r, turn] = [Math.sqrt(1 - z * z), i * 2.399963];
        return [r * Math.cos(turn), r * Math.sin(turn), z].map((v) => Math.floor(50 * v)) as never;
      }),
  ],
  [
    "sparse noise over the whole domain",
    () => {
      const random = new Seeded(601);
      const draw = () => Math.floor(between(random, -LIMIT + 1, LIMIT));
      return Array.from({ length: 3000 }, () => [draw(), draw(), draw()]);
    },
  ],
];

describe.each(BUILDS)("tiles of the %s build", (build) => {
  const core = RawCore.load(build);

  /** Encodes cells, and checks both decoders against them. */
  function roundTrip(cells: readonly Cell[], policy: PolicySettings = KEEP): Uint8Array {
    const expected = inMortonOrder(distinct(cells));
    const record = core.tileOf(centres(cells), policy, XYZ, ORIGIN);
    const decoded = core.decode(record);
    expect(decoded.status).toBe(expected.length / 3);
    // Lone voxels come first; the set of cells is what counts.
    const sorted = inMortonOrder(triples(decoded.cells));
    expect(Buffer.compare(bytes(Int32Array.from(sorted)), bytes(Int32Array.from(expected)))).toBe(
      0,
    );
    return record;
  }

  test.each(SHAPES)("round trip: %s, in this decoder and in the independent one", (_, make) => {
    const record = roundTrip(make());
    const decoded = core.decode(record);
    const reference = decodeReference(record);
    expect(reference.hasOrigin).toBe(true);
    expect(Buffer.compare(bytes(reference.cells), bytes(decoded.cells))).toBe(0);
  });

  test("round trip: random clouds of any shape", () => {
    const axis = fc.oneof(
      fc.integer({ min: -4, max: 4 }),
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: -LIMIT + 1, max: LIMIT - 1 }),
    );
    const cells = fc.array(fc.tuple(axis, axis, axis), {
      minLength: 1,
      maxLength: 300,
      size: "max",
    });
    fc.assert(
      fc.property(cells, (some) => {
        const record = roundTrip(some);
        const reference = decodeReference(record);
        const { cells: own } = core.decode(record);
        expect(Buffer.compare(bytes(reference.cells), bytes(own))).toBe(0);
      }),
      { seed: 602, numRuns: 100 },
    );
  });

  test("round trip: as many voxels as a frame may hold", () => {
    const edge = [128, 128, 64] as const;
    const points = new Float32Array(3 * abi.MAX_POINTS);
    for (let i = 0; i < abi.MAX_POINTS; i++) {
      const rest = Math.floor(i / edge[0]);
      points.set([i % edge[0], rest % edge[1], Math.floor(rest / edge[1])], 3 * i);
    }
    const spread = points.map((value, i) => value * [1, 3, 17][i % 3]! + 0.5);
    for (const cloud of [points.map((value) => value + 0.5), spread]) {
      const decoded = core.decode(core.tileOf(new Uint8Array(cloud.buffer), KEEP, XYZ, ORIGIN));
      expect(decoded.status).toBe(abi.MAX_POINTS);
      const sum = (cells: ArrayLike<number>, k: number) => {
        let total = 0;
        for (let i = k; i < cells.length; i += 3) total += Math.floor(cells[i]!);
        return total;
      };
      for (const k of [0, 1, 2]) expect(sum(decoded.cells, k)).toBe(sum(cloud, k));
    }
  });

  test("an empty frame is a tile of no voxels, in the smallest class", () => {
    for (const padding of [abi.PAD_POWER_OF_TWO, abi.PAD_PADME]) {
      const record = core.tileOf(bytesOf([0, 0, 0]), { padding });
      expect(record.length).toBe(abi.RECORD_BYTES_MIN);
      expect(core.decode(record).status).toBe(0);
      expect(decodeReference(record)).toMatchObject({ depth: 0, length: 40, hasOrigin: false });
    }
  });

  test("values are exact to their quantisation, whatever their bits", () => {
    const random = new Seeded(603);
    const unit = (): number => between(random, 0, 1);
    const layout: PointLayout = {
      ...XYZ,
      pointStep: 24,
      intensity: { offset: 12, type: "f32" },
      ring: { offset: 16, type: "f32" },
      time: { offset: 20, type: "f32" },
    };
    const rows = Array.from({ length: 400 }, (_, i) => [
      ...[i % 20, Math.floor(i / 20), 0].map((cell) => Math.fround(cell + 0.01 + 0.98 * unit())),
      ...[unit(), unit(), unit()].map(Math.fround),
    ]);
    const cloud = bytesOf(rows.flat());
    for (let bits = 1; bits <= 8; bits++) {
      const centroid = Math.min(6, bits);
      const kept = { intensity: bits, ring: bits, time: bits, centroid };
      const policy = { ...KEEP, point: abi.POINT_CENTROID, bits: kept };
      const record = core.tileOf(cloud, policy, layout, ORIGIN);
      const { cells, values } = core.decode(record);
      const reference = decodeReference(record);
      for (const [v, column] of reference.values.entries()) {
        const own = column.map((_, i) => values[i * abi.VALUE_BYTES + v]!);
        expect(Buffer.compare(own, column)).toBe(0);
      }
      for (let i = 0; i < 400; i++) {
        const row = rows[cells[3 * i]! + 20 * cells[3 * i + 1]!]!;
        const parts = [...row.slice(0, 3).map((value) => value % 1), ...row.slice(3)];
        for (const [v, part] of parts.entries()) {
          const width = v < 3 ? centroid : bits;
          const value = values[i * abi.VALUE_BYTES + v]!;
          expect(value).toBeLessThan(2 ** width);
          // Sums are kept in steps of 1/2048 (attributes: 1/2047): that much is lost before.
          const off = Math.abs((value + 0.5) / 2 ** width - part);
          expect(off).toBeLessThanOrEqual(0.5 / 2 ** width + 1.5 / 2047);
        }
      }
    }
  });

  test("values stay with their voxels where some of these are lone", () => {
    const random = new Seeded(604);
    const layout: PointLayout = { ...XYZ, pointStep: 16, intensity: { offset: 12, type: "f32" } };
    const near = [...cube(6)];
    const far = Array.from({ length: 200 }, () =>
      [0, 1, 2].map(() => Math.floor(between(random, -LIMIT + 1, LIMIT))),
    ) as unknown as Cell[];
    const cells = distinct([...near, ...far]);
    const kept = new Map(cells.map((cell, i) => [cell.join(), i % 256]));
    const rows = cells.map((cell, i) => [...cell.map((v) => v + 0.5), ((i % 256) + 0.5) / 256]);
    const record = core.tileOf(
      bytesOf(rows.flat()),
      { ...KEEP, bits: { intensity: 8 } },
      layout,
      ORIGIN,
    );
    const decoded = core.decode(record);
    const reference = decodeReference(record);
    expect(Buffer.compare(bytes(reference.cells), bytes(decoded.cells))).toBe(0);
    for (const [i, cell] of triples(decoded.cells).entries()) {
      const value = decoded.values[i * abi.VALUE_BYTES + abi.VALUE_INTENSITY]!;
      expect(value).toBe(kept.get(cell.join()));
      expect(reference.values[abi.VALUE_INTENSITY]![i]).toBe(value);
    }
    // A lone voxel costs its bits and little more, however deep the tree is.
    expect(core.counters().tileBytes).toBeLessThan(far.length * 9 + 600);
  });

  test("attributes of a voxel are the mean of its points", () => {
    const layout: PointLayout = { ...XYZ, pointStep: 16, intensity: { offset: 12, type: "f32" } };
    const rows = [0.1, 0.2, 0.9].map((value) => [0.5, 0.5, 0.5, value]);
    const record = core.tileOf(bytesOf(rows.flat()), { leaf: 1, bits: { intensity: 8 } }, layout);
    expect(core.decode(record).values[abi.VALUE_INTENSITY]).toBe(Math.floor(0.4 * 256));
  });

  test("values that the policy does not name, or the input does not have, are not in the tile", () => {
    const bits = { intensity: 8, ring: 8, time: 8, centroid: 6 };
    const plain = core.tileOf(bytesOf([1, 2, 3]), { bits });
    expect([...plain.subarray(abi.TILE_CENTROID_BITS, abi.TILE_METADATA_BYTES)]).toEqual([
      0, 0, 0, 0,
    ]);
    const layout: PointLayout = { ...XYZ, pointStep: 16, ring: { offset: 12, type: "f32" } };
    const noisy = [bytesOf([1, 2, 3, 0]), bytesOf([1, 2, 3, 0.7])];
    const [a, b] = noisy.map((data) => core.tileOf(data, {}, layout));
    expect(Buffer.compare(a!, b!)).toBe(0);
  });

  test("the independent decoder reads every bundled recording", async () => {
    for (const recording of bundled(DATA)) {
      const [frame] = await recording.read();
      const bits = { intensity: 4, ring: 8, time: 5, centroid: 5 };
      const policy = { leaf: 0.2, point: abi.POINT_CENTROID, bits };
      const record = core.tileOfFrame(frame!, policy);
      const decoded = core.decode(record);
      const reference = decodeReference(record);
      expect(Buffer.compare(bytes(reference.cells), bytes(decoded.cells))).toBe(0);
      for (const [v, column] of reference.values.entries()) {
        const own = column.map((_, i) => decoded.values[i * abi.VALUE_BYTES + v]!);
        expect(Buffer.compare(own, column)).toBe(0);
      }
    }
  });
});

function triples(cells: Int32Array): Cell[] {
  const list: Cell[] = [];
  for (let i = 0; i < cells.length; i += 3) list.push([cells[i]!, cells[i + 1]!, cells[i + 2]!]);
  return list;
}

const bytes = (array: Int32Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
