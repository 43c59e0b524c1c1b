/** Writes the report to a folder: the page, each plot as a file of its own, the document. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchDocument } from "./document.ts";
import { pageHtml, type Report } from "./page.ts";
import { plotSvg } from "./plots.ts";

const fileName = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);

/** Writes index.html, bench.json and one SVG a plot; returns the path of the page. */
export function writeReport(folder: string, report: Report, document: BenchDocument): string {
  mkdirSync(folder, { recursive: true });
  for (const { name, plots } of report.suites) {
    for (const plot of plots) {
      writeFileSync(join(folder, `${name}-${fileName(plot.title)}.svg`), plotSvg(plot));
    }
  }
  writeFileSync(join(folder, "bench.json"), `${JSON.stringify(document, null, 1)}\n`);
  const page = join(folder, "index.html");
  writeFileSync(page, pageHtml(report));
  return page;
}
