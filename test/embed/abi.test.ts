/** The binary interface has one source, and the modules, the header and the page agree with it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { CoreExports } from "../../host/core/core-exports.ts";
import { engine } from "../../host/core/webassembly.ts";
import {
  type Abi,
  endOf,
  HOST_PROFILE,
  parseAbi,
  profileLimits,
  regionBytes,
} from "../../host/embed/tools/abi-schema.ts";
import { generate, ROOT, readAbi, readPublished, SOURCE } from "../../host/embed/tools/generate.ts";
import { brokenPromises, publish, rowsOf } from "../../host/embed/tools/published.ts";
import { writeTables } from "../../host/embed/tools/write-tables.ts";
import { parseWasm } from "../core/wasm-module.ts";

const abi = readAbi();
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const copyAbi = () => structuredClone(abi);

interface Options {
  readonly outFile?: string;
  readonly use?: readonly string[];
}

/** Every module that `npm run build:core` makes, with the profile it is told to be. */
const config = JSON.parse(read("asconfig.json")) as {
  targets: Record<string, Options>;
  options: Options;
};
const modules = Object.entries(config.targets).map(([target, { outFile, use = [] }]) => {
  const uses = [...use, ...(config.options.use ?? [])];
  const id = uses.find((text) => text.startsWith("PROFILE="))?.slice("PROFILE=".length);
  return { target, file: outFile!, profile: abi.profiles.find((p) => String(p.id) === id)! };
});

describe("what is generated", () => {
  const files = generate(abi);

  test.each([...files.keys()])("%s is what abi.json gives: npm run build:abi", (path) => {
    expect(read(path)).toBe(files.get(path));
  });

  test("needs every marker of the page exactly once", () => {
    const page = read("host/embed/README.md");
    for (const marker of ["<!-- abi:exports -->", "<!-- /abi:structs -->"]) {
      expect(() => writeTables(abi, page.replace(marker, ""))).toThrow(/markers of abi:/);
      expect(() => writeTables(abi, page + page)).toThrow(/exactly once/);
    }
  });
});

describe.each(modules)("the module of target $target", ({ file, profile }) => {
  const wasm = readFileSync(join(ROOT, file));
  const found = parseWasm(wasm).exports;

  test("exports what the table says, with these parameters and results", () => {
    const functions = [...found].filter(([, what]) => what.startsWith("(")).sort();
    const said = abi.exports
      .filter(({ profiles }) => profiles.includes(profile.name))
      .map(({ name, params }) => [name, `(${params.map(() => "i32").join(", ")}) -> i32`]);
    expect(functions).toEqual(said.sort());
  });

  test("tells the version, and the sizes of its profile", () => {
    const core = new engine.Instance(new engine.Module(wasm)).exports as CoreExports;
    expect(core.abi_version()).toBe((abi.version.major << 16) | abi.version.minor);
    for (const region of abi.regions) {
      const bytes = regionBytes(abi, profile, region);
      expect(core.region_bytes(region.id), region.name).toBe(bytes);
      const address = core.region_ptr(region.id);
      expect(address % 16, region.name).toBe(0);
      expect(address > 0, region.name).toBe(bytes > 0);
      expect(address + bytes, region.name).toBeLessThanOrEqual(core.memory.buffer.byteLength);
    }
    // Each LIMIT_* is described by the name of the limit that it tells.
    const told = abi.enums.find(({ name }) => name === "LIMIT")!.values;
    const limits = told.map(({ value, doc }) => [doc.slice(0, -1), core.limit(value)]);
    expect(Object.fromEntries(limits)).toEqual(profile.limits);
    for (const id of [-1, told.length, 0x7fffffff]) expect(core.limit(id)).toBe(0);
    const ends = abi.regions
      .map(({ id }) => [core.region_ptr(id), core.region_ptr(id) + core.region_bytes(id)] as const)
      .filter(([from, to]) => to > from)
      .sort(([a], [b]) => a - b);
    for (const [i, [from]] of ends.entries()) {
      if (i > 0) expect(from).toBeGreaterThanOrEqual(ends[i - 1]![1]);
    }
    const unknown = Math.max(...abi.regions.map(({ id }) => id)) + 1;
    for (const id of [-1, unknown, 0x7fffffff]) expect(core.region_bytes(id)).toBe(0);
  });
});

test("every profile has two modules, and the first of Node's is what Node loads", () => {
  const twice = abi.profiles.flatMap(({ name }) => [name, name]);
  expect(modules.map(({ profile }) => profile?.name).sort()).toEqual(twice.sort());
  const host = modules.find(({ profile }) => profile.name === HOST_PROFILE);
  expect(host!.file).toBe("dist/core.wasm");
});

