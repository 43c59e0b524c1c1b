/** A process of its own that reads recordings, holds on to all that it was given, and dumps its memory. */
import { writeHeapSnapshot } from "node:v8";
import { openFrames } from "../../host/formats/index.ts";

const [reads, out, ...paths] = process.argv.slice(2) as [string, string, ...string[]];

const held: unknown[] = [];
for (const path of paths) {
  const source = await openFrames(path, { reads: reads === "all" ? "all" : [], poseTopic: "none" });
  for await (const frame of source.frames()) held.push(frame);
  held.push(source);
}
writeHeapSnapshot(out);
for (const one of held) if (one instanceof Object && "close" in one) (one.close as () => void)();
