/** The report as people read it. */
import { IDENTIFIER_CLASSES } from "../../canary/identifier-classes.ts";
import type { CanaryReport } from "../../canary/report.ts";
import { SURFACES } from "../../canary/surfaces.ts";
import { bytes, count, plural, table } from "../format.ts";

/** Hits that are shown one by one. */
const SHOWN_MAX = 12;

const wordsOf = (id: string): string =>
  IDENTIFIER_CLASSES.find((one) => one.id === id)?.words ?? id;

/** Tables by surface and by class, then the first hits. */
export function canaryText(report: CanaryReport): string {
  const { seed, planted, classes, encodings, carriers, needles } = report;
  const head =
    `Seed ${seed}: planted ${count(planted)} values of ${plural(classes, "class", "classes")} in up to ${encodings} ` +
    `encodings on ${plural(carriers, "carrier")}; searched ${count(needles)} forms of them.\n\n`;
  const surfaces = report.surfaces
    .filter(({ pieces }) => pieces > 0)
    .map(({ surface, bytes: size, hits, exempt }): [string, string] => [
      SURFACES[surface],
      `${bytes(size)} searched, ${found(hits)}${exempt > 0 ? `, ${count(exempt)} let through` : ""}`,
    ]);
  const byClass = report.byClass
    .filter(({ hits }) => hits > 0)
    .map(({ class: id, planted: some, hits }): [string, string] => [
      wordsOf(id),
      `${count(some)} planted, ${found(hits)}`,
    ]);
  return `${head}${table(surfaces)}${byClass.length > 0 ? `\n${table(byClass)}` : ""}${exemptText(report)}${hitsText(report)}`;
}

const found = (hits: number): string => (hits === 0 ? "none found" : `${count(hits)} FOUND`);

function exemptText({ exempt }: CanaryReport): string {
  if (exempt.length === 0) return "";
  const rows = exempt.map(({ why, values }): [string, string] => [count(values), why]);
  return `\nLet through, values by reason:\n${table(rows)}`;
}

function hitsText({ hits, first }: CanaryReport): string {
  if (hits === 0) return "\nNothing leaked.\n";
  const lines = first
    .slice(0, SHOWN_MAX)
    .map(
      ({ class: id, masked, encoding, carrier, surface, where, offset }) =>
        `  ${wordsOf(id)} ${masked} as ${encoding}, planted in ${carrier}, found in ` +
        `${SURFACES[surface]}: ${where}, offset ${offset}\n`,
    );
  return `\n${plural(hits, "hit")}, the first of them:\n${lines.join("")}`;
}