test("the sources of the exports have the names and signs of the table, which the modules cannot tell", () => {
  const sources = read("assembly/index.ts") + read("assembly/wide.ts");
  const found = sources.matchAll(/^export function (\w+)\((.*?)\): (\w+) \{$/gm);
  const said = abi.exports.map(({ name, params, result }) => {
    const list = params.map((param) => `${param.name}: ${param.type}`).join(", ");
    return `${name}(${list}): ${result.type}`;
  });
  const written = [...found].map(([, name, params, result]) => `${name}(${params}): ${result}`);
  expect(written.sort()).toEqual(said.sort());
});

test("the core takes limits from its profile, never those of Node's profile", () => {
  const names = profileLimits(abi).map(({ name }) => name);
  const wrong = readdirSync(join(ROOT, "assembly"), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => {
      const imports = /import \{([^}]*)\} from "\.{1,2}\/abi\.ts"/.exec(read(`assembly/${name}`));
      const taken = imports?.[1]?.split(",").map((text) => text.trim()) ?? [];
      return names.filter((limit) => taken.includes(limit)).map((limit) => `${name} ${limit}`);
    });
  expect(wrong).toEqual([]);
});

describe("mistakes in abi.json are named with their row", () => {
  const field = (of: Abi, struct: string, name: string) =>
    of.structs.find((s) => s.name === struct)!.fields.find((f) => f.name === name)!;
  const exported = (of: Abi, name: string) => of.exports.find((row) => row.name === name)!;
  const cases: readonly [message: string, change: (abi: Abi) => unknown][] = [
    [
      "structs.0.fields.0.doc: must be a sentence",
      (a) => (a.structs[0]!.fields[0]!.doc = "no end"),
    ],
    ["statuses.0.value", (a) => (a.statuses[0]!.value = 1)],
    ["regions.0: Unrecognized key", (a) => Object.assign(a.regions[0]!, { bytes: 1 })],
    [
      "structs FRAME.stamp_ns: offset 12 is no multiple of 8",
      (a) => (field(a, "FRAME", "stamp_ns").offset = 12),
    ],
    [
      "structs FRAME.stamp_ns: offset 0 lies in the field before",
      (a) => (field(a, "FRAME", "stamp_ns").offset = 0),
    ],
    [
      "structs LAYOUT.x: type POINT is neither a number nor another struct",
      (a) => (field(a, "LAYOUT", "x").type = "POINT"),
    ],
    [
      "structs SEAL: fields end at 9208, beyond bytes",
      (a) => (field(a, "SEAL", "recipient").offset = 9176),
    ],
    [
      "structs STATS: bytes 101 is no multiple of 4",
      (a) => (a.structs.find((s) => s.name === "STATS")!.bytes = 101),
    ],
    [
      "structs FRAME: fields end at 128, long before bytes 136",
      (a) => (a.structs.find((s) => s.name === "FRAME")!.bytes = 136),
    ],
    ["profiles micro: limits has no MAX_POINTS", (a) => delete a.profiles[0]!.limits.MAX_POINTS],
    [
      "profiles micro: limit CELL_LIMIT is not the name",
      (a) => (a.profiles[0]!.limits.CELL_LIMIT = 1),
    ],
    ["profiles wide: regions has no INPUT", (a) => delete a.profiles[2]!.regions.INPUT],
    ["profiles micro: region POLICY has 79 bytes", (a) => (a.profiles[0]!.regions.POLICY = 79)],
    ["regions FRAME: there is no struct FRAMES", (a) => (a.regions[2]!.struct = "FRAMES")],
    ["exports wipe: no profile tiny", (a) => exported(a, "wipe").profiles.push("tiny")],
    [
      "exports wipe: E_TRAP is no status of the core",
      (a) => (exported(a, "wipe").errors.E_TRAP = "Never."),
    ],
    ["constants: E_ARG stands there twice", (a) => (a.limits[0]!.name = "E_ARG")],
    [
      "exports.0.result.doc: must be a phrase",
      (a) => {
        a.exports[0]!.result.doc = "a | b";
      },
    ],
    [
      "structs VOXEL: an export has this name",
      (a) => {
        exported(a, "wipe").name = "voxel";
      },
    ],
    ["ids of regions: 0 stands there twice", (a) => (a.regions[1]!.id = 0)],
  ];

  test.each(cases)("%s", (message, change) => {
    const changed = copyAbi();
    change(changed);
    expect(() => parseAbi(JSON.stringify(changed), SOURCE)).toThrow(`${SOURCE} is not sound:`);
    expect(() => parseAbi(JSON.stringify(changed), SOURCE)).toThrow(message);
  });

  test("fields of a struct follow one another and end within it", () => {
    for (const { name, bytes, fields } of abi.structs) {
      for (const [i, { offset }] of fields.entries()) {
        if (i > 0) expect(offset, name).toBeGreaterThanOrEqual(endOf(abi, fields[i - 1]!));
      }
      expect(endOf(abi, fields.at(-1)!), name).toBeLessThanOrEqual(bytes);
    }
  });
});

