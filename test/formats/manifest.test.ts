/** The bundled recordings are the ones that the manifest names, and every reader agrees with it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DATA, MANIFEST, readAll, validPositions, voxelCount } from "./samples.ts";

describe.each(MANIFEST)("$path", ({ path, sha256 }) => {
  it("has the bytes of the manifest", () => {
    const sum = createHash("sha256")
      .update(readFileSync(join(DATA, path)))
      .digest("hex");
    expect(sum).toBe(sha256);
  });
});

describe.each(MANIFEST.filter(({ frames }) => frames))("$path", ({ path, frames }) => {
  it("gives the points and voxels of the manifest", async () => {
    const read = await readAll(join(DATA, path));
    const found = read.map((frame) => ({
      points: frame.count,
      valid: validPositions(frame).length,
      voxels: Object.fromEntries(
        Object.keys(frames![0]!.voxels).map((edge) => [edge, voxelCount(frame, Number(edge))]),
      ),
    }));
    expect(found).toEqual(frames);
  });
});
