/** A recording may be any length: what reading it needs stays the same. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFrames } from "../../host/formats/index.ts";
import { XYZI } from "./clouds.ts";
import { type Message, pointCloud2 } from "./ros-builders.ts";
import { writeDb3 } from "./rosbag2-builders.ts";
import { readAll, temporaryFolder, writeInput } from "./samples.ts";
import { velodyneCapture, velodynePacket } from "./velodyne-encoder.ts";

const FRAMES = 300;
const MEGABYTE = 1024 * 1024;
const folder = temporaryFolder();

describe("150 MB of rosbag2", () => {
  const data = pointCloud2(
    XYZI,
    Array.from({ length: 32768 }, (_, i) => [i, -i, 1, 7]),
  );
  function* messages(): Generator<Message> {
    for (let i = 0; i < FRAMES; i++) {
      const timeNs = BigInt(i) * 100_000_000n + 1n;
      yield { topic: "/points", type: "sensor_msgs/PointCloud2", timeNs, data };
    }
  }

  it.each([
    ["by an index of time", true],
    ["without one", false],
  ])("need no more memory than a few frames, %s", async (_, timeIndex) => {
    const path = join(folder, "long.db3");
    writeDb3(path, messages(), { timeIndex });
    expect(statSync(path).size).toBeGreaterThan(140 * MEGABYTE);
    const source = await openFrames(path);
    expect(source.expectedFrames).toBe(FRAMES);
    // The memory of the library, which is one block of WebAssembly, counts as one of the buffers.
    const used = () => process.memoryUsage().external;
    let frames = 0;
    let early = 0;
    let late = 0;
    const progress: number[] = [];
    for await (const frame of source.frames()) {
      expect(frame.count).toBe(32768);
      progress.push(source.bytesRead / source.bytesTotal);
      frames++;
      if (frames <= 40) early = Math.max(early, used());
      else late = Math.max(late, used());
    }
    await source.close();
    expect(frames).toBe(FRAMES);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress[FRAMES / 2]).toBeCloseTo(0.5, 1);
    // What the collector leaves lying about swings by some frames; growth would be 130 MB.
    expect(late).toBeLessThan(early + 48 * MEGABYTE);
  });
});

it("a lidar whose head stands still fills frames up to a bound, and no more", async () => {
  const still = Array.from({ length: 12_000 }, () => ({
    timeNs: 1_700_000_000_000_000_000n,
    payload: velodynePacket({ azimuth: () => 100 }),
  }));
  const path = writeInput(folder, "still.pcap", velodyneCapture(still));
  const counts = (await readAll(path)).map(({ count }) => count);
  // Two million points, and as many again where the next ones are only a piece.
  expect(counts).toHaveLength(2);
  expect(Math.max(...counts)).toBeLessThan(2 * 2 ** 21);
  expect(counts.reduce((sum, count) => sum + count)).toBe(12_000 * 384);
});
