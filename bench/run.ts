/** `npm run bench`: verifies, measures, reports. See README.md in this folder. */
import { parseArgs } from "node:util";
import { loadRecordings } from "./inputs/frames.ts";
import type { Context } from "./measure/context.ts";
import { gatesText, machine, machineText, type Suite, suiteText } from "./report/report.ts";

const HELP = `Usage: npm run bench -- [options]

  --only SUITE   voxel, seal, tile, frame or service; all without it
  --quick        two recordings, fewer rounds: under a minute
  --data DIR     also measure the PCD, PLY and MCAP files of a folder
  --gate         exit with 1 if a figure misses its goal
  --json         print JSON, with the medians of every round
  --help         this text

Run it on a quiet machine: npm run bench prints a warning where the load is above 0.7.
`;

const OPTIONS = {
  only: { type: "string" },
  quick: { type: "boolean", default: false },
  data: { type: "string" },
  gate: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const EXIT_MISSED = 1;
const EXIT_USAGE = 2;

/** Loaded one by one, so that no suite compiles or warms what another one times. */
const SUITES: Readonly<Record<string, (context: Context) => Promise<Suite[]>>> = {
  voxel: async (context) => [
    await (await import("./suites/voxel.ts")).voxelSuite(context),
    await (await import("./suites/hostile.ts")).hostileSuite(context),
  ],
  seal: async (context) => [await (await import("./suites/seal.ts")).sealSuite(context)],
  tile: async (context) => [await (await import("./suites/tile.ts")).tileSuite(context)],
  frame: async (context) => [await (await import("./suites/frame.ts")).frameSuite(context)],
  service: async (context) => [await (await import("./suites/service.ts")).serviceSuite(context)],
};

function usageError(message: string): never {
  process.stderr.write(`${message}\n\n${HELP}`);
  process.exit(EXIT_USAGE);
}

function readOptions() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (values.only === undefined || Object.hasOwn(SUITES, values.only)) return values;
    return usageError(`There is no suite "${values.only}".`);
  } catch (error) {
    return usageError((error as Error).message);
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) return void process.stdout.write(HELP);
  const host = machine();
  if (!options.json) console.log(`${machineText(host)}\n`);
  const context = {
    quick: options.quick,
    recordings: await loadRecordings(options.quick, options.data),
    progress: (what: string) => void process.stderr.write(`${what}\n`),
  };
  const suites: Suite[] = [];
  for (const name of options.only === undefined ? Object.keys(SUITES) : [options.only]) {
    for (const suite of await SUITES[name]!(context)) {
      suites.push(suite);
      if (!options.json) console.log(suiteText(suite));
    }
  }
  if (options.json) {
    const plain = suites.map(({ name, title, gates, data }) => ({ name, title, gates, data }));
    console.log(JSON.stringify({ machine: host, quick: options.quick, suites: plain }, null, 1));
  } else {
    console.log(gatesText(suites));
  }
  const missed = suites.some((suite) => suite.gates.some((gate) => !gate.ok));
  if (options.gate && missed) process.exitCode = EXIT_MISSED;
}

await main();
