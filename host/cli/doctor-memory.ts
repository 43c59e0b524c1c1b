/**
 * What the doctor looks at around the memory of the services: core dumps, swap, the inspector, and
 * secrets where others could read them. A sidecar or receiver of this user is looked at itself; without
 * one, what it would inherit from this shell.
 */
import { readdir, readFile, readlink } from "node:fs/promises";
import { type Check, ok, warning } from "./doctor-check.ts";
import { showingOptions } from "./process-guard.ts";

/** What proc(5) tells of a process. */
interface Process {
  readonly pid: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
}

/** Environment variables and arguments that are secrets by their name or their form. */
const SECRET_NAME = /(?:PASS(?:WORD|WD)?|SECRET|TOKEN|PSK|CREDENTIAL|API_?KEY|PRIVATE_?KEY)/i;
const SECRET_FORM = /mapveil-secret-\d|-----BEGIN [A-Z ]*PRIVATE KEY/;
const SERVICES = new Set(["sidecar", "receiver"]);

const read = (path: string) => readFile(path, "utf8").catch(() => "");
const parts = (text: string) => text.split("\0").filter((part) => part !== "");

/** The services of Mapveil that run under this user. */
async function services(): Promise<Process[]> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const found: Process[] = [];
  for (const pid of pids) {
    const argv = parts(await read(`/proc/${pid}/cmdline`));
    const at = argv.findIndex((part) => /(?:^|\/)(?:mapveil|host\/cli\/main\.[jt]s)$/.test(part));
    if (at < 0 || !SERVICES.has(argv[at + 1] ?? "")) continue;
    if (argv[at + 2] !== undefined && !argv[at + 2]!.startsWith("-")) continue;
    // Of another user nothing but the arguments can be read.
    if ((await readlink(`/proc/${pid}/exe`).catch(() => "")) === "") continue;
    found.push({ pid, argv, environment: parts(await read(`/proc/${pid}/environ`)) });
  }
  return found;
}

/** The soft limit of the size of core dumps. */
async function coreLimit(pid: string): Promise<string> {
  return /^Max core file size +(\S+)/m.exec(await read(`/proc/${pid}/limits`))?.[1] ?? "unknown";
}

const coreDumpCheck: Check = async () => {
  const advice = "Set LimitCORE=0 (systemd) or ulimit -c 0; see docs/operations.md.";
  const running = await services();
  for (const { pid } of running) {
    const filter = (await read(`/proc/${pid}/coredump_filter`)).trim();
    if (filter === "" || Number.parseInt(filter, 16) === 0) continue;
    const found = "a service that runs would put its memory into a core dump";
    return warning("core dumps", found, advice, "CORE_FILTER_OPEN");
  }
  const limit = await coreLimit(running[0]?.pid ?? "self");
  const pattern = (await read("/proc/sys/kernel/core_pattern")).startsWith("|");
  const where = pattern ? "to a program of the system" : "to a file";
  if (limit === "0") return ok("core dumps", "off");
  return running.length > 0
    ? ok("core dumps", `on, ${where}, without memory of the services`)
    : warning("core dumps", `on, ${where}`, advice, "CORE_LIMIT_OPEN");
};

const swapCheck: Check = async () => {
  const areas = (await read("/proc/swaps"))
    .split("\n")
    .slice(1)
    .filter((line) => line !== "");
  if (areas.length === 0) return ok("swap", "none");
  const isOpen = areas.some((line) => !/^\/dev\/(?:dm-|mapper\/|zram)/.test(line));
  if (!isOpen) return ok("swap", "in memory or on a mapped device, which may be encrypted");
  const advice = "Switch it off or encrypt it: frames and keys may be written there in the clear.";
  return warning("swap", "on, and not encrypted", advice, "SWAP_OPEN");
};

const optionsCheck: Check = async () => {
  const given = await services();
  const variables = given.flatMap(({ environment }) =>
    environment.filter((one) => one.startsWith("NODE_OPTIONS=")).map((one) => one.slice(13)),
  );
  const argv = given.flatMap((one) => one.argv);
  const options = showingOptions(argv, [process.env.NODE_OPTIONS ?? "", ...variables].join(" "));
  if (options.length === 0) return ok("inspector", "no option of Node shows memory");
  const advice = "Take them out of NODE_OPTIONS; services do not start with them.";
  return warning(
    "inspector",
    `options of Node show memory: ${options.join(", ")}`,
    advice,
    "NODE_OPTIONS",
  );
};

const secretsCheck: Check = async () => {
  const found = await services();
  const isSecret = (text: string) => SECRET_FORM.test(text);
  const inArgv = found.some(({ argv }) => argv.some(isSecret));
  const own = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const variables = [...own, ...found.flatMap(({ environment }) => environment)];
  const named = variables.filter((one) => {
    const [name = "", value = ""] = one.split(/=(.*)/s);
    return isSecret(value) || (name.startsWith("MAPVEIL_") && SECRET_NAME.test(name));
  });
  if (!inArgv && named.length === 0) return ok("secrets", "none in arguments and environment");
  const place = inArgv ? "the arguments of a service" : "the environment";
  const advice = "Everybody of this user can read them there. Put secrets into files of mode 0600.";
  return warning(
    "secrets",
    `there is one in ${place}`,
    advice,
    inArgv ? "SECRET_IN_ARGV" : "SECRET_IN_ENV",
  );
};

/** Without /proc there is nothing to look at. */
export const MEMORY_CHECKS: readonly Check[] =
  process.platform === "linux" ? [coreDumpCheck, swapCheck, optionsCheck, secretsCheck] : [];
