/**
 * What a process of Mapveil does not let out of its memory: the text of errors that nobody foresaw,
 * core dumps, diagnostic reports, heap snapshots, and an inspector that anybody with the same user
 * could open by a signal.
 */
import { writeFileSync, writeSync } from "node:fs";
import { MapveilError } from "../core/errors.ts";
import { type Crash, crashFields, crashOf } from "../telemetry/crash.ts";
import { noteCrash } from "../telemetry/crash-marker.ts";

/** Options of Node that show or write the memory of the process. */
const SHOWING =
  /^--(?:inspect|debug|heapsnapshot|heap-prof|cpu-prof|prof|report-|abort-on-uncaught|trace-|perf-|interpreted-frames|expose-internals|diagnostic-dir|redirect-warnings)/;

/** The options among those of Node that show or write the memory of the process. */
export function showingOptions(
  execArgv: readonly string[],
  nodeOptions: string | undefined,
): string[] {
  const given = [...execArgv, ...(nodeOptions ?? "").split(/\s+/)];
  const found = given.map((option) => option.replaceAll("_", "-").replace(/=.*$/, ""));
  return [...new Set(found.filter((option) => SHOWING.test(option)))];
}

export interface ProcessGuard {
  /**
   * Shuts what shows memory, for a service. Throws CONFIG if options of Node ask for the opposite.
   * @param folder where crashes are counted
   */
  protectService(folder: string): void;
}

/** One line, as the log has it; nothing in it but what crashOf lets through. */
function crashLine(crash: Crash, nowMs: number): string {
  const time = new Date(nowMs).toISOString();
  return `${JSON.stringify({ severity: "error", time, ...crashFields(crash), event: "crashed" })}\n`;
}

/** The sentence of a crash for the user of a command. */
export function crashSentence(error: unknown): string {
  const { type, at } = crashOf(error);
  const place = at.length === 0 ? "" : ` at ${at.join(" < ")}`;
  return `This is a defect of Mapveil (${type}${place}); please report this line.`;
}

/**
 * Takes over what is thrown and caught by nobody, from now until the process ends: it ends with 1.
 * @param onCrash takes back what a command has written so far
 */
export function guardProcess(onCrash: () => void): ProcessGuard {
  let folder: string | undefined;
  let isOver = false;
  const crash = (error: unknown) => {
    // Whatever fails now must not start it all again.
    if (isOver) process.exit(1);
    isOver = true;
    onCrash();
    if (folder === undefined) say(`mapveil: ${crashSentence(error)}\n`);
    else {
      const found = crashOf(error);
      say(crashLine(found, Date.now()));
      noteCrash(folder, found, Date.now());
    }
    process.exit(1);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  // Warnings of Node and of libraries are sentences of others.
  process.removeAllListeners("warning");
  // A listener of ours takes the place of the one that opens the inspector.
  process.on("SIGUSR1", () => {});
  return {
    protectService: (path) => {
      const options = showingOptions(process.execArgv, process.env.NODE_OPTIONS);
      if (options.length > 0) {
        const text =
          `Options of Node would show the memory of this service (${options.join(", ")}); ` +
          "take them out of NODE_OPTIONS and of the command.";
        throw new MapveilError("CONFIG", text, { field: "NODE_OPTIONS" });
      }
      folder = path;
      closeMemory();
    },
  };
}

function say(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Nobody reads it.
  }
}

/** Nothing of the memory is written or shown at a signal or at a crash. */
function closeMemory(): void {
  process.on("SIGUSR2", () => {});
  if (process.report) {
    process.report.reportOnFatalError = false;
    process.report.reportOnSignal = false;
    process.report.reportOnUncaughtException = false;
  }
  if (process.platform !== "linux") return;
  try {
    // No mapping of any kind goes into a core dump (core(5)); threads and children follow.
    writeFileSync("/proc/self/coredump_filter", "0");
  } catch {
    // A container without /proc; the unit's LimitCORE=0 holds.
  }
}
