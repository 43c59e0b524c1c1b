/** The report as one HTML page with its plots in it: nothing is loaded from anywhere. */
import { CHANGE_COLUMNS, type Change, changeRows } from "./compare.ts";
import { plotSvg } from "./plots.ts";
import { gatesText, type Machine, machineText, type Suite } from "./report.ts";

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 1180px; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; margin: 1rem 0; }
th, td { padding: 2px 10px; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { border-bottom: 2px solid #888; }
.missed { color: #b33; font-weight: 600; } .warning { color: #b33; }
.scroll { overflow-x: auto; } figure { margin: 1.5rem 0; } svg { max-width: 100%; height: auto; }
pre { white-space: pre-wrap; }
`;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => escapes[sign]!);

function cell(text: string, tag: "td" | "th"): string {
  const missed = /MISSED|worse/.test(text) ? ' class="missed"' : "";
  return `<${tag}${missed}>${escaped(text)}</${tag}>`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: "td" | "th") =>
    `<tr>${cells.map((text) => cell(text, tag)).join("")}</tr>`;
  return `<div class="scroll"><table><thead>${line(columns, "th")}</thead><tbody>
${rows.map((row) => line(row, "td")).join("\n")}
</tbody></table></div>`;
}

function section(suite: Suite): string {
  const plots = suite.plots.map((plot) => `<figure>${plotSvg(plot)}</figure>`).join("\n");
  const missing = suite.missing.map(
    ({ name, reason }) =>
      `<p class="warning">Not compared with ${escaped(name)}: ${escaped(reason)}</p>`,
  );
  return `<h2 id="${escaped(suite.name)}">${escaped(suite.name)}: ${escaped(suite.title)}</h2>
${plots}
${table(suite.columns, suite.rows)}
${missing.join("\n")}
<pre>${escaped(suite.notes.join("\n"))}</pre>`;
}

function changesSection(changes: readonly Change[]): string {
  return `<h2 id="changes">Changes since the earlier run</h2>
${table(CHANGE_COLUMNS, changeRows(changes))}`;
}

export interface Report {
  readonly startedAt: string;
  readonly machine: Machine;
  readonly suites: readonly Suite[];
  /** Against an earlier run, if one was given. */
  readonly changes: readonly Change[];
}

/** The whole page. */
export function pageHtml({ startedAt, machine, suites, changes }: Report): string {
  const links = suites.map(({ name }) => `<a href="#${escaped(name)}">${escaped(name)}</a>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Mapveil: does it keep up?</title><style>${STYLE}</style></head><body>
<h1>Mapveil: does it keep up with my sensor?</h1>
<p>${escaped(startedAt)}</p>
<pre${machine.quiet ? "" : ' class="warning"'}>${escaped(machineText(machine))}</pre>
<p>${links.join(" · ")}</p>
${suites.map(section).join("\n")}
${changes.length > 0 ? changesSection(changes) : ""}
<h2>Gates</h2><pre>${escaped(gatesText(suites))}</pre>
</body></html>
`;
}
