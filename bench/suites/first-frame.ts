/**
 * Run in a process of its own by frame.ts: the first frame after Sanitizer.create() and the median of
 * those that follow, as JSON. Takes the built package if there is one, as a robot would.
 */
import { existsSync } from "node:fs";
import { bundled, OS1, VARIANTS } from "../inputs/frames.ts";
import { median } from "../measure/race.ts";

const FRAMES = 64;
const BUILT = new URL("../../dist/host/index.js", import.meta.url);

type Library = typeof import("../../host/index.ts");
const isBuilt = existsSync(BUILT);
const library: Library = isBuilt ? await import(BUILT.href) : await import("../../host/index.ts");
const { variants } = await bundled(OS1);
const { publicKey } = library.generateRecipientKey();
const sanitizer = await library.Sanitizer.create({
  policy: library.defaultPolicy(),
  recipient: publicKey,
});
const samples = Array.from({ length: FRAMES }, (_, turn) => {
  const start = performance.now();
  sanitizer.sanitize(variants[turn % VARIANTS]!);
  return performance.now() - start;
});
const result = { built: isBuilt, first: samples[0]!, median: median(samples.slice(1)) };
process.stdout.write(JSON.stringify(result));
