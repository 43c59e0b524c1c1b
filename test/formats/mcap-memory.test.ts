/** A recording may be any length: what reading it needs stays the same. */
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openFrames } from "../../host/formats/index.ts";
import { XYZI } from "./clouds.ts";
import { pointCloud2, writeMcap } from "./ros-builders.ts";
import { temporaryFolder } from "./samples.ts";

const FRAMES = 300;
const MEGABYTE = 1024 * 1024;

it("needs no more memory for 150 MB of MCAP than for a few frames", {
  timeout: 120_000,
}, async () => {
  const path = join(temporaryFolder(), "long.mcap");
  const rows = Array.from({ length: 32768 }, (_, i) => [i, -i, 1, 7]);
  const data = pointCloud2(XYZI, rows);
  const file = openSync(path, "w");
  const messages = Array.from({ length: FRAMES }, (_, i) => {
    const timeNs = BigInt(i) * 100_000_000n + 1n;
    return { topic: "/points", type: "sensor_msgs/msg/PointCloud2", timeNs, data };
  });
  await writeMcap(messages, (bytes) => writeSync(file, bytes), { chunkBytes: MEGABYTE });
  closeSync(file);

  const source = await openFrames(path);
  expect(source.bytesTotal).toBeGreaterThan(140 * MEGABYTE);
  expect(source.expectedFrames).toBe(FRAMES);
  const used = () => process.memoryUsage().arrayBuffers;
  let frames = 0;
  let early = 0;
  let late = 0;
  for await (const frame of source.frames()) {
    expect(frame.count).toBe(32768);
    frames++;
    if (frames <= 40) early = Math.max(early, used());
    else late = Math.max(late, used());
  }
  await source.close();
  expect(frames).toBe(FRAMES);
  // What the collector leaves lying about swings by some chunks; growth would be 130 MB.
  expect(late).toBeLessThan(early + 48 * MEGABYTE);
});
