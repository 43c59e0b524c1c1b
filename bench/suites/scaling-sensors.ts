/** How many sensors one core serves, and what memory they take: a core each, or one for all. */
import { Child } from "../measure/child.ts";
import type { Context } from "../measure/context.ts";
import { count, milliseconds, type Suite } from "../report/report.ts";
import type { Load, Served } from "./scaling-sensors-process.ts";

const SENSORS = [
  { name: "LDS", points: 360, periodMs: 200 },
  { name: "Mid-360", points: 20_000, periodMs: 100 },
  { name: "XT32", points: 64_000, periodMs: 100 },
] as const;
const MODES = ["each", "shared"] as const;
const COUNTS = [1, 2, 4, 8, 16, 32, 64];
const QUICK_COUNTS = [1, 4];
const SCRIPT = new URL("./scaling-sensors-process.ts", import.meta.url);
/** Frames of a run: p99 is of these. */
const FRAMES = 256;
const QUICK_FRAMES = 100;

type Sensor = (typeof SENSORS)[number];

interface Row extends Served {
  readonly sensors: number;
}

interface Result {
  readonly sensor: Sensor;
  readonly mode: (typeof MODES)[number];
  readonly rows: readonly Row[];
  /** The largest number that was tried whose p99 was below the period. */
  readonly holds: number;
}

/** Between a number that holds and one that does not, by halves. */
async function largest(
  run: (sensors: number) => Promise<Row>,
  rows: readonly Row[],
  holds: (row: Row) => boolean,
): Promise<number> {
  let good = Math.max(0, ...rows.filter(holds).map(({ sensors }) => sensors));
  let bad = rows.find(({ sensors }) => sensors > good)?.sensors ?? good + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (holds(await run(middle))) good = middle;
    else bad = middle;
  }
  return good;
}

async function measure(quick: boolean, sensor: Sensor, mode: Result["mode"]): Promise<Result> {
  const child = await Child.start(SCRIPT, [String(sensor.points), mode]);
  try {
    const run = async (sensors: number): Promise<Row> => {
      const frames = Math.max(quick ? QUICK_FRAMES : FRAMES, 4 * sensors);
      const load: Load = { sensors, periodMs: sensor.periodMs, frames };
      return { sensors, ...(await child.ask<Served>(load)) };
    };
    const rows: Row[] = [];
    for (const sensors of quick ? QUICK_COUNTS : COUNTS) rows.push(await run(sensors));
    const holds = await largest(run, rows, ({ p99Ms }) => p99Ms < sensor.periodMs);
    return { sensor, mode, rows, holds };
  } finally {
    await child.close();
  }
}

const perSensor = ({ residentMib, idleMib, sensors }: Row) => (residentMib - idleMib) / sensors;

function rowOf({ sensor, mode, rows, holds }: Result): string[] {
  const [first, last] = [rows[0]!, rows.at(-1)!];
  return [
    `${sensor.name}, ${count(sensor.points)} points at ${1000 / sensor.periodMs} Hz`,
    mode === "each" ? "one each" : "one for all",
    first.framesPerS.toFixed(0),
    last.framesPerS.toFixed(0),
    milliseconds(first.p99Ms),
    `${milliseconds(last.p99Ms)} (${last.sensors})`,
    holds === last.sensors ? `${holds} and more` : String(holds),
    (first.residentMib - first.idleMib).toFixed(0),
    `${(last.residentMib - last.idleMib).toFixed(0)} (${last.sensors})`,
    perSensor(last).toFixed(1),
  ];
}

export async function sensorsSuite({ quick, progress }: Context): Promise<Suite> {
  const results: Result[] = [];
  for (const sensor of quick ? [SENSORS[1]] : SENSORS) {
    for (const mode of MODES) {
      progress(`scaling: ${sensor.name}, cores: ${mode}`);
      results.push(await measure(quick, sensor, mode));
    }
  }
  const curves = (value: (row: Row) => number, of: readonly Result[]) =>
    of.map(({ sensor, mode, rows }) => ({
      label: `${sensor.name}, ${mode}`,
      points: rows.map((row) => [row.sensors, value(row)] as const),
    }));
  return {
    name: "scaling sensors",
    title: "sensors on one core of the machine: a Sanitizer each, or one for all",
    columns: [
      ..."sensor,cores,frames/s of 1,of all,p99 ms of 1,of all,hold their period".split(","),
      ..."MiB for 1,for all,MiB a sensor".split(","),
    ],
    rows: results.map(rowOf),
    notes: [
      "Frames are due on a virtual clock, evenly spread; a latency is the wait for the frames before and",
      "the time that was measured. They hold their period if p99 is below it. MiB are resident memory of",
      "the process's own beyond what it had without a core; a core's linear memory of 235 MiB is mostly",
      "never touched. One Sanitizer serves sensors of one policy and recipient, one frame at a time.",
    ],
    gates: [],
    figures: results.flatMap(({ sensor, mode, rows }) => [
      {
        name: `${sensor.name}, ${mode}: resident memory a sensor`,
        unit: "MiB",
        better: "lower" as const,
        value: perSensor(rows.at(-1)!),
        rounds: [perSensor(rows.at(-1)!)],
      },
    ]),
    plots: [
      {
        kind: "curves",
        title: "Memory against sensors",
        x: { label: "sensors", logarithmic: true },
        y: { label: "MiB", logarithmic: true },
        curves: curves(({ residentMib, idleMib }) => residentMib - idleMib, results),
      },
      {
        kind: "curves",
        title: "Latency against sensors",
        x: { label: "sensors", logarithmic: true },
        y: { label: "p99 ms", logarithmic: true },
        curves: curves(({ p99Ms }) => p99Ms, results),
      },
    ],
    missing: [],
    data: results,
  };
}
