/** Builds and runs meter.c: around the C library or around the yardstick, for x86-64 or a Cortex-M7. */
import { mkdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  COUNTED_FLAGS,
  COUNTED_MEMORY,
  COUNTED_MEMORY_FLAGS,
} from "../../../../bench/budgets/player.ts";
import { coreName, type Profile } from "../../../../host/embed/tools/build-c.ts";
import { run } from "../run-command.ts";
import { type Trial, trialsFile } from "./trials.ts";

/** What stands behind mapveil.h. */
export const SUBJECTS = ["native", "checked", "unchecked"] as const;
export type Subject = (typeof SUBJECTS)[number];
export type Target = "x86-64" | "cortex-m7";

export interface Meter {
  readonly target: Target;
  readonly profile: Profile;
  readonly subject: Subject;
  /** The program. */
  readonly path: string;
}

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const NATIVE = fileOf("../../native");
const EXAMPLE = fileOf("../../../../host/embed/example");

/** Files of the yardstick: the same crops and readers before either grid. */
const NATIVE_SHARED = ["library", "frame", "read", "crop", "pose", "metadata", "transform"];
const NATIVE_GRID = ["cells", "bricks", "grid", "octree", "coder", "tile"];
const NATIVE_MICRO = ["micro"];
const NATIVE_SEAL = ["seal", "stream", "box", "x25519", "chacha20", "poly1305", "blake2b"];

/** Stack of the board's program, all of which is painted. */
const STACK_BYTES = 8192;
/** Where the board has 16 MiB, for programs that no microcontroller is asked to hold. */
const BOARD_MEMORY = ["ram_origin=0x60000000", "ram_bytes=0x1000000", "flash_bytes=0x400000"];

interface Toolchain {
  readonly gcc: string;
  readonly flags: readonly string[];
  readonly link: readonly string[];
  readonly platform: readonly string[];
}

const TOOLCHAINS: Readonly<Record<Target, Toolchain>> = {
  "x86-64": {
    gcc: "gcc",
    flags: COUNTED_FLAGS,
    link: ["-static", "-no-pie"],
    platform: ["platform_linux.c"],
  },
  "cortex-m7": {
    gcc: "arm-none-eabi-gcc",
    flags: [
      ...["-std=gnu11", "-O2", "-ffp-contract=off", "-fno-math-errno", "-DNDEBUG"],
      ...["-mcpu=cortex-m7", "-mfpu=fpv5-d16", "-mthumb", "-mfloat-abi=hard", "--specs=nano.specs"],
      ...["-ffunction-sections", "-fdata-sections", `-DSTACK_BYTES=${STACK_BYTES}`],
    ],
    link: [
      ...["-nostartfiles", "-Wl,--gc-sections", "-T", join(EXAMPLE, "mps2/mps2.ld")],
      ...[...BOARD_MEMORY, `stack_bytes=${STACK_BYTES}`].map((name) => `-Wl,--defsym=${name}`),
    ],
    platform: ["mps2/platform_mps2.c", "mps2/start.c"],
  },
};

const OWN = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

function nativeSources(profile: Profile): string[] {
  const grid = profile === "micro" ? NATIVE_MICRO : NATIVE_GRID;
  return [...NATIVE_SHARED, ...grid, ...NATIVE_SEAL].map((name) => join(NATIVE, `${name}.c`));
}

/** Makes the meter in `folder` from the C library in `library`. */
export async function buildMeter(
  build: Omit<Meter, "path">,
  library: string,
  folder: string,
  program = "meter.c",
): Promise<Meter> {
  const { target, profile, subject } = build;
  const { gcc, flags, link, platform } = TOOLCHAINS[target];
  mkdirSync(folder, { recursive: true });
  const all = [
    ...flags,
    `-DMAPVEIL_PROFILE_${profile.toUpperCase()}`,
    `-I${library}/include`,
    `-I${EXAMPLE}`,
  ];
  if (subject === "unchecked") all.push("-DMAPVEIL_UNCHECKED");
  const objects: string[] = [];
  const compile = async (source: string, more: readonly string[]) => {
    const object = join(folder, `${objects.length}.o`);
    objects.push(object);
    await run(gcc, [...all, ...more, "-c", source, "-o", object]);
  };
  if (subject === "native") {
    for (const source of nativeSources(profile)) await compile(source, ["-std=c99", ...OWN]);
  } else {
    await compile(join(library, `src/${coreName(profile, false)}.c`), ["-w"]);
    await compile(join(library, "src/mapveil.c"), OWN);
  }
  await compile(COUNTED_MEMORY, [...OWN, ...COUNTED_MEMORY_FLAGS]);
  await compile(fileOf(program), OWN);
  for (const source of platform) await compile(join(EXAMPLE, source), OWN);
  const path = join(folder, "meter");
  await run(gcc, [...flags, ...objects, ...link, "-o", path]);
  return { ...build, path };
}

