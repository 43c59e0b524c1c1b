/** Sensors at their true rate through a sidecar, with all cores and with the fifth of one. */
import { framesOf, sourceImages } from "../inputs/resample.ts";
import type { Context } from "../measure/context.ts";
import type { CpuQuota } from "../measure/cpu-quota.ts";
import { checkInterrupt } from "../measure/interrupt.ts";
import type { MissingPeer, Suite } from "../report/report.ts";
import { labelOf, SENSORS, type SensorMode, selectSensors } from "../sensors.ts";
import { replay } from "./replay-run.ts";
import { type Finished, suitesOf } from "./replay-tables.ts";

/** A handful, from a large spinning lidar to a robot vacuum's. */
const USUAL = [
  "OS1-128 1024x10",
  "OS1-128 1024x20",
  "XT32 single",
  "Mid-360 single",
  "LDS-01 2D",
] as const;
const QUICK: readonly string[] = ["OS1-128 1024x10", "Mid-360 single"];

/** What a small robot leaves to us: the kernel's usual period, and one that is like a slow processor. */
const SMALL_ROBOT: readonly CpuQuota[] = [
  { cores: 0.2, periodMs: 100 },
  { cores: 0.2, periodMs: 10 },
];
/** Sensors that a small robot carries send no more than this; for them the goals hold under a quota. */
const SMALL_POINTS_PER_S = 640_000;
/** Above this nobody expects it of a fifth of a core; up to it, it is shown. */
const TRIED_POINTS_PER_S = 1_400_000;

interface Planned {
  readonly sensor: SensorMode;
  readonly quota?: CpuQuota;
}

function plansOf(sensors: readonly SensorMode[], quick: boolean): Planned[] {
  const free = sensors.map((sensor) => ({ sensor }));
  const most = quick ? SMALL_POINTS_PER_S : TRIED_POINTS_PER_S;
  const small = sensors.filter(({ pointsPerSecond }) => pointsPerSecond <= most);
  const quotas = quick ? SMALL_ROBOT.slice(0, 1) : SMALL_ROBOT;
  return [...free, ...quotas.flatMap((quota) => small.map((sensor) => ({ sensor, quota })))];
}

/** Each sensor with all cores, then those of small robots under each quota; a sidecar of its own each. */
export async function replaySuites(context: Context): Promise<Suite[]> {
  const { quick, recordings, paceSeconds: seconds } = context;
  const wanted = quick ? QUICK : USUAL;
  const sensors = context.sensors
    ? selectSensors(context.sensors, quick)
    : SENSORS.filter((sensor) => wanted.includes(labelOf(sensor)));
  const images = await sourceImages();
  const finished: Finished[] = [];
  const missing: MissingPeer[] = [];
  for (const { sensor, quota } of plansOf(sensors, quick)) {
    const name = labelOf(sensor);
    const held = quota ? ` under ${quota.cores} cores, period ${quota.periodMs} ms` : "";
    context.progress(`replay: ${name} at ${sensor.rateHz} Hz for ${seconds} s${held}`);
    const { variants, positions } = framesOf(sensor, images, recordings);
    const frames = variants.map((frame, i) => ({ frame, positions: positions[i]! }));
    const run = await replay({
      sensor: name,
      frames,
      hz: sensor.rateHz,
      seconds,
      ...(quota && { quota }),
    });
    await checkInterrupt();
    if (typeof run === "string") {
      const known = missing.some(({ reason }) => reason === run);
      if (!known) missing.push({ name: `a sidecar with ${quota!.cores} cores`, reason: run });
      continue;
    }
    const gated = quota === undefined || sensor.pointsPerSecond <= SMALL_POINTS_PER_S;
    finished.push({ run, gated });
  }
  return suitesOf(finished, missing);
}
