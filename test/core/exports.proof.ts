/** The module's border: what it wants (nothing), what it offers, and that no argument traps. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { CoreBuild } from "../../host/core/load-module.ts";
import { putMapTerms } from "../../host/core/map.ts";
import { randomCloud, Seeded } from "./clouds.ts";
import { compileCore } from "./compile.ts";
import { BUILDS, bytesOf, RawCore, XYZ } from "./raw-core.ts";
import { parseWasm } from "./wasm-module.ts";

const CALLS = process.env.MAPVEIL_LONG === "1" ? 10_000_000 : 500_000;
const CUSTOM = 0;
const START = 8;
const TABLE = 4;
const ELEMENTS = 9;

/** Numbers of arguments, and how often of 1000 calls an export is called. */
const WEIGHTS: readonly [name: string, arguments_: number, weight: number][] = [
  ["abi_version", 0, 5],
  ["capabilities", 0, 5],
  ["limit", 1, 5],
  ["region_ptr", 1, 40],
  ["region_bytes", 1, 40],
  ["session_begin", 0, 30],
  ["frame_begin", 0, 150],
  ["frame_push", 1, 225],
  ["frame_finish", 0, 80],
  ["frame_voxels", 2, 60],
  ["tile_encode", 1, 80],
  ["tile_decode", 1, 60],
  ["map_begin", 0, 8],
  ["map_add", 0, 120],
  ["map_release", 1, 30],
  ["seed", 0, 10],
  ["seal_key", 0, 2],
  ["seal_begin", 1, 40],
  ["seal_message", 3, 60],
  ["open_begin", 1, 30],
  ["open_message", 2, 45],
  ["open_tag", 0, 45],
  ["wipe", 0, 4],
  ["selftest", 0, 1],
];

const wasmOf = (build: CoreBuild) =>
  readFileSync(
    fileURLToPath(
      new URL(`../../dist/core${build === "simd" ? ".simd" : ""}.wasm`, import.meta.url),
    ),
  );

const INTERESTING = [
  0, 1, 2, 3, 4, 36, 40, 4096, 65_536, 65_537, 0x7fffffff, 0x80000000, 0xffffffff,
];

function argument(random: Seeded): number {
  const kind = random.below(8);
  if (kind < 4) return random.below(300);
  if (kind < 6) return INTERESTING[random.below(INTERESTING.length)]!;
  return kind === 6 ? random.below(2 ** 32) : random.below(1 << 14);
}

/** Arguments that make sense now and then; random ones hardly ever get beyond the first check. */
const SENSIBLE: Readonly<Record<string, (random: Seeded) => number[]>> = {
  frame_voxels: (random) => [random.below(9), random.below(9)],
  tile_encode: (random) => [4 * random.below(9)],
  tile_decode: () => [4096],
  map_release: (random) => [random.below(2)],
  seal_begin: (random) => [1 + random.below(4)],
  seal_message: (random) => [random.below(5000), random.below(5000), random.below(4)],
  open_begin: () => [abi.HEADER_BYTES],
  open_message: (random) => [100 + abi.MESSAGE_OVERHEAD, random.below(5000)],
};

/** Seals a message and offers it to be opened, so that random calls meet an open artefact, or a seed. */
function writeArtefact(core: RawCore, random: Seeded): void {
  const key = random.bytes(32);
  core.memory.set(random.bytes(abi.SEAL_BYTES), core.at(abi.REGION_SEAL));
  core.memory.set(random.bytes(abi.SEEDS_BYTES), core.at(abi.REGION_SEED));
  if (random.below(4) === 0) return;
  core.memory.set(key, core.at(abi.REGION_SEAL));
  core.call.seal_begin(abi.KIND_FRAME);
  if (random.below(2)) return;
  core.call.seal_message(0, 100, random.below(4));
  core.memory.set(key, core.at(abi.REGION_SEAL));
  if (random.below(2)) core.call.open_begin(abi.HEADER_BYTES);
}