/** In the order of meter.c. */
export const CALLS = [
  "hash",
  "nothing",
  "seed",
  "begin",
  "push",
  "finish",
  "encode",
  "seal_key",
  "seal_begin",
  "seal_message",
  "open_begin",
  "open_message",
  "decode",
  "wipe",
  "init",
] as const;
export type CallName = (typeof CALLS)[number];

export interface Call {
  readonly name: CallName;
  /** What it returned; the hash of what was written. */
  readonly status: number;
  readonly instructions: number;
  /** 0 where it is not measured. */
  readonly stackBytes: number;
}

const RECORD_BYTES = 16;

/** Instructions of each dump of callgrind, in order. */
export function dumpTotals(text: string): number[] {
  const totals: number[] = [];
  let isCall = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("desc: Trigger: ")) isCall = line.endsWith("Client Request: call");
    const total = /^(?:summary|totals): (\d+)$/.exec(line)?.[1];
    if (!isCall || total === undefined) continue;
    totals.push(Number(total));
    isCall = false;
  }
  return totals;
}

function commandOf({ target, path }: Meter, trials: string, output: string): [string, string[]] {
  if (target === "x86-64") {
    const options = [
      ...["--tool=callgrind", "--quiet", "--instr-atstart=no", "--collect-atstart=no"],
      ...["--combine-dumps=yes", `--callgrind-out-file=${output}.callgrind`],
    ];
    return ["valgrind", [...options, path, trials, output]];
  }
  const words = ["meter", trials, output].map((word) => `arg=${word}`).join(",");
  const quiet = ["-nographic", "-monitor", "none", "-serial", "none"];
  const semihosting = `enable=on,target=native,${words}`;
  return [
    "qemu-system-arm",
    [
      "-M",
      "mps2-an500",
      ...quiet,
      "-icount",
      "shift=0",
      "-semihosting-config",
      semihosting,
      "-kernel",
      path,
    ],
  ];
}

/** Takes away what measuring costs of itself, which each trial's first call tells. */
function withoutOverhead(calls: readonly Call[]): Call[] {
  let overhead = 0;
  return calls.map((call) => {
    if (call.name === "nothing") overhead = call.instructions;
    return { ...call, instructions: Math.max(0, call.instructions - overhead) };
  });
}

/** Plays the trials; returns the calls of each that is counted. */
export async function runMeter(meter: Meter, trials: readonly Trial[]): Promise<Call[][]> {
  const input = `${meter.path}.trials`;
  const output = `${meter.path}.output`;
  await writeFile(input, trialsFile(trials));
  const [command, args] = commandOf(meter, input, output);
  await run(command, args);
  const bytes = await readFile(output);
  const onBoard = meter.target === "cortex-m7";
  const totals = onBoard ? [] : dumpTotals(await readFile(`${output}.callgrind`, "utf8"));
  const calls: Call[] = [];
  let dump = 0;
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    const name = CALLS[bytes.readUInt32LE(at)]!;
    const isCounted = !onBoard && name !== "hash";
    const instructions = isCounted ? totals[dump++]! : bytes.readUInt32LE(at + 8);
    const status = bytes.readInt32LE(at + 4);
    calls.push({ name, status, instructions, stackBytes: bytes.readUInt32LE(at + 12) });
  }
  if (!onBoard && dump !== totals.length)
    throw new Error("callgrind has other calls than the meter");
  return byTrial(withoutOverhead(calls));
}

/** The first call is that of mapveil_init(); then each trial begins with one that does nothing. */
function byTrial(calls: readonly Call[]): Call[][] {
  const trials: Call[][] = [];
  for (const call of calls.slice(1)) {
    if (call.name === "nothing") trials.push([]);
    else trials.at(-1)!.push(call);
  }
  return trials;
}
