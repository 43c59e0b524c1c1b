/** Size classes, damaged tiles, full tables, and points that are chosen to be slow. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { between, randomCloud, Seeded } from "./clouds.ts";
import { BUILDS, bytesOf, type PolicySettings, RawCore, XYZ } from "./raw-core.ts";

const LONG = process.env.MAPVEIL_LONG === "1";

/** The next Padmé length, as the paper gives it. */
function padme(length: number): number {
  const exponent = Math.floor(Math.log2(length));
  const kept = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** (exponent - kept);
  return Math.ceil(length / step) * step;
}

/** One damaged copy of a record: bits flipped, cut, lengthened, or a header field replaced. */
function damage(record: Uint8Array, random: Seeded): Uint8Array {
  const tile = new DataView(record.buffer, record.byteOffset).getUint32(abi.TILE_LENGTH, true);
  const copy = record.slice();
  const kind = random.below(6);
  if (kind === 0) return copy.subarray(0, random.below(tile + 1));
  if (kind === 1) return Buffer.concat([copy, random.bytes(1 + random.below(5000))]);
  if (kind === 2) {
    // A shorter or longer length, as the header tells it.
    new DataView(copy.buffer).setUint32(abi.TILE_LENGTH, tile + random.below(65) - 32, true);
    return copy;
  }
  const fields = [0, 4, 8, 9, 10, 11, 12, 13, 14, 16, 20, 24, 28, 32, 36, 40];
  const at = kind === 3 ? fields[random.below(fields.length)]! : random.below(tile);
  const width = kind === 3 ? 4 : 1 + random.below(4);
  for (let i = at; i < Math.min(at + width, tile); i++) {
    copy[i] = kind === 4 ? copy[i]! ^ (1 << random.below(8)) : random.below(256);
  }
  return copy;
}

/** Inverse of an odd number modulo 2^64 (Newton). */
function inverse64(odd: bigint): bigint {
  let x = odd;
  for (let i = 0; i < 6; i++) x = BigInt.asUintN(64, x * (2n - odd * x));
  return x;
}

/** Cells inside the domain, all with the home slot 0 of a table hashed by `multiplier`. */
function collidingCells(multiplier: bigint, count: number, random: Seeded): number[] {
  const inverse = inverse64(multiplier);
  const points: number[] = [];
  while (points.length < 3 * count) {
    // second round: top bits zero; then back through the xorshift and the first round.
    const hash = (BigInt(random.below(2 ** 30)) << 12n) | BigInt(random.below(4096));
    const mixed = BigInt.asUintN(64, hash * inverse);
    const first = mixed ^ (mixed >> 32n);
    const key = BigInt.asUintN(64, first * inverse);
    if (key >> 63n) continue;
    for (const shift of [0n, 21n, 42n]) {
      points.push(Number((key >> shift) & 0x1fffffn) - 2 ** 20 + 0.5);
    }
  }
  return points;
}

