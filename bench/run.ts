/** `npm run bench`: verifies, measures, reports. See README.md in this folder. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadRecordings } from "./inputs/frames.ts";
import type { Context } from "./measure/context.ts";
import { EXIT_INTERRUPTED, Interrupted, watchSignals } from "./measure/interrupt.ts";
import { type Change, changesText, compareRuns } from "./report/compare.ts";
import { CompareError, documentOf, type EarlierRun, readEarlierRun } from "./report/document.ts";
import {
  gatesText,
  type Machine,
  machine,
  machineText,
  type Suite,
  suiteText,
} from "./report/report.ts";
import { writeReport } from "./report/write.ts";
import { UnknownName } from "./sensors.ts";

/** Loaded one by one, so that no suite compiles or warms what another one times. */
const SUITES: Readonly<Record<string, (context: Context) => Promise<Suite[]>>> = {
  sensors: async (context) => (await import("./suites/sensors.ts")).sensorSuites(context),
  voxel: async (context) => [
    await (await import("./suites/voxel.ts")).voxelSuite(context),
    await (await import("./suites/hostile.ts")).hostileSuite(context),
  ],
  seal: async (context) => [await (await import("./suites/seal.ts")).sealSuite(context)],
  tile: async (context) => [await (await import("./suites/tile.ts")).tileSuite(context)],
  frame: async (context) => [await (await import("./suites/frame.ts")).frameSuite(context)],
  map: async (context) => [await (await import("./suites/map.ts")).mapSuite(context)],
  replay: async (context) => (await import("./suites/replay.ts")).replaySuites(context),
  hop: async (context) => [await (await import("./suites/hop.ts")).hopSuite(context)],
  scaling: async (context) => (await import("./suites/scaling.ts")).scalingSuites(context),
  service: async (context) => [await (await import("./suites/service.ts")).serviceSuite(context)],
};

const OUT = fileURLToPath(new URL("./out/", import.meta.url));

const HELP = `Usage: npm run bench -- [options]

  --only SUITE[,SUITE]   of ${Object.keys(SUITES).join(", ")};
                         without it sensors, which answers whether it keeps up
  --all                  every suite
  --sensor NAME[,NAME]   only sensors whose maker, name and mode hold one of these
  --seconds N            of each run at a sensor's own rate (default 60 with replay
                         alone, 15 among others, 5 with --quick)
  --stage NAME[,NAME]    only these stages of the sensors; "whole" is their first table
  --quick                fewer recordings, sensors and rounds: half a minute a suite, or less
  --data DIR             also measure the PCD, PLY and MCAP files of a folder
  --compare FILE         show what changed since a run of which this is the bench.json
  --out DIR              where index.html, its plots and bench.json go (default bench/out)
  --gate                 exit with 1 if a figure misses its goal
  --json                 print the document of bench.json instead of tables
  --help                 this text

Exit codes: 0 done, 1 a goal was missed (--gate), 2 wrong usage, 130 stopped by Ctrl-C; what was
finished until then is reported.
Run it on a quiet machine: npm run bench prints a warning where the load is above 0.7.
`;

const OPTIONS = {
  only: { type: "string" },
  all: { type: "boolean", default: false },
  sensor: { type: "string" },
  seconds: { type: "string" },
  stage: { type: "string" },
  quick: { type: "boolean", default: false },
  data: { type: "string" },
  compare: { type: "string" },
  out: { type: "string", default: OUT },
  gate: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const EXIT_MISSED = 1;
const EXIT_USAGE = 2;

/** A wrong option; the message says what to do. */
class UsageError extends Error {}

function listOf(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : text.split(",").map((name) => name.trim());
}

function readOptions() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (values.all && values.only !== undefined) throw new UsageError("Give --only or --all.");
    const only = values.all ? Object.keys(SUITES) : (listOf(values.only) ?? ["sensors"]);
    const unknown = only.find((name) => !Object.hasOwn(SUITES, name));
    if (unknown === undefined) return { ...values, only };
    throw new UsageError(`There is no suite "${unknown}".`);
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

type Options = ReturnType<typeof readOptions>;

/** One suite that was asked for alone takes its time. */
function paceSecondsOf({ seconds, quick, only }: Options): number {
  if (seconds === undefined) return quick ? 5 : only.length === 1 ? 60 : 15;
  const value = Number(seconds);
  if (value >= 1 && value <= 86_400) return value;
  throw new UsageError("--seconds takes a number from 1 to 86400.");
}

async function contextOf(options: Options): Promise<Context> {
  const sensors = listOf(options.sensor);
  const stages = listOf(options.stage);
  return {
    quick: options.quick,
    paceSeconds: paceSecondsOf(options),
    recordings: await loadRecordings(options.quick, options.data),
    ...(sensors && { sensors }),
    ...(stages && { stages }),
    progress: (what) => void process.stderr.write(`${what}\n`),
  };
}

/** Runs the suites in turn; what is finished when the run is stopped is kept. */
async function measure(options: Options): Promise<{ suites: Suite[]; interrupted: boolean }> {
  const context = await contextOf(options);
  const suites: Suite[] = [];
  try {
    for (const name of options.only) {
      for (const suite of await SUITES[name]!(context)) {
        suites.push(suite);
        if (!options.json) console.log(suiteText(suite));
      }
    }
    return { suites, interrupted: false };
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return { suites, interrupted: true };
  }
}

function report(
  options: Options,
  run: { startedAt: string; machine: Machine; suites: Suite[]; interrupted: boolean },
  earlier: EarlierRun | undefined,
): void {
  const { startedAt, suites, interrupted } = run;
  const head = { startedAt, machine: run.machine, quick: options.quick, interrupted };
  const document = documentOf(head, suites);
  const changes: Change[] = earlier ? compareRuns(suites, earlier) : [];
  const page = writeReport(options.out, { ...head, suites, changes }, document);
  if (options.json) {
    console.log(JSON.stringify(document, null, 1));
    return;
  }
  if (earlier) console.log(`${changesText(changes, earlier)}\n`);
  console.log(gatesText(suites));
  console.log(`Report: ${page}`);
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return void process.stdout.write(HELP);
  // Before an hour is spent on figures that then cannot be compared.
  const earlier = options.compare === undefined ? undefined : readEarlierRun(options.compare);
  watchSignals();
  const host = machine();
  const startedAt = new Date().toISOString();
  if (!options.json) console.log(`${machineText(host)}\n`);
  const { suites, interrupted } = await measure(options);
  report(options, { startedAt, machine: host, suites, interrupted }, earlier);
  const missed = suites.some((suite) => suite.gates.some((gate) => !gate.ok));
  if (interrupted) process.exitCode = EXIT_INTERRUPTED;
  else if (options.gate && missed) process.exitCode = EXIT_MISSED;
}

try {
  await main();
} catch (error) {
  const usage = [UsageError, CompareError, UnknownName].some((kind) => error instanceof kind);
  if (!(usage && error instanceof Error)) throw error;
  process.stderr.write(`${error.message}\nnpm run bench -- --help lists the options.\n`);
  process.exitCode = EXIT_USAGE;
}
