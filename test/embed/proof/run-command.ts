/** Runs one command; what it said becomes the error if it fails. */
import { execFile } from "node:child_process";

/** No command of the proof takes as long. */
const TIMEOUT_MS = 300_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
/** The end of what a command said is where it says why it failed. */
const SHOWN_CHARACTERS = 2000;

export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end, whatever its exit code. */
export function attempt(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const limits = { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX };
    const child = execFile(command, args, { ...limits, ...options }, (error, out, err) => {
      // A signal has no exit code of its own.
      resolve({ exit: error === null ? 0 : (child.exitCode ?? 128), out, err });
    });
  });
}

/** Runs a command that must succeed; returns what it wrote. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
  const { exit, out, err } = await attempt(command, args, options);
  if (exit === 0) return out;
  const said = `${out}${err}`.trim().slice(-SHOWN_CHARACTERS);
  throw new Error(`${command} ended with ${exit}: ${said}`);
}
