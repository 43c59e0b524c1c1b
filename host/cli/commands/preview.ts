/** `mapveil preview`: a picture of what the sensor measured and of what would leave. Sends nothing. */
import { extname } from "node:path";
import type { Command } from "commander";
import { MapveilError } from "../../core/errors.ts";
import type { Frame } from "../../core/frame.ts";
import { type FrameSource, writeFileAtomic } from "../../formats/index.ts";
import { bytes, count, table } from "../format.ts";
import {
  addInputOptions,
  type InputOptions,
  inputPaths,
  openInput,
  policyOf,
  positiveInteger,
} from "../input.ts";
import { type CliIo, pathIn, print } from "../io.ts";
import { checkOutput } from "../output-path.ts";
import { previewFrame } from "../preview-frame.ts";

const EXAMPLE = `
The right half is read back from a sealed artefact. The picture shows a home: it gets mode 0600.

Example:
  mapveil preview scan.pcd -o preview.png --policy policy.yaml
`;

/** The picture holds the raw frame. */
const PRIVATE_MODE = 0o600;

interface Options extends InputOptions {
  readonly output: string;
  readonly frame: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addPreview(program: Command, io: CliIo): void {
  const command = program
    .command("preview")
    .summary("draw a frame before and after")
    .description("Draws one frame as the sensor measured it, and what would leave of it.")
    .argument("<recording>", "file with lidar frames")
    .requiredOption("-o, --output <file>", "picture to write (.png)");
  addInputOptions(command)
    .option("--frame <number>", "which frame, from 1", positiveInteger, 1)
    .option("--force", "replace an existing output")
    .option("--json", "print the report as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (input: string, options: Options) => preview(io, input, options));
}

async function preview(io: CliIo, input: string, options: Options): Promise<void> {
  const output = pathIn(io, options.output);
  if (extname(output).toLowerCase() !== ".png") {
    const text = `${output}: the picture is a PNG; give the file the ending .png.`;
    throw new MapveilError("USAGE", text, { file: output });
  }
  await checkOutput(output, inputPaths(io, input, options), options.force);
  const policy = await policyOf(io, options.policy);
  const source = await openInput(io, input, options);
  try {
    const frame = await frameAt(source, options.frame, input);
    const { png, report, artefactBytes } = await previewFrame(frame, policy, options.inMapFrame);
    await writeFileAtomic(output, png, { mode: PRIVATE_MODE });
    const { pointsIn, voxels } = report;
    print(
      io,
      options.json,
      { schema: 1, output: options.output, frame: options.frame, pointsIn, voxels, artefactBytes },
      table([
        ["picture", options.output],
        ["frame", count(options.frame)],
        ["points in", count(pointsIn)],
        ["voxels out", `${count(voxels)}, sealed ${bytes(artefactBytes)}`],
      ]),
    );
  } finally {
    await source.close();
  }
}

async function frameAt(source: FrameSource, number: number, input: string): Promise<Frame> {
  let seen = 0;
  for await (const frame of source.frames()) if (++seen === number) return frame;
  const text = `${input} has ${seen} frames; --frame ${number} is not among them.`;
  throw new MapveilError("USAGE", text, { file: input, field: "frame" });
}
