/**
 * The header of LAS 1.0 to 1.4 (ASPRS LAS Specification 1.4-R15, section 2.4): where the points are, how
 * one lies in its bytes, and from which integers its coordinates come. LAZ has the same header.
 */
import type { ByteFile } from "./byte-file.ts";
import { badInput } from "./input-errors.ts";

export interface LasHeader {
  /** The second number of the version, 0 to 4. */
  readonly minor: number;
  readonly isCompressed: boolean;
  /** Point data record format, 0 to 10. */
  readonly format: number;
  /** Bytes of a point, with what a writer put behind the standard's fields. */
  readonly pointStep: number;
  readonly count: number;
  readonly pointsOffset: number;
  /** Metres a step, and metres of step 0, of x, y and z. */
  readonly scale: readonly number[];
  readonly offset: readonly number[];
  readonly records: { readonly offset: number; readonly count: number };
  /** Records behind the points (from 1.4 on). */
  readonly extendedRecords: { readonly offset: number; readonly count: number };
  /** The header itself, for what it says of who made the file. */
  readonly bytes: DataView;
}

/** Bytes of the header by the second number of the version. */
const HEADER_BYTES = [227, 227, 227, 235, 375];

/** Bytes of a point of each format, without what a writer may add. */
export const POINT_BYTES = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67];

/** From this format on points have more returns and a wider scan angle. */
export const WIDE_FORMAT = 6;

/** A larger point is not a point of any sensor. */
const POINT_STEP_MAX = 4096;

/** Where the time stands in the formats that have one. */
export function gpsTimeOffset(format: number): number | undefined {
  if (format >= WIDE_FORMAT) return 22;
  return format === 0 || format === 2 ? undefined : 20;
}

/** Reads and checks the header. BAD_INPUT names the field that is wrong. */
export async function readLasHeader(file: ByteFile): Promise<LasHeader> {
  if (file.size < HEADER_BYTES[0]!) {
    throw fail(file, "the header", 0, `has ${file.size} of its ${HEADER_BYTES[0]} bytes`);
  }
  const start = view(await file.read(0, HEADER_BYTES[0]!));
  const [major, minor] = [start.getUint8(24), start.getUint8(25)];
  const least = HEADER_BYTES[minor];
  if (major !== 1 || least === undefined) {
    throw fail(file, "the version", 24, `is ${major}.${minor}; 1.0 to 1.4 are read`);
  }
  const headerBytes = start.getUint16(94, true);
  const pointsOffset = start.getUint32(96, true);
  if (headerBytes < least || pointsOffset < headerBytes || pointsOffset > file.size) {
    const text = `and the offset of the points (${headerBytes}, ${pointsOffset}) do not fit version 1.${minor} and a file of ${file.size} bytes`;
    throw fail(file, "the header's size", 94, text);
  }
  const bytes = view(await file.read(0, least));
  // The highest bit says that LASzip packed the points; the next one was its mark in old files.
  const format = bytes.getUint8(104) & 0x3f;
  const pointStep = bytes.getUint16(105, true);
  const standard = POINT_BYTES[format];
  if (standard === undefined || (format >= WIDE_FORMAT && minor < 4)) {
    throw fail(file, "the point format", 104, `is ${format}, which LAS 1.${minor} does not have`);
  }
  if (pointStep < standard || pointStep > POINT_STEP_MAX) {
    const text = `is ${pointStep} bytes; format ${format} has ${standard}, and at most ${POINT_STEP_MAX} are read`;
    throw fail(file, "the length of a point", 105, text);
  }
  return {
    minor,
    isCompressed: (bytes.getUint8(104) & 0xc0) !== 0,
    format,
    pointStep,
    count: countOf(file, bytes, minor),
    pointsOffset,
    scale: metres(file, bytes, 131, "the scale", (value) => value > 0 && value <= 1000),
    offset: metres(file, bytes, 155, "the offset", (value) => Math.abs(value) <= 1e9),
    records: { offset: headerBytes, count: bytes.getUint32(100, true) },
    extendedRecords: extendedRecords(file, bytes, minor),
    bytes,
  };
}

function countOf(file: ByteFile, bytes: DataView, minor: number): number {
  const wide = minor >= 4 ? bytes.getBigUint64(247, true) : 0n;
  const count = wide > 0n ? wide : BigInt(bytes.getUint32(107, true));
  if (count <= BigInt(2 ** 40)) return Number(count);
  throw fail(file, "the number of points", 247, "is above 2^40");
}

function metres(
  file: ByteFile,
  bytes: DataView,
  at: number,
  name: string,
  isSound: (value: number) => boolean,
): number[] {
  const values = [0, 8, 16].map((step) => bytes.getFloat64(at + step, true));
  if (values.every(isSound)) return values;
  throw fail(file, name, at, "is not three sound numbers of metres");
}

function extendedRecords(file: ByteFile, bytes: DataView, minor: number) {
  const count = minor >= 4 ? bytes.getUint32(243, true) : 0;
  const offset = count > 0 ? bytes.getBigUint64(235, true) : 0n;
  if (offset <= BigInt(file.size)) return { offset: Number(offset), count };
  throw fail(file, "the offset of the extended records", 235, "lies behind the end of the file");
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function fail(file: ByteFile, field: string, offset: number, text: string) {
  const message = `${field} (offset ${offset}) ${text}: the file is damaged or cut short; export it again.`;
  return badInput(file.path, message, { field, offset });
}
