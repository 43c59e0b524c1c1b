/** `mapveil bench`: how much of the people around a robot is left in what it would release. */
import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { MapveilError } from "../../core/errors.ts";
import {
  coreMapper,
  type Figures,
  makeScene,
  runFolder,
  SENSORS,
  type SensorName,
  writeFolder,
} from "../../scenes/index.ts";
import { mapTerms } from "../../veil/map-terms.ts";
import { plural } from "../format.ts";
import { positiveInteger } from "../input.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { OCTOMAP_MISSING, OctomapPeer } from "../octomap-peer.ts";
import { type PeopleTerms, runPeople, type SceneOutcome } from "../people-bench.ts";
import { folderText, outcomeJson, peopleText } from "../people-text.ts";
import { Progress } from "../progress.ts";
import { addUnfinished, keepFinished } from "../unfinished.ts";

const EXAMPLE = `
Without a folder, robots drive through homes that are drawn by seed, with people in them whose every
point is known. With one, it is read as KTH-RPL/DynamicMap_Benchmark lays its sequences out:
pcd/NNNNNN.pcd in the map's frame with the sensor's place as VIEWPOINT, gt_cloud.pcd with intensity 1
for what moves.

  SA             points of the home that a release keeps, of all that were measured
  DA             points of people that no release keeps
  AA, HA         geometric and harmonic mean of the two
  person-scans   scans of a person (30 points or more) of which 30 points or more are left
  apart          the figure before, where points of people in cells that the home itself was measured
                 in, such as soles on the floor, do not count as left
  shown          DA and person-scans over points that were shown empty alone: some ray of the run went
                 through their cell when nobody was measured within 0.3 m; no cells of the home
  of all         points of people that were shown empty, of all that were measured

Examples:
  mapveil bench people
  mapveil bench people --sensor os1-64 --noise 3 --seeds 20 --json
  mapveil bench people semindoor --leaf 0.1
`;

const SECONDS = 60;
const SECONDS_QUICK = 10;
const SEEDS = 5;
const SEEDS_QUICK = 2;

interface Options {
  readonly seeds?: number;
  readonly sensor: SensorName;
  readonly noise: number;
  readonly leaf: number;
  readonly delay: number;
  readonly still?: boolean;
  readonly quick?: boolean;
  readonly peers: boolean;
  readonly shown: boolean;
  readonly write?: string;
  readonly json?: boolean;
}

/** Adds the command. */
export function addBench(program: Command, io: CliIo): void {
  const bench = program
    .command("bench")
    .summary("measure what people leave behind in a map")
    .description("Measurements of what a release still tells.");
  bench
    .command("people")
    .summary("measure how well moving people are removed")
    .description("Measures how much of the home a map keeps, and how much of its people.")
    .argument("[folder]", "sequence of the benchmark (default: homes drawn by seed)")
    .option("--seeds <count>", `homes: seeds 1 to this (default: ${SEEDS})`, positiveInteger)
    .addOption(
      new Option("--sensor <name>", "lidar of the robot").choices(SENSORS).default("vlp16"),
    )
    .option("--noise <cm>", "deviation of the robot's poses in centimetres", number(0, 50), 0)
    .option("--leaf <m>", "edge of the map's cells in metres", number(0.05, 1), 0.1)
    .option("--delay <s>", "hold-back of the second figure in seconds", seconds, 5)
    .option("--still", "one more person in each home, who never moves")
    .option("--quick", `${SEEDS_QUICK} homes for ${SECONDS_QUICK} s each instead of ${SECONDS} s`)
    .option("--no-peers", "leave OctoMap out, which takes most of the time")
    .option("--no-shown", "leave out what was shown empty: some seconds a home")
    .option("--write <folder>", "write the first home as such a folder, and measure nothing")
    .option("--json", "print the result as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (folder: string | undefined, options: Options, command: Command) => {
      if (folder !== undefined) {
        refuseForFolder(command);
        await benchFolder(io, folder, options);
      } else if (options.write !== undefined) await write(io, options.write, options);
      else await benchHomes(io, options);
    });
}

