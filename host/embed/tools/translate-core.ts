/**
 * Turns a module into C by wasm2c, then into C that stands on src/core-runtime.h: the preamble of
 * wasm2c, with its memory that is loaded from the instance and checked with 64 bits, is replaced.
 *
 * The form of wasm2c's output is no contract of its own. So every part is looked for where it must be,
 * what is replaced is counted, and any other form is an error.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { engine } from "../../core/webassembly.ts";

/** The release whose output this file knows. */
const WABT_VERSION = "1.0.39";
/** SHA-256 of what wasm2c writes before the first function of the module. */
const PREAMBLES = {
  baseline: "a21ba553df04512947ab23cfa4bafe35f4b12779a75c6e3d50f241f8de7cf2ea",
  simd: "f53a5b3110de205c5058bbd20a483e924e59f3975e6a4d564f08d186f726edc4",
};
/** State, reserved word and jump target before the globals: MAPVEIL_GUARD_BYTES of src/instance.h. */
const GUARD_BYTES = 48;
const PAGE_BYTES = 65536;
/** Alignment of the instance and of linear memory. */
export const BUFFER_ALIGN = 64;

const alignUp = (bytes: number) => Math.ceil(bytes / BUFFER_ALIGN) * BUFFER_ALIGN;

/** A module as C, in the parts that its two files are made of. */
export interface TranslatedCore {
  /** Bytes of linear memory that the module uses. */
  readonly linearBytes: number;
  /** Bytes before linear memory: the guard and the globals. */
  readonly headBytes: number;
  readonly simd: boolean;
  /** C declarations of the globals, and those start values that are not zero. */
  readonly globals: readonly string[];
  readonly startValues: readonly string[];
  /** Name and number of parameters. */
  readonly exports: readonly { readonly name: string; readonly parameters: number }[];
  readonly declarations: string;
  readonly segments: string;
  /** Statements that copy the segments. */
  readonly copies: readonly string[];
  readonly functions: string;
}

function fail(what: string): never {
  throw new Error(`The output of wasm2c has another form: ${what}.`);
}

/** wasm2c of the npm package as a file at `from` finds it, or an error that says how to get it. */
export function findWasm2c(from: string | URL = import.meta.url): string {
  const require = createRequire(from);
  let path: string;
  try {
    path = require.resolve("wabt/bin/wasm2c");
  } catch {
    throw new Error(`wasm2c is missing: run "npm ci", which installs wabt ${WABT_VERSION}.`);
  }
  const manifest = readFileSync(join(dirname(path), "../package.json"), "utf8");
  const { version } = JSON.parse(manifest) as { version: string };
  if (version !== WABT_VERSION) {
    throw new Error(
      `wabt ${version} is installed; this build knows the output of ${WABT_VERSION}.`,
    );
  }
  return path;
}

/** The two files that wasm2c writes. */
export interface Wasm2cOutput {
  readonly source: string;
  readonly header: string;
}

