/** The last lines of a log, as far as Mapveil wrote them: every word of them is one of its own. */
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { ioError } from "../../core/io-error.ts";
import { EVENTS, isCrashType, isPlace } from "../../telemetry/index.ts";
import { packageRoot } from "../package-root.ts";
import { isOwnWord } from "./vocabulary.ts";

/** Bytes at the end of a log that are looked at. */
const TAIL_BYTES_MAX = 4 * 1024 * 1024;
/** Lines that are kept, the last ones. */
const LINES_MAX = 2000;
const NUMBERS = new Set("artefacts frames bytes count delayMs durationMs droppedFields".split(" "));
const TIME = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export interface LogLines {
  readonly lines: readonly string[];
  /** Lines that somebody else wrote, or that were changed; they are left out. */
  readonly left: number;
}

/** The end of a file. Throws IO. */
async function tailOf(path: string): Promise<string> {
  const file = await open(path, "r").catch((cause) => {
    throw ioError(cause, path, "read");
  });
  try {
    const { size } = await file.stat();
    const length = Math.min(size, TAIL_BYTES_MAX);
    const bytes = Buffer.alloc(length);
    await file.read(bytes, 0, length, size - length);
    const text = bytes.toString("latin1");
    return length < size ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    await file.close();
  }
}

/** The places of a crash, those in files of this package, without the names of functions. */
function placesOf(text: string): string | undefined {
  if (!isPlace(text)) return undefined;
  const root = packageRoot();
  const files = text.split(" < ").map((frame) => frame.slice(frame.lastIndexOf(" ") + 1));
  const isOurs = (place: string) => {
    const [file = ""] = place.split(":");
    return (
      file === "node" ||
      file === "library" ||
      file === "-" ||
      existsSync(join(root, file)) ||
      existsSync(join(root, "dist", file))
    );
  };
  return files.map((place) => (isOurs(place) ? place : "-")).join(" < ");
}

/** A value as it may be shown, or undefined. */
function shownValue(name: string, value: unknown): string | number | undefined {
  if (NUMBERS.has(name)) return typeof value === "number" ? value : undefined;
  if (typeof value !== "string") return undefined;
  switch (name) {
    case "epoch":
      return /^\d{1,20}$/.test(value) ? value : undefined;
    case "event":
      return EVENTS.has(value) ? value : undefined;
    case "type":
      return isCrashType(value) ? value : undefined;
    case "at":
      return placesOf(value);
    default:
      return isOwnWord(name, value) ? value : undefined;
  }
}

/**
 * The line again, with the fields that are ours; undefined if it is none of ours. In the place of its
 * time it says how long ago that was: when somebody was at home is nobody's business.
 */
function ownLine(line: string, nowMs: number): string | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
  const { event, severity, time } = parsed as Record<string, unknown>;
  const isOwn =
    shownValue("event", event) !== undefined && shownValue("severity", severity) !== undefined;
  if (!isOwn || typeof time !== "string" || !TIME.test(time)) return undefined;
  const agoS = Math.round((nowMs - Date.parse(time)) / 1000);
  const shown: [string, string | number][] = [["agoS", agoS]];
  for (const [name, value] of Object.entries(parsed)) {
    const own = shownValue(name, value);
    if (own !== undefined) shown.push([name, own]);
  }
  return JSON.stringify(Object.fromEntries(shown));
}

/** The last lines of a log file, as of `nowMs` by the wall clock. Throws IO. */
export async function ownLines(path: string, nowMs: number): Promise<LogLines> {
  const all = (await tailOf(path)).split("\n").filter((line) => line.trim() !== "");
  const lines = all.slice(-LINES_MAX).flatMap((line) => ownLine(line, nowMs) ?? []);
  return { lines, left: all.length - lines.length };
}
