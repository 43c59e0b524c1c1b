/** What a run of the replay suite comes down to. */
import { median, quantile } from "../measure/race.ts";
import type { Run } from "./replay-run.ts";

/** Fewer samples than this have no 99.9th percentile that is not simply the highest. */
const SAMPLES_FOR_P999 = 1000;
/** Parts of a run whose medians show its noise. */
const PARTS = 5;

export interface Figures {
  /** From the time a frame was due to its receipt, in the order of the frames. */
  readonly latenciesMs: readonly number[];
  /** Frames whose receipt came later than one period after they were due. */
  readonly missed: number;
  readonly p999Ms: number | undefined;
  /** Time from receipt to receipt less the period. */
  readonly jitter: { readonly deviationMs: number; readonly p99Ms: number };
  /** Most milliseconds that the robot itself was late with a frame. */
  readonly robotLateMs: number;
  /** Frames that were due and had no receipt. */
  readonly queue: { readonly max: number; readonly mean: number };
  /** Most of them in each second, as [second, frames]. */
  readonly queueOverTime: readonly (readonly [number, number])[];
  readonly memory: {
    readonly firstMib: number;
    readonly lastMib: number;
    /** Slope of the line that fits the samples best. */
    readonly mibPerMinute: number;
  };
  readonly spoolMax: number;
  readonly p50PartsMs: readonly number[];
}

/** Waiting frames from each change on, as [milliseconds since the first was due, frames]. */
function queueOf({ dueMs, receivedMs }: Run): [number, number][] {
  const begin = dueMs[0]!;
  const changes = [
    ...Array.from(dueMs, (at) => [at - begin, 1] as const),
    ...Array.from(receivedMs, (at) => [at - begin, -1] as const),
  ].sort((a, b) => a[0] - b[0]);
  let waiting = 0;
  return changes.map(([at, by]) => {
    waiting += by;
    return [at, waiting];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Slope of least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const xMean = mean(points.map(([x]) => x));
  const yMean = mean(points.map(([, y]) => y));
  const above = points.reduce((sum, [x, y]) => sum + (x - xMean) * (y - yMean), 0);
  const below = points.reduce((sum, [x]) => sum + (x - xMean) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

function jitterOf({ receivedMs, plan }: Run) {
  const periodMs = 1000 / plan.hz;
  const off = Array.from(receivedMs.subarray(1), (at, i) => at - receivedMs[i]! - periodMs);
  const centre = mean(off);
  return {
    deviationMs: Math.sqrt(mean(off.map((ms) => (ms - centre) ** 2))),
    p99Ms: quantile(off.map(Math.abs), 0.99),
  };
}

export function figuresOf(run: Run): Figures {
  const { dueMs, pushedMs, receivedMs, samples, plan } = run;
  const latenciesMs = Array.from(receivedMs, (at, i) => at - dueMs[i]!);
  const queue = queueOf(run);
  const endMs = queue.at(-1)![0];
  // The state holds until the next change.
  const areas = queue.map(([at, waiting], i) => waiting * ((queue[i + 1]?.[0] ?? endMs) - at));
  const overTime = new Map<number, number>();
  for (const [at, waiting] of queue) {
    const second = Math.floor(at / 1000);
    overTime.set(second, Math.max(waiting, overTime.get(second) ?? 0));
  }
  const part = Math.ceil(latenciesMs.length / PARTS);
  const memory = samples.map(({ atS, residentMib }) => [atS, residentMib] as const);
  return {
    latenciesMs,
    missed: latenciesMs.filter((ms) => ms > 1000 / plan.hz).length,
    p999Ms: latenciesMs.length < SAMPLES_FOR_P999 ? undefined : quantile(latenciesMs, 0.999),
    jitter: jitterOf(run),
    robotLateMs: Math.max(...pushedMs.map((at, i) => at - dueMs[i]!)),
    queue: {
      max: Math.max(...queue.map(([, waiting]) => waiting)),
      mean: areas.reduce((sum, area) => sum + area, 0) / endMs,
    },
    queueOverTime: [...overTime],
    memory: {
      firstMib: memory[0]![1],
      lastMib: memory.at(-1)![1],
      mibPerMinute: 60 * slope(memory),
    },
    spoolMax: Math.max(...samples.map(({ spooled }) => spooled)),
    p50PartsMs: Array.from({ length: Math.ceil(latenciesMs.length / part) }, (_, i) =>
      median(latenciesMs.slice(i * part, (i + 1) * part)),
    ),
  };
}