export function runWasm2c(wasm: string): Wasm2cOutput {
  const folder = mkdtempSync(join(tmpdir(), "mapveil-wasm2c-"));
  try {
    const output = join(folder, "core.c");
    execFileSync(process.execPath, [findWasm2c(), wasm, "-n", "core", "-o", output], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    return { source: read("core.c"), header: read("core.h") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Cuts a text at the one place where `mark` begins a line. */
function cutAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(`\n${mark}`);
  if (at < 0) fail(`no line begins with "${mark}"`);
  if (text.indexOf(`\n${mark}`, at + 1) >= 0) fail(`two lines begin with "${mark}"`);
  return [text.slice(0, at + 1), text.slice(at + 1)];
}

/** Cuts a text where `mark` begins a line for the first time. */
function cutFirst(text: string, mark: string): [string, string] {
  const at = text.indexOf(`\n${mark}`);
  if (at < 0) fail(`no line begins with "${mark}"`);
  return [text.slice(0, at + 1), text.slice(at + 1)];
}

const countOf = (text: string, pattern: RegExp) => (text.match(pattern) ?? []).length;

/** Replaces all matches; each occurrence of `sign` must be part of one. */
function replaceEach(text: string, sign: RegExp, pattern: RegExp, by: string): string {
  const wanted = countOf(text, sign);
  let replaced = 0;
  const result = text.replace(pattern, (...match) => {
    replaced++;
    return by.replace(/\$(\d)/g, (_, i) => match[Number(i)] ?? "0");
  });
  if (replaced !== wanted) fail(`${wanted} of ${sign}, but ${replaced} of ${pattern}`);
  return result;
}

const MEMORY = "&instance->w2c_memory";

/** Accesses to memory get the instance and a constant offset; operations get their type's name. */
function translateFunctions(body: string): string {
  let c = body.replaceAll(`memory_copy(${MEMORY}, ${MEMORY}, `, "memory_copy(instance, ");
  c = c.replaceAll(`memory_fill(${MEMORY}, `, "memory_fill(instance, ");
  c = replaceEach(
    c,
    /&instance->w2c_memory/g,
    /\b(\w+?)(?:_default32)?\(&instance->w2c_memory, \(u64\)\((var_\w+)\)(?: \+ (\d+)u?)?(?=[,)])/g,
    "$1(instance, $2, $3u",
  );
  c = replaceEach(
    c,
    /\b(?:DIV|REM)_U\b/g,
    /\b(DIV|REM)_U\((?=var_[ij]\d+, var_[ij]\d+\))/g,
    "$1_U(",
  );
  for (const [letter, type] of [
    ["f", "f32"],
    ["d", "f64"],
  ]) {
    c = c.replace(
      new RegExp(`\\bF(MIN|MAX)\\((?=var_${letter}\\d+, var_${letter}\\d+\\))`, "g"),
      (_, op) => `${type}_${op.toLowerCase()}(`,
    );
  }
  // Operations of vectors: what wasm2c calls those of simde, or its own around them.
  c = c.replace(/\b(?:simde_wasm|v128)_((?:[iuf]\d+x\d+|v128)_\w+\()/g, "$1");
  c = c.replace(/^ {2}FUNC_(PROLOGUE|EPILOGUE);\n/gm, "");
  for (const left of [/w2c_memory/, /\bFMIN\b/, /\bFMAX\b/, /simde/, /FUNC_/, /_default32/]) {
    if (left.test(c)) fail(`${left} is left over`);
  }
  return c;
}

/** Fields of the instance as wasm2c declares them, without its memory. */
function readGlobals(header: string): { type: string; name: string }[] {
  const struct =
    /typedef struct w2c_core \{\n([\s\S]*?) {2}wasm_rt_memory_t w2c_memory;\n\} w2c_core;/.exec(
      header,
    );
  if (struct === null) fail("the instance is not globals and one memory");
  return struct[1]!
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const field = /^ {2}(u32|u64|f32|f64) (w2c_\w+);$/.exec(line);
      if (field === null) fail(`a global is declared as "${line}"`);
      return { type: field[1]!, name: field[2]! };
    });
}

/** Bytes from the start of the instance to behind its last global, as every C compiler lays them out. */
function bytesOfHead(globals: readonly { type: string }[]): number {
  let at = GUARD_BYTES;
  for (const { type } of globals) {
    const bytes = type.endsWith("64") ? 8 : 4;
    at = Math.ceil(at / bytes) * bytes + bytes;
  }
  return at;
}

/** Exports that are functions; those of memory and of globals are no concern of C. */
function readExports(wrappers: string) {
  const blocks = wrappers.split(/^\/\* export: /m).slice(1);
  return blocks.flatMap((block) => {
    const name = /^'(\w+)' \*\//.exec(block)?.[1];
    if (name === undefined) fail("an export has another name than a C function can have");
    if (/^ {2}return &instance->\w+;$/m.test(block)) return [];
    const call = /^ {2}u32 ret = (w2c_core_\w+)\(instance((?:, var_p\d+)*)\);$/m.exec(block);
    if (call === null) fail(`the export ${name} does not return u32`);
    const parameters = countOf(call[2]!, /var_p/g);
    if (countOf(block.split("{")[0]!, /\bu32 var_p\d+/g) !== parameters || parameters > 3) {
      fail(`the export ${name} has other parameters than three u32`);
    }
    return [{ name, callee: call[1]!, parameters }];
  });
}

/** CORE_GRAIN of src/core-runtime.h, and up to what size of linear memory it counts. */
const CHECK_GRAIN = 128;
const GRAINED_BYTES_MAX = 32768;

/** Linear memory for a module: its static data stand at the end of it; behind, what checks let pass. */
export function bytesOfMemory(wasm: string): number {
  const { exports } = new engine.Instance(new engine.Module(readFileSync(wasm)));
  const end = (exports as { __heap_base?: { value: number } }).__heap_base;
  if (end === undefined) throw new Error(`${wasm} does not export __heap_base.`);
  const grained = alignUp(end.value + CHECK_GRAIN);
  return grained <= GRAINED_BYTES_MAX ? grained : alignUp(end.value);
}

/** What a copy of its own costs: zeros between two segments are copied with them if there are no more. */
const GAP_BYTES_MAX = 16;

/** Bytes of the active segments, from their address on, which must lie in linear memory. */
function readSegments(segments: string, initMemories: string, linearBytes: number) {
  const bytesOf = new Map<string, string[]>();
  for (const [, name, list] of segments.matchAll(
    /^static const u8 (\w+)\[\] = \{\n([^}]*)\};$/gm,
  )) {
    bytesOf.set(name!, list!.match(/0x[0-9a-f]{2}/g) ?? []);
  }
  const loads = initMemories.split("\n").filter((line) => line.includes("LOAD_DATA"));
  if (bytesOf.size !== loads.length) fail("it has segments that are not loaded");
  const merged: { at: number; bytes: string[] }[] = [];
  for (const line of loads) {
    const load = /^ {2}LOAD_DATA\(instance->w2c_memory, (\d+)u, (\w+), (\d+)\);$/.exec(line);
    const bytes = bytesOf.get(load?.[2] ?? "");
    if (load === null || bytes?.length !== Number(load[3]))
      fail(`a segment is loaded by "${line}"`);
    const at = Number(load[1]);
    if (at + bytes.length > linearBytes) fail(`${load[2]} ends behind linear memory`);
    const before = merged.at(-1);
    const gap = before === undefined ? -1 : at - before.at - before.bytes.length;
    if (before === undefined || gap < 0 || gap > GAP_BYTES_MAX) merged.push({ at, bytes });
    else before.bytes.push(...Array<string>(gap).fill("0x00"), ...bytes);
  }
  return merged;
}

/** The segments as C, and the memcpy statements that load them. */
function writeSegments(segments: ReturnType<typeof readSegments>) {
  const name = (i: number) => `core_data_${i}`;
  const lines = (bytes: readonly string[]) =>
    bytes.map((byte, i) => `${i % 16 === 0 ? "\n  " : " "}${byte},`).join("");
  return {
    segments: segments
      .map(({ bytes }, i) => `static const u8 ${name(i)}[] = {${lines(bytes)}\n};`)
      .join("\n\n"),
    copies: segments.map(
      ({ at, bytes }, i) => `  memcpy(CORE_MEMORY(${at}u), ${name(i)}, ${bytes.length});`,
    ),
  };
}

/** An export with the parameters of core_export. */
function wrapperOf(one: { name: string; callee: string; parameters: number }): string {
  const names = ["a", "b", "c"];
  const given = names.slice(0, one.parameters).map((name) => `, ${name}`);
  const unused = names.slice(one.parameters).map((name) => `  (void)${name};\n`);
  return `u32 core_${one.name}(mapveil *instance, u32 a, u32 b, u32 c) {
${unused.join("")}  return ${one.callee}(instance${given.join("")});
}`;
}

/** What wasm2c writes into every file, and what it makes of the module. */
function splitPreamble(source: string): [string, string] {
  const first = /^static \w+ w2c_core_\w+\(w2c_core\*/m.exec(source);
  if (first === null) fail("no function is declared");
  return [source.slice(0, first.index), source.slice(first.index)];
}

/** Translates what wasm2c made of a module that uses so much of its memory. */
export function translate({ source, header }: Wasm2cOutput, linearBytes: number): TranslatedCore {
  const [preamble, afterPreamble] = splitPreamble(source);
  const simd = preamble.includes("simde");
  const sum = createHash("sha256").update(preamble).digest("hex");
  if (sum !== PREAMBLES[simd ? "simd" : "baseline"]) fail(`its preamble has the SHA-256 ${sum}`);

  const [declarations, afterDeclarations] = cutAt(afterPreamble, "static void init_globals(");
  const [initGlobals, afterGlobals] = cutFirst(afterDeclarations, "static const u8 data_segment_");
  const [segments, afterSegments] = cutAt(afterGlobals, "static void init_memories(");
  const [initMemories, afterMemories] = cutAt(afterSegments, "static void init_data_instances(");
  const [initData, afterData] = cutFirst(afterMemories, "/* export: ");
  const [wrappers, afterWrappers] = cutAt(afterData, "void wasm2c_core_instantiate(");
  const [, afterTypes] = cutAt(afterWrappers, "wasm_rt_func_type_t wasm2c_core_get_func_type(");
  const end = "\n  return NULL;\n}\n";
  if (countOf(afterTypes, /\n {2}return NULL;\n\}\n/g) !== 1) fail("the functions begin elsewhere");
  const body = afterTypes.slice(afterTypes.indexOf(end) + end.length);
  if (!/\{\s*\}\s*$/.test(initData)) fail("it has passive data segments");

  const functions = translateFunctions(body);
  const globals = readGlobals(header).filter(({ name }) => functions.includes(`instance->${name}`));
  const used = new Set(globals.map(({ name }) => name));
  const startValues = initGlobals
    .split("\n")
    .filter((line) => line.startsWith("  "))
    .filter((line) => {
      const value = /^ {2}instance->(w2c_\w+) = ([^;]+);$/.exec(line);
      if (value === null) fail(`a global starts as "${line}"`);
      return used.has(value[1]!) && !/^0(u|ull)?$/.test(value[2]!);
    });
  const pages =
    /\n {2}wasm_rt_allocate_memory\(&instance->w2c_memory, (\d+), \1, 0, 65536\);\n/.exec(
      initMemories,
    );
  if (pages === null) fail("its memory is not of a fixed size");
  if (linearBytes > Number(pages[1]) * PAGE_BYTES) fail("it uses more memory than it has");
  const exported = readExports(wrappers);
  return {
    linearBytes,
    headBytes: alignUp(bytesOfHead(globals)),
    simd,
    globals: globals.map(({ type, name }) => `  ${type} ${name};`),
    startValues,
    exports: exported,
    declarations: declarations.replace(/^FUNC_TYPE_T\(.*\n/gm, "").trimEnd(),
    ...writeSegments(readSegments(segments, initMemories, linearBytes)),
    functions: `${functions.trim()}\n\n${exported.map(wrapperOf).join("\n\n")}`,
  };
}
