/** `mapveil map`: scans of a home, or a plan of it, in; one sealed map or plan without people out. */
import { type Command, InvalidArgumentError } from "commander";
import { EXIT_CODES, MapveilError } from "../../core/errors.ts";
import { looksLikePlan, openPlan, writeFileAtomic } from "../../formats/index.ts";
import { keyIdText, readPublicKey, recipientKeyId } from "../../keys/index.ts";
import type { Policy } from "../../policy/index.ts";
import { MapMaker } from "../../veil/map-maker.ts";
import { PlanSealer, type SealedPlan } from "../../veil/plan-sealer.ts";
import { plural, table } from "../format.ts";
import { type GatheredMap, gatherMap } from "../gather-map.ts";
import {
  addInputOptions,
  type InputOptions,
  inputPaths,
  policyOf,
  positiveInteger,
  positiveNumber,
} from "../input.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { mapRows, pathRow, planRows, sealedRows } from "../map-text.ts";
import { checkOutput } from "../output-path.ts";
import { Progress } from "../progress.ts";
import { ScanSources } from "../scan-sources.ts";
import { addUnfinished, keepFinished } from "../unfinished.ts";

const EXAMPLE = `
Scans need the robot's poses and times: those of the recording, --poses and --rate. People who move
are removed; the last seconds of a recording (map.hold_back of the policy) never leave.
A plan is an occupancy grid (.yaml with its .pgm), a robot cleaner's map (Valetudo .json, Roborock
protobuf), or an OccupancyGrid topic of a recording of ROS (--plan).
Without --policy, scans leave as a map and plans as a plan, by the built-in rules.

Examples:
  mapveil map drive.mcap -o home.veil --to home.key.pub
  mapveil map scans/*.pcd --poses poses.txt --rate 10 -o home.veil --to home.key.pub --level plan
  mapveil map house.yaml -o plan.veil --to home.key.pub --policy policy.yaml
`;

