/** The C library: built from its sources as firmware builds it, and held to what its header says. */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  assertRuntimeHolds,
  buildLibrary,
  coreName,
  modulePath,
  type Profile,
} from "../../host/embed/tools/build-c.ts";
import { hasCompiler, measureLibrary, TARGETS } from "../../host/embed/tools/library-sizes.ts";
import { stackUse } from "../../host/embed/tools/stack-depth.ts";
import {
  bytesOfMemory,
  findWasm2c,
  runWasm2c,
  translate,
} from "../../host/embed/tools/translate-core.ts";

const run = promisify(execFile);
const SOURCES = fileURLToPath(new URL("./library/", import.meta.url));
/** The smallest profile, so that compilers are quick. */
const PROFILE: Profile = "micro";
const CORE = coreName(PROFILE, false);
const DEFINE = `-DMAPVEIL_PROFILE_${PROFILE.toUpperCase()}`;
const WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wundef -Werror".split(" ");

const has = (command: string) => spawnSync(command, ["--version"]).status === 0;

/** True if a command is here; CI has all of them. */
function tool(command: string): boolean {
  if (has(command)) return true;
  if (process.env.CI) throw new Error(`${command} is missing: the C library cannot be tested`);
  console.warn(`SKIPPED: tests of the C library that need ${command}, which is missing`);
  return false;
}

const gcc = tool("gcc");
const cxx = tool("g++");
const make = tool("make") && gcc;
const cmake = tool("cmake") && make;
for (const { compiler } of TARGETS) tool(compiler);

let folder: string;
let library: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mapveil-library-"));
  library = join(folder, "c");
  buildLibrary(library, [PROFILE]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every file below a folder with its bytes. */
function filesOf(path: string): Map<string, string> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  return new Map(files.map((file) => [file.slice(path.length), readFileSync(file, "latin1")]));
}

