/** Runs the Python side: scripts that know of Mapveil only what proto/mapveil/v1 says. */
import { execFileSync, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PYTHON } from "../faults/harness/tools.ts";

/** The repository, where the contract is. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUF = join(ROOT, "node_modules/.bin/buf");

/** Compiles the contract into `folder`; returns the path of the image. */
export function compileContract(folder: string): string {
  const image = join(folder, "image.binpb");
  execFileSync(BUF, ["build", "-o", image], { cwd: ROOT, stdio: "pipe" });
  return image;
}

/** The command of a script with what it needs. */
export const pythonCommand = (script: string): [string, string[]] => [
  PYTHON,
  ["-B", join(ROOT, "test/interop/python", script)],
];

/** Runs a script with `task` as JSON on its stdin; resolves with the JSON that it prints. */
export async function runPython<T>(script: string, task: object): Promise<T> {
  const [command, args] = pythonCommand(script);
  const child = spawn(command, args, { stdio: "pipe" });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (output.stdout += text));
  child.stderr.on("data", (text) => (output.stderr += text));
  child.stdin.end(JSON.stringify(task));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${output.stderr}`);
  return JSON.parse(output.stdout);
}

/**
 * Runs `buf curl` and resolves with its exit code and what it printed. Far from the contract's files,
 * so that it has to ask the server by reflection.
 */
export async function bufCurl(args: readonly string[]) {
  const child = spawn(BUF, ["curl", "--protocol", "grpc", ...args], {
    cwd: tmpdir(),
    stdio: "pipe",
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (output.stdout += text));
  child.stderr.on("data", (text) => (output.stderr += text));
  child.stdin.end();
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, ...output };
}
