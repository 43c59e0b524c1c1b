/**
 * What a LAS file says beside its points: who made it, with what, when, of which project, where on earth.
 * All of it is told by name; nothing is needed to read the points.
 */
import type { LasHeader } from "./las-header.ts";
import {
  isProjection,
  KEYS_RECORD,
  type LasRecord,
  lasText,
  NUMBERS_RECORD,
} from "./las-records.ts";
import type { Tell } from "./metadata-list.ts";

/** Seconds from the Unix epoch to the GPS epoch, leap seconds since 2017, and what "adjusted" times lack. */
const GPS_EPOCH_S = 315_964_800;
const LEAP_S = 18;
const ADJUSTED_S = 1e9;

/** User ids of records, and what their contents are told as. */
const SPECIFICATION = "LASF_Spec";
const TEXT_AREA = 3;
const EXTRA_BYTES = 4;
const EXTRA_BYTES_STEP = 192;
/** How LASzip packed the points. */
const LASZIP = "laszip encoded";

/** Tells what the header says. */
export function tellLasHeader({ bytes, offset, minor }: LasHeader, tell: Tell): void {
  const sourceId = minor > 0 ? bytes.getUint16(4, true) : 0;
  if (sourceId > 0) tell("session_id", String(sourceId));
  tell("session_id", guidOf(bytes));
  tell("software", lasText(bytes, 26, 32));
  tell("software", lasText(bytes, 58, 32));
  const [day, year] = [bytes.getUint16(90, true), bytes.getUint16(92, true)];
  if (year > 0) tell("wall_clock", dateOf(year, day));
  tell("map_origin", offset.join(" "));
  const bounds = [179, 187, 195, 203, 211, 219].map((at) => bytes.getFloat64(at, true));
  tell("map_origin", bounds.join(" "));
}

/** Project id, parts 1 to 4, as a GUID is written; undefined if it is zero. */
function guidOf(bytes: DataView): string | undefined {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
  const last = Array.from({ length: 8 }, (_, i) => hex(bytes.getUint8(16 + i), 2)).join("");
  const first = [hex(bytes.getUint32(8, true), 8), hex(bytes.getUint16(12, true), 4)];
  const parts = [...first, hex(bytes.getUint16(14, true), 4), last.slice(0, 4), last.slice(4)];
  return /[1-9a-f]/.test(parts.join("")) ? parts.join("-") : undefined;
}

function dateOf(year: number, day: number): string {
  const date = new Date(Date.UTC(year, 0, Math.max(1, day)));
  return Number.isNaN(date.valueOf()) ? `${year} ${day}` : date.toISOString().slice(0, 10);
}

/** A point's time as text; `isAdjusted` by the header, else it is counted from the last Sunday. */
export function gpsTimeText(seconds: number, isAdjusted: boolean): string {
  const unixMs = (seconds + ADJUSTED_S + GPS_EPOCH_S - LEAP_S) * 1000;
  if (isAdjusted && Math.abs(unixMs) < 8.64e15) return new Date(unixMs).toISOString();
  return `GPS ${seconds}`;
}

/** Tells what a record says, and what it is described as. */
export function tellLasRecord({ user, id, description, content }: LasRecord, tell: Tell): void {
  const { byteLength } = content;
  tell("comment", description);
  if (user === LASZIP) return;
  if (isProjection(user, id)) tell("geo_position", projectionText(id, content));
  else if (user === SPECIFICATION && id === TEXT_AREA) {
    tell("comment", lasText(content, 0, byteLength));
  } else if (user === SPECIFICATION && id === EXTRA_BYTES) {
    for (let at = 0; at + EXTRA_BYTES_STEP <= byteLength; at += EXTRA_BYTES_STEP) {
      tell("point_field", lasText(content, at + 4, 32));
      tell("comment", lasText(content, at + 160, 32));
    }
  } else tell("raw_text", `${user} ${id}: ${readable(content)}`);
}

/** WKT and the texts of GeoTIFF as they are; its keys and numbers as text (GeoTIFF 1.8.2, section 2.4). */
function projectionText(id: number, content: DataView): string {
  const { byteLength } = content;
  if (id === KEYS_RECORD) {
    const keys = Array.from({ length: byteLength >> 1 }, (_, i) => content.getUint16(2 * i, true));
    return `GeoTIFF keys ${keys.join(" ")}`;
  }
  if (id === NUMBERS_RECORD) {
    const values = Array.from({ length: byteLength >> 3 }, (_, i) =>
      content.getFloat64(8 * i, true),
    );
    return `GeoTIFF numbers ${values.join(" ")}`;
  }
  return lasText(content, 0, byteLength);
}

/** Text as it is, bytes in hexadecimal. */
function readable({ buffer, byteOffset, byteLength }: DataView): string {
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const text = bytes.toString("utf8").replace(/\0+$/, "");
  return /[\p{Cc}\ufffd]/u.test(text.replace(/[\t\r\n]/g, "")) ? bytes.toString("hex") : text;
}
