/** Builds native/player.c around the C library of a build of the core. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CoreBuild } from "../../host/core/load-module.ts";
import { buildLibrary, coreName } from "../../host/embed/tools/build-c.ts";

const NATIVE = fileURLToPath(new URL("./native/", import.meta.url));
const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

export const BUILDS: readonly CoreBuild[] = ["baseline", "simd"];

/** Path of a build of the core. */
export function wasmPath(build: CoreBuild): string {
  return join(DIST, build === "simd" ? "core.simd.wasm" : "core.wasm");
}

/**
 * Nothing of the machine is in the code: its processor is named, protections that distributions
 * switch on by default are off, floating point is not contracted (that would change results).
 */
export const COUNTED_FLAGS = [
  "-std=gnu11",
  "-O2",
  "-march=x86-64-v2",
  "-mtune=generic",
  "-ffp-contract=off",
  "-fno-math-errno",
  "-fno-stack-protector",
  "-fno-pie",
  "-fcf-protection=none",
  "-U_FORTIFY_SOURCE",
  "-DNDEBUG",
];
/** An engine checks bounds with guard pages, at no instruction. */
const FLAGS = [...COUNTED_FLAGS, "-DMAPVEIL_UNCHECKED", "-DMAPVEIL_PROFILE_WIDE"];
/** memcpy, memmove and memset; else a loop that copies becomes a call of the function that it is in. */
export const COUNTED_MEMORY = join(NATIVE, "counted-memory.c");
export const COUNTED_MEMORY_FLAGS = ["-fno-builtin", "-fno-tree-loop-distribute-patterns"];
/** Ours is held to more than what wasm2c writes. */
const OWN = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-gnu-statement-expression"];

/** What decides on the counts beside the core itself. */
export interface Toolchain {
  readonly gcc: string;
  readonly wabt: string;
  readonly valgrind: string;
}

function versionOf(command: string, argument: string): string | undefined {
  const { status, stdout } = spawnSync(command, [argument], { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n")[0]! : undefined;
}

const wasm2c = () => createRequire(import.meta.url).resolve("wabt/bin/wasm2c");

function wabtVersion(): string | undefined {
  try {
    const file = join(dirname(wasm2c()), "../package.json");
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** The tools that count; what is missing of them is named in the second form. */
export function findToolchain(): Toolchain | { readonly missing: string } {
  if (process.platform !== "linux" || process.arch !== "x64") {
    return {
      missing: `counts are made on Linux on x86-64, not on ${process.platform}-${process.arch}`,
    };
  }
  const found = {
    gcc: versionOf("gcc", "-dumpfullversion"),
    wabt: wabtVersion(),
    valgrind: versionOf("valgrind", "--version")?.replace("valgrind-", ""),
  };
  const packages = {
    gcc: "gcc",
    wabt: "wabt (npm ci)",
    valgrind: "valgrind",
  };
  const missing = Object.entries(found)
    .filter(([, version]) => version === undefined)
    .map(([tool]) => packages[tool as keyof typeof packages]);
  if (!existsSync("/usr/include/stdio.h")) missing.push("libc6-dev");
  return missing.length === 0
    ? (found as Toolchain)
    : { missing: `missing here: ${missing.join(", ")}` };
}

/** Makes `folder` if it is not there, and the player of a build in it; returns the player's path. */
export function buildPlayer(build: CoreBuild, folder: string): string {
  mkdirSync(folder, { recursive: true });
  buildLibrary(join(folder, "c"), ["wide"]);
  const run = (args: readonly string[]) => {
    execFileSync("gcc", args, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  };
  const flags = [...FLAGS, "-Ic/include", "-c"];
  if (build === "simd") flags.unshift("-DMAPVEIL_SIMD");
  run([...flags, "-w", `c/src/${coreName("wide", build === "simd")}.c`, "-o", "core.o"]);
  for (const file of [join(folder, "c/src/mapveil.c"), join(NATIVE, "player.c")]) {
    run([...flags, ...OWN, file]);
  }
  run([...flags, ...OWN, ...COUNTED_MEMORY_FLAGS, COUNTED_MEMORY]);
  const objects = ["core.o", "mapveil.o", "counted-memory.o", "player.o"];
  run(["-static", "-no-pie", ...objects, "-o", "player"]);
  assertNoLibrary(join(folder, "core.o"));
  return join(folder, "player");
}

/** What the core may call: the library around it, and the three functions of counted-memory.c. */
const CALLED = /^(mapveil_trap|memcpy|memmove|memset)$/;

/** Throws if the core calls functions that the C library chooses by processor, such as floorf. */
function assertNoLibrary(object: string): void {
  const names = execFileSync("nm", ["-u", object], { encoding: "utf8" }).match(/\w+$/gm) ?? [];
  const other = names.filter((name) => !CALLED.test(name));
  if (other.length > 0) throw new Error(`The core calls the C library: ${other.join(", ")}.`);
}
