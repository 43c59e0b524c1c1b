/** What only a service in a process of its own can show: signals of the system, a closed log. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { put, runIn, serviceFolder } from "./service-support.ts";

const MAIN = fileURLToPath(new URL("../../dist/host/cli/main.js", import.meta.url));
const folder = serviceFolder();
const SETTINGS = "version: 1\nrecipient: recipient.key.pub\nstop_timeout: 5s\n";
await runIn(folder, ["keygen"]);

let child: ChildProcess;
afterEach(() => {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
});

/** Starts `mapveil sidecar`; resolves when it runs, with a way to wait for events of its log. */
async function startSidecar(whileItLoads: (pid: number) => Promise<void> = async () => {}) {
  put(folder, "s.yaml", SETTINGS);
  child = spawn(process.execPath, [MAIN, "sidecar", "--config", "s.yaml"], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: "pipe",
  });
  let log = "";
  const waiting = new Set<() => void>();
  child.stdout!.on("data", (chunk) => {
    log += chunk;
    for (const look of waiting) look();
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const logged = (event: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (log.includes(`"event":"${event}"`)) resolve();
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without ${event}: ${log}`)));
    });
  await whileItLoads(child.pid!);
  await logged("started");
  return { logged, ended, log: () => log };
}

/** Waits until a process has a handler for SIGHUP, the lowest bit of the caught ones. */
async function catchesHangUp(pid: number): Promise<void> {
  const caught = () =>
    /SigCgt:\s+([0-9a-f]+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? "0";
  while (Number.parseInt(caught().at(-1)!, 16) % 2 === 0) await sleep(1);
}

test.runIf(process.platform === "linux")(
  "a SIGHUP before it is loaded does not end it, a SIGTERM does",
  async () => {
    const { ended } = await startSidecar(async (pid) => {
      await catchesHangUp(pid);
      child.kill("SIGHUP");
    });
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  },
);

test("a broken file on SIGHUP keeps it running; SIGTERM ends it with 0, in time, to the last line", async () => {
  const { logged, ended, log } = await startSidecar();
  writeFileSync(join(folder, "s.yaml"), "version: 2\nunknown: [");
  child.kill("SIGHUP");
  await logged("configuration_rejected");
  expect(child.exitCode).toBeNull();
  const start = performance.now();
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  expect(performance.now() - start).toBeLessThan(5000);
  expect(log().trimEnd().split("\n").at(-1)).toContain('"event":"stopped"');
  expect(existsSync(join(folder, "run/mapveil.sock"))).toBe(false);
});

test("nobody reading the log does not end it", async () => {
  const { ended } = await startSidecar();
  child.stdout!.destroy();
  put(folder, "s.yaml", `${SETTINGS}log: {level: debug}\n`);
  for (let i = 0; i < 3; i++) child.kill("SIGHUP");
  const status = await runIn(folder, ["status", "--config", "s.yaml"]);
  expect(status.exit).toBe(0);
  child.kill("SIGINT");
  expect(await ended).toBe(0);
});
