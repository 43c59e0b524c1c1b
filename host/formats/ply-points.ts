/** The vertices behind a PLY header, in each of its three encodings, as an interleaved table. */
import { countRows, readAsciiRows, skipRows } from "./ascii-rows.ts";
import { badInput } from "./input-errors.ts";
import type { PlyElement, PlyHeader, PlyProperty } from "./ply-header.ts";
import { COLUMN_BYTES, type PointColumn, type PointTable } from "./point-columns.ts";

/** `bytes` is the whole file. Little-endian points are a view on it; the others a new buffer. */
export function readPlyPoints(file: string, header: PlyHeader, bytes: Uint8Array): PointTable {
  const index = header.elements.findIndex((element) => element.name === "vertex");
  const vertex = header.elements[index];
  if (vertex === undefined) {
    const text = `no element "vertex" among ${header.elements.length}. Export the cloud with vertices.`;
    throw badInput(file, text, { field: "vertex" });
  }
  const { columns, pointStep } = columnsOf(file, vertex);
  const before = header.elements.slice(0, index);
  const table = (data: Uint8Array) => ({ count: vertex.count, data, columns, pointStep });
  if (header.encoding === "ascii") {
    // An element without properties has no rows.
    const rows = before.reduce((sum, e) => sum + (e.properties.length > 0 ? e.count : 0), 0);
    const start = skipRows(bytes, header.dataOffset, rows);
    checkRoom(file, vertex, start, 1, countRows(bytes, start), "rows");
    return table(readAsciiRows(file, bytes, start, vertex.count, columns, pointStep));
  }
  const little = header.encoding === "binary_little_endian";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = header.dataOffset;
  for (const element of before) start = skipElement(file, element, view, start, little);
  checkRoom(file, vertex, start, pointStep, bytes.length - start, "bytes");
  const data = bytes.subarray(start, start + vertex.count * pointStep);
  return table(little ? data : swapBytes(data, columns, pointStep));
}

function columnsOf(file: string, vertex: PlyElement) {
  let offset = 0;
  const columns = vertex.properties.map((property, i): PointColumn => {
    if (property.listCount !== undefined) {
      throw badInput(
        file,
        `property ${i + 1} of the vertices is a list; export the cloud without it.`,
        { field: "property" },
      );
    }
    const column = { name: property.name, type: property.type, offset, count: 1 };
    offset += COLUMN_BYTES[property.type];
    return column;
  });
  return { columns, pointStep: offset };
}

function checkRoom(
  file: string,
  vertex: PlyElement,
  start: number,
  step: number,
  found: number,
  unit: string,
): void {
  if (vertex.count * step <= found) return;
  throw badInput(
    file,
    `the header declares ${vertex.count} vertices, ${vertex.count * step} ${unit} from offset ` +
      `${start} on, but found ${Math.max(found, 0)}: the file is cut short; copy or write it again.`,
    { field: "vertex", offset: start },
  );
}

/** Offset behind an element that is not wanted. Lists are walked, for each has its own length. */
function skipElement(
  file: string,
  element: PlyElement,
  view: DataView,
  start: number,
  little: boolean,
): number {
  const fixed = element.properties.every((property) => property.listCount === undefined);
  if (fixed) {
    const bytes = element.properties.reduce((sum, p) => sum + COLUMN_BYTES[p.type], 0);
    return start + element.count * bytes;
  }
  let at = start;
  for (let i = 0; i < element.count; i++) {
    for (const property of element.properties) {
      const length = propertyBytes(property, view, at, little);
      if (length === undefined || at + length > view.byteLength) {
        throw badInput(
          file,
          `item ${i} of an element before the vertices, at offset ${at}, reaches beyond the ` +
            "end of the file: it is cut short or damaged; copy or write it again.",
          { offset: at },
        );
      }
      at += length;
    }
  }
  return at;
}

function propertyBytes(
  property: PlyProperty,
  view: DataView,
  at: number,
  little: boolean,
): number | undefined {
  const size = COLUMN_BYTES[property.type];
  if (property.listCount === undefined) return size;
  const countBytes = COLUMN_BYTES[property.listCount];
  if (at + countBytes > view.byteLength) return undefined;
  if (countBytes === 1) return 1 + view.getUint8(at) * size;
  if (countBytes === 2) return 2 + view.getUint16(at, little) * size;
  return 4 + view.getUint32(at, little) * size;
}

function swapBytes(
  data: Uint8Array,
  columns: readonly PointColumn[],
  pointStep: number,
): Uint8Array {
  const swapped = new Uint8Array(data.length);
  for (const column of columns) {
    const size = COLUMN_BYTES[column.type];
    for (let at = column.offset; at < data.length; at += pointStep) {
      for (let b = 0; b < size; b++) swapped[at + b] = data[at + size - 1 - b]!;
    }
  }
  return swapped;
}
