/** The modules of the smaller profiles: what they want and offer, what they leave behind, that none traps. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { randomCloud, Seeded } from "./clouds.ts";
import { compileCore, memoryBase } from "./compile.ts";
import { coreOf, globalOf, PROFILE_BUILDS, wasmOf } from "./profile-cores.ts";
import { bytesOf, type RawCore, XYZ } from "./raw-core.ts";
import { parseWasm } from "./wasm-module.ts";

const CALLS = 20_000;
const PAGE = 65_536;
const [CUSTOM, TABLE, START, ELEMENTS] = [0, 4, 8, 9];
const REGIONS = Object.entries(abi)
  .filter(([name]) => name.startsWith("REGION_"))
  .map(([, id]) => id);
const POSE = { translation: [40.3, -45.6, 7.8], quaternion: [0.11, -0.2, 0.3, 0.92] } as const;

/** A session, a frame with all that a policy may hold, its tile, its seal. */
function play(core: RawCore, random: Seeded, points: number, key: Uint8Array): void {
  core.beginSession([random.below(999), -333.5, 1.25], [0.4, random.below(9)]);
  const cloud = randomCloud(random, points, 1 + random.below(20));
  const label = random.bytes(40).map((byte) => 33 + (byte % 90));
  const policy = {
    leaf: 0.1,
    pose: abi.POSE_SESSION,
    fields: 1n << BigInt(abi.META_LABEL),
    range: [0, 77.25] as const,
    boxes: [
      { mode: 0, centre: [1.5, 2.5, 3.5], half: [1, 1, 1], quaternion: [0.1, 0.2, 0.3, 0.9] },
    ],
    areas: [
      {
        z: [-1.5, 2.5] as const,
        polygon: [
          [7, 1],
          [4, 2.5],
          [2, 5.5],
        ] as [number, number][],
      },
    ],
  };
  const metadata = Uint8Array.of(abi.META_LABEL, 0, label.length, 0, ...label);
  core.tileOf(bytesOf(cloud), policy, XYZ, { pose: POSE, stampNs: 123n }, metadata);
  core.region(abi.REGION_SEED).set(key);
  expect(core.call.seed()).toBe(0);
  core.region(abi.REGION_SEAL).fill(9);
  expect(core.call.seal_key()).toBe(0);
  core.region(abi.REGION_SEAL).set(key);
  expect(core.call.seal_begin(abi.KIND_FRAME)).toBe(abi.HEADER_BYTES);
  expect(core.call.seal_message(0, 1000, abi.TAG_MESSAGE)).toBe(1017);
  core.region(abi.REGION_INPUT).set(random.bytes(2000));
}

describe.each(PROFILE_BUILDS)("the module of $target", ({ target, memoryMax }) => {
  const wasm = wasmOf(target);
  const module = parseWasm(wasm);

  test("wants nothing, and says nothing of where it was made", () => {
    expect(module.imports).toBe(0);
    for (const section of [CUSTOM, TABLE, START, ELEMENTS]) {
      expect(module.sections).not.toContain(section);
    }
  });

  test("needs the memory that it says it does, and that is little", () => {
    const core = coreOf(target);
    const end = globalOf(core, "__heap_base");
    expect(globalOf(core, "__data_end")).toBeLessThanOrEqual(end);
    expect(end).toBeLessThanOrEqual(memoryMax);
    const pages = Math.ceil(end / PAGE);
    expect(module.memories).toEqual([{ minimum: pages, maximum: pages }]);
    for (const id of REGIONS) {
      expect(core.call.region_ptr(id) + core.call.region_bytes(id)).toBeLessThanOrEqual(end);
    }
    // A host that gives no more than that misses nothing: nothing is ever written behind it.
    const random = new Seeded(2101);
    for (const points of [10, 900]) play(core, random, points, random.bytes(32));
    core.call.selftest();
    expect(core.memory.subarray(end).every((byte) => byte === 0)).toBe(true);
  });

  test("is what these sources give", async () => {
    expect(
      Buffer.compare(await compileCore(target), wasm),
      "dist is stale: npm run build:profiles",
    ).toBe(0);
  });
});

