/** What the doctor looks at on the machine: Node, the core, the clock, room on the disk, modes. */
import { lstat, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { instantiateCore } from "../core/load-module.ts";
import type { SidecarConfig } from "../sidecar/config.ts";
import { type Check, checkOf, failure, ok, warning } from "./doctor-check.ts";
import { bytes } from "./format.ts";
import { isoTime } from "./words.ts";

const NODE_MAJOR_MIN = 20;
/** This version was not made before. */
const CLOCK_MIN_MS = Date.UTC(2026, 0, 1);
const CLOCK_MAX_MS = Date.UTC(2100, 0, 1);

export const nodeCheck: Check = async () => {
  const major = Number(process.versions.node.split(".")[0]);
  const found = `version ${process.versions.node}`;
  return major >= NODE_MAJOR_MIN
    ? ok("Node.js", found)
    : failure("Node.js", found, `Install version ${NODE_MAJOR_MIN} or later.`, "NODE_OLD");
};

export const coreCheck: Check = checkOf(
  "core",
  "Install the package again: its core is missing or damaged.",
  async () => {
    instantiateCore();
    return ok("core", "loaded, its self-test passed");
  },
);

export const clockCheck: Check = async () => {
  const now = Date.now();
  const found = isoTime(now);
  return now > CLOCK_MIN_MS && now < CLOCK_MAX_MS
    ? ok("clock", found)
    : failure(
        "clock",
        found,
        "Set the clock: certificates and limited permissions hang on it.",
        "CLOCK_WRONG",
      );
};

/** The nearest folder of a path that is there. */
async function existing(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere || path === dirname(path) ? path : existing(dirname(path));
}

/** Room for what the spool may still take. */
export function diskCheck({ options }: SidecarConfig): Check {
  return checkOf("disk", "Check the disk that state_dir is on.", async () => {
    const { bavail, bsize } = await statfs(await existing(options.stateDir));
    const free = bavail * bsize;
    const found = `${bytes(free)} free, the spool may take ${bytes(options.quotaBytes)}`;
    return free > options.quotaBytes
      ? ok("disk", found)
      : warning("disk", found, "Free some room, or lower spool.quota.", "DISK_LOW");
  });
}

/** Paths that must be there and closed to others, or may still be missing. */
function privatePaths({ options }: SidecarConfig): string[] {
  const { stateDir, socketPath, clients, uplink } = options;
  return [
    stateDir,
    join(stateDir, "robot.key"),
    join(stateDir, "clients"),
    ...clients.map(({ name }) => join(stateDir, "clients", `${name}.token`)),
    dirname(socketPath),
    ...(uplink === undefined ? [] : [uplink.keyPath]),
  ];
}

/** Nobody but the owner may get at state, tokens, socket and keys. */
export function modesCheck(config: SidecarConfig): Check {
  return async () => {
    const open: string[] = [];
    for (const path of privatePaths(config)) {
      const found = await lstat(path).catch(() => undefined);
      if (found !== undefined && (found.mode & 0o077) !== 0) open.push(path);
    }
    return open.length === 0
      ? ok("modes", "state, tokens, socket and keys are closed to others")
      : failure(
          "modes",
          `others may get at ${open.join(", ")}`,
          `Run: chmod go= ${open.join(" ")}`,
          "MODES_OPEN",
        );
  };
}
