/** Death at an exact step: strace kills a process when it enters its n-th call of a kind. */
import { readFileSync } from "node:fs";
import type { Wrap } from "./service.ts";

/** Calls that change what is on a disk. */
const DURABLE =
  "pwrite64,pwritev,pwritev2,fdatasync,fsync,msync,ftruncate,fallocate,mkdir,rename,renameat,renameat2,link,linkat,unlink,unlinkat";

/** What is watched. */
export interface Watch {
  /** Where strace writes what it saw. */
  readonly log: string;
  /**
   * Only calls on this file, plain writes among them. Without it calls on all files, but no plain
   * writes: these go to sockets all the time.
   */
  readonly file?: string;
}

/** One call of a process's life, by kind and number: strace counts for each kind and thread. */
export interface Step {
  readonly call: string;
  readonly n: number;
}

// One thread for all work with files, so that the n-th call is the same one in every run.
const environment = { UV_THREADPOOL_SIZE: "1" };

function strace({ log, file }: Watch, calls: string, more: readonly string[]): Wrap {
  const only = file === undefined ? [] : ["-P", file];
  const prefix = ["strace", "-D", "-f", "-qq", "-y", "-s", "0", "-o", log, ...only];
  return { prefix: [...prefix, "-e", `trace=${calls}`, ...more], environment };
}

/** Writes down the steps of a process. */
export function watching(watch: Watch): Wrap {
  return strace(watch, watch.file === undefined ? DURABLE : `${DURABLE},write,writev`, []);
}

/** Kills a process when one of its threads enters a step; the step itself does not happen. */
export function killedAt(watch: Watch, { call, n }: Step): Wrap {
  return strace(watch, call, ["-e", `inject=${call}:signal=KILL:when=${n}`]);
}

interface Seen {
  readonly thread: string;
  readonly call: string;
  readonly file: string;
}

function seenIn({ log }: Watch): Seen[] {
  const lines = readFileSync(log, "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, thread, call] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === undefined || call === undefined) return [];
    const path = /[<"]([^<>"]*\/[^<>"]*)[>"]/.exec(line)?.[1] ?? "";
    return [{ thread, call, file: path }];
  });
}

/** Every step that was seen; of two threads with the same calls the busier one counts. */
export function stepsIn(watch: Watch): Step[] {
  const counts = new Map<string, number>();
  const most = new Map<string, number>();
  for (const { thread, call } of seenIn(watch)) {
    const count = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, count);
    most.set(call, Math.max(most.get(call) ?? 0, count));
  }
  return [...most].flatMap(([call, count]) =>
    Array.from({ length: count }, (_, i) => ({ call, n: i + 1 })),
  );
}

/** The step at which a process died, such as "fdatasync data.mdb", without ids and random names. */
export function deathIn(watch: Watch): string {
  const { call, file } = seenIn(watch).at(-1) ?? { call: "nothing", file: "" };
  const parts = file.split("/").slice(-2).join("/");
  return `${call} ${parts.replaceAll(/[0-9a-z]{12,}|mv-\w+/g, "*")}`.trim();
}