describe.each(PROFILE_BUILDS)("the memory of $target", ({ target }) => {
  const key = new Seeded(2102).bytes(32);

  test("is all zero after a wipe but for the tables, whatever was done", () => {
    const core = coreOf(target);
    const random = new Seeded(2103);
    for (const points of [1000, 3, 300]) {
      play(core, random, points, random.bytes(32));
      core.call.wipe();
      const map = core.memory.subarray(0, memoryBase(target));
      expect(map.every((byte) => byte === 0)).toBe(true);
    }
    expect(core.call.tile_encode(0)).toBe(abi.E_STATE);
    expect(core.call.seal_message(0, 1, abi.TAG_MESSAGE)).toBe(abi.E_STATE);
    expect(core.call.seal_key()).toBe(abi.E_STATE);
  });

  test("is the same after a wipe whatever the frame was, tables and all", () => {
    const [one, other] = [coreOf(target), coreOf(target)];
    // One key and one seed: what is public of them stays, so that they are not used again.
    play(one, new Seeded(2104), 1000, key);
    play(other, new Seeded(2107), 20, key);
    expect(Buffer.compare(one.memory, other.memory)).not.toBe(0);
    for (const core of [one, other]) core.call.wipe();
    expect(Buffer.compare(one.memory, other.memory)).toBe(0);
  });

  test("is wiped after frames that failed", () => {
    const core = coreOf(target);
    const random = new Seeded(2105);
    const tooMany = Math.min(
      3 * core.call.limit(abi.LIMIT_VOXELS),
      core.call.limit(abi.LIMIT_SLOTS),
    );
    expect(core.voxelise(bytesOf(randomCloud(random, tooMany, 900)), { leaf: 0.01 })).toBe(
      abi.E_FULL,
    );
    core.call.wipe();
    expect(core.memory.subarray(0, memoryBase(target)).every((byte) => byte === 0)).toBe(true);
  });
});

/** A frame that can begin, now and then: random structs hardly ever pass the first check. */
function writeSound(core: RawCore, random: Seeded): void {
  core.putPolicy({
    leaf: [0.01, 0.05, 1, 10][random.below(4)]!,
    pose: random.below(3),
    padding: random.below(2),
    boxes: random.below(2)
      ? [{ mode: random.below(2), centre: [0, 0, 0], half: [5, 5, 5], quaternion: [0, 0, 1, 1] }]
      : [],
  });
  core.putLayout(XYZ);
  core.putFrame({ pose: random.below(2) ? POSE : undefined, slots: 1 + random.below(3000) });
  const points = randomCloud(random, 1 + random.below(500), [1, 10, 1e4, 1e7][random.below(4)]!);
  core.region(abi.REGION_INPUT).set(bytesOf(points).subarray(0, 6144));
}

const WORDS = [0x7fc00000, 0x7f800000, 0xff800000, 0, 0xffffffff, 0x80000000, 1, 0x3f800000];

/** Overwrites some words of some region, as a host may at any time. */
function scribble(core: RawCore, random: Seeded): void {
  const id = REGIONS[random.below(REGIONS.length)]!;
  const reach = Math.min(core.call.region_bytes(id), 3000) - 3;
  for (let i = 0; reach > 0 && i < 1 + random.below(40); i++) {
    const word = random.below(2) ? WORDS[random.below(WORDS.length)]! : random.below(2 ** 32);
    core.view.setUint32(core.at(id) + random.below(reach), word, true);
  }
}

test.each(PROFILE_BUILDS)(`${CALLS} random calls to $target never trap`, ({ target }) => {
  const core = coreOf(target);
  const random = new Seeded(2106);
  const exports = core.call as unknown as Record<string, (...args: number[]) => number>;
  const usual = ["frame_begin", "frame_push", "frame_push", "frame_finish", "tile_encode"];
  const names = [...parseWasm(wasmOf(target)).exports]
    .filter(([name, what]) => what.startsWith("(") && name !== "selftest")
    .map(([name, what]) => ({ name, count: what.match(/i32/g)!.length - 1 }));
  const good = new Map<string, number>();
  for (let call = 0; call < CALLS; call++) {
    if (random.below(6) === 0) scribble(core, random);
    else if (random.below(9) === 0) writeSound(core, random);
    const pick = usual[random.below(usual.length)]!;
    const { name, count } = random.below(2)
      ? names[random.below(names.length)]!
      : names.find((one) => one.name === pick)!;
    if (name === "wipe" && random.below(9) > 0) continue;
    const small = random.below(3) > 0;
    const args = Array.from({ length: count }, () =>
      name === "tile_encode" && small
        ? 0
        : small
          ? random.below(600)
          : WORDS[random.below(WORDS.length)]!,
    );
    const status = exports[name]!(...args);
    expect(status).toBeGreaterThanOrEqual(abi.E_SELFTEST);
    if (status >= 0) good.set(name, (good.get(name) ?? 0) + 1);
  }
  for (const name of usual) expect(good.get(name) ?? 0, name).toBeGreaterThan(50);
  expect(core.call.selftest()).toBe(0);
});

// The other builds are of the same sources, or of those that the wide core's test looks at.
test("micro is the same under the stub and the incremental runtime: it never allocates", async () => {
  // What the incremental runtime alone would need stands behind the core's own data.
  const closed = [{ file: "assembly/micro.ts", from: "  __data_end,\n  __heap_base,\n", to: "" }];
  const room = ["--initialMemory", "200", "--maximumMemory", "200", "--lowMemoryLimit", "0"];
  const incremental = await compileCore("micro", [...room, "--runtime", "incremental"], closed);
  expect(Buffer.compare(incremental, await compileCore("micro", room, closed))).toBe(0);
});
