/** A map is in memory alone: whoever kills the process that makes one finds nothing of it on the disk. */
import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const CHILD = fileURLToPath(new URL("map-child.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "map-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every file below the folder, with its size and its time. */
const filesOf = () =>
  readdirSync(folder, { recursive: true })
    .map((name) => ({ name: String(name), stat: statSync(join(folder, String(name))) }))
    .filter(({ stat }) => stat.isFile())
    .map(({ name, stat }) => `${name} ${stat.size} ${stat.mtimeMs}`)
    .sort();

/** Regular files that a process holds open for writing. */
function writable(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const path = readlinkSync(`/proc/${pid}/fd/${fd}`);
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"))![1]!;
    const isOpenToWrite = (Number.parseInt(flags, 8) & 3) !== 0;
    return path.startsWith("/") && !path.startsWith("/dev/") && isOpenToWrite ? [path] : [];
  });
}

test.runIf(process.platform === "linux")("a killed map leaves nothing behind", async () => {
  for (const name of ["tmp", "home", "work"]) mkdirSync(join(folder, name));
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), CHILD], {
    cwd: join(folder, "work"),
    env: {
      ...process.env,
      TMPDIR: join(folder, "tmp"),
      HOME: join(folder, "home"),
      NODE_PATH: ROOT,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  let before: string[] | undefined;
  let open: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    // What the loader of TypeScript caches is there by now.
    if (line === "begun") before = filesOf();
    if (line !== "added 300") continue;
    open = writable(child.pid!);
    child.kill("SIGKILL");
    break;
  }
  await ended;
  expect(before).toBeDefined();
  expect(filesOf()).toEqual(before);
  expect(readdirSync(join(folder, "work"))).toEqual([]);
  expect(open).toEqual([]);
});
