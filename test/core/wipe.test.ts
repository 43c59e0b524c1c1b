/** wipe(): nothing that the core was told, and nothing that it made of it, stays in its memory. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { PointLayout } from "../../host/core/frame.ts";
import { putMapTerms } from "../../host/core/map.ts";
import { between, randomCloud, Seeded } from "./clouds.ts";
import { memoryBase } from "./compile.ts";
import { BUILDS, isZero, type PolicySettings, RawCore, XYZ } from "./raw-core.ts";

const WINDOW = 8;
const CHUNK = 65_536;

const LAYOUT: PointLayout = { ...XYZ, pointStep: 16, intensity: { offset: 12, type: "f32" } };

interface Story {
  readonly policy: PolicySettings;
  readonly pose: {
    translation: [number, number, number];
    quaternion: [number, number, number, number];
  };
  readonly points: Float32Array;
  readonly label: Uint8Array;
  readonly key: Uint8Array;
  readonly offset: number[];
}

/** A frame with everything that a robot might want to keep to itself. */
function story(seed: number, points: number): Story {
  const random = new Seeded(seed);
  const draw = (low: number, high: number) => between(random, low, high);
  const corner = (): [number, number] => [draw(500, 600), draw(500, 600)];
  return {
    policy: {
      leaf: 0.05,
      point: abi.POINT_CENTROID,
      pose: abi.POSE_SESSION,
      fields: 1n << BigInt(abi.META_LABEL),
      bits: { centroid: 5, intensity: 7 },
      dilate: draw(0.1, 1),
      range: [0, draw(90, 99)],
      boxes: Array.from({ length: 5 }, () => ({
        mode: abi.BOX_REMOVE,
        centre: [draw(20, 30), draw(20, 30), draw(20, 30)],
        half: [draw(0, 1), draw(0, 1), draw(0, 1)],
        quaternion: [draw(0, 1), draw(0, 1), draw(0, 1), draw(0, 1)],
      })),
      areas: [{ z: [draw(-2, -1), draw(1, 2)], polygon: [corner(), corner(), corner(), corner()] }],
    },
    pose: {
      translation: [draw(40, 90), draw(40, 90), draw(1, 3)],
      quaternion: [draw(0, 1), draw(0, 1), draw(0, 1), draw(0, 1)],
    },
    points: randomCloud(random, Math.ceil((points * 4) / 3), 9).subarray(0, 4 * points),
    label: random.bytes(40).map((byte) => 33 + (byte % 90)),
    key: random.bytes(32),
    offset: [draw(-999, 999), draw(-999, 999), draw(-999, 999), draw(0, 1), draw(0, 1)],
  };
}

/** Plays the story to its end: frame, tile, seal, open, decode. Gives what it must not leave behind. */
function play(core: RawCore, { policy, pose, points, label, key, offset }: Story) {
  const random = new Seeded(901);
  const data = new Uint8Array(points.slice().buffer);
  expect(core.beginSession(offset.slice(0, 3), offset.slice(3))).toBe(0);
  const metadata = Buffer.concat([Uint8Array.of(abi.META_LABEL, 0, label.length, 0), label]);
  const record = core.tileOf(data, policy, LAYOUT, { pose, stampNs: 1n }, metadata);
  core.voxels(1);
  core.memory.set(data.subarray(0, 1 << 20), core.at(abi.REGION_INPUT));
  const seal = core.at(abi.REGION_SEAL);
  const header = random.bytes(abi.SEAL_BYTES);
  header.set(key);
  core.memory.set(header, seal);
  expect(core.call.seal_begin(abi.KIND_FRAME)).toBe(abi.HEADER_BYTES);
  const part = Math.min(record.length, abi.MESSAGE_BYTES);
  const sealed = core.call.seal_message(0, part, abi.TAG_PUSH);
  core.memory.set(key, seal);
  expect(core.call.open_begin(abi.HEADER_BYTES)).toBe(abi.KIND_FRAME);
  expect(core.call.open_message(sealed, 0)).toBe(part);
  const decoded = core.decode(record);
  expect(decoded.status).toBeGreaterThan(10);
  core.memory.set(key, seal);
  const f32 = (numbers: readonly number[]) => new Uint8Array(Float32Array.from(numbers).buffer);
  const f64 = (numbers: readonly number[]) => new Uint8Array(Float64Array.from(numbers).buffer);
  const tileBytes = new DataView(record.buffer).getUint32(abi.TILE_LENGTH, true);
  return {
    points: data,
    cells: new Uint8Array(decoded.cells.buffer),
    tile: record.slice(0, tileBytes),
    key,
    label,
    polygon: f32(policy.areas![0]!.polygon.flat()),
    boxes: f32(policy.boxes!.flatMap((box) => [...box.centre, ...box.half, ...box.quaternion])),
    pose: f64([...pose.translation, ...pose.quaternion]),
  };
}

