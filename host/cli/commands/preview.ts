/**
 * `mapveil preview`: a picture of what the sensor measured and of what would leave: of one frame, or of
 * the map of all. Sends nothing.
 */
import { extname } from "node:path";
import type { Command } from "commander";
import { MapveilError } from "../../core/errors.ts";
import type { Frame } from "../../core/frame.ts";
import { type FrameSource, writeFileAtomic } from "../../formats/index.ts";
import { isGathered, type Policy } from "../../policy/index.ts";
import { bytes, count, table } from "../format.ts";
import {
  addInputOptions,
  type InputOptions,
  inputPaths,
  openInput,
  policyOf,
  positiveInteger,
  positiveNumber,
} from "../input.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { checkOutput } from "../output-path.ts";
import { previewFrame } from "../preview-frame.ts";
import { previewMap } from "../preview-map.ts";
import { Progress } from "../progress.ts";
import { ScanSources } from "../scan-sources.ts";

const EXAMPLE = `
The right half is read back from a sealed artefact. The picture shows a home: it gets mode 0600.
With --map, or under a policy of level map or plan, all scans are put into one map; what moved, and so
does not leave, is red.

Examples:
  mapveil preview scan.pcd -o preview.png --policy policy.yaml
  mapveil preview drive.mcap -o preview.png --map
`;

/** The picture holds the raw frame. */
const PRIVATE_MODE = 0o600;

interface Options extends InputOptions {
  readonly output: string;
  readonly frame?: number;
  readonly map?: boolean;
  readonly rate?: number;
  readonly partial?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addPreview(program: Command, io: CliIo): void {
  const command = program
    .command("preview")
    .summary("draw a frame or a map before and after")
    .description("Draws what the sensor measured, and what would leave of it.")
    .argument("<recording...>", "files with lidar frames; several with --map")
    .requiredOption("-o, --output <file>", "picture to write (.png)");
  addInputOptions(command)
    .option("--frame <number>", "which frame, from 1 (default: 1)", positiveInteger)
    .option("--map", "the map of all scans instead of one frame")
    .option("--rate <hz>", "scans a second, for a map of recordings without times", positiveNumber)
    .option("--partial", "leave scans out of a map that cannot be taken, instead of failing")
    .option("--force", "replace an existing output")
    .option("--json", "print the report as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (inputs: string[], options: Options) => preview(io, inputs, options));
}

async function preview(io: CliIo, inputs: readonly string[], options: Options): Promise<void> {
  const output = pathIn(io, options.output);
  if (extname(output).toLowerCase() !== ".png") {
    const text = `${output}: the picture is a PNG; give the file the ending .png.`;
    throw new MapveilError("USAGE", text, { file: output });
  }
  const read = inputs.flatMap((input) => inputPaths(io, input, options));
  await checkOutput(output, read, options.force);
  const policy = await policyOf(io, options.policy);
  if (options.map || (isGathered(policy.level) && options.frame === undefined)) {
    return ofMap(io, inputs, options, policy);
  }
  const [input, second] = inputs;
  if (second === undefined) return ofFrame(io, input!, options, policy);
  const text = `One frame is drawn, so ${second} is one file too many; --map draws the map of all.`;
  throw new MapveilError("USAGE", text, { file: second });
}

async function ofFrame(
  io: CliIo,
  input: string,
  { frame: number = 1, ...options }: Options,
  policy: Policy,
): Promise<void> {
  const source = await openInput(io, input, options, policy.keep.strings);
  try {
    const frame = await frameAt(source, number, input);
    const { png, report, artefactBytes } = await previewFrame(frame, policy, options.inMapFrame);
    await writeFileAtomic(pathIn(io, options.output), png, { mode: PRIVATE_MODE });
    const { pointsIn, voxels } = report;
    print(
      io,
      options.json,
      { schema: 1, output: options.output, frame: number, pointsIn, voxels, artefactBytes },
      table([
        ["picture", options.output],
        ["frame", count(number)],
        ["points in", count(pointsIn)],
        ["voxels out", `${count(voxels)}, sealed ${bytes(artefactBytes)}`],
      ]),
    );
  } finally {
    await source.close();
  }
}

async function ofMap(
  io: CliIo,
  inputs: readonly string[],
  options: Options,
  policy: Policy,
): Promise<void> {
  const source = await ScanSources.open(io, inputs, { ...options, reads: policy.keep.strings });
  const progress = new Progress(io);
  try {
    const { png, report, points, veil } = await previewMap(source.frames(), {
      rules: source.mapRules(policy, undefined),
      ...(options.partial && { partial: true }),
      onScan: (scans) => progress.update(scans, source.bytesRead, source.bytesTotal),
    });
    await writeFileAtomic(pathIn(io, options.output), png, { mode: PRIVATE_MODE });
    progress.end();
    const { scans, heldScans, removed, cells } = report;
    const pointsIn = points.in;
    const artefactBytes = veil.length;
    print(
      io,
      options.json,
      {
        schema: 1,
        output: options.output,
        level: report.level,
        ...{ scans, heldScans, pointsIn, removed, cells, artefactBytes },
      },
      table([
        ["picture", options.output],
        ["scans", `${count(scans)}, the last ${count(heldScans)} held back`],
        ["points in", count(pointsIn)],
        ["removed", `${count(removed)} cells`],
        ["out", `${count(cells)} cells, sealed ${bytes(artefactBytes)}`],
      ]),
    );
  } finally {
    progress.end();
    await source.close();
  }
}

async function frameAt(source: FrameSource, number: number, input: string): Promise<Frame> {
  let seen = 0;
  for await (const frame of source.frames()) if (++seen === number) return frame;
  const text = `${input} has ${seen} frames; --frame ${number} is not among them.`;
  throw new MapveilError("USAGE", text, { file: input, field: "frame" });
}
