/** Compiles the core in memory: as it is, under other options, or with one line changed. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import type { CoreBuild } from "../../host/core/load-module.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Targets of asconfig.json. */
export type Target = CoreBuild | "standard" | "standard-simd" | "micro" | "micro-simd";

/** What the smaller profiles begin with; the others are of the wide one. */
const ENTRIES: Readonly<Record<string, string>> = {
  micro: "assembly/micro.ts",
  standard: "assembly/index.ts",
};

/** One change of a source: `from` must stand there exactly once. */
export interface Change {
  /** As "assembly/strip/metadata.ts". */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Where the static data of a build begins: all below it is the memory map. */
export function memoryBase(build: Target): number {
  const { targets } = JSON.parse(readFileSync(join(ROOT, "asconfig.json"), "utf8"));
  return targets[build].memoryBase;
}

function changed(text: string, { file, from, to }: Change): string {
  const places = text.split(from).length - 1;
  if (places !== 1) throw new Error(`${file} has ${places} places of: ${from}`);
  return text.replace(from, () => to);
}

/** The bytes of a build. Throws what the compiler says, or where a change found no place. */
export async function compileCore(
  build: Target,
  options: readonly string[] = [],
  changes: readonly Change[] = [],
): Promise<Uint8Array> {
  const stderr = asc.createMemoryStream();
  const applied = new Set<Change>();
  let wasm: Uint8Array | undefined;
  const readSource = async (name: string, folder: string): Promise<string | null> => {
    const path = resolve(folder, name);
    const text = await readFile(path, "utf8").catch(() => null);
    return changes.reduce((source, change) => {
      if (source === null || path !== join(ROOT, change.file)) return source;
      applied.add(change);
      return changed(source, change);
    }, text);
  };
  const entry = ENTRIES[build.split("-")[0]!] ?? "assembly/wide.ts";
  const target = ["--config", "asconfig.json", "--target", build, "--baseDir", ROOT];
  const { error } = await asc.main([entry, ...target, "--outFile", "core.wasm", ...options], {
    stderr,
    readFile: readSource,
    writeFile: (_name, contents) => {
      wasm = Uint8Array.from(contents as Uint8Array);
    },
  });
  if (error || !wasm) throw new Error(`${error?.message}\n${stderr.toString()}`);
  for (const change of changes) {
    if (!applied.has(change)) throw new Error(`the compiler did not read ${change.file}`);
  }
  return wasm;
}
