/**
 * `npm run build:c`: makes dist/c, the C library of the core, ready to be copied into a firmware tree.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type ProfileReport, reportProfile, sizesText } from "./library-sizes.ts";
import { bytesOfMemory, runWasm2c, type TranslatedCore, translate } from "./translate-core.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const EMBED = join(ROOT, "host/embed");
const OUT = join(ROOT, "dist/c");

export const PROFILES = ["micro", "standard", "wide"] as const;
export type Profile = (typeof PROFILES)[number];

/** Files of ours that the library is made of, as they stand in dist/c. */
const OWN = [
  "include/mapveil.h",
  "include/mapveil_abi.h",
  "src/core-runtime.h",
  "src/core-simd.h",
  "src/instance.h",
  "src/mapveil.c",
  "Makefile",
  "CMakeLists.txt",
  "mapveil-config.cmake",
];

/** Name of the files of a core, without their ending. */
export const coreName = (profile: Profile, simd: boolean) =>
  `core-${profile}${simd ? "-simd" : ""}`;

/** The module of a profile: the wide one is that which Node hosts load. */
export function modulePath(profile: Profile, simd: boolean): string {
  const parts = ["core", ...(profile === "wide" ? [] : [profile]), ...(simd ? ["simd"] : [])];
  return join(ROOT, "dist", `${parts.join(".")}.wasm`);
}

function headerOf(name: string, core: TranslatedCore): string {
  const guard = `MAPVEIL_${name.toUpperCase().replaceAll("-", "_")}_H`;
  return `/* Made by \`npm run build:c\`; do not edit. */
#ifndef ${guard}
#define ${guard}

#include "instance.h"

struct mapveil {
  mapveil_guard guard;
${core.globals.join("\n")}
};

${core.exports.map((one) => `core_export core_${one.name};`).join("\n")}

#endif
`;
}

function sourceOf(name: string, core: TranslatedCore): string {
  const text = `/* Made by \`npm run build:c\`, which runs wasm2c of wabt; do not edit. */
#include "${name}.h"

#include <math.h>

#include "core-runtime.h"
${core.simd ? '#include "core-simd.h"\n' : ""}
${core.declarations}

${core.segments}

void core_reset(mapveil *instance) {
${[...core.startValues, ...core.copies].join("\n")}
}

${core.functions}
`;
  return text.replace(/\bw2c_core\s*\*/g, "mapveil *");
}

/** Sizes of a profile: the larger ones of its two builds, so that they do not depend on the build. */
interface ProfileSizes {
  readonly headBytes: number;
  readonly linearBytes: number;
}

function sizesHeader(sizes: ReadonlyMap<Profile, ProfileSizes>): string {
  const branches = [...sizes].map(
    (
      [profile, { headBytes, linearBytes }],
      i,
    ) => `#${i === 0 ? "if" : "elif"} defined(MAPVEIL_PROFILE_${profile.toUpperCase()})
#define MAPVEIL_HEAD_BYTES ${headBytes}u
#define MAPVEIL_LINEAR_BYTES ${linearBytes}u
`,
  );
  return `/* Made by \`npm run build:c\` from the modules; do not edit. */
#ifndef MAPVEIL_SIZES_H
#define MAPVEIL_SIZES_H

${branches.join("")}#else
#error "Define one of: ${[...sizes.keys()].map((profile) => `MAPVEIL_PROFILE_${profile.toUpperCase()}`).join(", ")}."
#endif

#endif
`;
}

export interface BuiltProfile extends ProfileSizes {
  readonly profile: Profile;
}

/** Throws if the core calls what neither it nor the headers around it define. */
export function assertRuntimeHolds({ functions, simd }: TranslatedCore): void {
  const headers = ["core-runtime.h", ...(simd ? ["core-simd.h"] : [])];
  const text = headers.map((name) => readFileSync(join(EMBED, "src", name), "utf8")).join("");
  const known = new Set(text.match(/\w+/g));
  const called = new Set([...functions.matchAll(/\b(\w+)\(/g)].map(([, name]) => name!));
  const missing = [...called].filter(
    (name) =>
      !known.has(name) && !/^(?:if|while|for|switch|return|w2c_core_\w+|core_\w+)$/.test(name),
  );
  if (missing.length > 0) {
    throw new Error(
      `host/embed/src/${headers.at(-1)} has no ${missing.join(", ")}, which the core uses.`,
    );
  }
}

/** Makes the library of the given profiles in `folder`. */
export function buildLibrary(folder: string, profiles: readonly Profile[]): BuiltProfile[] {
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  const sizes = new Map<Profile, ProfileSizes>();
  for (const profile of profiles) {
    const cores = [false, true].map((simd) => {
      const wasm = modulePath(profile, simd);
      if (!existsSync(wasm)) {
        throw new Error(
          `${relative(ROOT, wasm)} is missing: run "npm run build:core && npm run build:profiles" first.`,
        );
      }
      const core = translate(runWasm2c(wasm), bytesOfMemory(wasm));
      assertRuntimeHolds(core);
      return core;
    });
    const headBytes = Math.max(...cores.map((core) => core.headBytes));
    const linearBytes = Math.max(...cores.map((core) => core.linearBytes));
    sizes.set(profile, { headBytes, linearBytes });
    for (const core of cores) {
      const name = coreName(profile, core.simd);
      write(`src/${name}.h`, headerOf(name, core));
      write(`src/${name}.c`, sourceOf(name, core));
    }
  }
  write("include/mapveil_sizes.h", sizesHeader(sizes));
  for (const name of OWN) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    copyFileSync(join(EMBED, name), join(folder, name));
  }
  copyFileSync(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  return [...sizes].map(([profile, size]) => ({ profile, ...size }));
}

const USAGE = `Usage: npm run build:c
Makes dist/c, the core as a C library, from modules that it compiles first, and tells its sizes: flash
and stack where gcc and arm-none-eabi-gcc are installed.
`;

/** Compiles the modules of all profiles, so that no old one gets into the library. */
function buildModules(): void {
  for (const script of ["build:core", "build:profiles"]) {
    process.stderr.write(`npm run ${script} ...\n`);
    execFileSync("npm", ["run", "--silent", script], { cwd: ROOT, stdio: "inherit" });
  }
}

async function main(options: readonly string[]): Promise<void> {
  if (options.includes("--help")) {
    process.stdout.write(USAGE);
    return;
  }
  if (options.length > 0) throw new Error(`Unknown option "${options[0]}".\n${USAGE}`);
  buildModules();
  rmSync(OUT, { recursive: true, force: true });
  const reports: ProfileReport[] = [];
  for (const built of buildLibrary(OUT, PROFILES)) reports.push(await reportProfile(OUT, built));
  const text = sizesText(reports);
  writeFileSync(join(OUT, "sizes.txt"), text);
  writeFileSync(join(OUT, "sizes.json"), `${JSON.stringify(reports, null, 2)}\n`);
  console.log(
    `${relative(process.cwd(), OUT)}: copy this folder into the firmware's tree\n\n${text}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(`build:c: ${error.message}`);
    process.exitCode = 1;
  });
}
