/** What the modules and the machine code are, beside what they compute. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { coreName, modulePath } from "../../../host/embed/tools/build-c.ts";
import { type Build, buildController } from "./build.ts";
import type { Check, Place } from "./check.ts";
import { ALL_MACHINES, BOARDS, type Machine } from "./machines.ts";
import { PROFILES, type Profile } from "./plays.ts";
import { run } from "./run-command.ts";

/** An engine that is not Node's runs the self-test of every module. */
function selftestCheck(profile: Profile, simd: boolean): Check {
  const wasm = modulePath(profile, simd);
  return {
    name: `selftest: wasm-interp ${profile}${simd ? " SIMD" : ""}`,
    tools: ["wasm-interp"],
    run: async () => {
      const out = await run("wasm-interp", [wasm, "--run-all-exports"]);
      if (!/^selftest\(\) => i32:0$/m.test(out)) throw new Error(out.trim().slice(0, 300));
      return "selftest() => i32:0";
    },
  };
}

/**
 * What the library may want of its surroundings; `__aeabi_` is the compiler's own arithmetic, the
 * table is made by the linker.
 */
const WANTED = /^(?:memcpy|memmove|memset|__aeabi_\w+|_GLOBAL_OFFSET_TABLE_)$/;
/** What a program without an operating system must not have. */
const FORBIDDEN = /^(?:_sbrk|_sbrk_r|malloc|_malloc_r|free|_free_r|printf|__assert_func|abort)$/;

const symbols = (listing: string) => listing.match(/\S+$/gm) ?? [];

async function undefinedSymbols(machine: Machine, library: string): Promise<string[]> {
  const defined = new Set(symbols(await run(machine.nm, ["--defined-only", library])));
  const wanted = symbols(await run(machine.nm, ["--undefined-only", library]));
  return [...new Set(wanted)].filter((name) => !defined.has(name) && !name.endsWith(":"));
}

const micro = (machine: Machine): Build => ({
  machine,
  profile: "micro",
  simd: false,
  unchecked: false,
});

/** The library calls three functions of memory and nothing else: no heap, no files, no signals. */
function symbolsCheck(machine: Machine): Check {
  return {
    name: `symbols: ${machine.name}`,
    tools: machine.tools,
    run: async ({ folder, library }) => {
      const found: string[] = [];
      for (const profile of PROFILES) {
        if (profile === "wide" && BOARDS.includes(machine)) continue;
        const build = { ...micro(machine), profile };
        const made = join(folder, profile);
        // The controller needs more memory than the linker script gives for these, the library not.
        await buildLibraryOnly(build, { folder: made, library });
        found.push(...(await undefinedSymbols(machine, join(made, "libmapveil.a"))));
      }
      const other = found.filter((name) => !WANTED.test(name));
      if (other.length > 0) throw new Error(`the library wants ${other.join(", ")}`);
      return [...new Set(found)].sort().join(" ");
    },
  };
}

async function buildLibraryOnly(build: Build, { folder, library }: Place): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const [compiler] = build.machine.make.flatMap((one) => /^CC=(.*)/.exec(one)?.[1] ?? []);
  const isBoard = BOARDS.includes(build.machine);
  const cpu = build.machine.name;
  const board = `-Os -mcpu=${cpu} -mthumb -mfloat-abi=hard -mfpu=${cpu === "cortex-m7" ? "fpv5-d16" : "fpv4-sp-d16"}`;
  await run("make", [
    "--silent",
    ...["-f", join(library, "Makefile"), `BUILD=${folder}`, `PROFILE=${build.profile}`],
    `CC=${isBoard ? "arm-none-eabi-gcc" : (compiler ?? "gcc")}`,
    `AR=${isBoard ? "arm-none-eabi-ar" : "ar"}`,
    ...(isBoard ? [`CFLAGS=${board}`] : []),
  ]);
}

/** Text, data and bss of a file for a board, or of all that is in it. */
async function sizesOf(...args: readonly string[]): Promise<number[]> {
  const lines = (await run("arm-none-eabi-size", args)).trim().split("\n");
  return lines.at(-1)!.trim().split(/\s+/).map(Number);
}

/** The whole image of a board: what it holds, how large it is. */
function imageCheck(machine: Machine): Check {
  return {
    name: `image: ${machine.name}`,
    tools: machine.tools,
    run: async (place) => {
      const image = await buildController(micro(machine), place);
      const names = symbols(await run(machine.nm, [image]));
      const heap = names.filter((name) => FORBIDDEN.test(name));
      if (heap.length > 0) throw new Error(`the image holds ${heap.join(", ")}`);
      const [text, data, bss] = await sizesOf(image);
      const [library] = await sizesOf("--totals", join(place.folder, "libmapveil.a"));
      return (
        `flash ${text! + data!} bytes (library ${library}), RAM ${data! + bss!} bytes ` +
        "(stack included), no heap"
      );
    },
  };
}

