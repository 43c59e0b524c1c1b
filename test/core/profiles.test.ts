/** What the smaller profiles compute is what wide computes, up to their limits. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { DATA } from "../formats/samples.ts";
import { between, bundled, cellKeys, cloudOf, randomCloud, Seeded } from "./clouds.ts";
import { compileCore, memoryBase } from "./compile.ts";
import { coreOf, PROFILE_BUILDS } from "./profile-cores.ts";
import { bytesOf, type FrameSettings, type PolicySettings, RawCore, XYZ } from "./raw-core.ts";

const wide = coreOf("baseline");
/** Symbols that the first block of micro has room for, whatever the metadata are. */
const BLOCK_SURE = 1900;
const POSE = { translation: [12.3, -45.6, 7.8], quaternion: [0.11, -0.2, 0.3, 0.92] } as const;
const LEAVES = [0.01, 0.05, 0.1, 1];

/** Bytes of the tile in a record, without its padding. */
const tileBytes = (record: Uint8Array) => new DataView(record.buffer).getUint32(4, true);

/** Symbols of the first block of a record without metadata. */
function symbolsOf(record: Uint8Array): number {
  const view = new DataView(record.buffer);
  const blocks = abi.TILE_BYTES + view.getUint16(abi.TILE_METADATA_BYTES, true);
  return view.getUint32(abi.TILE_VOXELS, true) === 0 ? 0 : view.getUint16(blocks + 4, true);
}

/** A turn of a 2D scanner in a room with curved walls. */
function scan(random: Seeded, points: number): Float32Array {
  const cloud = new Float32Array(3 * points);
  const [a, b] = [between(random, 1, 5), between(random, 0, 0.8)];
  for (let i = 0; i < points; i++) {
    const angle = (2 * Math.PI * i) / points;
    const range = a + b * Math.sin(5 * angle) + between(random, 0, 0.03);
    cloud.set([range * Math.cos(angle), range * Math.sin(angle), 0.18], 3 * i);
    if (random.below(30) === 0) cloud.set([0, 0, 0], 3 * i);
    if (random.below(60) === 0) cloud.set([Number.NaN, Infinity, 1], 3 * i);
  }
  return cloud;
}

/** A pile of voxels around some places: chains of only children beside crowded nodes. */
function piles(random: Seeded, points: number): Float32Array {
  const places = randomCloud(random, 1 + random.below(20), 10 ** random.below(4));
  const cloud = randomCloud(random, points, 0.2);
  for (let i = 0; i < cloud.length; i++) {
    cloud[i]! += places[(3 * ((i / 3) >> 4) + (i % 3)) % places.length]!;
  }
  return cloud;
}

function randomPolicy(random: Seeded): PolicySettings {
  const some = random.below(3) === 0;
  return {
    leaf: LEAVES[random.below(LEAVES.length)]!,
    pose: random.below(3),
    padding: random.below(2),
    fields: 1n << BigInt(abi.META_LABEL),
    timeNs: 1_000_000n,
    range: some ? [0.3, 50] : [0, Infinity],
    height: some ? [-2, 40] : [-Infinity, Infinity],
    dilate: random.below(2) / 4,
    boxes: some
      ? [
          {
            mode: random.below(2),
            centre: [1, 0, 0],
            half: [3, 3, 3],
            quaternion: [0, 0.1, 0.2, 1],
          },
        ]
      : [],
    areas: some
      ? [
          {
            z: [-9, 99],
            polygon: [
              [1, 1],
              [4, 2],
              [2, 5],
            ],
          },
        ]
      : [],
  };
}

