/** What a proof needs of the machine. On a user's machine its lack skips the proof; in CI it fails it. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** The system's Python, for which Debian packages grpcio and protobuf. */
export const PYTHON = "/usr/bin/python3";

/** Where Debian has the library that bends time. */
export const FAKETIME_LIBRARY = `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/faketime/libfaketimeMT.so.1`;

const succeeds = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;

const PROBES = {
  openssl: () => succeeds("openssl", "version"),
  // Not every container lets a process trace another one.
  strace: () => succeeds("strace", "-qq", "-o", "/dev/null", "true"),
  faketime: () => existsSync(FAKETIME_LIBRARY),
  "mounting a tmpfs": () => succeeds("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"),
  iptables: () =>
    succeeds(
      "unshare",
      "--net",
      "sh",
      "-c",
      "ip link set lo up && iptables -A INPUT -i lo -p udp -m statistic --mode random --probability 0.5 -j DROP",
    ),
  "python3-grpcio": () => succeeds(PYTHON, "-c", "import grpc, google.protobuf"),
} as const;

export type Tool = keyof typeof PROBES;

const found = new Map<Tool, boolean>();

function has(tool: Tool): boolean {
  const known = found.get(tool) ?? PROBES[tool]();
  found.set(tool, known);
  return known;
}

/** A sentence that says what is missing here; undefined if nothing is. */
export function lack(tools: readonly Tool[]): string | undefined {
  const missing = tools.filter((tool) => !has(tool));
  if (missing.length === 0) return undefined;
  return `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not available here`;
}

/** Whether to leave a test out for want of a tool; says so. In CI nothing is left out, so that it fails. */
export function skipsWithout(...tools: readonly Tool[]): boolean {
  const reason = lack(tools);
  if (reason === undefined || process.env.CI === "true") return false;
  process.stderr.write(`skipped: ${reason}\n`);
  return true;
}
