/** The totals of a run as rows of text. */

import type { RedactedCounts } from "../veil/passing-strings.ts";
import { bytes, count, fieldName, ms, pointFieldName, type Row, ratio } from "./format.ts";
import type { Totals } from "./frame-tally.ts";

/** Why points are no measurements. */
export const DROPPED = {
  empty: "empty",
  nan: "not a number",
  infinite: "infinite",
  outOfDomain: "too far for the grid",
} as const;

/** Why the policy keeps points here. */
export const CROPPED = {
  noGo: "in no-go areas",
  range: "by range",
  height: "by height",
  box: "by boxes",
} as const;

/** "2,000 empty, 1,000 infinite"; causes that did not occur are left out. */
export function causeList<K extends string>(
  counts: Readonly<Record<K, number>>,
  names: Readonly<Record<K, string>>,
): string {
  const met = (Object.keys(names) as K[]).filter((key) => counts[key] > 0);
  return met.map((key) => `${count(counts[key])} ${names[key]}`).join(", ");
}

/** "3,000 (2,000 empty, 1,000 infinite)". */
export function causes<K extends string>(
  counts: Readonly<Record<K, number>>,
  names: Readonly<Record<K, string>>,
): string {
  const sum = (Object.keys(names) as K[]).reduce((total, key) => total + counts[key], 0);
  return sum === 0 ? "0" : `${count(sum)} (${causeList(counts, names)})`;
}

/** Names with their counts: "serial number (3), ip address (6)". */
export function strippedText(totals: Totals): string {
  const names = totals.stripped.map(({ name, values }) => `${fieldName(name)} (${count(values)})`);
  return names.length > 0 ? names.join(", ") : "nothing was offered";
}

/** "3 mac, 1 phone"; nothing where no value was met. */
export function redactedText(counts: RedactedCounts): string {
  return Object.entries(counts)
    .map(([kind, met]) => `${count(met)} ${kind}`)
    .join(", ");
}

/** A row of what was redacted in strings that pass; none where that is nothing. */
export function redactedRows(counts: RedactedCounts): Row[] {
  const text = redactedText(counts);
  return text === "" ? [] : [["  redacted", text]];
}

/** How long a frame takes. */
export function timeText({ ms: time }: Pick<Totals, "ms">): string {
  return `median ${ms(time.median)}, p99 ${ms(time.p99)}, max ${ms(time.max)}`;
}

/** Which share of the sensor's period the slowest frame took. */
export function shareText({ ms: time, periodMs }: Pick<Totals, "ms" | "periodMs">): string {
  if (periodMs === undefined) return "the period of the sensor is not known";
  return `at most ${Math.ceil((100 * time.max) / periodMs)} % of the sensor's ${ms(periodMs)}`;
}

/** Everything that `mapveil sanitize` reports. */
export function totalsRows(totals: Totals): Row[] {
  const { points } = totals;
  const fields = totals.strippedPointFields.map(pointFieldName);
  return [
    ["frames", count(totals.frames)],
    ["points in", count(points.in)],
    ["  dropped", causes(points.dropped, DROPPED)],
    ["  cropped", causes(points.cropped, CROPPED)],
    ["  kept", count(points.kept)],
    ["voxels out", count(points.voxels)],
    [
      "bytes",
      `${bytes(totals.bytes.in)} of raw points in, ${bytes(totals.bytes.out)} sealed out ` +
        `(${ratio(totals.bytes.in, totals.bytes.out)})`,
    ],
    ["stripped", strippedText(totals)],
    ["  of points", fields.length > 0 ? fields.join(", ") : "no field but x, y, z was offered"],
    ["passed", totals.passed.map(fieldName).join(", ") || "nothing beside the voxels"],
    ...redactedRows(totals.redacted),
    ["time a frame", timeText(totals)],
    ["", shareText(totals)],
  ];
}