/** Both records, or the same refusal of both. */
function expectSame(
  core: RawCore,
  cloud: Float32Array,
  policy: PolicySettings,
  frame: FrameSettings,
) {
  const label = new TextEncoder().encode("kitchen");
  const metadata = Uint8Array.of(abi.META_LABEL, 0, label.length, 0, ...label);
  const data = bytesOf(cloud);
  const [expected, found] = [wide, core].map((each) => {
    each.beginSession([17.5, -3.25, 1], [0.4, -0.9]);
    return each.tileOf(data, policy, XYZ, frame, metadata);
  }) as [Uint8Array, Uint8Array];
  const counters = wide.counters();
  if (core.call.region_bytes(abi.REGION_CELLS) > 0 || symbolsOf(expected) <= BLOCK_SURE) {
    expect(Buffer.compare(found, expected)).toBe(0);
    expect(core.counters()).toEqual(counters);
    return true;
  }
  // More than one block of micro: some bytes more, the same voxels.
  expect(core.counters()).toMatchObject({ kept: counters.kept, voxels: counters.voxels });
  expect(tileBytes(found)).toBeLessThan(1.03 * tileBytes(expected));
  const [a, b] = [expected, found].map((record) => wide.decode(record));
  expect(b!.status).toBe(counters.voxels);
  expect(Buffer.compare(Buffer.from(b!.cells.buffer), Buffer.from(a!.cells.buffer))).toBe(0);
  return false;
}

