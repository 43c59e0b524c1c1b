/**
 * Arguments and environment can be read by every process of the same user: no secret is in those of the
 * services, and what the services start gets nothing of their environment.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { OctomapPeer } from "../../host/cli/octomap-peer.ts";
import { put, runIn, serviceFolder } from "../cli/service-support.ts";
import { CANARY, MAIN, SETTINGS, start } from "./service-child.ts";

const folder = serviceFolder();
await runIn(folder, ["keygen"]);
put(folder, "s.yaml", SETTINGS);
const ENVIRONMENT = { WIFI_PSK: CANARY, NODE_EXTRA_CA_CERTS: "", HOME: folder };
const ARGV = [process.execPath, MAIN, "sidecar", "--config", "s.yaml"];

const hasStrace = spawnSync("strace", ["-V"]).status === 0;
if (!hasStrace) console.warn("arguments: skipped, strace is not installed");

/** Every text of the folder that is a secret: keys and tokens, line by line. */
function secretsIn(path: string): string[] {
  return readdirSync(path, { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => /\.(?:token|key)$/.test(name))
    .flatMap((name) => readFileSync(name, "latin1").split("\n"))
    .filter((line) => line.length > 20 && !line.startsWith("#"));
}

/** Starts the sidecar below strace, and stops it. What every process of it was started with. */
async function executed(): Promise<string[]> {
  const trace = join(folder, "trace");
  const options = ["-f", "-v", "-s", "65536", "-e", "trace=execve", "-o", trace];
  const child = start(folder, ["strace", ...options, ...ARGV], ENVIRONMENT);
  await child.says('"event":"started"');
  const [pid] = /^\d+/.exec(readFileSync(trace, "latin1"))!;
  const own = readFileSync(`/proc/${pid}/cmdline`, "latin1");
  process.kill(Number(pid), "SIGTERM");
  await child.ended;
  const calls = readFileSync(trace, "latin1")
    .split("\n")
    .filter((line) => line.includes("execve("));
  return [own, ...calls];
}

describe.runIf(hasStrace || process.env.CI === "true")("a whole run of a sidecar", () => {
  test("starts nothing with a secret in its arguments, and nothing with its own environment", async () => {
    // The second start looks at the spool of the first in a process of its own.
    await executed();
    const [own, main, ...children] = await executed();
    const secrets = secretsIn(folder);
    expect(secrets.length).toBeGreaterThanOrEqual(4);
    for (const line of [own!, main!, ...children]) {
      for (const secret of secrets) expect(line).not.toContain(secret);
    }
    // The search finds what was given to it from outside, and nothing of that further down.
    expect(main).toContain(CANARY);
    expect(children.length).toBeGreaterThan(0);
    for (const line of children) {
      expect(line).not.toContain(CANARY);
      expect(line).toMatch(/\[\](?: \/\* 0 vars \*\/)?\) = 0$/);
    }
  });
});

test("a peer of the benchmark gets the number of its threads and nothing else", async () => {
  const path = join(folder, "peer");
  const seen = join(folder, "seen");
  writeFileSync(path, `#!/bin/sh\nexec /usr/bin/env > ${seen}\n`);
  chmodSync(path, 0o755);
  process.env.WIFI_PSK = CANARY;
  try {
    const peer = new OctomapPeer(0.1, "points", path);
    await new Promise((resolve) => setTimeout(resolve, 500));
    peer.close();
  } finally {
    delete process.env.WIFI_PSK;
  }
  const names = readFileSync(seen, "latin1")
    .trim()
    .split("\n")
    .map((line) => line.split("=")[0]!);
  expect(names.filter((name) => !["PWD", "_", "SHLVL", "OLDPWD"].includes(name))).toEqual([
    "OMP_NUM_THREADS",
  ]);
});
