/** What is left of a crash for the next start: how many there were, and the last one with its hour. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Crash, isCrash } from "./crash.ts";

const MARKER = "crashes.json";
const MARKER_BYTES_MAX = 16 * 1024;
const HOUR_MS = 3_600_000;

/** The crashes of a service since its folder was made. */
export interface CrashHistory {
  readonly count: number;
  readonly last?: Crash;
  /** Start of the hour of the last one, milliseconds since the Unix epoch. */
  readonly hourMs?: number;
}

/** Reads the marker in a folder; one that is missing or damaged counts as none. Never throws. */
export function readCrashes(folder: string): CrashHistory {
  try {
    const text = readFileSync(join(folder, MARKER), "utf8");
    if (text.length > MARKER_BYTES_MAX) return { count: 0 };
    const { count, last, hourMs } = JSON.parse(text) as Record<string, unknown>;
    if (!Number.isSafeInteger(count) || !Number.isSafeInteger(hourMs) || !isCrash(last)) {
      return { count: 0 };
    }
    return {
      count: count as number,
      last: { type: last.type, at: last.at },
      hourMs: hourMs as number,
    };
  } catch {
    return { count: 0 };
  }
}

/** Notes a crash, synchronously, for the process ends. Never throws: a full disk hides no crash. */
export function noteCrash(folder: string, crash: Crash, nowMs: number): void {
  const { count } = readCrashes(folder);
  const hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  const path = join(folder, MARKER);
  try {
    const text = `${JSON.stringify({ schema: 1, count: count + 1, last: crash, hourMs })}\n`;
    writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
    renameSync(`${path}.tmp`, path);
  } catch {
    // The line in the journal stays.
  }
}