describe.each(PROFILE_BUILDS)("the records of $target", ({ target, small }) => {
  const core = coreOf(target);

  test("are those of wide for scans and clouds of every size and extent", () => {
    const random = new Seeded(2001);
    let same = 0;
    for (let round = 0; round < 400; round++) {
      const points = [0, 1, 2, 3, 9, 100, 360, 720, 1024][random.below(9)]!;
      const make = [
        scan,
        piles,
        (r: Seeded, n: number) => randomCloud(r, n, 10 ** (r.below(7) - 2)),
      ];
      const cloud = make[random.below(3)]!(random, points);
      const frame = random.below(2) ? { pose: POSE, stampNs: 123_456_789n } : {};
      same += Number(expectSame(core, cloud, randomPolicy(random), frame));
    }
    // Few have more than one block.
    expect(same).toBeGreaterThan(small ? 350 : 399);
  });

  test.each(bundled(DATA))(
    "are those of wide for what a small sensor sees of $name",
    async ({ read }) => {
      for (const frame of await read()) {
        const cloud = cloudOf(frame);
        const near: number[] = [];
        for (let i = 0; i < cloud.length && near.length < 3 * 1000; i += 3 * 7) {
          near.push(cloud[i]!, cloud[i + 1]!, cloud[i + 2]!);
        }
        const part = Float32Array.from(near);
        expectSame(core, part, { leaf: 0.1 }, {});
        expectSame(
          core,
          part.subarray(0, 3 * 360),
          { leaf: 0.05, pose: abi.POSE_KEEP },
          { pose: POSE },
        );
      }
    },
  );

  test("do not depend on the size of pushes, on order, or on repeats", () => {
    const random = new Seeded(2002);
    const cloud = scan(random, 720);
    const policy = { leaf: 0.05 };
    const expected = wide.tileOf(bytesOf(cloud), policy);
    const rows = Array.from({ length: 720 }, (_, i) => [...cloud.subarray(3 * i, 3 * i + 3)]);
    for (let round = 0; round < 6; round++) {
      // Each point several times, in any order: micro's list is sorted on the way.
      const mixed = rows.flatMap((row) => Array.from({ length: 1 + random.below(9) }, () => row));
      for (let i = mixed.length - 1; i > 0; i--) {
        const j = random.below(i + 1);
        [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
      }
      const record = core.tileOf(bytesOf(Float32Array.from(mixed.flat())), policy);
      expect(Buffer.compare(record, expected)).toBe(0);
    }
  });
});

/** So many voxels, each on its own, in a square. */
function square(voxels: number): Uint8Array {
  const side = Math.ceil(Math.sqrt(voxels));
  const cloud = new Float32Array(3 * voxels);
  for (let i = 0; i < voxels; i++)
    cloud.set([(i % side) + 0.5, Math.floor(i / side) + 0.5, 0.5], 3 * i);
  return new Uint8Array(cloud.buffer);
}

describe.each(PROFILE_BUILDS)("the limits of $target", ({ target, small }) => {
  const core = coreOf(target);
  const voxelsMax = core.call.limit(abi.LIMIT_VOXELS);

  test("are what it says: voxels", () => {
    expect(core.voxelise(square(voxelsMax), { leaf: 1 })).toBe(voxelsMax);
    expect(core.call.tile_encode(0)).toBeGreaterThan(0);
    expect(core.voxelise(square(voxelsMax + 1), { leaf: 1 })).toBe(abi.E_FULL);
    expect(core.call.tile_encode(0)).toBe(abi.E_STATE);
    // Beyond it by as many as a frame may push: micro's list is full before that.
    const most = Math.min(3 * voxelsMax, core.call.limit(abi.LIMIT_SLOTS));
    expect(core.voxelise(square(most), { leaf: 1 })).toBe(abi.E_FULL);
    expect(core.call.frame_push(1)).toBe(abi.E_STATE);
  });

  test("are what it says: slots and pushes", () => {
    const slots = core.call.limit(abi.LIMIT_SLOTS);
    const most = Math.floor(core.call.region_bytes(abi.REGION_INPUT) / 12);
    core.voxelise(square(1), { leaf: 1 });
    core.region(abi.REGION_INPUT).fill(0);
    expect(core.call.frame_begin()).toBe(0);
    expect(core.call.frame_push(most + 1)).toBe(abi.E_SIZE);
    for (let left = slots; left > 0; left -= most) {
      expect(core.call.frame_push(Math.min(left, most))).toBe(0);
    }
    expect(core.call.frame_push(1)).toBe(abi.E_SIZE);
    expect(core.call.frame_finish()).toBe(0);
  });

  test("are what it says: boxes, areas, corners, messages, metadata", () => {
    const { limit } = core.call;
    const box = { mode: 0, centre: [9, 9, 9], half: [1, 1, 1], quaternion: [0, 0, 0, 1] };
    const polygon = (corners: number) =>
      Array.from({ length: corners }, (_, i) => [Math.cos(i), 50 + Math.sin(i)] as const);
    const begin = (policy: PolicySettings) => core.voxelise(square(1), { leaf: 1, ...policy });
    const policies: readonly (readonly [count: number, (n: number) => PolicySettings])[] = [
      [limit(abi.LIMIT_BOXES), (n) => ({ boxes: Array.from({ length: n }, () => box) })],
      [
        limit(abi.LIMIT_AREAS),
        (n) => ({ areas: Array.from({ length: n }, () => ({ z: [0, 1], polygon: polygon(3) })) }),
      ],
      [limit(abi.LIMIT_VERTICES), (n) => ({ areas: [{ z: [0, 1], polygon: polygon(n) }] })],
    ];
    for (const [count, policy] of policies) {
      expect(begin(policy(count))).toBe(1);
      const counts = policy(count + 1);
      // One more does not fit into the region, but its count can be said.
      core.putPolicy({ leaf: 1 });
      const at = core.at(abi.REGION_POLICY);
      const { boxes = [], areas = [] } = counts;
      core.view.setUint32(at + abi.POLICY_BOX_COUNT, boxes.length, true);
      core.view.setUint32(at + abi.POLICY_AREA_COUNT, areas.length, true);
      const corners = areas.reduce((sum, area) => sum + area.polygon.length, 0);
      core.view.setUint32(at + abi.POLICY_VERTEX_COUNT, corners, true);
      expect(core.call.frame_begin()).toBe(abi.E_ARG);
    }
    const bytes = limit(abi.LIMIT_MESSAGE_BYTES);
    core.region(abi.REGION_SEAL).fill(7);
    expect(core.call.seal_begin(abi.KIND_FRAME)).toBe(abi.HEADER_BYTES);
    expect(core.call.seal_message(0, bytes + 1, abi.TAG_MESSAGE)).toBe(abi.E_SIZE);
    expect(core.call.seal_message(0, bytes, abi.TAG_MESSAGE)).toBe(bytes + abi.MESSAGE_OVERHEAD);
    expect(core.call.region_bytes(abi.REGION_MESSAGE)).toBeGreaterThanOrEqual(bytes + 17);
    expect(begin({})).toBe(1);
    expect(core.call.tile_encode(core.call.region_bytes(abi.REGION_METADATA) + 1)).toBe(
      abi.E_FORMAT,
    );
    expect(limit(99)).toBe(0);
  });

  test("tell what policies may ask for", () => {
    const caps = core.call.capabilities();
    expect((caps & abi.CAP_VALUES) === 0).toBe(small);
    expect((caps & abi.CAP_OPEN) === 0).toBe(small);
    const asked: readonly PolicySettings[] = [
      { point: abi.POINT_CENTROID },
      { bits: { intensity: 1 } },
      { bits: { ring: 1 } },
      { bits: { time: 8 } },
    ];
    for (const policy of asked) {
      expect(core.voxelise(square(1), { leaf: 1, ...policy })).toBe(small ? abi.E_ARG : 1);
    }
    // A point field that no policy keeps is said to be stripped, as everywhere.
    const layout = { ...XYZ, intensity: { offset: 0, type: "f32" } } as const;
    expect(core.voxelise(square(1), { leaf: 1 }, layout)).toBe(1);
    const fate = core.at(abi.REGION_STATS) + abi.STATS_FIELDS + abi.META_POINT_FIELD;
    expect(core.memory[fate]).toBe(abi.FIELD_STRIPPED);
  });
});

/** Voxels that cost most: strewn over all that cells reach, alone, in pairs, or thicker to the middle. */
function hostile(random: Seeded): Float32Array {
  const cloud = randomCloud(random, 1024, 10_485);
  const kind = random.below(3);
  for (let i = 0; i < cloud.length; i += 3) {
    if (kind === 1 && i % 2 === 0) cloud.copyWithin(i + 3, i, i + 3);
    if (kind === 1 && i % 2 === 0) cloud[i]! += 0.01;
    const scale = kind === 2 ? 2 ** random.below(20) : 1;
    for (let k = i; k < i + 3; k++) cloud[k]! /= scale;
  }
  return cloud;
}

test("no voxels of micro outgrow its plain, wherever they lie", () => {
  const core = coreOf("micro");
  const random = new Seeded(2003);
  for (let round = 0; round < 60; round++) expectSame(core, hostile(random), { leaf: 0.01 }, {});
});

test("a tile that outgrows a smaller plain is refused, and the next frame is as ever", async () => {
  const from = "PLAIN_REGION_BYTES: u32 = PROFILE == 0 ? 8192";
  const changes = [{ file: "assembly/profile.ts", from, to: from.replace("8192", "4096") }];
  const base = String(memoryBase("micro") - 4096);
  const core = RawCore.of(await compileCore("micro", ["--memoryBase", base], changes));
  const random = new Seeded(2005);
  let full = 0;
  for (let round = 0; round < 40; round++) {
    expect(core.voxelise(bytesOf(hostile(random)), { leaf: 0.01 })).toBeGreaterThan(900);
    const status = core.call.tile_encode(0);
    expect(status === abi.E_FULL || status === 4096).toBe(true);
    full += Number(status === abi.E_FULL);
    expectSame(core, scan(random, 200), { leaf: 0.05 }, {});
  }
  expect(full).toBeGreaterThan(20);
});

test("micro tells cells apart as the reference does", () => {
  const core = coreOf("micro");
  const cloud = randomCloud(new Seeded(2004), 1000, 3);
  const record = core.tileOf(bytesOf(cloud), { leaf: 0.25 });
  const { cells, status } = wide.decode(record);
  expect(status).toBe(core.counters().voxels);
  expect(new Set(cellKeys(cells)).size).toBe(status);
});