/** A map of a few scans: some are held back, some counted, and a window stands open. */
function playMap(core: RawCore, { policy, pose, points, offset }: Story): void {
  const data = new Uint8Array(points.slice().buffer);
  putMapTerms(core.view, core.at(abi.REGION_MAP), {
    holdNs: 2n,
    windowScans: 2,
    carveCells: 60,
    gapCells: 1,
    flat: false,
    voidMin: 1,
    hitsMin: 1,
    voteHits: 2,
    crowdHits: 4,
    crowdVoids: 3,
  });
  expect(core.beginSession(offset.slice(0, 3), offset.slice(3))).toBe(0);
  expect(core.call.map_begin()).toBe(0);
  const scans = { ...policy, leaf: 0.2, point: abi.POINT_CENTRE, pose: abi.POSE_MAP, bits: {} };
  for (let scan = 0; scan < 5; scan++) {
    core.voxelise(data, scans, LAYOUT, { pose, stampNs: BigInt(scan) });
    expect(core.call.map_add()).toBeGreaterThan(0);
    if (scan === 3) expect(core.call.map_release(abi.MAP_KEPT)).toBeGreaterThan(0);
  }
}

/** Names of the secrets of which any eight bytes stand anywhere in the memory. */
function found(core: RawCore, secrets: Readonly<Record<string, Uint8Array>>): string[] {
  const wanted = new Map<string, string>();
  for (const [name, secret] of Object.entries(secrets)) {
    for (let at = 0; at + WINDOW <= secret.length; at++) {
      const window = secret.subarray(at, at + WINDOW);
      // Eight bytes that are mostly zeros stand everywhere and say nothing.
      if (window.filter((byte) => byte === 0).length > 2) continue;
      wanted.set(Buffer.from(window).toString("latin1"), name);
    }
  }
  const bytes = Buffer.from(core.memory.buffer);
  const names = new Set<string>();
  for (let chunk = 0; chunk < bytes.length; chunk += CHUNK) {
    // A secret that begins in one chunk and ends in the next has bytes in both.
    if (isZero(bytes.subarray(chunk, chunk + CHUNK))) continue;
    const end = Math.min(bytes.length - WINDOW, chunk + CHUNK);
    for (let at = Math.max(0, chunk - WINDOW); at < end; at++) {
      if (bytes[at] === 0 && bytes[at + 3] === 0 && bytes[at + 6] === 0) continue;
      const name = wanted.get(bytes.toString("latin1", at, at + WINDOW));
      if (name) names.add(name);
    }
  }
  return [...names].sort();
}

/** Ranges of bytes in which two memories differ, close ones joined. */
function differences(a: Uint8Array, b: Uint8Array): string[] {
  const ranges: [number, number][] = [];
  if (Buffer.compare(a, b) === 0) return [];
  const [x, y] = [new Uint32Array(a.buffer), new Uint32Array(b.buffer)];
  for (let word = 0; word < x.length; word++) {
    if (x[word] === y[word]) continue;
    const last = ranges.at(-1);
    if (last && word * 4 - last[1] < 64) last[1] = word * 4 + 4;
    else ranges.push([word * 4, word * 4 + 4]);
  }
  return ranges.map(([from, to]) => `0x${from.toString(16)}-0x${to.toString(16)}`);
}

describe.each(BUILDS)("the memory of the %s build", (build) => {
  test("holds the frame before a wipe, and no eight bytes of it after", () => {
    const core = RawCore.load(build);
    const secrets = play(core, story(902, 4000));
    // The pose and the policy are there because the frame took them over.
    expect(found(core, secrets)).toEqual(Object.keys(secrets).sort());
    core.call.wipe();
    expect(found(core, secrets)).toEqual([]);
  });

  test("is all zero below the static data after a wipe, whatever was done", () => {
    const core = RawCore.load(build);
    for (const points of [100, 30_000, 3]) {
      const told = story(903 + points, Math.max(points, 20));
      play(core, told);
      playMap(core, told);
      core.call.wipe();
      expect(isZero(core.memory.subarray(0, memoryBase(build)))).toBe(true);
    }
  });

  test("is the same after a wipe, whatever the frame was", () => {
    const [one, other] = [RawCore.load(build), RawCore.load(build)];
    // One data key: its commitment is public, and stays so that the key is not used again.
    const key = new Seeded(907).bytes(32);
    play(one, { ...story(904, 20_000), key });
    playMap(one, story(904, 20_000));
    one.call.wipe();
    play(other, { ...story(905, 50), key });
    other.call.wipe();
    expect(differences(one.memory, other.memory)).toEqual([]);
  });

  test.each(["full table", "damaged tile", "overflowing list"])(
    "is wiped after a frame that failed: %s",
    (kind) => {
      const core = RawCore.load(build);
      const random = new Seeded(906);
      if (kind === "damaged tile") {
        const record = core.tileOf(new Uint8Array(randomCloud(random, 20_000, 9).buffer), {});
        for (let at = 2000; at < record.length; at += 97) record[at]! ^= 0x55;
        core.decode(record);
      } else {
        const cloud = randomCloud(random, abi.MAX_POINTS + 5000, kind === "full table" ? 900 : 9e3);
        const slots = kind === "full table" ? 0 : 1;
        core.voxelise(new Uint8Array(cloud.buffer), { leaf: 0.01 }, XYZ, { slots });
      }
      core.call.wipe();
      expect(isZero(core.memory.subarray(0, memoryBase(build)))).toBe(true);
    },
  );
});
