/** Counts the instructions of every stage of every play with callgrind. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CoreBuild } from "../../host/core/load-module.ts";
import { type Play, playFile, playHere } from "./play.ts";
import { BUILDS, buildPlayer } from "./player.ts";

const run = promisify(execFile);

/** Far more than a play takes; a player that hangs must not hang a test. */
const PLAY_MS_MAX = 60_000;

/** As native/player.c names them, in its order. */
export const STAGES = [
  "begin",
  "push",
  "finish",
  "encode",
  "seal",
  "open",
  "decode",
  "wipe",
] as const;
export type Stage = (typeof STAGES)[number];
export type StageCounts = Readonly<Record<Stage, number>>;

export interface PlayCounts {
  readonly play: string;
  readonly build: CoreBuild;
  readonly hostile: boolean;
  readonly slots: number;
  readonly voxels: number;
  readonly recordBytes: number;
  readonly stages: StageCounts;
}

/** Instructions by stage, from what callgrind writes: a dump for each, with the name that it was given. */
export function parseDumps(text: string): StageCounts {
  const counts = new Map<string, number>();
  let stage: string | undefined;
  for (const line of text.split("\n")) {
    stage = /^desc: Trigger: Client Request: (\w+)$/.exec(line)?.[1] ?? stage;
    const total = /^(?:summary|totals): (\d+)$/.exec(line)?.[1];
    if (stage !== undefined && total !== undefined && !counts.has(stage)) {
      counts.set(stage, Number(total));
    }
  }
  const missing = STAGES.filter((name) => !counts.get(name));
  if (missing.length > 0) throw new Error(`callgrind counted nothing of: ${missing.join(", ")}`);
  return Object.fromEntries(STAGES.map((name) => [name, counts.get(name)!])) as StageCounts;
}

/** Runs one play under callgrind; `base` is where its files go. Throws if other bytes come out. */
export async function countPlay(
  player: string,
  file: string,
  base: string,
  expected: Buffer,
): Promise<StageCounts> {
  const options = [
    "--tool=callgrind",
    "--quiet",
    "--instr-atstart=no",
    "--collect-atstart=no",
    "--combine-dumps=yes",
    `--callgrind-out-file=${base}.callgrind`,
  ];
  const command = [...options, player, file, `${base}.out`];
  await run("valgrind", command, { timeout: PLAY_MS_MAX, killSignal: "SIGKILL" });
  const output = await readFile(`${base}.out`);
  if (!output.equals(expected)) {
    throw new Error(`${file}: the core as C gives other bytes than in Node`);
  }
  return parseDumps(await readFile(`${base}.callgrind`, "utf8"));
}

/** Runs the jobs, as many at a time as there are processors. */
async function runAll<T>(jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < jobs.length; i = next++) results[i] = await jobs[i]!();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

/**
 * Counts all plays on both builds. What the core gives is compared with what it gives in Node, byte by
 * byte, before a count is believed.
 */
export async function countInstructions(plays: readonly Play[]): Promise<PlayCounts[]> {
  const folder = await mkdtemp(join(tmpdir(), "mapveil-budgets-"));
  try {
    const jobs: (() => Promise<PlayCounts>)[] = [];
    const players = BUILDS.map((build) => buildPlayer(build, join(folder, build)));
    for (const [i, play] of plays.entries()) {
      const file = join(folder, `${i}.play`);
      await writeFile(file, playFile(play));
      const { output, voxels, recordBytes } = playHere(play);
      const { name, hostile, frame } = play;
      for (const [b, build] of BUILDS.entries()) {
        jobs.push(async () => {
          const base = join(folder, `${i}-${build}`);
          const stages = await countPlay(players[b]!, file, base, output);
          return { play: name, build, hostile, slots: frame.count, voxels, recordBytes, stages };
        });
      }
    }
    return await runAll(jobs);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
