/** Folders, clocks and logs for the receiver's tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../host/core/clock.ts";
import type { Log, LogFields } from "../../host/telemetry/log.ts";

/** A folder that is removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mv-rx-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Time that goes on by itself, and jumps when told to. */
export class JumpingClock implements Clock {
  wallOffsetMs = 0;
  monotonicOffsetMs = 0;
  wallMs = () => systemClock.wallMs() + this.wallOffsetMs;
  monotonicMs = () => systemClock.monotonicMs() + this.monotonicOffsetMs;
  sleep = systemClock.sleep;
}

export interface LoggedEvent {
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

export class MemoryLog implements Log {
  readonly events: LoggedEvent[] = [];
  readonly #add =
    (level: string) =>
    (event: string, fields: LogFields = {}) => {
      this.events.push({ level, event, fields });
    };
  debug = this.#add("debug");
  info = this.#add("info");
  warn = this.#add("warn");
  error = this.#add("error");
}

/** Waits until something holds; fails after `limitMs`. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 10_000) {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error("What was waited for did not happen.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