describe("what wasm2c writes", () => {
  const wasm = modulePath(PROFILE, false);
  const output = runWasm2c(wasm);

  test("becomes the same files each time", () => {
    buildLibrary(join(folder, "again"), [PROFILE]);
    expect(filesOf(join(folder, "again"))).toEqual(filesOf(library));
  });

  test.each([
    ["another preamble", /#define ROTL/, "#define ROTATE", "SHA-256"],
    ["a memory that grows", /, 0, 65536\);/, ", 1, 65536);", "not of a fixed size"],
    ["a segment of another form", /LOAD_DATA\(instance/, "LOAD_DATA( instance", "is loaded by"],
    ["a start value of another form", /(instance->w2c_g0) =/, "$1 +=", "a global starts as"],
    ["an access of another form", /(&instance->w2c_memory), \(u64\)\(/, "$1, (u32)(", "but"],
    [
      "a memory that is used otherwise",
      /var_l0 = 0/,
      "var_l0 = instance->w2c_memory.size",
      "left over",
    ],
    [
      "no functions",
      /wasm2c_core_get_func_type\(uint32_t param_count/g,
      "x(u32 x",
      "no line begins",
    ],
  ])("is refused with %s", (_, pattern, by, message) => {
    const source = output.source.replace(pattern, by);
    expect(source).not.toBe(output.source);
    expect(() => translate({ ...output, source }, bytesOfMemory(wasm))).toThrow(message);
  });

  test("is refused where a segment would lie behind the memory", () => {
    expect(() => translate(output, 64)).toThrow("ends behind linear memory");
  });

  test("may call only what the runtime has", () => {
    const core = translate(output, bytesOfMemory(wasm));
    assertRuntimeHolds(core);
    const functions = `${core.functions}\nvar_f0 = wasm_nearbyintf(var_f0);`;
    expect(() => assertRuntimeHolds({ ...core, functions })).toThrow("has no wasm_nearbyintf");
  });

  test("needs wabt, and says so", () => {
    expect(() => findWasm2c("/nowhere/file.js")).toThrow('run "npm ci"');
  });
});

describe("stack-depth", () => {
  const node = (name: string, bytes: string) =>
    `node: { title: "${name}" label: "${name}\\nf.c:1:1\\n${bytes}" }`;
  const edge = (from: string, to: string) => `edge: { sourcename: "${from}" targetname: "${to}" }`;

  test("adds up the deepest chain, through pointers to exports of the core", () => {
    const graph = [
      node("mapveil_a", "8 bytes (static)"),
      node("core_b", "16 bytes (static)"),
      node("core_c", "4 bytes (dynamic,bounded)"),
      node("d", "32 bytes (static)"),
      'node: { title: "memset" label: "__builtin_memset\\n<built-in>" shape : ellipse }',
      edge("mapveil_a", "__indirect_call"),
      edge("core_c", "d"),
      edge("d", "memset"),
    ].join("\n");
    const { deepest, largest } = stackUse([graph], "mapveil_");
    expect(deepest).toEqual({ bytes: 44, chain: ["mapveil_a", "core_c", "d"] });
    expect(largest).toEqual({ bytes: 32, chain: ["d"] });
  });

  test("refuses what has no bound", () => {
    const loop = [node("mapveil_a", "8 bytes (static)"), edge("mapveil_a", "mapveil_a")].join("\n");
    expect(() => stackUse([loop], "mapveil_")).toThrow("mapveil_a recurs");
    const dynamic = node("mapveil_a", "8 bytes (dynamic)");
    expect(() => stackUse([dynamic], "mapveil_")).toThrow("at run time");
    expect(() => stackUse([""], "mapveil_")).toThrow("no graph");
  });
});

describe.skipIf(!gcc).concurrent("compiled", () => {
  /** Compiles a program of test/embed/library with the library; returns what it prints. */
  async function play(name: string, options: readonly string[]): Promise<string[]> {
    const flags = [
      DEFINE,
      `-I${join(library, "include")}`,
      `-I${join(library, "src")}`,
      ...options,
    ];
    const out = mkdtempSync(join(folder, `${name}-`));
    const object = (source: string) => join(out, `${source}.o`);
    const compile = (path: string, as: string, more: readonly string[]) =>
      run("gcc", [...flags, ...more, "-c", path, "-o", object(as)]);
    await Promise.all([
      compile(join(SOURCES, `${name}.c`), "main", ["-std=gnu11", ...WARNINGS]),
      compile(join(library, "src/mapveil.c"), "mapveil", ["-std=c99", ...WARNINGS]),
      compile(join(library, `src/${CORE}.c`), "core", ["-std=c99", "-w"]),
    ]);
    const program = join(out, name);
    const objects = ["main", "mapveil", "core"].map(object);
    await run("gcc", [...options, ...objects, "-o", program]);
    return (await run(program)).stdout.trim().split("\n");
  }

  const SANITIZE = "-O1 -fsanitize=address,undefined -fno-sanitize-recover=all".split(" ");
  const HANDLE = "the handle is null, or no core was initialised there";
  const ABI =
    "header and library are of different major versions, or the library is older than the header";
  const TOLD_APART = [
    `no place for the handle: ${HANDLE}`,
    `no buffer: ${HANDLE}`,
    "handle after a failure: success",
    "misaligned: the buffer does not begin at a multiple of MAPVEIL_BUFFER_ALIGN",
    "a byte too small: the buffer is smaller than MAPVEIL_BUFFER_BYTES",
    "no bytes: the buffer is smaller than MAPVEIL_BUFFER_BYTES",
    `another major: ${ABI}`,
    `an older major: ${ABI}`,
    `a newer header: ${ABI}`,
    "an older header: success",
    "init: success",
    `no handle: ${HANDLE}`,
    "a region of no handle: success",
    `no core there: ${HANDLE}`,
    "an unknown region: success",
    "bytes of an unknown region: success",
    "out of order: the call is out of order, as a push without a begin",
    "pushed: 300",
    "from an interrupt: called while another call of the same core is under way",
    "the call that was interrupted: success",
    "a damaged core: the core trapped, which it never should; it is poisoned until it is initialised again",
    "left of it: 4",
    "after a trap: an earlier call trapped: initialise the core again",
    "a region after a trap: success",
    "init after a trap: success",
    "pushed after it: 300",
  ];

  test.each([
    ["with sanitizers", SANITIZE],
    ["with C99 alone", ["-O1", "-DMAPVEIL_GNU=0"]],
  ])("tells every misuse apart, %s", async (_, options) => {
    expect(await play("misuse", options)).toEqual(TOLD_APART);
  });

  test.each([0, 1])(
    "computes what the processor lacks as the C library does, GNU %i",
    async (gnu) => {
      const program = join(folder, `arithmetic-${gnu}`);
      const includes = ["include", "src"].map((name) => `-I${join(library, name)}`);
      const lacking = "-U__SSE2__ -U__SSE4_1__ -U__POPCNT__ -O1 -fsanitize=undefined".split(" ");
      lacking.push(`-DMAPVEIL_GNU=${gnu}`);
      const source = join(SOURCES, "arithmetic.c");
      const flags = [...lacking, "-fno-sanitize-recover=all", "-w", DEFINE, ...includes];
      await run("gcc", [...flags, source, "-lm", "-o", program]);
      expect((await run(program)).stdout).toBe("compared 200000\n");
    },
  );

  test.each([
    ["gcc", "c", "c99"],
    ["gcc", "c", "c11"],
    ["g++", "c++", "c++17"],
  ])("has a header that %s takes as %s, %s", async (compiler, language, standard) => {
    if (compiler === "g++" && !cxx) return;
    const file = join(folder, `header-${standard}.c`);
    writeFileSync(
      file,
      '#include "mapveil.h"\nint main(void) { return MAPVEIL_BUFFER_BYTES == 0; }\n',
    );
    const flags = [`-std=${standard}`, ...WARNINGS, DEFINE, `-I${join(library, "include")}`];
    if (language === "c") flags.push("-Wstrict-prototypes", "-Wmissing-prototypes");
    await run(compiler, [...flags, "-fsyntax-only", "-x", language, file]);
  });

  test("is refused with flags that change results", async () => {
    const flags = [DEFINE, `-I${join(library, "include")}`, "-fsyntax-only", "-w"];
    const source = join(library, "src", `${CORE}.c`);
    await expect(run("gcc", [...flags, "-ffast-math", source])).rejects.toThrow("-fno-fast-math");
  });
});

describe.concurrent.each(TARGETS)("built for $name", (target) => {
  const header = () => readFileSync(join(library, "include/mapveil.h"), "utf8");
  /** Copying, and what libgcc does where a processor lacks an instruction. */
  const NEEDS = /^(?:memcpy|memmove|memset|__aeabi_\w+)$/;

  test.skipIf(!hasCompiler(target))("keeps to its bounds", async () => {
    for (const defines of [[DEFINE], [DEFINE, "-DMAPVEIL_UNCHECKED"]]) {
      const size = await measureLibrary(library, CORE, target, defines);
      const bound = Number(/#define MAPVEIL_STACK_BYTES (\d+)u/.exec(header())![1]);
      expect(size.stack.deepest.bytes, size.stack.deepest.chain.join(" > ")).toBeLessThanOrEqual(
        bound,
      );
      expect(size.stack.largest.bytes, size.stack.largest.chain[0]).toBeLessThanOrEqual(256);
      expect(size.needs.filter((name) => !NEEDS.test(name))).toEqual([]);
      // Else the list is empty because nothing was read.
      expect(size.needs).toContain("memmove");
    }
  });
});

describe.concurrent("in a firmware's tree", () => {
  const PROGRAM = `#include "mapveil.h"
static unsigned char buffer[MAPVEIL_BUFFER_BYTES + MAPVEIL_BUFFER_ALIGN];
int main(void) {
  unsigned char *at = buffer;
  mapveil *core;
  while ((uintptr_t)at % MAPVEIL_BUFFER_ALIGN != 0) at++;
  return mapveil_init(&core, at, mapveil_buffer_bytes(), MAPVEIL_ABI) == 0 ? 42 : 1;
}
`;
  /** A program without a runtime of its own must leave with this. */
  const leaves = (program: string) => spawnSync(program).status;

  // The vectors of x86-64 without SSE 4.1 are those of any other processor.
  test.skipIf(!make).each([
    ["SIMD=0", "-march=x86-64"],
    ["SIMD=1", "-march=x86-64"],
    ["SIMD=1", "-march=x86-64-v2"],
  ])("make builds it, %s %s", async (simd, march) => {
    const tree = join(folder, `make ${simd} ${march}`);
    mkdirSync(tree);
    writeFileSync(join(tree, "main.c"), PROGRAM);
    const options = [`PROFILE=${PROFILE}`, simd, `CFLAGS=-O1 -Werror ${march}`, "BUILD=."];
    await run("make", ["-f", join(library, "Makefile"), ...options], { cwd: tree });
    const flags = [DEFINE, `-I${join(library, "include")}`];
    const files = ["main.c", "libmapveil.a", "-o", "app"];
    await run("gcc", [...flags, ...files], { cwd: tree });
    expect(leaves(join(tree, "app"))).toBe(42);
  });

  test.skipIf(!cmake).each([
    ["add_subdirectory", `add_subdirectory(c)`],
    ["find_package", `find_package(mapveil CONFIG REQUIRED PATHS c NO_DEFAULT_PATH)`],
  ])("CMake builds it by %s", async (name, command) => {
    const tree = join(folder, name);
    for (const [file, text] of filesOf(library)) {
      mkdirSync(join(tree, "c", file, ".."), { recursive: true });
      writeFileSync(join(tree, "c", file), text, "latin1");
    }
    writeFileSync(join(tree, "main.c"), PROGRAM);
    writeFileSync(
      join(tree, "CMakeLists.txt"),
      `cmake_minimum_required(VERSION 3.16)
project(firmware C)
${command}
add_executable(app main.c)
target_link_libraries(app PRIVATE mapveil::${PROFILE})
`,
    );
    await run("cmake", ["-S", tree, "-B", join(tree, "build")]);
    await run("cmake", ["--build", join(tree, "build")]);
    expect(leaves(join(tree, "build/app"))).toBe(42);
  });
});
