/** The house is in order: imports go one way, nothing lies about unused, files and functions are small. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

/** Files that may be longer, and why. */
const LONG_FILES: Readonly<Record<string, string>> = {
  "assembly/abi.ts": "made from host/embed/abi.json: one row a number, each with its comment",
};

/** Functions that may be longer, and why. */
const LONG_FUNCTIONS: Readonly<Record<string, string>> = {
  "assembly/seal/chacha20x4.ts cryptPieces": "four blocks at once: rounds without calls or memory",
};

/** Files that something outside of the imports starts. */
const ENTRIES = new Set([
  "host/attack/tools/write-figures.ts",
  "host/index.ts",
  "host/cli/main.ts",
  "host/embed/tools/build-abi.ts",
  "host/embed/tools/build-c.ts",
  "host/embed/tools/frames.ts",
  "assembly/index.ts",
  "assembly/micro.ts",
  "assembly/wide.ts",
]);

/** Rooms of the host from the lowest floor up: a file imports from its own room or from below. */
const FLOORS: readonly (readonly string[])[] = [
  ["core", "gen"],
  ["config", "telemetry", "text"],
  ["keys", "policy", "formats", "linkage"],
  ["plan"],
  ["permission", "preview", "rpc", "veil", "scenes"],
  ["spool"],
  ["uplink"],
  ["sidecar", "receiver", "client", "attack"],
  ["canary"],
  ["cli", "embed", ""],
];

interface Source {
  readonly path: string;
  readonly text: string;
  /** Paths of the files of this repository that it imports. */
  readonly imports: readonly string[];
}

function importsOf(path: string, text: string): string[] {
  // Imports and re-exports, also those of types and at run time.
  const places = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']+)["']/g);
  return [...places].map(([, to]) => relative(ROOT, resolve(ROOT, dirname(path), to!)));
}

/** TypeScript files below a folder of the repository. */
function sourcesOf(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((name) => `${folder}/${String(name)}`)
    .filter((path) => /\.m?ts$/.test(path) && !/\/(?:gen|build|node_modules)\//.test(path))
    .filter((path) => !path.startsWith("test/data/"))
    .sort()
    .map((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      return { path, text, imports: importsOf(path, text) };
    });
}

const assembly = sourcesOf("assembly");
const host = sourcesOf("host");
const tests = sourcesOf("test");
const all = [...assembly, ...host, ...tests, ...sourcesOf("bench")];

const roomOf = (path: string) => (path.split("/").length > 2 ? path.split("/")[1]! : "");
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room));

