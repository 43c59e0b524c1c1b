/** Every scan of the bundled 2D recordings, counted against the manifest. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { planarPose } from "../../host/formats/index.ts";
import { DATA, JARVIS, MANIFEST, readAll, validPositions, voxelCount } from "./samples.ts";

describe.each(MANIFEST.filter(({ scans }) => scans))("$path", ({ path, scans }) => {
  it("gives the points and voxels of the manifest", async () => {
    const frames = await readAll(join(DATA, path));
    const sum = (of: (frame: (typeof frames)[number]) => number) =>
      frames.reduce((total, frame) => total + of(frame), 0);
    expect({
      frames: frames.length,
      points: sum((frame) => frame.count),
      valid: sum((frame) => validPositions(frame).length),
      voxels: sum((frame) => voxelCount(frame, 0.1)),
    }).toEqual(scans);
  });

  it("comes in the order of its stamps", async () => {
    const stamps = (await readAll(join(DATA, path))).map(({ stampNs }) => stampNs!);
    const back = stamps.filter((stamp, i) => i > 0 && stamp < stamps[i - 1]!);
    expect(back).toEqual([]);
  });
});

/** Cells of 5 cm in the map that any point of the recording lies in. */
function cellsInMap(frames: readonly Frame[]): number {
  const cells = new Set<string>();
  for (const frame of frames) {
    const { translation, quaternion } = frame.pose!;
    const yaw = 2 * Math.atan2(quaternion[2], quaternion[3]);
    const [sine, cosine] = [Math.sin(yaw), Math.cos(yaw)];
    for (const [x, y] of validPositions(frame)) {
      const mapX = translation[0] + cosine * x - sine * y;
      const mapY = translation[1] + sine * x + cosine * y;
      cells.add(`${Math.floor(mapX / 0.05)} ${Math.floor(mapY / 0.05)}`);
    }
  }
  return cells.size;
}

describe("the laser of a robot whose place is known", () => {
  it("sits 0.194 m ahead of the poses, as tf says, and there its scans agree best", async () => {
    const mounted = (ahead: number) => readAll(JARVIS, { mount: planarPose(ahead, 0, 0) });
    const [told, bare] = [await readAll(JARVIS), await mounted(0)];
    for (const [i, frame] of told.entries()) {
      const [from, to] = [bare[i]!.pose!, frame.pose!];
      const yaw = 2 * Math.atan2(from.quaternion[2], from.quaternion[3]);
      expect(to.translation[0] - from.translation[0]).toBeCloseTo(0.194 * Math.cos(yaw), 9);
      expect(to.translation[1] - from.translation[1]).toBeCloseTo(0.194 * Math.sin(yaw), 9);
    }
    // The same walls come out thicker where the lidar is taken to sit elsewhere: measured 11,677
    // cells, 17,786 without its place, 25,034 with the place turned around.
    const cells = cellsInMap(told);
    expect(cellsInMap(bare)).toBeGreaterThan(1.4 * cells);
    expect(cellsInMap(await mounted(-0.194))).toBeGreaterThan(2 * cells);
  });
});
