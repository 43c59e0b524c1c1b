/** LAS and LAZ files: one cloud, one frame. */
import { MapveilError } from "../core/errors.ts";
import type { Frame, PointLayout } from "../core/frame.ts";
import type { ByteFile } from "./byte-file.ts";
import { ForwardReader } from "./forward-reader.ts";
import { type FrameSource, makeSource, type OpenOptions } from "./frame-source.ts";
import { badInput, tooLarge } from "./input-errors.ts";
import {
  gpsTimeOffset,
  type LasHeader,
  POINT_BYTES,
  readLasHeader,
  WIDE_FORMAT,
} from "./las-header.ts";
import { gpsTimeText, tellLasHeader, tellLasRecord } from "./las-identity.ts";
import { lasRecords } from "./las-records.ts";
import { LasUnits } from "./las-units.ts";
import { canUnpack, LAZ_BYTES_MAX, LazPoints } from "./laz-decoder.ts";
import { LocalCloud } from "./local-cloud.ts";
import { MetadataList, type Tell } from "./metadata-list.ts";

/** Points that are read or unpacked at a time. */
const BLOCK_POINTS = 8192;

/** Files have one or less in a packed byte; without a limit a damaged count would be unpacked for hours. */
const POINTS_A_BYTE_MAX = 64;

/** Where the flags of a point stand, "withheld" among them. */
const FLAGS_AT = 15;

/** Source ids and user data that are told of: a file may have one a point. */
const IDS_MAX = 64;

/**
 * A LAS file 1.0 to 1.4 of any point format, read as a stream, or a LAZ file up to 512 MiB of a format
 * without waveforms, in metres, whatever unit its projection has. Coordinates are those of the file less a place near its first point, which is the
 * pose: so they keep millimetres where the file counts from the equator (see LocalCloud). Points that
 * the file marks as withheld are left out. Intensity spans 16 bits.
 */
export function openLas(file: ByteFile, { reads }: OpenOptions): FrameSource {
  return makeSource({ format: "las", expectedFrames: 1, isMerged: true }, file, async function* () {
    const header = await readLasHeader(file);
    const said = MetadataList.ofFile(file.path, reads);
    tellLasHeader(header, said.tell);
    const units = new LasUnits(file.path);
    for await (const record of lasRecords(file, header)) {
      tellLasRecord(record, said.tell);
      units.take(record);
    }
    const cloud = new LocalCloud(file.path, header.count);
    const points = new LasPoints(header, units.metres, cloud, said.tell);
    if (header.isCompressed) await unpack(file, header, points);
    else await readPlain(file, header, points);
    yield toFrame(header, cloud, said);
  });
}

function toFrame(header: LasHeader, cloud: LocalCloud, said: MetadataList): Frame {
  const { layout, ...points } = cloud.finish();
  const named: PointLayout = { ...layout, otherFields: otherFields(header) };
  return { ...points, layout: named, metadata: said.list() };
}

/** Names of what a point has beside its place and its intensity. */
function otherFields({ format, pointStep }: LasHeader): string[] {
  const color = [2, 3, 5, 7, 8, 10].includes(format);
  const wave = [4, 5, 9, 10].includes(format);
  return [
    ...["return_number", "classification", "scan_angle", "user_data", "point_source_id"],
    ...(gpsTimeOffset(format) === undefined ? [] : ["gps_time"]),
    ...(color ? ["red", "green", "blue"] : []),
    ...(format === 8 || format === 10 ? ["nir"] : []),
    ...(wave ? ["wave_packet"] : []),
    ...(pointStep > POINT_BYTES[format]! ? ["extra_bytes"] : []),
  ];
}

async function readPlain(file: ByteFile, header: LasHeader, points: LasPoints): Promise<void> {
  const { count, pointStep, pointsOffset } = header;
  const room = Math.floor((file.size - pointsOffset) / pointStep);
  if (count > room) {
    const text = `the header declares ${count} points of ${pointStep} bytes, but from offset ${pointsOffset} on there is room for ${room}: the file is cut short; copy or export it again.`;
    throw badInput(file.path, text, { offset: pointsOffset });
  }
  const reader = new ForwardReader(file);
  reader.skip(pointsOffset, "the header");
  for (let first = 0; first < count; first += BLOCK_POINTS) {
    const block = Math.min(BLOCK_POINTS, count - first);
    points.add(await reader.borrow(block * pointStep, "the points"), block);
  }
}

