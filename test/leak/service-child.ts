/** A sidecar as a process of its own, with canaries in its memory and faults that a test sets off. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const MAIN = fileURLToPath(new URL("../../dist/host/cli/main.js", import.meta.url));
const PRELOAD = fileURLToPath(new URL("./planted.mjs", import.meta.url));
export const CANARY = "CANARY-7f3a-Wohnung-Schmidt";

/** Settings without an uplink; the key is that of `mapveil keygen`. */
export const SETTINGS = "version: 1\nrecipient: recipient.key.pub\nstop_timeout: 5s\n";

export interface Child {
  readonly process: ChildProcess;
  /** stdout and stderr so far. */
  text(): string;
  /** Waits for a text on either. */
  says(text: string): Promise<void>;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts a command with what it is started by, in a folder, with nothing else in its environment. */
export function start(folder: string, argv: readonly string[], env: Record<string, string>): Child {
  const [command, ...rest] = argv;
  const child = spawn(command!, rest, {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const looks = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      text += chunk;
      for (const look of looks) look();
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal })),
  );
  const says = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (text.includes(wanted)) resolve();
      };
      looks.add(look);
      look();
      void ended.then(() => reject(new Error(`ended without ${wanted}: ${text}`)));
    });
  return { process: child, text: () => text, says, ended };
}

/** The argv of a sidecar that has canaries in its memory; see planted.mjs. */
export function planted(...options: string[]): string[] {
  if (!existsSync(MAIN)) throw new Error("Run npm run build:host first.");
  return [process.execPath, ...options, "--import", PRELOAD, MAIN, "sidecar", "--config", "s.yaml"];
}

export const markerOf = (folder: string) => join(folder, "state", "crashes.json");
