/**
 * Writes host/linkage/figures.ts: attacks all that labels have figures for, and puts down what was
 * found. To be run after a change of host/attack, host/plan or of maps; takes about ten minutes.
 *   npx tsx host/attack/tools/write-figures.ts
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FIGURE_TERMS, figuresSource, labelledViews, measureFigures } from "../measure-figures.ts";

const FILE = fileURLToPath(new URL("../../linkage/figures.ts", import.meta.url));

let said = -1;
const report = (share: number) => {
  const percent = Math.floor(100 * share);
  if (percent === said) return;
  said = percent;
  process.stderr.write(`\r${percent} %`);
};
const figures = await measureFigures(await labelledViews(), FIGURE_TERMS, report);
writeFileSync(FILE, figuresSource(figures));
process.stderr.write(`\r${FILE}\n`);
