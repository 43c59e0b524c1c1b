/** The text header of a PCD file, version 0.7 (pointclouds.org, "The PCD file format"). */
import { headerLines } from "./header-lines.ts";
import { badInput } from "./input-errors.ts";
import { COLUMN_BYTES, type ColumnType, type PointColumn } from "./point-columns.ts";

export interface PcdHeader {
  readonly columns: readonly PointColumn[];
  /** Bytes of a point: the sum of the columns. */
  readonly pointStep: number;
  /** WIDTH * HEIGHT; undefined if either is missing. */
  readonly gridCount: number | undefined;
  /** POINTS; undefined if missing. */
  readonly points: number | undefined;
  /** tx ty tz qw qx qy qz as they stand; undefined if missing. */
  readonly viewpoint: readonly string[] | undefined;
  readonly encoding: "ascii" | "binary" | "binary_compressed";
  /** Offset of the first byte behind the header. */
  readonly dataOffset: number;
  readonly comments: readonly string[];
}

/** Headers are a dozen short lines; whatever has no DATA line within this is no header. */
const HEADER_BYTES_MAX = 1 << 16;

const TYPES: Readonly<Record<string, ColumnType>> = {
  F4: "f32",
  F8: "f64",
  I1: "i8",
  I2: "i16",
  I4: "i32",
  I8: "i64",
  U1: "u8",
  U2: "u16",
  U4: "u32",
  U8: "u64",
};

const KEYWORDS = new Set(
  "VERSION FIELDS COLUMNS SIZE TYPE COUNT WIDTH HEIGHT VIEWPOINT POINTS DATA".split(" "),
);

interface Entry {
  readonly values: readonly string[];
  readonly line: number;
  readonly offset: number;
}

/** Parses the header at the start of `bytes`. BAD_INPUT names the line that is wrong. */
export function parsePcdHeader(file: string, bytes: Uint8Array): PcdHeader {
  const { entries, comments, dataOffset } = readEntries(file, bytes);
  const columns = columnsOf(file, entries);
  const encoding = entries.get("DATA")?.values[0]?.toLowerCase();
  if (encoding !== "ascii" && encoding !== "binary" && encoding !== "binary_compressed") {
    throw lineError(file, entries.get("DATA"), "DATA must be ascii, binary or binary_compressed");
  }
  const width = countOf(file, entries, "WIDTH");
  const height = countOf(file, entries, "HEIGHT");
  const viewpoint = entries.get("VIEWPOINT");
  if (viewpoint !== undefined && viewpoint.values.length !== 7) {
    throw lineError(file, viewpoint, "VIEWPOINT must have 7 numbers (tx ty tz qw qx qy qz)");
  }
  return {
    columns,
    pointStep: columns.reduce((sum, c) => sum + COLUMN_BYTES[c.type] * c.count, 0),
    gridCount: width === undefined || height === undefined ? undefined : width * height,
    points: countOf(file, entries, "POINTS"),
    viewpoint: viewpoint?.values,
    encoding,
    dataOffset,
    comments,
  };
}

function readEntries(file: string, bytes: Uint8Array) {
  const entries = new Map<string, Entry>();
  const comments: string[] = [];
  const limit = Math.min(bytes.length, HEADER_BYTES_MAX);
  for (const { line, offset, next, text } of headerLines(bytes, limit)) {
    const values = text.split(/\s+/);
    const keyword = values.shift()!.toUpperCase();
    if (text.startsWith("#")) comments.push(text.slice(1).trim());
    else if (KEYWORDS.has(keyword)) entries.set(keyword, { values, line, offset });
    else if (text !== "") {
      throw badInput(
        file,
        `line ${line} (offset ${offset}) of the header does not start with a PCD keyword such as ` +
          "FIELDS or DATA. Is this a PCD file?",
        { line, offset },
      );
    }
    if (keyword === "DATA") return { entries, comments, dataOffset: next };
  }
  throw badInput(
    file,
    `no DATA line in the first ${limit} bytes: the header is cut short, or this is not a PCD file.`,
    { field: "DATA", offset: limit },
  );
}

function columnsOf(file: string, entries: ReadonlyMap<string, Entry>): PointColumn[] {
  const fields = entries.get("FIELDS") ?? entries.get("COLUMNS");
  if (fields === undefined || fields.values.length === 0) {
    throw lineError(file, fields, "the FIELDS line is missing or empty");
  }
  const names = fields.values;
  const row = (keyword: string, fallback?: string): readonly string[] => {
    const entry = entries.get(keyword);
    if (entry === undefined && fallback !== undefined) return names.map(() => fallback);
    if (entry?.values.length !== names.length) {
      throw lineError(
        file,
        entry,
        `${keyword} has ${entry?.values.length ?? 0} entries but FIELDS has ${names.length}`,
      );
    }
    return entry.values;
  };
  const sizes = row("SIZE");
  const types = row("TYPE");
  const counts = row("COUNT", "1");
  let offset = 0;
  return names.map((name, i) => {
    const type = TYPES[`${types[i]?.toUpperCase()}${sizes[i]}`];
    if (type === undefined) {
      const text = `field ${i + 1} has no known pair of TYPE and SIZE, such as F and 4`;
      throw lineError(file, entries.get("TYPE"), text, "TYPE");
    }
    const count = Number(counts[i]);
    if (!/^\d+$/.test(counts[i]!) || count < 1 || count > 4096) {
      const text = `field ${i + 1} has no COUNT from 1 to 4096`;
      throw lineError(file, entries.get("COUNT"), text, "COUNT");
    }
    const column = { name, type, offset, count };
    offset += COLUMN_BYTES[type] * count;
    return column;
  });
}

function countOf(file: string, entries: ReadonlyMap<string, Entry>, keyword: string) {
  const entry = entries.get(keyword);
  if (entry === undefined) return undefined;
  const value = entry.values[0] ?? "";
  if (entry.values.length !== 1 || !/^\d{1,15}$/.test(value)) {
    throw lineError(file, entry, `${keyword} must be one whole number`, keyword);
  }
  return Number(value);
}

function lineError(file: string, entry: Entry | undefined, text: string, field?: string) {
  const where = entry === undefined ? "" : ` (line ${entry.line}, offset ${entry.offset})`;
  return badInput(file, `${text}${where}; write the cloud again with a PCD 0.7 header.`, {
    ...(entry && { line: entry.line, offset: entry.offset }),
    ...(field !== undefined && { field }),
  });
}