describe.each(BUILDS)("the limits of the %s build", (build) => {
  const core = RawCore.load(build);

  test("records grow to their size class, and what is beyond the tile is zero", () => {
    const random = new Seeded(701);
    const lengths = new Set<number>();
    // Old plaintext in the region must not shine through.
    for (let round = 0; round < (LONG ? 3000 : 250); round++) {
      core.region(abi.REGION_PLAIN).fill(0xa5, 0, 1 << 17);
      const count = 1 + random.below(round % 10 === 0 ? 20_000 : 1500);
      const first = abi.PAD_FIRST_CLASS + random.below(9000);
      const padding = [abi.PAD_POWER_OF_TWO, abi.PAD_PADME, first][round % 3]!;
      const record = core.tileOf(bytesOf(randomCloud(random, count, 50)), { padding });
      const { tileBytes, paddedBytes } = core.counters();
      const least = Math.max(4096, tileBytes);
      const expected =
        padding === first
          ? first * 2 ** Math.max(0, Math.ceil(Math.log2(tileBytes / first)))
          : padding === abi.PAD_PADME
            ? padme(least)
            : 2 ** Math.ceil(Math.log2(least));
      expect([record.length, paddedBytes]).toEqual([expected, expected]);
      expect(new DataView(record.buffer).getUint32(abi.TILE_LENGTH, true)).toBe(tileBytes);
      expect(record.subarray(tileBytes).every((byte) => byte === 0)).toBe(true);
      lengths.add(record.length);
    }
    expect(lengths.size).toBeGreaterThan(6);
  });

  test("20,000 damaged tiles never trap and give voxels or E_FORMAT", () => {
    const random = new Seeded(702);
    const layout = { ...XYZ, pointStep: 16, intensity: { offset: 12, type: "f32" } } as const;
    const rich: PolicySettings = {
      leaf: 0.2,
      point: abi.POINT_CENTROID,
      bits: { centroid: 5, intensity: 6 },
      fields: 1n << BigInt(abi.META_LABEL),
    };
    const label = Uint8Array.from([abi.META_LABEL, 0, 3, 0, 65, 66, 67]);
    const cloud = randomCloud(random, 150, 2);
    const records = [
      core.tileOf(bytesOf([1, 1, 1]), {}),
      core.tileOf(bytesOf([0, 0, 0]), {}),
      core.tileOf(bytesOf(cloud), {}),
      core.tileOf(bytesOf(cloud.subarray(0, 400)), rich, layout, {}, label),
      core.tileOf(bytesOf(randomCloud(random, 600, 3)), { leaf: 0.5 }),
      core.tileOf(bytesOf(randomCloud(random, 40, 50_000)), {}),
    ];
    const found = new Map<string, number>();
    for (let round = 0; round < (LONG ? 300_000 : 20_000); round++) {
      const damaged = damage(records[round % records.length]!, random);
      core.memory.set(damaged, core.at(abi.REGION_PLAIN));
      const status = core.call.tile_decode(damaged.length);
      const kind = status >= 0 ? "voxels" : String(status);
      found.set(kind, (found.get(kind) ?? 0) + 1);
      expect(status).toBeLessThanOrEqual(abi.MAX_POINTS);
    }
    expect([...found.keys()].sort()).toEqual([String(abi.E_FORMAT), "voxels"]);
    expect(found.get(String(abi.E_FORMAT))).toBeGreaterThan(5000);
    // Not one of them has left the core in a state that it cannot get out of.
    expect(core.decode(records[2]!).status).toBeGreaterThan(100);
  });

  test("values of a damaged tile stay within the bits that its header names", () => {
    const random = new Seeded(703);
    const layout = { ...XYZ, pointStep: 16, intensity: { offset: 12, type: "f32" } } as const;
    for (const bits of [1, 3, 5]) {
      const record = core.tileOf(
        bytesOf(randomCloud(random, 200, 2)),
        { bits: { intensity: bits } },
        layout,
      );
      const view = new DataView(record.buffer);
      const values = abi.TILE_BYTES + 4 + view.getUint32(abi.TILE_BYTES, true);
      for (let round = 0; round < 200; round++) {
        const copy = record.slice();
        copy[values + random.below(8)] = random.below(256);
        const decoded = core.decode(copy);
        const column = decoded.values.filter((_, i) => i % 8 === abi.VALUE_INTENSITY);
        expect(column.every((value) => value < 2 ** bits)).toBe(true);
      }
    }
  });

  test("more voxels than fit are E_FULL, and the next frame works", () => {
    const points = new Float32Array(3 * (abi.MAX_POINTS + 1));
    for (let i = 0; i <= abi.MAX_POINTS; i++)
      points.set([i % 1024, Math.floor(i / 1024), 0.5], 3 * i);
    for (let i = 0; i < points.length; i++) points[i]! += 0.5;
    expect(core.voxelise(new Uint8Array(points.buffer), { leaf: 1 })).toBe(abi.E_FULL);
    expect(core.call.frame_push(1)).toBe(abi.E_STATE);
    expect(core.call.frame_finish()).toBe(abi.E_STATE);
    expect(core.call.tile_encode(0)).toBe(abi.E_STATE);
    expect(core.voxelise(bytesOf([1, 1, 1]), { leaf: 1 })).toBe(1);
    const most = new Uint8Array(points.buffer, 0, 12 * abi.MAX_POINTS);
    expect(core.voxelise(most, { leaf: 1 })).toBe(abi.MAX_POINTS);
  });

  test("points that fall on voxels of a full frame are no further voxels", () => {
    const count = abi.MAX_POINTS - 100;
    const points = new Float32Array(3 * abi.MAX_SLOTS);
    for (let i = 0; i < abi.MAX_SLOTS; i++) {
      const n = i % count;
      points.set([(n % 1024) + 0.5, Math.floor(n / 1024) + 0.5, 0.5], 3 * i);
    }
    expect(core.voxelise(new Uint8Array(points.buffer), { leaf: 1 })).toBe(count);
  });

  test("as many voxels as a frame may hold fit, however far apart they are", () => {
    const points = new Float32Array(3 * abi.MAX_POINTS);
    for (let i = 0; i < abi.MAX_POINTS; i++) {
      points.set([8 * (i % 1024) + 0.5, 8 * Math.floor(i / 1024) + 0.5, 0.5], 3 * i);
    }
    expect(core.voxelise(new Uint8Array(points.buffer), { leaf: 1 })).toBe(abi.MAX_POINTS);
  });

  test("means of few voxels have room for every point that a frame may push", () => {
    const points = new Float32Array(3 * abi.MAX_SLOTS);
    for (let i = 0; i < points.length; i++) points[i] = 0.5 + (Math.floor(i / 3) % 7);
    const policy: PolicySettings = { leaf: 1, point: abi.POINT_CENTROID, bits: { centroid: 6 } };
    expect(core.voxelise(new Uint8Array(points.buffer), policy)).toBe(7);
    const counts = core.voxels(7).filter((_, i) => i % 4 === 3);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(abi.MAX_SLOTS);
  });

  test("more slots than a frame may push are E_SIZE, empty ones included", () => {
    core.putPolicy({});
    core.putLayout(XYZ);
    core.putFrame({});
    core.region(abi.REGION_INPUT).fill(0);
    expect(core.call.frame_begin()).toBe(0);
    const part = 65_536;
    for (let i = 0; i < abi.MAX_SLOTS / part; i++) expect(core.call.frame_push(part)).toBe(0);
    expect(core.call.frame_push(1)).toBe(abi.E_SIZE);
    expect(core.call.frame_push(0xffffffff)).toBe(abi.E_SIZE);
    expect(core.counters()).toMatchObject({ pointsIn: abi.MAX_SLOTS, zero: abi.MAX_SLOTS });
    expect(core.call.frame_finish()).toBe(0);
  });

  test("a push larger than the region is E_SIZE, and can be tried again in parts", () => {
    core.putPolicy({});
    core.putLayout(XYZ);
    core.putFrame({});
    expect(core.call.frame_begin()).toBe(0);
    const most = Math.floor((1 << 20) / 12);
    for (const points of [most + 1, 0x7fffffff, 0x80000000, 0x15555556, 0xffffffff]) {
      expect(core.call.frame_push(points)).toBe(abi.E_SIZE);
    }
    expect(core.push(bytesOf([1, 1, 1]), 12)).toBe(1);
    expect(core.call.frame_finish()).toBe(1);
  });

  test("a wrong number of slots or another seed changes nothing but the time", () => {
    const random = new Seeded(704);
    const cloud = bytesOf(randomCloud(random, 60_000, 3));
    for (const policy of [{}, { point: abi.POINT_CENTROID, bits: { centroid: 4 } }]) {
      const expected = core.tileOf(cloud, policy);
      for (const slots of [0, 1, 100, 60_000, 1 << 20, 1 << 21, 0xffffffff]) {
        for (const seed of [0n, 1n, 2n ** 64n - 1n, BigInt(random.below(2 ** 30)) << 33n]) {
          const tile = core.tileOf(cloud, policy, XYZ, { slots, seed });
          expect(Buffer.compare(tile, expected)).toBe(0);
        }
      }
    }
  });

  test("cells that all collide give the tile that any cells give, as fast", () => {
    const random = new Seeded(705);
    const golden = 0x9e3779b97f4a7c15n;
    const cloud = collidingCells(golden, 40_000, random);
    const twice = bytesOf([...cloud, ...cloud]);
    for (const policy of [
      { leaf: 1 },
      { leaf: 1, point: abi.POINT_CENTROID },
    ] as PolicySettings[]) {
      const seeded = core.tileOf(twice, policy, XYZ, { seed: 0x123456789abcdefn });
      const start = performance.now();
      const tile = core.tileOf(twice, policy);
      expect(performance.now() - start).toBeLessThan(2000);
      expect(Buffer.compare(tile, seeded)).toBe(0);
      expect(core.counters().voxels).toBe(new Set(keysOf(cloud)).size);
    }
  });

  test("colliding cells that come back again and again do not fill the table", () => {
    const random = new Seeded(706);
    const some = collidingCells(0x9e3779b97f4a7c15n, 64, random);
    const points = new Float32Array(3 * abi.MAX_SLOTS);
    for (let i = 0; i < points.length; i++) points[i] = some[i % some.length]!;
    const policy: PolicySettings = { leaf: 1 };
    const data = new Uint8Array(points.buffer);
    expect(core.voxelise(data, policy, XYZ, { seed: 0x1234567n })).toBe(new Set(keysOf(some)).size);
    expect(core.voxelise(data, policy)).toBe(new Set(keysOf(some)).size);
  });

  test("a number of slots that is far too small does not fill the table", () => {
    const random = new Seeded(707);
    const some = Array.from(
      { length: 3 * 20_000 },
      () => Math.floor(between(random, 0, 500)) + 0.5,
    );
    const points = new Float32Array(3 * abi.MAX_SLOTS);
    for (let i = 0; i < points.length; i++) points[i] = some[i % some.length]!;
    const data = new Uint8Array(points.buffer);
    expect(core.voxelise(data, { leaf: 1 }, XYZ, { slots: 1 })).toBe(new Set(keysOf(some)).size);
  });
});

function keysOf(points: readonly number[]): string[] {
  return Array.from({ length: points.length / 3 }, (_, i) => points.slice(3 * i, 3 * i + 3).join());
}