/** What a firmware around all of the core may take of a Cortex-M7's flash. */
const FLASH_BYTES_MAX = 16_384;
const FIRMWARE = fileURLToPath(new URL("firmware/", import.meta.url));
const M7_FLAGS = "-mcpu=cortex-m7 -mthumb -mfloat-abi=hard -mfpu=fpv5-d16 -Os".split(" ");

/** Every function of the library that micro has, by its header. */
function functionsOfMicro(library: string): string[] {
  const header = readFileSync(join(library, "include/mapveil.h"), "utf8");
  const others =
    /#(?:ifndef MAPVEIL_PROFILE_MICRO|if MAPVEIL_MAP_REGION_BYTES > 0)\n[\s\S]*?#endif/g;
  const micro = header.replace(others, "");
  return [...micro.matchAll(/^[^\s/*#].*?\b(mapveil_\w+)\(.*\);$/gm)].map(([, name]) => name!);
}

/** Links the smallest firmware; the library's Makefile builds the core, for size. */
async function linkFirmware(folder: string, library: string, defines: readonly string[]) {
  const image = join(folder, "firmware");
  await run("arm-none-eabi-gcc", [
    ...[...M7_FLAGS, "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffunction-sections"],
    // So that the functions of memory are not made of themselves.
    ...["-ffreestanding", "-fno-tree-loop-distribute-patterns"],
    ...["-nostartfiles", "-nostdlib", "-Wl,--gc-sections", "-T", join(FIRMWARE, "cortex-m7.ld")],
    ...["-DMAPVEIL_PROFILE_MICRO", ...defines, `-I${join(library, "include")}`],
    ...[join(FIRMWARE, "main.c"), join(FIRMWARE, "memory.c"), join(folder, "libmapveil.a")],
    ...["-lgcc", "-o", image],
  ]);
  const [text, data] = await sizesOf(image);
  const names = new Set(symbols(await run("arm-none-eabi-nm", [image])));
  return { flash: text! + data!, names };
}

/** All of the core, checked, with start code and without a C library, in 16 KiB of flash. */
const firmwareCheck: Check = {
  name: "image: smallest firmware, cortex-m7",
  tools: ["arm-none-eabi-gcc"],
  run: async ({ folder, library }) => {
    await run("make", [
      ...["--silent", "-f", join(library, "Makefile"), `BUILD=${folder}`, "PROFILE=micro"],
      ...["CC=arm-none-eabi-gcc", "AR=arm-none-eabi-ar", `CFLAGS=${M7_FLAGS.join(" ")}`],
    ]);
    const { flash, names } = await linkFirmware(folder, library, []);
    const whole = await linkFirmware(folder, library, ["-DSTATUS_TEXTS"]);
    const declared = functionsOfMicro(library);
    const missing = declared.filter((name) => !whole.names.has(name));
    if (declared.length < 20 || missing.length > 0) {
      throw new Error(`of ${declared.length} functions the firmware lacks ${missing.join(", ")}`);
    }
    // Checks are in it, and only the texts are not.
    const left = declared.filter((name) => !names.has(name));
    if (left.join() !== "mapveil_status_text" || !names.has("mapveil_trap")) {
      throw new Error(`the smaller firmware lacks ${left.join(", ")}`);
    }
    const found = `flash ${flash} bytes, ${whole.flash} with the texts of statuses`;
    if (flash > FLASH_BYTES_MAX) throw new Error(`${found}: more than ${FLASH_BYTES_MAX}`);
    return `${found}; every call, checked, -Os`;
  },
};

const STACK_BYTES_MAX = 256;

/** No function of the core takes more stack. */
function stackCheck(machine: Machine): Check {
  return {
    name: `stack: ${machine.name}`,
    tools: machine.tools,
    run: async ({ folder, library }) => {
      const flags = ["-std=c99", "-Os", "-mthumb", "-mfloat-abi=hard", "-ffp-contract=off"];
      const cpu = [`-mcpu=${machine.name}`];
      const fpu = [`-mfpu=${machine.name === "cortex-m7" ? "fpv5-d16" : "fpv4-sp-d16"}`];
      const sources = readdirSync(join(library, "src")).filter((name) =>
        ["mapveil.c", `${coreName("micro", false)}.c`].includes(name),
      );
      for (const source of sources) {
        await run("arm-none-eabi-gcc", [
          ...[...flags, ...cpu, ...fpu, `-I${join(library, "include")}`, "-DMAPVEIL_PROFILE_MICRO"],
          ...[`-Wstack-usage=${STACK_BYTES_MAX}`, "-Werror"],
          ...["-c", join(library, "src", source), "-o", join(folder, "stack.o")],
        ]);
      }
      if (sources.length !== 2) throw new Error(`the library has only ${sources.join(", ")}`);
      return `no function takes more than ${STACK_BYTES_MAX} bytes`;
    },
  };
}

export const binaryChecks: readonly Check[] = [
  ...PROFILES.flatMap((profile) => [selftestCheck(profile, false), selftestCheck(profile, true)]),
  ...ALL_MACHINES.map(symbolsCheck),
  ...BOARDS.map(imageCheck),
  firmwareCheck,
  ...BOARDS.map(stackCheck),
];
