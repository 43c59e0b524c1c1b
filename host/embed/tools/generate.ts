/** Every file that is made from host/embed/abi.json, as it should be. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Abi, parseAbi } from "./abi-schema.ts";
import { brokenPromises, type Published } from "./published.ts";
import { writeConstants, writeProfile } from "./write-constants.ts";
import { writeExports } from "./write-exports.ts";
import { writeHeader } from "./write-header.ts";
import { writeTables } from "./write-tables.ts";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const SOURCE = "host/embed/abi.json";
export const PUBLISHED = "host/embed/published.json";
const PAGE = "host/embed/README.md";

const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** As the house formats it. */
export function formatted(path: string, text: string): string {
  const biome = join(ROOT, "node_modules/.bin/biome");
  return execFileSync(biome, ["format", `--stdin-file-path=${path}`], {
    cwd: ROOT,
    input: text,
    encoding: "utf8",
  });
}

/**
 * The interface as it stands in the repository.
 * @throws Error that names the rows that are not sound
 */
export function readAbi(): Abi {
  return parseAbi(read(SOURCE), SOURCE);
}

export function readPublished(): Published {
  return JSON.parse(read(PUBLISHED)) as Published;
}

/**
 * Path and text of every generated file.
 * @throws Error if the interface breaks what was published of it
 */
export function generate(abi: Abi): ReadonlyMap<string, string> {
  const broken = brokenPromises(abi, readPublished());
  if (broken.length > 0) throw new Error(`${SOURCE} breaks a promise:\n  ${broken.join("\n  ")}`);
  const sources: readonly (readonly [string, string])[] = [
    ["assembly/abi.ts", writeConstants(abi)],
    ["assembly/profile.ts", writeProfile(abi)],
    ["host/core/core-exports.ts", writeExports(abi)],
  ];
  return new Map([
    ...sources.map(([path, text]) => [path, formatted(path, text)] as const),
    ["host/embed/include/mapveil_abi.h", writeHeader(abi)],
    [PAGE, writeTables(abi, read(PAGE))],
  ]);
}
