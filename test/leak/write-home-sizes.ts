/** Writes home-sizes.json anew, in some minutes: npx tsx test/leak/write-home-sizes.ts */
import { writeFileSync } from "node:fs";
import { homeMeasure, RELEASES } from "./home-sizes.ts";

const SEED = 1;
const HOMES = 2000;

const measure = await homeMeasure(SEED);
const homes = Array.from({ length: HOMES }, (_, index) => measure(index));
const rows = RELEASES.map((release) => {
  const tiles = homes.map((sizes) => sizes[release]?.tile ?? 0);
  return `  "${release}": [${tiles.join(",")}]`;
});
const text = `{\n  "seed": ${SEED},\n${rows.join(",\n")}\n}\n`;
writeFileSync(new URL("home-sizes.json", import.meta.url), text);
