/** The points behind a PCD header, in each of its three encodings, as an interleaved table. */
import { countRows, readAsciiRows } from "./ascii-rows.ts";
import { badInput } from "./input-errors.ts";
import { LZF_RATIO_MAX, lzfDecompress } from "./lzf.ts";
import type { PcdHeader } from "./pcd-header.ts";
import { COLUMN_BYTES, type PointTable } from "./point-columns.ts";

/** `bytes` is the whole file. Binary points are a view on it; the others a new buffer. */
export function readPcdPoints(file: string, header: PcdHeader, bytes: Uint8Array): PointTable {
  const { columns, pointStep } = header;
  const table = (count: number, data: Uint8Array) => ({ count, data, columns, pointStep });
  if (header.encoding === "ascii") {
    const count = resolveCount(file, header, countRows(bytes, header.dataOffset), "rows");
    const start = header.dataOffset;
    return table(count, readAsciiRows(file, bytes, start, count, columns, pointStep));
  }
  if (header.encoding === "binary") {
    const data = bytes.subarray(header.dataOffset);
    return table(resolveCount(file, header, data.length / pointStep, "bytes"), data);
  }
  const planes = decompress(file, header, bytes);
  const count = resolveCount(file, header, planes.length / pointStep, "bytes");
  return table(count, interleave(header, planes, count));
}

/**
 * How many points there are. Writers disagree about WIDTH, HEIGHT and POINTS (WIDTH 0 beside real
 * POINTS is common), so POINTS counts, then WIDTH * HEIGHT; if both are there and differ, the one
 * that the data confirms. `present` is how many the data has room for.
 */
function resolveCount(
  file: string,
  header: PcdHeader,
  present: number,
  unit: "rows" | "bytes",
): number {
  const { points, gridCount, pointStep, dataOffset } = header;
  const claims = [points, gridCount].filter((claim) => claim !== undefined);
  const positive = claims.filter((claim) => claim > 0);
  if (claims.length === 0) {
    throw badInput(
      file,
      "the header has neither POINTS nor WIDTH and HEIGHT; add a POINTS line with the number " +
        `of points (the data has room for ${Math.floor(present)}).`,
      { field: "POINTS" },
    );
  }
  const count = positive.find((claim) => claim === present) ?? positive[0] ?? 0;
  if (new Set(positive).size > 1 && count !== present) {
    throw badInput(
      file,
      `POINTS is ${points} but WIDTH * HEIGHT is ${gridCount}, and the data from offset ` +
        `${dataOffset} on holds ${Math.floor(present)} points; correct the header.`,
      { field: "POINTS", offset: dataOffset },
    );
  }
  if (count > present) {
    const scale = unit === "bytes" ? pointStep : 1;
    throw badInput(
      file,
      `the header declares ${count} points, ${count * scale} ${unit} from offset ${dataOffset} on, ` +
        `but found ${Math.floor(present * scale)}: the file is cut short; copy or write it again.`,
      { field: "POINTS", offset: dataOffset },
    );
  }
  return count;
}

/** binary_compressed: u32 compressed size, u32 size, then LZF over one plane a field. */
function decompress(file: string, header: PcdHeader, bytes: Uint8Array): Uint8Array {
  const at = header.dataOffset;
  const found = bytes.length - at;
  if (found < 8) {
    throw badInput(
      file,
      `expected the two sizes (8 bytes) of the compressed data at offset ${at} but found ` +
        `${found} bytes: the file is cut short; copy or write it again.`,
      { offset: at },
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, found);
  const packed = view.getUint32(0, true);
  const size = view.getUint32(4, true);
  if (packed > found - 8) {
    throw badInput(
      file,
      `expected ${packed} compressed bytes at offset ${at + 8} but found ${found - 8}: ` +
        "the file is cut short; copy or write it again.",
      { offset: at + 8 },
    );
  }
  // Compared before allocating: a lying size costs nothing.
  const planes = size <= packed * LZF_RATIO_MAX ? new Uint8Array(size) : undefined;
  const source = bytes.subarray(at + 8, at + 8 + packed);
  if (planes === undefined || lzfDecompress(source, planes) !== size) {
    throw badInput(
      file,
      `the ${packed} compressed bytes at offset ${at + 8} do not unpack to the declared ${size}: ` +
        "the file is damaged; copy or write it again.",
      { offset: at + 8 },
    );
  }
  return planes;
}

/** From one plane a field to one point after the other. */
function interleave(header: PcdHeader, planes: Uint8Array, count: number): Uint8Array {
  const data = new Uint8Array(count * header.pointStep);
  // Planes are as long as the writer's number of points, which may exceed the one that counts.
  const planeCount = Math.floor(planes.length / header.pointStep);
  let plane = 0;
  for (const column of header.columns) {
    const bytes = COLUMN_BYTES[column.type] * column.count;
    for (let i = 0; i < count; i++) {
      const from = plane + i * bytes;
      const to = i * header.pointStep + column.offset;
      for (let b = 0; b < bytes; b++) data[to + b] = planes[from + b]!;
    }
    plane += bytes * planeCount;
  }
  return data;
}
