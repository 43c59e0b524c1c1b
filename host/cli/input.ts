/** The options of every command that reads a recording, and the way from them to its frames. */
import { type Command, InvalidArgumentError } from "commander";
import type { Pose } from "../core/frame.ts";
import { type FrameSource, type MetadataReads, openFrames, planarPose } from "../formats/index.ts";
import { defaultPolicy, loadPolicy, type Policy } from "../policy/index.ts";
import { type CliIo, pathIn } from "./io.ts";

export interface RecordingOptions {
  readonly metadata?: string;
  readonly poses?: string;
  readonly topic?: string;
  readonly poseTopic?: string;
  readonly mount?: Pose;
  readonly inMapFrame?: boolean;
}

export interface InputOptions extends RecordingOptions {
  readonly policy?: string;
}

/** Adds the options that say how to read a recording, and under which policy. */
export function addInputOptions(command: Command): Command {
  return addRecordingOptions(
    command.option("--policy <file>", "what may leave (default: the built-in policy)"),
  );
}

/** Adds the options that say how to read a recording. */
export function addRecordingOptions(command: Command): Command {
  return command
    .option(
      "--metadata <file>",
      "Ouster sensor metadata (.json) or Hesai angle correction (.csv) (default: the one beside the recording)",
    )
    .option("--poses <file>", "poses, one line of 12 numbers a frame (KITTI)")
    .option("--topic <name>", "topic of a recording of ROS (default: the first with points)")
    .option("--pose-topic <name>", 'topic that says where the robot was, or "none"')
    .option("--mount <x,y,yaw>", "where the lidar sits on the robot: metres, degrees", mountOf)
    .option("--in-map-frame", "frames without a pose are in the map's frame already");
}

/** Files that the options name, for the check that no output replaces one. */
export function inputPaths(io: CliIo, input: string, options: InputOptions): string[] {
  return [input, options.policy, options.metadata, options.poses]
    .filter((path) => path !== undefined)
    .map((path) => pathIn(io, path));
}

/** The policy of --policy, or the built-in one. */
export async function policyOf(io: CliIo, path: string | undefined): Promise<Policy> {
  return path === undefined ? defaultPolicy() : loadPolicy(pathIn(io, path));
}

/** Opens the recording, `reads` as OpenOptions has it; the caller closes it. */
export async function openInput(
  io: CliIo,
  input: string,
  options: RecordingOptions,
  reads: MetadataReads,
): Promise<FrameSource> {
  return openFrames(pathIn(io, input), {
    reads,
    ...(options.metadata !== undefined && { metadataPath: pathIn(io, options.metadata) }),
    ...(options.poses !== undefined && { posesPath: pathIn(io, options.poses) }),
    ...(options.topic !== undefined && { topic: options.topic }),
    ...(options.poseTopic !== undefined && { poseTopic: options.poseTopic }),
    ...(options.mount !== undefined && { mount: options.mount }),
  });
}

/** Parses a place on the robot on the command line. */
export function mountOf(text: string): Pose {
  const parts = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [x, y, yaw] = parts as [number, number, number];
  if (parts.length === 3 && parts.every(Number.isFinite)) {
    return planarPose(x, y, (yaw / 180) * Math.PI);
  }
  throw new InvalidArgumentError("It must be three numbers: metres ahead, metres left, degrees.");
}

/** Parses a rate on the command line. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

/** Parses a count on the command line. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError("It must be a whole number from 1.");
}
