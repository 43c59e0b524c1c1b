/** `mapveil sanitize`: a recording in, one sealed artefact out. */
import type { Command } from "commander";
import { EXIT_CODES } from "../../core/errors.ts";
import { keyIdText, readPublicKey, recipientKeyId } from "../../keys/index.ts";
import { Sanitizer } from "../../veil/sanitizer.ts";
import { plural, table } from "../format.ts";
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
import { Progress } from "../progress.ts";
import { type SealResult, sealRecording } from "../seal-recording.ts";
import { totalsRows } from "../totals-text.ts";

const EXAMPLE = `
Reads clouds (.pcd, .ply, .las, .laz, .e57, KITTI .bin), recordings of ROS (.mcap, .bag, .db3 or the folder
of a rosbag2 recording), CARMEN logs (.clf, .log) and captures of lidar packets (.pcap). A recording with
a broken frame yields nothing; with --partial it yields the frames that can be processed, and exit code 3.

Examples:
  mapveil sanitize scan.pcd -o scan.veil --to home.key.pub
  mapveil sanitize drive.mcap -o drive.veil --to home.key.pub --policy policy.yaml --json
`;

interface Options extends InputOptions {
  readonly output: string;
  readonly to: string;
  readonly frames?: number;
  readonly force?: boolean;
  readonly partial?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addSanitize(program: Command, io: CliIo, finish: (exit: number) => void): void {
  const command = program
    .command("sanitize")
    .summary("turn a recording into one sealed artefact")
    .description("Sanitises every frame of a recording and seals them into one artefact.")
    .argument("<recording>", "file with lidar frames")
    .requiredOption("-o, --output <file>", "artefact to write (.veil)")
    .requiredOption("--to <key>", "recipient: a .pub file, or the text of a public key");
  addInputOptions(command)
    .option("--frames <count>", "take the first frames only", positiveInteger)
    .option("--partial", "leave frames out that cannot be processed, instead of failing")
    .option("--force", "replace an existing output")
    .option("--json", "print the report as JSON")
    .addHelpText("after", EXAMPLE)
    .action(async (input: string, options: Options) => finish(await sanitize(io, input, options)));
}

async function sanitize(io: CliIo, input: string, options: Options): Promise<number> {
  const output = pathIn(io, options.output);
  const isText = options.to.includes(":");
  const keyPath = isText ? undefined : pathIn(io, options.to);
  await checkOutput(output, [...inputPaths(io, input, options), keyPath], options.force);
  const recipient = await readPublicKey(keyPath ?? options.to);
  const policy = await policyOf(io, options.policy);
  const source = await openInput(io, input, options, policy.keep.strings);
  const progress = new Progress(io);
  try {
    const sanitizer = await Sanitizer.create({
      policy,
      recipient,
      ...(options.inMapFrame && { inMapFrame: true }),
    });
    const result = await sealRecording(source, sanitizer, output, {
      ...(options.frames !== undefined && { frames: options.frames }),
      ...(options.partial && { partial: true }),
      onFrame: (frames) => progress.update(frames, source.bytesRead, source.bytesTotal),
    });
    sanitizer.wipe();
    progress.end();
    return report(io, options, keyIdText(recipientKeyId(recipient)), result);
  } finally {
    progress.end();
    await source.close();
  }
}

function report(io: CliIo, options: Options, keyId: string, result: SealResult): number {
  const { totals, faults, faultCount } = result;
  print(
    io,
    options.json,
    {
      schema: 1,
      output: options.output,
      keyId,
      complete: faultCount === 0,
      ...totals,
      faultCount,
      faults,
    },
    table([["artefact", `${options.output}, for key ${keyId}`], ...totalsRows(totals)]),
  );
  if (faultCount === 0) return 0;
  if (!options.json) {
    for (const { frame, message } of faults)
      io.stderr.write(`mapveil: frame ${frame}: ${message}\n`);
    io.stderr.write(
      `mapveil: partial: ${plural(totals.frames, "frame")} sealed, ` +
        `${plural(faultCount, "fault")} left out.\n`,
    );
  }
  return EXIT_CODES.PARTIAL;
}