/** Options that say how homes are drawn mean nothing to a folder: none is taken silently. */
function refuseForFolder(command: Command): void {
  const of = ["seeds", "sensor", "noise", "delay", "still", "quick", "peers", "shown", "write"];
  const given = of.find((name) => command.getOptionValueSource(name) === "cli");
  if (given === undefined) return;
  const flag = given === "peers" || given === "shown" ? `--no-${given}` : `--${given}`;
  throw new MapveilError("USAGE", `${flag} is for homes drawn by seed; leave the folder out.`);
}

/** Parses a number between two bounds, both allowed. */
function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
  };
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value <= 3600) return value;
  throw new InvalidArgumentError("It must be a whole number from 0 to 3600.");
}

function peopleTerms(options: Options): PeopleTerms {
  return {
    seeds: options.seeds ?? (options.quick ? SEEDS_QUICK : SEEDS),
    seconds: options.quick ? SECONDS_QUICK : SECONDS,
    sensor: options.sensor,
    poseSigmaM: options.noise / 100,
    leafM: options.leaf,
    delayS: options.delay,
    still: options.still === true,
    peers: options.peers,
    shown: options.shown,
  };
}

async function benchHomes(io: CliIo, options: Options): Promise<void> {
  const terms = peopleTerms(options);
  if (terms.delayS >= terms.seconds!) {
    const text = `--delay ${terms.delayS} is not shorter than a run of ${terms.seconds} s; lower it.`;
    throw new MapveilError("USAGE", text);
  }
  const progress = new Progress(io);
  const outcomes: SceneOutcome[] = [];
  const onScan = (homes: number, scans: number) =>
    progress.share(`home ${homes + 1}, ${scans} scans`, homes / terms.seeds);
  try {
    for await (const outcome of runPeople({ ...terms, onScan })) outcomes.push(outcome);
  } finally {
    progress.end();
  }
  const missing = OctomapPeer.isBuilt() || !terms.peers ? undefined : OCTOMAP_MISSING;
  const { peers: _, shown: __, ...drawn } = terms;
  const data = { schema: 1, ...drawn, ...outcomeJson(outcomes), ...(missing && { missing }) };
  const note = missing === undefined ? "" : `\n${missing}\n`;
  print(io, options.json, data, peopleText(terms, outcomes) + note);
}

async function benchFolder(io: CliIo, folder: string, options: Options): Promise<void> {
  const progress = new Progress(io);
  try {
    // The published figures are of whole runs.
    const map = coreMapper(mapTerms(options.leaf, false, 0n), options.leaf);
    const found = await runFolder(pathIn(io, folder), map, options.leaf, (done, total) =>
      progress.update(done, done, total),
    );
    progress.end();
    checkLabels(folder, found.byPoint);
    const { text, data } = folderText(found);
    print(io, options.json, { schema: 1, folder, leafM: options.leaf, ...data }, text);
  } finally {
    progress.end();
  }
}

function checkLabels(folder: string, { staticPoints, dynamicPoints }: Figures): void {
  if (staticPoints > 0 && dynamicPoints > 0) return;
  const what = dynamicPoints === 0 ? "nothing that moves" : "nothing that stands still";
  const text = `${folder}/gt_cloud.pcd marks ${what}, so there are no shares to tell.`;
  throw new MapveilError("BAD_INPUT", text, { file: `${folder}/gt_cloud.pcd`, field: "intensity" });
}

async function write(io: CliIo, to: string, options: Options): Promise<void> {
  const folder = pathIn(io, to);
  if (existsSync(folder)) {
    throw new MapveilError("USAGE", `${to} exists already; name another folder.`, { file: to });
  }
  const scene = makeScene({ ...peopleTerms(options), seed: 1 });
  addUnfinished(folder);
  const progress = new Progress(io);
  try {
    await writeFolder(folder, scene, (done, total) => progress.update(done, done, total));
    keepFinished();
  } finally {
    progress.end();
  }
  const data = { schema: 1, folder: to, scans: scene.scanCount };
  print(io, options.json, data, `${to}: ${plural(scene.scanCount, "scan")} and gt_cloud.pcd\n`);
}
