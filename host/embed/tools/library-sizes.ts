/** Flash and stack of the library, measured with the compilers that this machine has. */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type StackUse, stackUse } from "./stack-depth.ts";

const run = promisify(execFile);

/** A processor and how one builds for it. */
export interface Target {
  readonly name: string;
  readonly compiler: string;
  readonly flags: readonly string[];
  /** Profiles that fit into such machines. */
  readonly profiles: readonly string[];
}

/** What firmware is, and what this machine most likely is. */
export const TARGETS: readonly Target[] = [
  {
    name: "Cortex-M4F -Os",
    compiler: "arm-none-eabi-gcc",
    flags: "-Os -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard".split(" "),
    profiles: ["micro"],
  },
  {
    name: "x86-64 -O2",
    compiler: "gcc",
    flags: ["-O2", "-march=x86-64", "-fno-pie"],
    profiles: ["micro", "standard", "wide"],
  },
];

export function hasCompiler({ compiler }: Target): boolean {
  return spawnSync(compiler, ["--version"], { stdio: "ignore" }).status === 0;
}

export interface LibrarySize {
  /** Code and constants of the library before the linker drops what is not called. */
  readonly flashBytes: number;
  readonly stack: StackUse;
  /** Functions of the C library and of libgcc that the library needs. */
  readonly needs: readonly string[];
}

/** Compiles the library in `folder` for a target; `defines` name its profile and options. */
export async function measureLibrary(
  folder: string,
  core: string,
  { compiler, flags }: Target,
  defines: readonly string[],
): Promise<LibrarySize> {
  const out = mkdtempSync(join(tmpdir(), "mapveil-sizes-"));
  try {
    // Without tables that only C++ and debuggers read.
    const needed = ["-std=c99", "-ffp-contract=off", "-fno-asynchronous-unwind-tables", "-w"];
    const common = [...flags, ...needed, `-I${join(folder, "include")}`];
    for (const source of ["mapveil", core]) {
      const files = ["-c", join(folder, "src", `${source}.c`), "-o", join(out, `${source}.o`)];
      await run(compiler, [...common, ...defines, "-fcallgraph-info=su", ...files]);
    }
    const objects = ["mapveil", core].map((source) => join(out, `${source}.o`));
    const table = execFileSync(compiler.replace(/gcc$/, "size"), objects, { encoding: "utf8" });
    const rows = table.trim().split("\n").slice(1);
    const [text, data, bss] = [0, 1, 2].map((column) =>
      rows.reduce((sum, row) => sum + Number(row.trim().split(/\s+/)[column]), 0),
    );
    if (data !== 0 || bss !== 0) throw new Error(`${core}: ${data} bytes of data, ${bss} of bss`);
    const graphs = ["mapveil", core].map((name) => readFileSync(join(out, `${name}.ci`), "utf8"));
    return {
      flashBytes: text!,
      stack: stackUse(graphs, "mapveil_"),
      needs: needsOf(compiler, objects),
    };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** Names that the objects ask for and none of them defines. */
function needsOf(compiler: string, objects: readonly string[]): string[] {
  const table = execFileSync(compiler.replace(/gcc$/, "nm"), objects, { encoding: "utf8" });
  const names = (kind: RegExp) => new Set([...table.matchAll(kind)].map(([, name]) => name!));
  const defined = names(/ [TtRr] (\w+)$/gm);
  return [...names(/ U (\w+)$/gm)].filter((name) => !defined.has(name)).sort();
}

/** Sizes of one profile, for people and for machines. */
export interface ProfileReport {
  readonly profile: string;
  /** What the caller gives: the head of the instance, then linear memory. */
  readonly bufferBytes: number;
  readonly headBytes: number;
  readonly linearBytes: number;
  readonly builds: readonly {
    readonly target: string;
    readonly checked: boolean;
    readonly flashBytes: number;
    readonly stackBytes: number;
    readonly needs: readonly string[];
  }[];
}

/** Measures a profile for each target whose compiler is here, with checks and without. */
export async function reportProfile(
  folder: string,
  profile: { profile: string; headBytes: number; linearBytes: number },
): Promise<ProfileReport> {
  const { profile: name, headBytes, linearBytes } = profile;
  const targets = TARGETS.filter(({ profiles }) => profiles.includes(name)).filter(hasCompiler);
  const jobs = targets.flatMap((target) =>
    [true, false].map(async (checked) => {
      const defines = [
        `-DMAPVEIL_PROFILE_${name.toUpperCase()}`,
        ...(checked ? [] : ["-DMAPVEIL_UNCHECKED"]),
      ];
      const size = await measureLibrary(folder, `core-${name}`, target, defines);
      const { flashBytes, stack, needs } = size;
      return { target: target.name, checked, flashBytes, stackBytes: stack.deepest.bytes, needs };
    }),
  );
  const builds = await Promise.all(jobs);
  return { profile: name, bufferBytes: headBytes + linearBytes, headBytes, linearBytes, builds };
}

const number = (value: number) => value.toLocaleString("en-GB");

/** The reports as a table of text. */
export function sizesText(reports: readonly ProfileReport[]): string {
  const rows = reports.flatMap((report) =>
    (report.builds.length > 0 ? report.builds : [undefined]).map((build) => [
      report.profile,
      number(report.bufferBytes),
      build === undefined ? "no compiler here" : build.target,
      build === undefined ? "" : build.checked ? "checked" : "unchecked",
      build === undefined ? "" : number(build.flashBytes),
      build === undefined ? "" : number(build.stackBytes),
    ]),
  );
  const table = [["profile", "RAM", "build", "", "flash", "stack"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const left = new Set([0, 2, 3]);
  const lines = table.map((row) =>
    row
      .map((cell, i) => (left.has(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}

Bytes. RAM is the caller's buffer, all that the library uses beside the stack: it has no variables of
its own. Flash is code and constants before the linker drops what a program does not call. Stack is
that of the deepest chain of calls, without memcpy, memmove and memset.
`;
}
