/** Real recordings: the core finds exactly the voxels that numpy found. */
import { describe, expect, test } from "vitest";
import { DATA } from "../formats/samples.ts";
import { bundled, cellKeys, cellOf, cloudOf, further, lowest, referenceVoxels } from "./clouds.ts";
import { BUILDS, bytesOf, RawCore } from "./raw-core.ts";

const OUTER = process.env.MAPVEIL_DATA;
const RECORDINGS = [...bundled(DATA), ...further(OUTER)];
if (OUTER === undefined) console.info("MAPVEIL_DATA is not set: only the bundled recordings run.");

describe.each(BUILDS)("the voxels of the %s build", (build) => {
  const core = RawCore.load(build);

  test.each(RECORDINGS)("are those of the manifest in $name", async ({ read, voxels }) => {
    const frames = await read();
    expect(frames.length).toBe(voxels.length);
    for (const [i, frame] of frames.entries()) {
      const data = frame.data.subarray(0, frame.count * frame.layout.pointStep);
      for (const [leaf, expected] of Object.entries(voxels[i]!)) {
        expect(core.voxelise(data, { leaf: Number(leaf) }, frame.layout)).toBe(expected);
      }
    }
  });

  test.each(RECORDINGS)("are the same set as the plain reference's in $name", async ({ read }) => {
    for (const frame of await read()) {
      const cloud = cloudOf(frame);
      for (const leaf of [0.05, 0.2]) {
        const reference = referenceVoxels(cloud, leaf);
        const low = lowest([...reference.values()].map(({ cell }) => cell));
        const { cells, status } = core.decode(core.tileOfFrame(frame, { leaf }));
        expect(status).toBe(reference.size);
        const missing = cellKeys(cells, low).filter((key) => !reference.has(key));
        expect(missing).toEqual([]);
        expect(new Set(cellKeys(cells)).size).toBe(reference.size);
      }
    }
  });
});

test("the reference divides in f32, as the manifest says", () => {
  // 0.15 / 0.05 is below 3 in f64 of the f32 values, and 3 when the division is rounded to f32.
  expect(Math.floor(Math.fround(0.15) / Math.fround(0.05))).toBe(3);
  expect(cellOf(-0.01, 0.05)).toBe(-1);
  expect(referenceVoxels(Float32Array.from([0, 0, 0, NaN, 1, 1, 1, 1, 1]), 0.05).size).toBe(1);
  expect(bytesOf([1, 2, 3]).length).toBe(12);
});
