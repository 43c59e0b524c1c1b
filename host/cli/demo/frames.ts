/** The frames of the bundled recording, as a driver would hand them over. */

import type { Identifier } from "../../canary/identifier.ts";
import { MapveilError } from "../../core/errors.ts";
import type { Frame } from "../../core/frame.ts";
import { openFrames } from "../../formats/index.ts";
import { type DemoData, identifiersOf } from "./data.ts";

export interface DemoFrames {
  readonly frames: readonly Frame[];
  /** From one frame to the next, milliseconds. */
  readonly periodMs: number;
}

/** Reads all of them into memory: there are three. */
export async function readDemoFrames(data: DemoData): Promise<DemoFrames> {
  const source = await openFrames(data.recording, {
    // Everything that the recording says is searched for wherever it must not be.
    reads: "all",
    metadataPath: data.metadata,
    posesPath: data.poses,
  });
  const frames: Frame[] = [];
  for await (const frame of source.frames()) frames.push({ ...frame, data: frame.data.slice() });
  await source.close();
  if (frames.length === 0) throw new MapveilError("BAD_INPUT", "The recording holds no frame.");
  return { frames, periodMs: 1000 * (source.periodSeconds ?? 0.1) };
}

/** What must not be found anywhere: each identifier once, without those that the policy lets pass. */
export function secretsOf(frames: readonly Frame[], passed: readonly string[]): Identifier[] {
  const all = frames.flatMap(identifiersOf);
  const open = new Set(all.filter(({ name }) => passed.includes(name)).map(({ value }) => value));
  const secret = all.filter(({ value }) => !open.has(value));
  return [...new Map(secret.map((one) => [`${one.name} ${one.value}`, one])).values()];
}
