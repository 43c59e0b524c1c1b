/**
 * A share of a core for one process: a group of the kernel's cpu controller with a quota, the bandwidth
 * control of the fair scheduler (https://docs.kernel.org/scheduler/sched-bwc.html). In every period the
 * group may run for cores * period and then stands still until the next one. With the kernel's default
 * of 100 ms a fifth of a core is a burst of 20 ms at full speed and a stall of 80 ms; with 10 ms it is
 * closer to a processor that is slow all the time.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onExit, pauseMs } from "./on-exit.ts";

export interface CpuQuota {
  readonly cores: number;
  readonly periodMs: number;
}

/** Times that the removal is tried, a pause of 10 ms between them: a killed process takes a moment. */
const REMOVE_TRIES = 300;

/** Where groups can be made: the cpu controller's folder, version 1 or 2, or why there is none. */
function controller(): { folder: string; version: 1 | 2 } | string {
  for (const line of readFileSync("/proc/mounts", "latin1").split("\n")) {
    const [, folder = "", type, options = ""] = line.split(" ");
    if (type === "cgroup" && options.split(",").includes("cpu")) return { folder, version: 1 };
    if (type !== "cgroup2") continue;
    const names = join(folder, "cgroup.subtree_control");
    if (existsSync(names) && /\bcpu\b/.test(readFileSync(names, "latin1"))) {
      return { folder, version: 2 };
    }
  }
  return "no cpu controller is mounted, of cgroup version 1 or 2";
}

export class QuotaGroup {
  readonly #folder: string;
  readonly #forget: () => void;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#forget = onExit(() => this.#remove());
  }

  /** A group with this quota, or why it cannot be had. */
  static create({ cores, periodMs }: CpuQuota): QuotaGroup | string {
    const found = controller();
    if (typeof found === "string") return found;
    const folder = join(found.folder, `mapveil-bench-${process.pid}`);
    const [quotaUs, periodUs] = [Math.round(cores * periodMs * 1000), Math.round(periodMs * 1000)];
    try {
      mkdirSync(folder);
    } catch (error) {
      return `no group may be made in ${found.folder}: ${(error as Error).message}; run as root`;
    }
    const group = new QuotaGroup(folder);
    try {
      const put = (file: string, text: string) => writeFileSync(join(folder, file), text);
      if (found.version === 2) put("cpu.max", `${quotaUs} ${periodUs}`);
      else {
        put("cpu.cfs_period_us", `${periodUs}`);
        put("cpu.cfs_quota_us", `${quotaUs}`);
      }
      return group;
    } catch (error) {
      group.remove();
      return `the kernel does not take the quota: ${(error as Error).message}`;
    }
  }

  /** In front of a command: it is in the group from its first instruction, under the same id. */
  get prefix(): readonly string[] {
    return ["/bin/sh", "-c", 'echo $$ > "$0" && exec "$@"', join(this.#folder, "cgroup.procs")];
  }

  /** Ids of its processes. */
  get processes(): number[] {
    const text = readFileSync(join(this.#folder, "cgroup.procs"), "latin1");
    return text.split("\n").filter(Boolean).map(Number);
  }

  /** Periods in which it wanted to run, and those in which it used up its quota. */
  periods(): { all: number; throttled: number } {
    const text = readFileSync(join(this.#folder, "cpu.stat"), "latin1");
    const value = (name: string) => Number(new RegExp(`^${name} (\\d+)`, "m").exec(text)?.[1]);
    return { all: value("nr_periods"), throttled: value("nr_throttled") };
  }

  /** Kills what is in it, and removes it. Also done when this process ends. */
  remove(): void {
    this.#forget();
    this.#remove();
  }

  #remove(): void {
    for (let tries = 1; ; tries++) {
      try {
        for (const pid of this.processes) process.kill(pid, "SIGKILL");
        rmdirSync(this.#folder);
        return;
      } catch (error) {
        if (tries === REMOVE_TRIES) throw error;
        pauseMs(10);
      }
    }
  }
}
