/** Poses from a text file as KITTI writes them: line i is the pose of frame i. */
import type { Pose } from "../core/frame.ts";
import { openByteFile } from "./byte-file.ts";
import { type FrameSource, mapFrames } from "./frame-source.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import { poseFromMatrix } from "./rotation.ts";

/** 12 numbers of 25 characters for 200,000 frames: five hours at 10 Hz. */
const POSES_BYTES_MAX = 64 * 1024 * 1024;

/** Reads all poses. BAD_INPUT names the line that is not 12 numbers or not a rotation. */
export async function readPoses(path: string): Promise<Pose[]> {
  const file = await openByteFile(path);
  try {
    if (file.size > POSES_BYTES_MAX) {
      throw tooLarge(path, `${file.size} bytes; a poses file has at most ${POSES_BYTES_MAX}.`);
    }
    const text = Buffer.from(await file.read(0, file.size)).toString("latin1");
    const lines = text.split("\n").map((line) => line.trim());
    while (lines.at(-1) === "") lines.pop();
    if (lines.length === 0) {
      throw badInput(path, "no poses; expected a line of 12 numbers for every frame.", { line: 1 });
    }
    return lines.map((line, index) => parseRow(path, line, index + 1));
  } finally {
    await file.close();
  }
}

function parseRow(path: string, text: string, line: number): Pose {
  const tokens = text === "" ? [] : text.split(/\s+/);
  if (tokens.length !== 12) {
    throw badInput(
      path,
      `line ${line} has ${tokens.length} numbers; expected the 12 of a 3x4 matrix, row by row.`,
      { line },
    );
  }
  const pose = poseFromMatrix(tokens.map(Number));
  if (pose === undefined) {
    throw badInput(
      path,
      `line ${line} is not a rotation and a translation (3x4 matrix, metres); ` +
        "check the order of its numbers.",
      { line },
    );
  }
  return pose;
}

/**
 * Gives every frame of `source` its pose. BAD_INPUT if the file has more or fewer lines than there
 * are frames: then lines and frames do not belong together, and every pose may be wrong.
 */
export async function withPoses(source: FrameSource, path: string): Promise<FrameSource> {
  const poses = await readPoses(path);
  if (source.expectedFrames !== undefined && source.expectedFrames !== poses.length) {
    throw countMismatch(path, poses.length, `${source.expectedFrames}`);
  }
  return mapFrames(source, { expectedFrames: poses.length }, async function* (frames) {
    let index = 0;
    for await (const frame of frames) {
      const pose = poses[index++];
      if (pose === undefined) throw countMismatch(path, poses.length, `at least ${index}`);
      yield { ...frame, pose };
    }
    if (index !== poses.length) throw countMismatch(path, poses.length, `${index}`);
  });
}

function countMismatch(path: string, rows: number, frames: string) {
  return badInput(
    path,
    `the file ends after line ${rows}, but the recording has ${frames} frames; ` +
      "there must be one line for each frame.",
    { line: rows },
  );
}
