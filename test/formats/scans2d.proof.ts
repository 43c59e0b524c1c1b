/** Every scan of the bundled 2D recordings, counted against the manifest. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
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

describe("the laser of a robot whose place is known", () => {
  it("sits where tf says, 0.194 m ahead of the poses", async () => {
    const [frames, bare] = await Promise.all([
      readAll(JARVIS),
      readAll(JARVIS, { mount: { translation: [0, 0, 0], quaternion: [0, 0, 0, 1] } }),
    ]);
    expect(frames).toHaveLength(204);
    for (const [i, frame] of frames.entries()) {
      const [from, to] = [bare[i]!.pose!, frame.pose!];
      const [, , z, w] = from.quaternion;
      const yaw = 2 * Math.atan2(z, w);
      expect(to.translation[0] - from.translation[0]).toBeCloseTo(0.194 * Math.cos(yaw), 9);
      expect(to.translation[1] - from.translation[1]).toBeCloseTo(0.194 * Math.sin(yaw), 9);
    }
  });
});
