/** Death at an exact step: strace kills a process when it enters its n-th call that changes a disk. */
import { readFileSync } from "node:fs";
import type { Wrap } from "./service.ts";

/** Calls that change what is on a disk. */
const DURABLE =
  "pwrite64,pwritev,pwritev2,fdatasync,fsync,msync,ftruncate,fallocate,mkdir,rename,renameat,renameat2,link,linkat,unlink,unlinkat";

/** The same, and plain writes, but only to certain files: other threads write to sockets all the time. */
const WRITES = `${DURABLE},write,writev`;

export interface Steps {
  /** Where strace writes what it saw. */
  readonly log: string;
  /** Only calls on these files, and plain writes among them. All files, without plain writes, if absent. */
  readonly files?: readonly string[];
}

// One thread for all work with files, so that the n-th call is the same one in every run.
const environment = { UV_THREADPOOL_SIZE: "1" };

function strace({ log, files }: Steps, ...more: string[]): Wrap {
  const calls = files === undefined ? DURABLE : WRITES;
  const only = (files ?? []).flatMap((file) => ["-P", file]);
  const prefix = ["strace", "-D", "-f", "-qq", "-y", "-s", "0", ...only];
  const inject = more.flatMap((what) => ["-e", `inject=${calls}:${what}`]);
  return { prefix: [...prefix, "-e", `trace=${calls}`, ...inject, "-o", log], environment };
}

/** Watches the steps of a process. */
export const countingSteps = (steps: Steps): Wrap => strace(steps);

/** Kills a process when a thread of it enters its `n`-th step. */
export const killedAtStep = (steps: Steps, n: number): Wrap =>
  strace(steps, `signal=KILL:when=${n}`);

const linesOf = ({ log }: Steps) =>
  readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => /^\d+ +\w+\(/.test(line));

/** How many steps the busiest thread took. */
export function stepsTaken(steps: Steps): number {
  const counts = new Map<string, number>();
  for (const line of linesOf(steps)) {
    const thread = line.split(" ", 1)[0]!;
    counts.set(thread, (counts.get(thread) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** The last step, such as "fdatasync data.mdb"; ids and temporary names are left out. */
export function lastStep(steps: Steps): string {
  const line = linesOf(steps).at(-1) ?? "";
  const call = /^\d+ +(\w+)/.exec(line)?.[1] ?? "nothing";
  const path = /[<"]([^<>"]*\/[^<>"]*)[>"]/.exec(line)?.[1] ?? "";
  const file = path.split("/").at(-1) ?? "";
  return `${call} ${file.replaceAll(/[0-9a-f-]{8,}|\d+/g, "*")}`.trim();
}
