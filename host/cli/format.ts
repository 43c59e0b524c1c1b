/** Numbers and names as people read them. ASCII only: every terminal and log shows it. */
import { wrap } from "../policy/index.ts";

const WIDTH = 96;
const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;

/** 1234567 as "1,234,567". */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** "1 frame", "3 frames". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** 2621440 as "2.50 MiB"; below a KiB in bytes. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  let unit = 0;
  let size = value / 1024;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0)} ${UNITS[unit]}`;
}

/** Milliseconds with three figures or so: "0.42 ms", "12.3 ms", "1,234 ms". */
export function ms(value: number): string {
  return `${value < 1 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : count(Math.round(value))} ms`;
}

/** How many times smaller: "20.0 : 1". */
export function ratio(before: number, after: number): string {
  return after === 0 ? "-" : `${(before / after).toFixed(1)} : 1`;
}

/** A length in the unit that reads best: "5 cm", "1.2 m". */
export function metres(value: number): string {
  return value < 1
    ? `${Number((value * 100).toPrecision(3))} cm`
    : `${Number(value.toPrecision(4))} m`;
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  time: "capture time",
  ip_address: "IP address",
  mac_address: "MAC address",
};

/** "serial_number" as "serial number"; the stamp of a frame apart from the time of a point. */
export function fieldName(name: string): string {
  return FIELD_NAMES[name] ?? name.replaceAll("_", " ");
}

/** Fields of points under their own names, but for the time, of which there are two. */
export function pointFieldName(name: string): string {
  return name === "time" ? "point time" : name;
}

export type Row = readonly [label: string, value: string];

/** Labels and values in two columns; long values go on under their column. */
export function table(rows: readonly Row[]): string {
  const column = Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows
    .flatMap(([label, value]) => wrap(value, label.padEnd(column), WIDTH))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** As `table`, for long labels: each row on one line, so that it can be cut and searched. */
export function lines(rows: readonly Row[]): string {
  const column = Math.max(0, ...rows.map(([label]) => label.length)) + 2;
  return rows.map(([label, value]) => `${label.padEnd(column)}${value}\n`).join("");
}
