/** One source, two builds: the same bytes out of both, for every recording in every mode. */
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import type { Frame } from "../../host/core/frame.ts";
import { DATA, OS1, OS1_POSES, readAll } from "../formats/samples.ts";
import { bundled, randomCloud, Seeded } from "./clouds.ts";
import { bytesOf, type PolicySettings, RawCore } from "./raw-core.ts";

const [baseline, simd] = [RawCore.load("baseline"), RawCore.load("simd")];

const ATTRIBUTES = { intensity: 8, ring: 6, time: 3, centroid: 6 };
const AREA = {
  z: [-1, 2] as const,
  polygon: [
    [1, 1],
    [5, 2],
    [3, 6],
  ] as [number, number][],
};
const BOX = { centre: [0, 0, 0], half: [2, 1, 1], quaternion: [0.1, 0.2, 0.3, 0.9] };

const MODES: Readonly<Record<string, PolicySettings>> = {
  centre: { leaf: 0.05 },
  coarse: { leaf: 1, padding: abi.PAD_PADME },
  centroid: { leaf: 0.1, point: abi.POINT_CENTROID, bits: { centroid: 6 } },
  attributes: { leaf: 0.1, bits: ATTRIBUTES },
  everything: { leaf: 0.07, point: abi.POINT_CENTROID, bits: ATTRIBUTES },
  cropped: {
    leaf: 0.1,
    range: [0.5, 30],
    height: [-1, 4],
    dilate: 0.3,
    areas: [AREA],
    boxes: [{ ...BOX, mode: abi.BOX_REMOVE }],
  },
  session: { leaf: 0.05, pose: abi.POSE_SESSION, point: abi.POINT_CENTROID, bits: { centroid: 5 } },
  keep: { leaf: 0.05, pose: abi.POSE_KEEP, height: [-3, 3], areas: [AREA] },
};

/** A pose where the recording has none, so that the transforms run too. */
const POSE = { translation: [12.3, -45.6, 7.8], quaternion: [0.11, -0.2, 0.3, 0.92] } as const;

function tileOf(core: RawCore, frame: Frame, policy: PolicySettings): Uint8Array {
  const posed = frame.pose ? frame : { ...frame, pose: POSE };
  return core.tileOfFrame(posed, policy);
}

describe.each(Object.keys(MODES))("mode %s", (mode) => {
  const policy = MODES[mode]!;

  test.each([
    ...bundled(DATA),
    { name: "the poses of the OS-1 recording", read: () => readAll(OS1, { posesPath: OS1_POSES }) },
  ])("both builds make one tile of $name", async ({ read }) => {
    for (const core of [baseline, simd]) core.beginSession([17.5, -3.25, 1], [0.4, -0.9]);
    for (const frame of await read()) {
      const tile = tileOf(baseline, frame, policy);
      expect(Buffer.compare(tileOf(simd, frame, policy), tile)).toBe(0);
      expect(simd.counters()).toEqual(baseline.counters());
      const [a, b] = [baseline.decode(tile), simd.decode(tile)];
      expect(Buffer.compare(bytes(a.cells), bytes(b.cells))).toBe(0);
      expect(Buffer.compare(a.values, b.values)).toBe(0);
    }
  });

  test("both builds make one tile of clouds with extreme coordinates", () => {
    const random = new Seeded(1001);
    const odd = [0, -0, Number.NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-45, -1e-45, 1e-38];
    for (let round = 0; round < 40; round++) {
      const cloud = randomCloud(random, 1 + random.below(1500), 10 ** (random.below(8) - 2));
      for (let i = 0; i < cloud.length; i += 1 + random.below(9)) {
        if (random.below(2)) cloud[i] = odd[random.below(odd.length)]!;
      }
      const [a, b] = [baseline, simd].map((core) => {
        core.beginSession([1, 2, 3], [0.1, 0.2]);
        return core.tileOf(bytesOf(cloud), policy, undefined, { pose: POSE });
      });
      expect(Buffer.compare(a!, b!)).toBe(0);
      expect(simd.counters()).toEqual(baseline.counters());
    }
  });
});

test("both builds give the same voxels to what stays on the robot", () => {
  const cloud = bytesOf(randomCloud(new Seeded(1002), 5000, 20));
  for (const policy of Object.values(MODES)) {
    const counts = [baseline, simd].map((core) => core.voxelise(cloud, { ...policy, pose: 0 }));
    expect(counts[0]).toBe(counts[1]);
    expect(baseline.voxels(counts[0]!)).toEqual(simd.voxels(counts[1]!));
  }
});

const bytes = (array: Int32Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