interface Options extends InputOptions {
  readonly output: string;
  readonly to: string;
  readonly level?: "map" | "plan";
  readonly plan?: boolean;
  readonly pathOutput?: string;
  readonly rate?: number;
  readonly frames?: number;
  readonly partial?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addMap(program: Command, io: CliIo, finish: (exit: number) => void): void {
  const command = program
    .command("map")
    .summary("turn scans, or a plan of a home, into a sealed map without people")
    .description("Makes one sealed map of many scans with people removed, or of a plan of a home.")
    .argument("<input...>", "recordings in their order, or one plan")
    .requiredOption("-o, --output <file>", "artefact to write (.veil)")
    .requiredOption("--to <key>", "recipient: a .pub file, or the text of a public key");
  addInputOptions(command)
    .option("--level <level>", "map, or plan: what leaves at most (default: the policy's)", level)
    .option("--rate <hz>", "scans a second, for recordings without times", positiveNumber)
    .option("--frames <count>", "take the first scans only", positiveInteger)
    .option("--partial", "leave scans out that cannot be taken, instead of failing")
    .option("--plan", "take the OccupancyGrid of a bag or MCAP file")
    .option("--path-output <file>", "seal the robot's path of a plan too (policy: path: coarse)")
    .option("--force", "replace an existing output")
    .option("--json", "print the report as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (inputs: string[], options: Options) => finish(await map(io, inputs, options)));
}

function level(text: string): "map" | "plan" {
  if (text === "map" || text === "plan") return text;
  throw new InvalidArgumentError("It must be map or plan.");
}

async function map(io: CliIo, inputs: readonly string[], options: Options): Promise<number> {
  const output = pathIn(io, options.output);
  const keyPath = options.to.includes(":") ? undefined : pathIn(io, options.to);
  const read = [...inputs.flatMap((input) => inputPaths(io, input, options)), keyPath];
  await checkOutput(output, read, options.force);
  const recipient = await readPublicKey(keyPath ?? options.to);
  const policy = await policyOf(io, options.policy);
  const isPlan = options.plan === true || (await looksLikePlan(pathIn(io, inputs[0]!)));
  if (isPlan) return mapPlan(io, inputs, options, { policy, recipient, read });
  if (options.pathOutput !== undefined) {
    throw new MapveilError("USAGE", "--path-output goes with a plan: scans have no path to seal.");
  }
  return mapScans(io, inputs, options, { policy, recipient, read });
}

/** What both ways need. */
interface Terms {
  readonly policy: Policy;
  readonly recipient: Uint8Array;
  /** Files that are read, which no output may replace. */
  readonly read: readonly (string | undefined)[];
}

async function mapScans(
  io: CliIo,
  inputs: readonly string[],
  options: Options,
  { policy, recipient }: Terms,
): Promise<number> {
  const source = await ScanSources.open(io, inputs, { ...options, reads: policy.keep.strings });
  const progress = new Progress(io);
  try {
    const maker = await MapMaker.create({
      ...source.mapRules(policy, options.level),
      recipient,
    });
    const gathered = await gatherMap(source.frames(), maker, {
      ...(options.frames !== undefined && { frames: options.frames }),
      ...(options.partial && { partial: true }),
      onScan: (scans) => progress.update(scans, source.bytesRead, source.bytesTotal),
    }).finally(() => maker.wipe());
    await writeFileAtomic(pathIn(io, options.output), gathered.veil);
    progress.end();
    return reportScans(io, options, recipient, gathered);
  } finally {
    progress.end();
    await source.close();
  }
}

function reportScans(
  io: CliIo,
  options: Options,
  recipient: Uint8Array,
  { veil, report, ...scans }: GatheredMap,
): number {
  const keyId = keyIdText(recipientKeyId(recipient));
  const { faults, faultCount, bytesIn, ...gathered } = scans;
  const data = {
    schema: 1,
    output: options.output,
    keyId,
    complete: faultCount === 0,
    ...report,
    ...gathered,
    bytes: { in: bytesIn, out: veil.length },
    faultCount,
    faults,
  };
  const rows = mapRows(scans, report, veil.length);
  print(
    io,
    options.json,
    data,
    table([["artefact", `${options.output}, for key ${keyId}`], ...rows]),
  );
  if (faultCount === 0) return 0;
  if (!options.json) {
    for (const { frame, message } of faults) {
      const place = `scan ${frame}: `;
      io.stderr.write(`mapveil: ${message.startsWith(place) ? "" : place}${message}\n`);
    }
    const left = `${plural(report.scans, "scan")} taken, ${plural(faultCount, "fault")} left out`;
    io.stderr.write(`mapveil: partial: ${left}.\n`);
  }
  return EXIT_CODES.PARTIAL;
}

async function mapPlan(
  io: CliIo,
  inputs: readonly string[],
  options: Options,
  { policy, recipient, read }: Terms,
): Promise<number> {
  const [input, second] = inputs;
  if (second !== undefined) {
    const text = `${input} is a plan, and an artefact holds one: seal ${second} by itself.`;
    throw new MapveilError("USAGE", text, { file: second });
  }
  const pathOutput = options.pathOutput === undefined ? undefined : pathIn(io, options.pathOutput);
  if (pathOutput !== undefined) {
    await checkOutput(pathOutput, [...read, pathIn(io, options.output)], options.force);
  }
  const plan = await openPlan(pathIn(io, input!), {
    reads: policy.keep.strings,
    ...(options.topic !== undefined && { topic: options.topic }),
  });
  const sealer = new PlanSealer({ policy, recipient });
  const sealed = sealer.seal(plan, { plan: true, path: pathOutput !== undefined });
  sealer.wipe();
  const refused = sealed.refused.plan ?? sealed.refused.path;
  if (refused !== undefined) throw refused;
  const output = pathIn(io, options.output);
  await writeFileAtomic(output, sealed.plan!.veil);
  if (sealed.path !== undefined) {
    addUnfinished(output);
    await writeFileAtomic(pathOutput!, sealed.path.veil);
    keepFinished();
  }
  reportPlan(io, options, keyIdText(recipientKeyId(recipient)), sealed);
  return 0;
}

function reportPlan(io: CliIo, options: Options, keyId: string, { plan, path }: SealedPlan): void {
  const { output, pathOutput } = options;
  const data = {
    schema: 1,
    output,
    keyId,
    level: "plan",
    ...plan!.report,
    ...(path && { path: { output: pathOutput, ...path.report } }),
  };
  const rows = [
    ["artefact", `${output}, for key ${keyId}`] as const,
    ...planRows(plan!.report),
    ...sealedRows(plan!),
    ...(path
      ? [
          ["path artefact", `${pathOutput}, for key ${keyId}`] as const,
          pathRow(path.report),
          ...sealedRows(path),
        ]
      : []),
  ];
  print(io, options.json, data, table(rows));
}