/** Structs that a frame can begin with; anything else never gets beyond the first check. */
function writeSound(core: RawCore, random: Seeded): void {
  // Scans of a map are centres of one leaf, with a pose.
  const inMap = random.below(3) === 0;
  const bits = { intensity: inMap ? 0 : random.below(9), centroid: 1 + random.below(6) };
  core.putPolicy({
    leaf: inMap ? 1 : [0.01, 0.05, 1, 10][random.below(4)]!,
    point: inMap ? abi.POINT_CENTRE : random.below(2),
    pose: inMap ? abi.POSE_MAP : random.below(4),
    padding: random.below(2),
    fields: 1n << BigInt([2, 3, 4, 5][random.below(4)]!),
    bits,
    dilate: random.below(3),
    areas: random.below(2)
      ? [
          {
            z: [-1, 1],
            polygon: [
              [0, 0],
              [2, 0],
              [1, 1],
            ],
          },
        ]
      : [],
    boxes: random.below(2)
      ? [{ mode: random.below(2), centre: [0, 0, 0], half: [5, 5, 5], quaternion: [0, 0, 1, 1] }]
      : [],
  });
  core.putLayout({ ...XYZ, pointStep: 16, intensity: { offset: 12, type: "f32" } });
  const translation = [random.below(100), -3, random.below(2e6)] as const;
  const pose =
    inMap || random.below(2) ? { translation, quaternion: [0, 0, 0.6, 0.8] as const } : undefined;
  core.putFrame({ pose, stampNs: 123n, slots: 1 + random.below(3000) });
  putMapTerms(core.view, core.at(abi.REGION_MAP), {
    holdNs: BigInt(random.below(2)),
    windowScans: 1 + random.below(8),
    carveCells: 1 + random.below(255),
    gapCells: random.below(9),
    flat: random.below(2) === 0,
    voidMin: 1 + random.below(3),
    hitsMin: 1 + random.below(3),
    voteHits: random.below(256),
    crowdHits: random.below(256),
    crowdVoids: 1 + random.below(26),
  });
  const reach = [1, 10, 1e4, 1e7][random.below(4)]!;
  const points = randomCloud(random, 4 * (1 + random.below(300)), reach);
  core.memory.set(new Uint8Array(points.buffer), core.at(abi.REGION_INPUT));
}

const WORDS = [
  0x7fc00000, 0x7f800000, 0xff800000, 0, 0xffffffff, 0x80000000, 1, 0x7f7fffff, 0x3f800000,
];
const STRUCTS = [
  abi.REGION_LAYOUT,
  abi.REGION_POLICY,
  abi.REGION_FRAME,
  abi.REGION_SEAL,
  abi.REGION_HEADER,
  abi.REGION_SEED,
  abi.REGION_MAP,
];
const BUFFERS = [
  abi.REGION_METADATA,
  abi.REGION_INPUT,
  abi.REGION_PLAIN,
  abi.REGION_MESSAGE,
  abi.REGION_STATS,
  abi.REGION_CELLS,
  abi.REGION_VALUES,
];

/** Overwrites a few words of a region: structs anywhere, buffers near their start. */
function scribble(core: RawCore, random: Seeded): void {
  const structs = random.below(2) === 0;
  const regions = structs ? STRUCTS : BUFFERS;
  const id = regions[random.below(regions.length)]!;
  const reach = Math.min(core.call.region_bytes(id), structs ? 300 : 3000);
  for (let i = 0; i < 1 + random.below(structs ? 2 : 60); i++) {
    const at = core.at(id) + random.below(reach - 3);
    const word = random.below(2) ? WORDS[random.below(WORDS.length)]! : random.below(2 ** 32);
    core.view.setUint32(at, word, true);
  }
  // A table of 8 MiB is zeroed where the slots are unknown: rarely is enough.
  const slots = core.at(abi.REGION_FRAME) + abi.FRAME_SLOTS;
  if (random.below(500) > 0) core.view.setUint32(slots, 1 + random.below(5000), true);
}

