/** What the replay suite says of its runs, and the quota that stands for a small robot. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { QuotaGroup } from "../../bench/measure/cpu-quota.ts";
import { cpuSeconds } from "../../bench/measure/kernel-accounts.ts";
import { figuresOf } from "../../bench/suites/replay-figures.ts";
import type { Run } from "../../bench/suites/replay-run.ts";
import { suitesOf } from "../../bench/suites/replay-tables.ts";

/** Frames every 100 ms from 1000 on, with these latencies. */
function runOf(latenciesMs: readonly number[], more: Partial<Run> = {}): Run {
  const frame = {
    count: 1,
    layout: {
      pointStep: 12,
      x: { offset: 0, type: "f32" as const },
      y: { offset: 4, type: "f32" as const },
      z: { offset: 8, type: "f32" as const },
    },
    data: new Uint8Array(12),
    metadata: [],
  };
  const frames = [{ frame, positions: frame }];
  const dueMs = Float64Array.from(latenciesMs, (_, i) => 1000 + 100 * i);
  return {
    plan: { sensor: "S", frames, hz: 10, seconds: latenciesMs.length / 10 },
    cpuS: 0,
    dueMs,
    pushedMs: dueMs.map((at) => at + 1),
    receivedMs: dueMs.map((at, i) => at + latenciesMs[i]!),
    sealedBytes: 1000,
    seconds: latenciesMs.length / 10,
    samples: [0, 30, 60].map((atS) => ({ atS, residentMib: 100 + atS / 10, spooled: atS / 30 })),
    cores: { all: 0.1, loop: 0.05, frames: 0.05 },
    waited: 0,
    throttled: undefined,
    foreign: { cores: 0, steal: 0 },
    captured: latenciesMs.length,
    uploaded: latenciesMs.length,
    ...more,
  };
}

describe("figures of a run", () => {
  test("a stall shows in every frame that it delayed", () => {
    const figures = figuresOf(runOf([10, 350, 250, 150, 50, 10]));
    expect(figures.missed).toBe(3);
    expect(figures.latenciesMs).toEqual([10, 350, 250, 150, 50, 10]);
    // Due at 100, 200, 300, 400 and none answered before 450.
    expect(figures.queue.max).toBe(4);
    // Waiting frames times milliseconds, by the time to the last receipt.
    expect(figures.queue.mean).toBeCloseTo((10 + 350 + 250 + 150 + 50 + 10) / 510, 6);
    expect(figures.queueOverTime).toEqual([[0, 4]]);
  });

  test("a deadline is met at one period and missed behind it", () => {
    expect(figuresOf(runOf([100, 100.5, 99])).missed).toBe(1);
  });

  test("jitter is none while receipts keep their distance, however late", () => {
    expect(figuresOf(runOf([70, 70, 70, 70])).jitter).toEqual({ deviationMs: 0, p99Ms: 0 });
    const { deviationMs, p99Ms } = figuresOf(runOf([10, 30, 10])).jitter;
    expect(deviationMs).toBeCloseTo(20, 6);
    expect(p99Ms).toBeCloseTo(20, 6);
  });

  test("memory has a slope a minute; 99.9 % are told of a thousand frames", () => {
    const few = figuresOf(runOf([1, 2, 3]));
    expect(few.memory.mibPerMinute).toBeCloseTo(6, 6);
    expect([few.spoolMax, few.p999Ms, few.robotLateMs]).toEqual([2, undefined, 1]);
    const many = Array.from({ length: 1000 }, (_, i) => (i < 998 ? 5 : 80));
    expect(figuresOf(runOf(many)).p999Ms).toBe(80);
  });

  test("goals: no missed deadline where it counts, and no frame lost anywhere", () => {
    const late = runOf([10, 300, 10]);
    const lost = runOf([10, 10, 10], { uploaded: 2 });
    const missed = (run: Run, gated: boolean) =>
      suitesOf([{ run, gated }], [])[0]!
        .gates.filter(({ ok }) => !ok)
        .map(({ name }) => name);
    expect(missed(late, true)).toContain("S: missed deadlines");
    expect(missed(late, false)).not.toContain("S: missed deadlines");
    expect(missed(lost, false)).toEqual(["S: frames that are not accounted for"]);
  });
});

const QUOTA = { cores: 0.2, periodMs: 20 };
const probe = QuotaGroup.create(QUOTA);
if (probe instanceof QuotaGroup) probe.remove();

describe.skipIf(typeof probe === "string")("a quota", () => {
  test("holds a process from its start, and ends it with its group", async () => {
    const group = QuotaGroup.create(QUOTA) as QuotaGroup;
    const [shell, ...args] = group.prefix;
    const spin = [process.execPath, "-e", "console.log(1); for (;;);"];
    const child = spawn(shell!, [...args, ...spin], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    expect(group.processes).toEqual([child.pid]);
    const [beforeS, beforeMs] = [cpuSeconds(child.pid!), performance.now()];
    await sleep(1000);
    const cores = (cpuSeconds(child.pid!) - beforeS) / ((performance.now() - beforeMs) / 1000);
    expect(cores).toBeLessThan(1.5 * QUOTA.cores);
    expect(group.periods().throttled).toBeGreaterThan(0);
    group.remove();
    expect((await exited)[1]).toBe("SIGKILL");
  });

  test("is gone when the process that made it exits", () => {
    const module = fileURLToPath(new URL("../../bench/measure/cpu-quota.ts", import.meta.url));
    const script = `
      import { spawn } from "node:child_process";
      import { setTimeout } from "node:timers/promises";
      import { QuotaGroup } from ${JSON.stringify(module)};
      const group = QuotaGroup.create({ cores: 0.2, periodMs: 100 });
      const [shell, ...args] = group.prefix;
      spawn(shell, [...args, "sleep", "60"]);
      while (group.processes.length === 0) await setTimeout(5);
      console.log(args.at(-1));
      process.exit();`;
    const node = ["--import", "tsx", "--input-type=module", "-e", script];
    const list = execFileSync(process.execPath, node, { encoding: "utf8" }).trim();
    expect(list).toMatch(/cgroup\.procs$/);
    expect(existsSync(list)).toBe(false);
  });
});
