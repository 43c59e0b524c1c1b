/** Writes the report to a folder: the page, each plot as a file of its own, the document. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchDocument } from "./document.ts";
import { pageHtml, type Report } from "./page.ts";
import { plotSvg } from "./plots.ts";
import type { Plot } from "./report.ts";

const DOCUMENT = "bench.json";

const fileName = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60);

const plotName = (suite: string, plot: Plot) => `${fileName(suite)}-${fileName(plot.title)}.svg`;

/** Removes the plots of the run whose document stands in the folder: the page no longer has them. */
function removeEarlier(folder: string): void {
  let earlier: Pick<BenchDocument, "suites">;
  try {
    earlier = JSON.parse(readFileSync(join(folder, DOCUMENT), "utf8"));
  } catch {
    return;
  }
  for (const { name, plots } of earlier.suites ?? []) {
    for (const plot of plots ?? []) rmSync(join(folder, plotName(name, plot)), { force: true });
  }
}

/** Writes index.html, bench.json and one SVG a plot; returns the path of the page. */
export function writeReport(folder: string, report: Report, document: BenchDocument): string {
  mkdirSync(folder, { recursive: true });
  removeEarlier(folder);
  for (const { name, plots } of report.suites) {
    for (const plot of plots) writeFileSync(join(folder, plotName(name, plot)), plotSvg(plot));
  }
  writeFileSync(join(folder, DOCUMENT), `${JSON.stringify(document, null, 1)}\n`);
  const page = join(folder, "index.html");
  writeFileSync(page, pageHtml(report));
  return page;
}
