/** The variable length records of LAS, those in front of the points and those behind (section 2.6 and 2.7). */
import type { ByteFile } from "./byte-file.ts";
import type { LasHeader } from "./las-header.ts";

export interface LasRecord {
  /** Who defined what the record means, and its number there. */
  readonly user: string;
  readonly id: number;
  readonly description: string;
  /** Its first 64 KiB. */
  readonly content: DataView;
}

/** Records of GeoTIFF and of WKT, which some writers keep under a name of their own. */
export const KEYS_RECORD = 34735;
export const NUMBERS_RECORD = 34736;
const TEXTS_RECORD = 34737;
const WKT_RECORDS = [2111, 2112];

const HEAD_BYTES = 54;
const EXTENDED_HEAD_BYTES = 60;
/** Files have a handful. */
const RECORDS_MAX = 256;
const CONTENT_BYTES_MAX = 1 << 16;

/** True for a record that says where on earth the points are. */
export function isProjection(user: string, id: number): boolean {
  const isGeoTiff = [KEYS_RECORD, NUMBERS_RECORD, TEXTS_RECORD].includes(id);
  return WKT_RECORDS.includes(id) || (user === "LASF_Projection" && isGeoTiff);
}

export function isWkt(id: number): boolean {
  return WKT_RECORDS.includes(id);
}

/** All records; where one does not fit the file, those before it. */
export async function* lasRecords(file: ByteFile, header: LasHeader): AsyncGenerator<LasRecord> {
  yield* recordsOf(file, header.records, HEAD_BYTES);
  yield* recordsOf(file, header.extendedRecords, EXTENDED_HEAD_BYTES);
}

async function* recordsOf(
  file: ByteFile,
  table: LasHeader["records"],
  headBytes: number,
): AsyncGenerator<LasRecord> {
  let at = table.offset;
  for (let i = 0; i < Math.min(table.count, RECORDS_MAX); i++) {
    if (at + headBytes > file.size) return;
    const head = viewOf(await file.read(at, headBytes));
    const isExtended = headBytes === EXTENDED_HEAD_BYTES;
    const length = isExtended ? Number(head.getBigUint64(20, true)) : head.getUint16(20, true);
    const left = file.size - at - headBytes;
    const content = await file.read(at + headBytes, Math.min(length, left, CONTENT_BYTES_MAX));
    yield {
      user: lasText(head, 2, 16),
      id: head.getUint16(18, true),
      description: lasText(head, headBytes - 32, 32),
      content: viewOf(content),
    };
    if (length > left) return;
    at += headBytes + length;
  }
}

/** Characters up to the first zero byte. */
export function lasText(bytes: DataView, at: number, length: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString("utf8");
  const end = text.indexOf("\0");
  return (end < 0 ? text : text.slice(0, end)).trim();
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
