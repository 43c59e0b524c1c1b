/**
 * Run in a process of its own by scaling-sensors.ts: serves so many sensors on one core
 * and says how late their frames were and what the process took up.
 *
 * Frames are due on a virtual clock, evenly spread over the period; a frame begins when it is due and
 * the one before is done, and takes the time that was measured for it. So a minute of sensors takes
 * as long as their work does, and a sensor that has to wait shows.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Frame } from "../../host/core/frame.ts";
import { generateRecipientKey } from "../../host/keys/index.ts";
import { defaultPolicy } from "../../host/policy/index.ts";
import { Sanitizer } from "../../host/veil/sanitizer.ts";
import { bundled, OS1, VARIANTS } from "../inputs/frames.ts";
import { sizedFrames } from "../inputs/sized-frames.ts";
import { residentMib } from "../measure/kernel-accounts.ts";
import { quantile } from "../measure/race.ts";

export interface Load {
  readonly sensors: number;
  readonly periodMs: number;
  /** Frames of all sensors together. */
  readonly frames: number;
}

export interface Served {
  /** Milliseconds from when a frame was due to when it was sealed. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Frames that a core does, if it does nothing else. */
  readonly framesPerS: number;
  /** MiB of its own: before there was any core, and now. */
  readonly idleMib: number;
  readonly residentMib: number;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Resident memory without what the inputs left behind. */
function keptMib(): number {
  collectGarbage();
  return residentMib(process.pid);
}

const [points, mode] = process.argv.slice(2);
const isShared = mode === "shared";
const { publicKey } = generateRecipientKey();
const frames: Frame[] = sizedFrames(await bundled(OS1), Number(points));
const idleMib = keptMib();
const sanitizers: Sanitizer[] = [];

async function serve({ sensors, periodMs, frames: total }: Load): Promise<Served> {
  while (sanitizers.length < (isShared ? 1 : sensors)) {
    sanitizers.push(await Sanitizer.create({ policy: defaultPolicy(), recipient: publicKey }));
  }
  const latencies: number[] = [];
  let freeMs = 0;
  let busyMs = 0;
  // One round untimed: each core has touched its memory then.
  for (let i = -sensors; i < total; i++) {
    const sanitizer = sanitizers[isShared ? 0 : (i + sensors) % sensors]!;
    const start = performance.now();
    sanitizer.sanitize(frames[(i + sensors) % VARIANTS]!);
    const took = performance.now() - start;
    if (i < 0) continue;
    const dueMs = (i * periodMs) / sensors;
    freeMs = Math.max(freeMs, dueMs) + took;
    busyMs += took;
    latencies.push(freeMs - dueMs);
  }
  return {
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    framesPerS: (1000 * total) / busyMs,
    idleMib,
    residentMib: keptMib(),
  };
}

process.on("message", async (load: Load) => process.send!(await serve(load)));
process.on("disconnect", () => process.exit());
process.send!("ready");