describe.each(BUILDS)("the module of the %s build", (build) => {
  const wasm = wasmOf(build);
  const module = parseWasm(wasm);

  test("wants nothing: no imports, no start function, no table, memory that never grows", () => {
    expect(module.imports).toBe(0);
    expect(module.sections).not.toContain(START);
    expect(module.sections).not.toContain(TABLE);
    expect(module.sections).not.toContain(ELEMENTS);
    expect(module.memories).toEqual([{ minimum: 3766, maximum: 3766 }]);
  });

  test("takes and gives 32-bit numbers alone", () => {
    const names = WEIGHTS.map(([name]) => name);
    const others = ["memory", "__data_end", "__heap_base"];
    expect([...module.exports.keys()].sort()).toEqual([...names, ...others].sort());
    for (const [name, count] of WEIGHTS) {
      const found = module.exports.get(name)!;
      expect(found).toMatch(/^\((|(i32|f32)(, (i32|f32))*)\) -> i32$/);
      expect(found.match(/32/g)!.length).toBe(count + 1);
    }
  });

  test("carries no name, path or other custom section", () => {
    expect(module.sections).not.toContain(CUSTOM);
    const text = wasm.toString("latin1");
    expect(text).not.toMatch(/assembly\/|~lib|\.ts\b|\/home|\/root/);
  });

  test("is what these sources give, under the stub and the incremental runtime alike", async () => {
    const stub = await compileCore(build);
    expect(Buffer.compare(stub, wasm), "dist is stale: npm run build:core").toBe(0);
    // What the incremental runtime alone would need stands behind the core's own data.
    const from = "  __data_end,\n  __heap_base,\n";
    const closed = [{ file: "assembly/wide.ts", from, to: "" }];
    const room = ["--initialMemory", "3800", "--maximumMemory", "3800"];
    const incremental = await compileCore(build, [...room, "--runtime", "incremental"], closed);
    expect(Buffer.compare(incremental, await compileCore(build, room, closed))).toBe(0);
  });

  test(`${CALLS.toLocaleString("en")} random calls never trap`, { timeout: 600_000 }, () => {
    const core = RawCore.load(build);
    const random = new Seeded(801);
    const menu = WEIGHTS.flatMap(([name, count, weight]) =>
      Array.from({ length: weight }, () => ({ name, count })),
    );
    const exports = core.call as unknown as Record<string, (...args: number[]) => number>;
    const good = new Map<string, number>();
    const statuses = new Set<number>();
    for (let call = 0; call < CALLS; call++) {
      if (random.below(6) === 0) scribble(core, random);
      else if (random.below(12) === 0) writeSound(core, random);
      else if (random.below(80) === 0) writeArtefact(core, random);
      const { name, count } = menu[random.below(menu.length)]!;
      const sensible = random.below(2) ? SENSIBLE[name]?.(random) : undefined;
      const args = sensible ?? Array.from({ length: count }, () => argument(random));
      const status = exports[name]!(...args);
      if (status < 0 && !name.startsWith("region")) statuses.add(status);
      else good.set(name, (good.get(name) ?? 0) + 1);
    }
    // The walk went deep: every call has succeeded often, and most statuses were met.
    const rare = WEIGHTS.map(([name]) => name).filter((name) => (good.get(name) ?? 0) < 20);
    expect(rare).toEqual([]);
    for (const status of [abi.E_ARG, abi.E_SIZE, abi.E_STATE, abi.E_FORMAT, abi.E_AUTH]) {
      expect(statuses).toContain(status);
    }
    expect(Math.min(...statuses)).toBeGreaterThanOrEqual(abi.E_SELFTEST);
    expect(statuses).not.toContain(abi.E_SELFTEST);
    // And nothing of it sticks: the core gives what a fresh one gives.
    core.call.wipe();
    const cloud = bytesOf(randomCloud(new Seeded(802), 5000, 5));
    const policy = { leaf: 0.1, point: abi.POINT_CENTROID };
    const tile = core.tileOf(cloud, policy);
    expect(Buffer.compare(tile, RawCore.load(build).tileOf(cloud, policy))).toBe(0);
  });
});
