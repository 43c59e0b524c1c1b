/** Builds files in formats that are not bundled, from points given as rows of numbers. */
import type { ColumnType } from "../../host/formats/point-columns.ts";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export const XYZI: readonly Column[] = ["x", "y", "z", "intensity"].map((name) => ({
  name,
  type: "f32",
}));

const PCD_TYPES: Readonly<Record<ColumnType, string>> = {
  i8: "I1",
  u8: "U1",
  i16: "I2",
  u16: "U2",
  i32: "I4",
  u32: "U4",
  i64: "I8",
  u64: "U8",
  f32: "F4",
  f64: "F8",
};

const PLY_TYPES: Readonly<Partial<Record<ColumnType, string>>> = {
  u8: "uchar",
  i16: "short",
  u16: "ushort",
  i32: "int",
  u32: "uint",
  f32: "float",
  f64: "double",
};

/** One value as bytes. */
export function valueBytes(type: ColumnType, value: number, little = true): Buffer {
  const bytes = Buffer.alloc(Number(PCD_TYPES[type].slice(1)));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const integer = bytes.length < 8 ? Math.trunc(value) : 0;
  if (type === "f32") view.setFloat32(0, value, little);
  else if (type === "f64") view.setFloat64(0, value, little);
  else if (bytes.length === 1) view.setUint8(0, integer);
  else if (bytes.length === 2) view.setUint16(0, integer, little);
  else if (bytes.length === 4) view.setUint32(0, integer, little);
  else view.setBigInt64(0, BigInt(Math.trunc(value)), little);
  return bytes;
}

export type Rows = readonly (readonly number[])[];

/** Points one behind the other. */
export function packed(columns: readonly Column[], rows: Rows, little = true): Buffer {
  return Buffer.concat(
    rows.flatMap((row) => row.map((value, i) => valueBytes(columns[i]!.type, value, little))),
  );
}

export type PcdData = "ascii" | "binary" | "binary_compressed";

/** A PCD file; `lines` replaces header lines by keyword ("" leaves a line out). */
export function pcd(
  columns: readonly Column[],
  rows: Rows,
  data: PcdData,
  lines: Readonly<Record<string, string>> = {},
): Buffer {
  const row = (values: readonly (string | number)[]) => values.join(" ");
  const header: Record<string, string> = {
    VERSION: "0.7",
    FIELDS: row(columns.map((c) => c.name)),
    SIZE: row(columns.map((c) => PCD_TYPES[c.type].slice(1))),
    TYPE: row(columns.map((c) => PCD_TYPES[c.type].slice(0, 1))),
    COUNT: row(columns.map(() => 1)),
    WIDTH: `${rows.length}`,
    HEIGHT: "1",
    VIEWPOINT: "0 0 0 1 0 0 0",
    POINTS: `${rows.length}`,
    DATA: data,
    ...lines,
  };
  const text = Object.entries(header)
    .filter(([, value]) => value !== "")
    .map(([keyword, value]) => `${keyword} ${value}\n`)
    .join("");
  return Buffer.concat([Buffer.from(`# made by hand\n${text}`), pcdBody(columns, rows, data)]);
}

function pcdBody(columns: readonly Column[], rows: Rows, data: PcdData): Buffer {
  if (data === "ascii") return Buffer.from(rows.map((r) => `${r.join(" ")}\n`).join(""));
  if (data === "binary") return packed(columns, rows);
  const planes = Buffer.concat(
    columns.flatMap((c, i) => rows.map((row) => valueBytes(c.type, row[i]!))),
  );
  const stream = lzf(planes);
  return Buffer.concat([
    valueBytes("u32", stream.length),
    valueBytes("u32", planes.length),
    stream,
  ]);
}

/** LZF with runs and literals: enough to reach every token of the format. */
export function lzf(bytes: Buffer): Buffer {
  const out: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    let run = 0;
    if (at > 0)
      while (run < 264 && bytes[at + run] === bytes[at - 1] && at + run < bytes.length) run++;
    if (run >= 3) {
      const length = run - 2;
      if (length < 7) out.push(length << 5, 0);
      else out.push(7 << 5, length - 7, 0);
      at += run;
    } else {
      const literals = bytes.subarray(at, at + Math.min(32, bytes.length - at));
      out.push(literals.length - 1, ...literals);
      at += literals.length;
    }
  }
  return Buffer.from(out);
}

/** A PLY file; `before` stands between the header's elements and end_header. */
export function ply(
  columns: readonly Column[],
  rows: Rows,
  format: "ascii" | "binary_little_endian" | "binary_big_endian",
  front: { readonly header: string; readonly body: Buffer } = { header: "", body: Buffer.alloc(0) },
): Buffer {
  const header = [
    "ply",
    `format ${format} 1.0`,
    "comment made by hand",
    "obj_info of nothing",
    `${front.header}element vertex ${rows.length}`,
    ...columns.map((c) => `property ${PLY_TYPES[c.type]} ${c.name}`),
    "element face 1",
    "property list uchar int vertex_indices",
    "end_header\n",
  ].join("\n");
  const body =
    format === "ascii"
      ? Buffer.from(rows.map((r) => `${r.join(" ")}\n`).join(""))
      : packed(columns, rows, format === "binary_little_endian");
  const face =
    format === "ascii" ? Buffer.from("3 0 1 2\n") : Buffer.from([3, ...Buffer.alloc(12)]);
  return Buffer.concat([Buffer.from(header), front.body, body, face]);
}
