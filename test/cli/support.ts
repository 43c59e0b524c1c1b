/** Runs the command in this process and in one of its own; bundled recordings and a key pair. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { runCli } from "../../host/cli/run.ts";

export const DATA = fileURLToPath(new URL("../data/", import.meta.url));
export const OS1 = join(DATA, "ouster/OS-1-128_v2.3.0_1024x10_lb_n3.pcap");
export const OS1_META = join(DATA, "ouster/OS-1-128_v2.3.0_1024x10.json");
export const OS1_POSES = join(DATA, "ouster/OS-1-128_v2.3.0_1024x10_lb_n3_poses_kitti.txt");
export const XT32 = join(DATA, "nebula/xt32_1673400678101968885.pcd");
export const VLP16 = join(DATA, "nebula/vlp16_1673400472138016708.pcd");

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** A folder that is removed after the tests of the file; to be called outside of them. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `mapveil` in this process. */
export async function run(cwd: string, ...argv: string[]): Promise<Ran> {
  let out = "";
  let err = "";
  const exit = await runCli(argv, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    cwd,
    isTTY: false,
    environment: {},
    host: { log: new PassThrough(), takeSignals: () => () => {}, exit: () => {} },
  });
  return { exit, out, err };
}

/** Starts `mapveil`, as it was built, as a process of its own. */
export function start(cwd: string, ...argv: string[]): ChildProcess {
  const main = join(ROOT, "dist/host/cli/main.js");
  return spawn(process.execPath, [main, ...argv], { cwd, stdio: "pipe" });
}

/** How a process ended, and what it said. */
export async function ended(child: ChildProcess): Promise<Ran> {
  let out = "";
  let err = "";
  child.stdout?.on("data", (chunk) => (out += chunk));
  child.stderr?.on("data", (chunk) => (err += chunk));
  const exit = await new Promise<number>((resolve) => {
    child.on("close", (code) => resolve(code ?? -1));
  });
  return { exit, out, err };
}

/** Names in a folder, the hidden ones included. */
export function names(folder: string): string[] {
  return readdirSync(folder).sort();
}

export function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const PCAP_HEADER = 24;
const RECORD_HEADER = 16;
const LIDAR_RECORD = 8490;
const FRAME_NUMBER = RECORD_HEADER + 42 + 2;
const FRAMES = 3;

/** The OS1 recording `times` times in a row, its frames numbered on. */
export function longRecording(folder: string, times: number): string {
  const once = readFileSync(OS1);
  const parts = [once.subarray(0, PCAP_HEADER)];
  for (let round = 0; round < times; round++) {
    const body = Buffer.from(once.subarray(PCAP_HEADER));
    for (let at = 0; at < body.length; ) {
      const length = body.readUInt32LE(at + 8);
      if (length === LIDAR_RECORD) {
        const number = body.readUInt16LE(at + FRAME_NUMBER) + round * FRAMES;
        body.writeUInt16LE(number & 0xffff, at + FRAME_NUMBER);
      }
      at += RECORD_HEADER + length;
    }
    parts.push(body);
  }
  return write(folder, "long.pcap", Buffer.concat(parts));
}

/**
 * Runs `use` with a folder on a disk of `kib` KiB; false where this machine lets nobody mount one,
 * which CI must not pass over.
 */
export async function onSmallDisk(kib: number, use: (disk: string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "cli-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", folder], {
      stdio: "pipe",
    });
  } catch (error) {
    rmdirSync(folder);
    if (process.env.CI === "true") throw error;
    console.warn("skipped: this user cannot mount a small disk");
    return false;
  }
  try {
    await use(folder);
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
  return true;
}
