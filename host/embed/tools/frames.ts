/**
 * Makes frame files for the example controller from recordings:
 *
 *   npx tsx host/embed/tools/frames.ts RECORDING OUTPUT [FRAMES]
 *
 * RECORDING: anything that `mapveil sanitize` reads.
 */
import { writeFileSync } from "node:fs";
import type { Frame } from "../../core/frame.ts";
import { openFrames } from "../../formats/index.ts";
import { frameFile } from "./frame-file.ts";
import { smallScan } from "./small-scan.ts";

/** The first frames of a recording, their points copied; 2D scans as small lidars send them. */
export async function readFrames(path: string, most = Number.POSITIVE_INFINITY): Promise<Frame[]> {
  const source = await openFrames(path);
  const frames: Frame[] = [];
  try {
    for await (const frame of source.frames()) {
      if (frames.length >= most) break;
      frames.push(source.flat ? smallScan(frame) : { ...frame, data: frame.data.slice() });
    }
  } finally {
    await source.close();
  }
  return frames;
}

async function main(recording: string, output: string, count: string | undefined): Promise<void> {
  const frames = await readFrames(recording, count === undefined ? undefined : Number(count));
  const bytes = frameFile(frames);
  writeFileSync(output, bytes);
  console.log(`${output}: ${frames.length} frames, ${bytes.length} bytes`);
}

if (process.argv[1]?.endsWith("/tools/frames.ts")) {
  const [recording, output, count] = process.argv.slice(2);
  if (recording === undefined || output === undefined) {
    console.error("usage: npx tsx host/embed/tools/frames.ts RECORDING OUTPUT [FRAMES]");
    process.exit(2);
  }
  await main(recording, output, count);
}