describe("what was published", () => {
  const published = readPublished();

  test("is kept", () => {
    expect(Object.keys(published["1.0"]!).length).toBeGreaterThan(200);
    expect(brokenPromises(abi, published)).toEqual([]);
  });

  test("cannot be changed or taken away within a major version", () => {
    const changed = copyAbi();
    changed.enums.find(({ name }) => name === "KIND")!.values[0]!.value = 9;
    changed.exports = changed.exports.filter(({ name }) => name !== "open_tag");
    expect(brokenPromises(changed, published)).toEqual([
      "KIND_FRAME was published as 1 and is 9: that takes major version 2.",
      "wide open_tag() was published as () -> i32 and is gone: that takes major version 2.",
      "standard open_tag() was published as () -> i32 and is gone: that takes major version 2.",
    ]);
    expect(() => generate(changed)).toThrow(/breaks a promise:\n {2}KIND_FRAME/);
    changed.version = { major: 2, minor: 0 };
    expect(brokenPromises(changed, published)).toEqual([]);
  });

  test("is added to under a new minor version alone", () => {
    const now = publish(abi, published);
    expect(brokenPromises(abi, now)).toEqual([]);
    expect(publish(abi, now)).toEqual(now);
    const more = copyAbi();
    more.limits.push({ name: "NEW", value: 1, unit: "", doc: "New." });
    const { major, minor } = abi.version;
    expect(brokenPromises(more, now)).toEqual([
      `NEW is new, but ${major}.${minor} is published: raise the minor version.`,
    ]);
    more.version.minor += 1;
    expect(brokenPromises(more, now)).toEqual([]);
    const later = publish(more, now);
    expect(later[`${major}.${minor + 1}`]).toEqual({ NEW: "1" });
    expect(brokenPromises(abi, later).join()).toMatch(/comes after/);
  });

  test("holds no row twice", () => {
    const names = Object.values(published).flatMap((rows) => Object.keys(rows));
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(rowsOf(abi)).length).toBeGreaterThanOrEqual(names.length);
  });
});

const compilers = [
  ["gcc", "-std=c99"],
  ["gcc", "-std=c11"],
  ["g++", "-std=c++17"],
] as const;
const missing = [...new Set(compilers.map(([name]) => name))].filter(
  (name) => spawnSync(name, ["--version"]).status !== 0,
);
if (missing.length > 0) {
  if (process.env.CI) throw new Error(`the header cannot be compiled: no ${missing.join(", no ")}`);
  console.warn(`SKIPPED: the header is not compiled; no ${missing.join(", no ")} here`);
}

describe.skipIf(missing.length > 0)("the header", () => {
  const folder = mkdtempSync(join(tmpdir(), "mapveil-abi-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Compiles a source that includes the header, all warnings being errors; what the compiler says. */
  function compile(compiler: string, standard: string, options: readonly string[], body = "") {
    const file = join(folder, compiler === "g++" ? "use.cpp" : "use.c");
    writeFileSync(file, `#include "mapveil_abi.h"\n${body}\n`);
    const strict = compiler === "g++" ? [] : ["-Wstrict-prototypes"];
    const warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wpadded", "-Werror"];
    const include = `-I${join(ROOT, "host/embed/include")}`;
    const parts = [standard, ...warnings, ...strict, ...options, include, "-fsyntax-only", file];
    return spawnSync(compiler, parts, { encoding: "utf8" }).stderr;
  }

  test.each(compilers)("compiles without a warning under %s %s", (compiler, standard) => {
    const profiles = abi.profiles.map(({ name }) => [`-DMAPVEIL_PROFILE_${name.toUpperCase()}`]);
    for (const options of [[], ...profiles]) {
      expect(compile(compiler, standard, options)).toBe("");
    }
  });

  test.each(compilers)("holds the compiler to the sizes under %s %s", (compiler, standard) => {
    const wrong = "MAPVEIL_ASSERT(wrong, sizeof(mapveil_frame) == 127);";
    expect(compile(compiler, standard, [], wrong)).toMatch(/assert|wrong/);
    const limit = `MAPVEIL_ASSERT(right, MAPVEIL_MAX_POINTS == ${abi.profiles[0]!.limits.MAX_POINTS});`;
    expect(compile(compiler, standard, ["-DMAPVEIL_PROFILE_MICRO"], limit)).toBe("");
    expect(compile(compiler, standard, ["-DMAPVEIL_PROFILE_WIDE"], limit)).not.toBe("");
  });
});