/** Named functions and methods with the number of their lines, by the indentation of their ends. */
function functionsOf(text: string): { name: string; lines: number }[] {
  const lines = text.split("\n");
  const begins =
    /^(\s*)(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:(?:static|private|override|get|set)\s+)*(?:function\*?\s+)?\*?(?:const\s+)?(#?\w+)\s*(?:<[^>]*>)?(?:\(|=\s*(?:async\s*)?\()/;
  const found: { name: string; lines: number }[] = [];
  for (const [i, line] of lines.entries()) {
    const match = /[;,]$/.test(line) ? null : begins.exec(line);
    if (!match || /^\s*(if|for|while|switch|return|await|catch|super)\b/.test(line)) continue;
    const [, indent, name] = match as unknown as [string, string, string];
    const body = lines.slice(i).findIndex((l) => /\{\s*$/.test(l));
    const end = lines.slice(i + 1).findIndex((l) => new RegExp(`^${indent}\\}`).test(l));
    // A body opens on this line, or where a long list of parameters ends.
    if (body < 0 || end < 0 || body > end) continue;
    found.push({ name, lines: end + 2 });
  }
  return found;
}

test("the search for sources finds the sources", () => {
  expect(assembly.length).toBeGreaterThan(20);
  expect(host.length).toBeGreaterThan(50);
  expect(host.find(({ path }) => path === "host/core/core.ts")!.imports).toContain(
    "assembly/abi.ts",
  );
  const sample = "export function a(\n  x: u32,\n): void {\n  b();\n}\n\nconst c = () => {\n};\n";
  expect(functionsOf(sample)).toEqual([
    { name: "a", lines: 5 },
    { name: "c", lines: 2 },
  ]);
});

describe("imports", () => {
  test("the core imports nothing from outside of it", () => {
    const outside = assembly.flatMap(({ path, imports, text }) => [
      ...imports.filter((to) => !to.startsWith("assembly/")).map((to) => `${path} -> ${to}`),
      ...[...text.matchAll(/\bfrom\s+["']([^."'][^"']*)["']/g)].map(([, to]) => `${path} -> ${to}`),
    ]);
    expect(outside).toEqual([]);
  });

  test("the host takes nothing from the core's sources but the binary interface", () => {
    const deep = host.flatMap(({ path, imports }) =>
      imports
        .filter((to) => to.startsWith("assembly/") && to !== "assembly/abi.ts")
        .map((to) => `${path} -> ${to}`),
    );
    expect(deep).toEqual([]);
  });

  test("go one way through the rooms of the host", () => {
    const rooms = new Set(host.map(({ path }) => roomOf(path)));
    expect([...rooms].filter((room) => floorOf(room) < 0)).toEqual([]);
    const wrong = host.flatMap(({ path, imports }) =>
      imports
        .filter((to) => to.startsWith("host/") && roomOf(to) !== roomOf(path))
        .filter((to) => floorOf(roomOf(to)) >= floorOf(roomOf(path)))
        .map((to) => `${path} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test("never lead from the product to its tests or benchmarks", () => {
    const wrong = host.flatMap(({ path, imports }) =>
      imports.filter((to) => /^(test|bench)\//.test(to)).map((to) => `${path} -> ${to}`),
    );
    expect(wrong).toEqual([]);
  });

  test("reach every file that is no entry", () => {
    const imported = new Set([...assembly, ...host].flatMap(({ imports }) => imports));
    const unused = [...assembly, ...host]
      .map(({ path }) => path)
      .filter((path) => !imported.has(path) && !ENTRIES.has(path));
    expect(unused).toEqual([]);
  });

  test("name files that are there", () => {
    const present = new Set([...all.map(({ path }) => path), "vitest.config.ts"]);
    const missing = all.flatMap(({ path, imports }) =>
      imports
        .filter((to) => to.endsWith(".ts") && !to.startsWith("host/gen/") && !present.has(to))
        .map((to) => `${path} -> ${to}`),
    );
    expect(missing).toEqual([]);
  });
});

describe("sizes", () => {
  test(`no file has more than ${FILE_LINES_MAX} lines without a reason`, () => {
    const long = all
      .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
      .filter(({ path, lines }) => lines > FILE_LINES_MAX && !(path in LONG_FILES));
    expect(long).toEqual([]);
  });

  test(`no function has more than ${FUNCTION_LINES_MAX} lines without a reason`, () => {
    const long = [...assembly, ...host].flatMap(({ path, text }) =>
      functionsOf(text)
        .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
        .map(({ name, lines }) => ({ name: `${path} ${name}`, lines }))
        .filter(({ name }) => !(name in LONG_FUNCTIONS)),
    );
    expect(long).toEqual([]);
  });

  test("every listed exception is still one", () => {
    const names = new Set(
      all.flatMap(({ path, text }) => functionsOf(text).map(({ name }) => `${path} ${name}`)),
    );
    expect(Object.keys(LONG_FUNCTIONS).filter((name) => !names.has(name))).toEqual([]);
    const paths = new Set(all.map(({ path }) => path));
    expect(Object.keys(LONG_FILES).filter((path) => !paths.has(path))).toEqual([]);
  });
});

describe("leftovers", () => {
  /** Places of a pattern as "file:line". */
  const places = (sources: readonly Source[], pattern: RegExp) =>
    sources.flatMap(({ path, text }) =>
      text.split("\n").flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}`] : [])),
    );

  test("no test is left out, and none is alone", () => {
    // A test that cannot run everywhere says so with a condition: skipIf, runIf.
    expect(places(tests, /\b(?:test|it|describe)(?:\.\w+)*\.(?:only|skip|todo)\b/)).toEqual([]);
  });

  test("nothing is put off", () => {
    expect(
      places(all, new RegExp(`\\b(?:${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`)),
    ).toEqual([]);
  });

  test("no tabs, no carriage returns, no spaces at the end, one newline at the end", () => {
    expect(places(all, /\t|\r|[ ]$/)).toEqual([]);
    const ends = all.filter(({ text }) => !/[^\n]\n$/.test(text)).map(({ path }) => path);
    expect(ends).toEqual([]);
  });

  test("no debugging output in the core or in the library", () => {
    const library = host.filter(({ path }) => !/^host\/(?:cli|embed\/tools)\//.test(path));
    expect(places([...assembly, ...library], /\bconsole\.|\bdebugger\b|\btrace\(/)).toEqual([]);
  });

  test("the core allocates nothing: no new, no strings, no arrays at run time", () => {
    const code = assembly.map((source) => ({
      ...source,
      text: source.text
        .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ""))
        .replaceAll(/\/\/.*/g, ""),
    }));
    expect(places(code, /\bnew\s+\w|\bStaticArray\b|\bArray\b|\bString\b|`/)).toEqual([]);
    const strings = places(code, /["']/).filter((place) => {
      const [path, line] = place.split(":") as [string, string];
      const at = code.find((source) => source.path === path)!.text.split("\n")[Number(line) - 1]!;
      // ERROR() speaks to whoever compiles, and is gone then.
      return !/\bfrom\s+["']|\bERROR\(/.test(at);
    });
    expect(strings).toEqual([]);
  });
});
