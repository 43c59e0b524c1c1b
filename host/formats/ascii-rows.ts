/** Rows of numbers as text, as PCD and PLY write them, brought to interleaved binary points. */
import { badInput } from "./input-errors.ts";
import { COLUMN_BYTES, type ColumnType, type PointColumn } from "./point-columns.ts";

const NEWLINE = 10;

/** Numbers that JavaScript spells differently. */
const WORDS: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  "-nan": Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "+inf": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

/** Lines from `start` on that are not blank. */
export function countRows(bytes: Uint8Array, start: number): number {
  let rows = 0;
  for (let at = start; at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    if (!isBlank(bytes, at, end)) rows++;
    at = end + 1;
  }
  return rows;
}

/** Offset behind `rows` lines that are not blank; the end of the bytes if there are fewer. */
export function skipRows(bytes: Uint8Array, start: number, rows: number): number {
  let at = start;
  for (let left = rows; left > 0 && at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    if (!isBlank(bytes, at, end)) left--;
    at = end + 1;
  }
  return Math.min(at, bytes.length);
}

/**
 * Reads `count` rows from `start` into points of `pointStep` bytes, each value in its column's type
 * (integers are cut, not rounded). 64-bit integers, which nobody reads, stay 0. The caller has
 * compared `count` with the number of lines. BAD_INPUT names the offset and field of a bad number.
 */
export function readAsciiRows(
  file: string,
  bytes: Uint8Array,
  start: number,
  count: number,
  columns: readonly PointColumn[],
  pointStep: number,
): Uint8Array {
  const cells = columns.flatMap((column) =>
    Array.from({ length: column.count }, (_, i) => ({
      name: column.name,
      type: column.type,
      offset: column.offset + i * COLUMN_BYTES[column.type],
    })),
  );
  const data = new Uint8Array(count * pointStep);
  const view = new DataView(data.buffer);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  for (let row = 0; row < count; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline;
    const line = text.toString("latin1", at, Math.min(end, at + 65536)).trim();
    if (line !== "" || at >= bytes.length) {
      const tokens = line.split(/\s+/);
      if (tokens.length !== cells.length || line === "") {
        throw badInput(
          file,
          `the row of point ${row} (offset ${at}) has ${line === "" ? 0 : tokens.length} numbers; ` +
            `expected ${cells.length}. The file is cut short or damaged.`,
          { offset: at },
        );
      }
      for (let i = 0; i < cells.length; i++) {
        const cell = cells[i]!;
        const value = parseNumber(tokens[i]!);
        if (value === undefined) {
          throw badInput(
            file,
            `column ${i + 1} of ${cells.length} of point ${row} (offset ${at}) is not a number; ` +
              "correct it, or write the cloud again.",
            { offset: at },
          );
        }
        writeValue(view, cell.type, row * pointStep + cell.offset, value);
      }
      row++;
    }
    at = end + 1;
  }
  return data;
}

function parseNumber(token: string): number | undefined {
  const value = Number(token);
  return Number.isNaN(value) ? WORDS[token.toLowerCase()] : value;
}

function isBlank(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! > 32) return false;
  return true;
}

function writeValue(view: DataView, type: ColumnType, at: number, value: number): void {
  switch (type) {
    case "f32":
      view.setFloat32(at, value, true);
      break;
    case "f64":
      view.setFloat64(at, value, true);
      break;
    case "u8":
    case "i8":
      view.setUint8(at, value);
      break;
    case "u16":
    case "i16":
      view.setUint16(at, value, true);
      break;
    case "u32":
    case "i32":
      view.setUint32(at, value, true);
      break;
    case "i64":
    case "u64":
      break;
  }
}