async function unpack(file: ByteFile, header: LasHeader, points: LasPoints): Promise<void> {
  const { format, count, pointStep } = header;
  if (!canUnpack(header)) {
    const text = `its points are packed and have waveforms (format ${format}); unpack it with laszip or PDAL first.`;
    throw badInput(file.path, text, { field: "the point format", offset: 104 });
  }
  if (file.size > LAZ_BYTES_MAX) {
    const text = `${file.size} bytes; packed clouds are read up to ${LAZ_BYTES_MAX}: unpack it to LAS, which is read as a stream, or split it.`;
    throw tooLarge(file.path, text);
  }
  if (count > file.size * POINTS_A_BYTE_MAX) {
    const text = `the header declares ${count} points in ${file.size} packed bytes; no file packs more than ${POINTS_A_BYTE_MAX} in one: it is damaged.`;
    throw badInput(file.path, text, { offset: 107 });
  }
  if (count === 0) return;
  const packed = await file.read(0, file.size);
  const block = new Uint8Array(Math.min(BLOCK_POINTS, count) * pointStep);
  let first = 0;
  try {
    const laz = await LazPoints.open(file.path, packed, header);
    for (; first < count; first += BLOCK_POINTS) {
      const size = Math.min(BLOCK_POINTS, count - first);
      laz.read(block, size);
      points.add(block, size);
    }
  } catch (cause) {
    if (cause instanceof MapveilError) throw cause;
    const text = `the packed points are damaged or cut short (after ${first} of ${count}); copy or export the file again.`;
    throw badInput(file.path, text, { offset: header.pointsOffset }, cause);
  }
}

/** Takes points in the file's own form. */
class LasPoints {
  readonly #header: LasHeader;
  /** Metres of a step of x, y and z, and of step 0. */
  readonly #scale: readonly number[];
  readonly #offset: readonly number[];
  readonly #cloud: LocalCloud;
  readonly #tell: Tell;
  readonly #ids = new Set<number>();

  constructor(header: LasHeader, unitsM: readonly number[], cloud: LocalCloud, tell: Tell) {
    this.#header = header;
    this.#scale = header.scale.map((scale, axis) => scale * unitsM[axis]!);
    this.#offset = header.offset.map((offset, axis) => offset * unitsM[axis]!);
    this.#cloud = cloud;
    this.#tell = tell;
  }

  add(bytes: Uint8Array, count: number): void {
    const { format, pointStep } = this.#header;
    const [sx, sy, sz] = this.#scale as [number, number, number];
    const [ox, oy, oz] = this.#offset as [number, number, number];
    const withheld = format >= WIDE_FORMAT ? 0x04 : 0x80;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (count > 0) this.#tellPoint(view, 0);
    for (let i = 0, at = 0; i < count; i++, at += pointStep) {
      if ((view.getUint8(at + FLAGS_AT) & withheld) !== 0) continue;
      const x = view.getInt32(at, true) * sx + ox;
      const y = view.getInt32(at + 4, true) * sy + oy;
      const z = view.getInt32(at + 8, true) * sz + oz;
      this.#cloud.add(x, y, z, view.getUint16(at + 12, true));
      this.#tellIds(view, at);
    }
    if (count > 1) this.#tellPoint(view, (count - 1) * pointStep);
  }

  /** When a point was measured: of the first and the last one of a block, for all lie between. */
  #tellPoint(view: DataView, at: number): void {
    const { format, bytes } = this.#header;
    const timeAt = gpsTimeOffset(format);
    if (timeAt === undefined) return;
    const isAdjusted = (bytes.getUint16(6, true) & 1) === 1;
    this.#tell("wall_clock", gpsTimeText(view.getFloat64(at + timeAt, true), isAdjusted));
  }

  /** Which flight line, and what the writer made of the byte that is free for users. */
  #tellIds(view: DataView, at: number): void {
    const wide = this.#header.format >= WIDE_FORMAT;
    const source = view.getUint16(at + (wide ? 20 : 18), true);
    const user = view.getUint8(at + 17);
    const key = source * 256 + user;
    if (this.#ids.has(key) || this.#ids.size >= IDS_MAX) return;
    this.#ids.add(key);
    if (source > 0) this.#tell("session_id", String(source));
    if (user > 0) this.#tell("raw_text", `user data ${user}`);
  }
}
