/**
 * Run in a process of its own by allocations.ts, with --expose-gc: what Sanitizer.sanitize() allocates
 * a frame once it is warm, as JSON. Takes the built package, as a robot would.
 */
import { Session } from "node:inspector/promises";
import { PUSH_BYTES } from "../../host/core/core.ts";
import type { Frame } from "../../host/core/frame.ts";
import { bundled } from "../inputs/frames.ts";
import type { Allocations } from "./allocations.ts";

type Library = typeof import("../../host/index.ts");
type Node = { callFrame: { functionName: string }; selfSize: number; children: readonly Node[] };

/** Frames before anything is counted: code that V8 has not optimised yet allocates more. */
const WARM_FRAMES = 300;
const FRAMES = 40;
const BUFFER_ROUNDS = 5;
/** So that the engine's threads finish what they are at before anything is counted. */
const PAUSE_MS = 200;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

const library: Library = await import(new URL("../../dist/host/index.js", import.meta.url).href);
const { publicKey } = library.generateRecipientKey();
const sanitizer = await library.Sanitizer.create({
  policy: library.defaultPolicy(),
  recipient: publicKey,
});

/** Bytes of the artefacts. */
function sanitize(variants: readonly Frame[], frames: number): number {
  let bytes = 0;
  for (let i = 0; i < frames; i++) {
    bytes += sanitizer.sanitize(variants[i % variants.length]!).veil.length;
  }
  return bytes;
}

/** Bytes allocated in calls of `name` and in what they call. */
function bytesIn(node: Node, name: string, inside = false): number {
  const within = inside || node.callFrame.functionName === name;
  const own = within ? node.selfSize : 0;
  return node.children.reduce((sum, child) => sum + bytesIn(child, name, within), own);
}

/**
 * Bytes in array buffers beside the artefacts themselves. The collector gives buffers back when it has
 * the time, which can only make the difference smaller: the largest of some rounds is the right one.
 */
async function bufferBytes(variants: readonly Frame[]): Promise<number> {
  let most = -1;
  for (let round = 0; round < BUFFER_ROUNDS; round++) {
    globalThis.gc!();
    await pause();
    const before = process.memoryUsage().arrayBuffers;
    const artefacts = sanitize(variants, FRAMES);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before - artefacts);
  }
  if (most < 0) throw new Error("buffers were collected while they were counted");
  return most / FRAMES;
}

/** Every object on the heap counts, also those that were collected at once. */
async function heapBytes(session: Session, variants: readonly Frame[]): Promise<number> {
  await session.post("HeapProfiler.startSampling", {
    samplingInterval: 1,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  sanitize(variants, FRAMES);
  const { profile } = await session.post("HeapProfiler.stopSampling");
  return bytesIn(profile.head, "sanitize") / FRAMES;
}

const session = new Session();
session.connect();
const results: Allocations[] = [];
for (const name of ["OS1-128", "XT32", "VLP16"] as const) {
  const { variants } = await bundled(name);
  const { pointStep } = variants[0]!.layout;
  sanitize(variants, WARM_FRAMES);
  await pause();
  sanitize(variants, WARM_FRAMES);
  results.push({
    name,
    slots: variants[0]!.count,
    pushes: Math.ceil(variants[0]!.count / Math.floor(PUSH_BYTES / pointStep)),
    bufferBytes: await bufferBytes(variants),
    heapBytes: await heapBytes(session, variants),
  });
}
session.disconnect();
process.stdout.write(JSON.stringify(results));
