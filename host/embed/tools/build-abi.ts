/**
 * Writes every file that is made from host/embed/abi.json. With --publish it also records the rows of
 * this version as published, after which they stay as they are until the next major version.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatted, generate, PUBLISHED, ROOT, readAbi, readPublished } from "./generate.ts";
import { publish } from "./published.ts";

const abi = readAbi();
for (const [path, text] of generate(abi)) writeFileSync(join(ROOT, path), text);
if (process.argv.includes("--publish")) {
  const text = JSON.stringify(publish(abi, readPublished()), undefined, 2);
  writeFileSync(join(ROOT, PUBLISHED), formatted(PUBLISHED, text));
}
