/** A process that dies takes what it held with it: its core dump, where the kernel writes one, is empty. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { put, runIn, serviceFolder } from "../cli/service-support.ts";
import { CANARY, planted, SETTINGS, start } from "./service-child.ts";

const root = serviceFolder();
await runIn(root, ["keygen"]);
const PRELOAD = fileURLToPath(new URL("./planted.mjs", import.meta.url));

/** Whether the kernel puts dumps into the folder of the process. */
function dumpsHere(): boolean {
  const pattern = readFileSync("/proc/sys/kernel/core_pattern", "utf8").trim();
  return pattern === "core" || pattern === "core.%p";
}

const unlimited = (argv: readonly string[]) => [
  "sh",
  "-c",
  'ulimit -c unlimited && exec "$@"',
  "sh",
  ...argv,
];

function folderOf(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { mode: 0o700 });
  copyFileSync(join(root, "recipient.key.pub"), join(folder, "recipient.key.pub"));
  put(folder, "s.yaml", SETTINGS);
  return folder;
}

/** The core dump in a folder. */
function dumpIn(folder: string): Buffer | undefined {
  const name = readdirSync(folder).find((one) => /^core(\.\d+)?$/.test(one));
  return name === undefined ? undefined : readFileSync(join(folder, name));
}

const isLinux = process.platform === "linux";
if (!isLinux) console.warn("core dumps: skipped, this is not Linux");

describe.runIf(isLinux)("a service that the kernel ends", () => {
  test.each(["SIGSEGV", "SIGABRT", "SIGBUS"] as const)(
    "by %s leaves no dump that holds anything",
    async (signal) => {
      const folder = folderOf(signal);
      const child = start(folder, unlimited(planted()), {});
      await child.says('"event":"started"');
      const { pid } = child.process;
      expect(readFileSync(`/proc/${pid}/coredump_filter`, "utf8").trim()).toBe("00000000");
      child.process.kill(signal);
      expect((await child.ended).signal).toBe(signal);
      const dump = dumpIn(folder);
      if (dump === undefined) return;
      expect(dump.includes(CANARY)).toBe(false);
      expect(dump.includes(Buffer.from(CANARY, "utf16le"))).toBe(false);
      // Headers, registers and the names of mapped files.
      expect(dump.length).toBeLessThan(4 << 20);
    },
  );

  test("where nobody shuts it, a dump holds all of it", async (context) => {
    if (!dumpsHere()) return context.skip("core dumps go elsewhere: /proc/sys/kernel/core_pattern");
    const folder = folderOf("open");
    const script = "setInterval(() => {}, 9); console.log('up')";
    const argv = [process.execPath, "--import", PRELOAD, "-e", script];
    const child = start(folder, unlimited(argv), {});
    await child.says("up");
    child.process.kill("SIGABRT");
    await child.ended;
    const dump = dumpIn(folder);
    if (dump === undefined) return context.skip("no core dump is written here");
    expect(dump.includes(CANARY)).toBe(true);
  });
});
