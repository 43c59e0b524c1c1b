/**
 * The log as it is written: one JSON object a line, with a closed list of fields that hold words of
 * Mapveil's own vocabulary. What has another form is left out and counted, so that no address, name,
 * id or secret gets into a log by way of a careless caller. Neither host name nor process id is in it.
 */
import type { Writable } from "node:stream";
import { pino } from "pino";
import { isCrashType, isPlace } from "./crash.ts";
import { LineQueue } from "./line-queue.ts";
import type { Log, LogFields } from "./log.ts";

export type LogLevel = keyof Log;

/** Words as codes and names are written; nothing that base64, an address or a path could be. */
const CONSTANT = /^[A-Z][A-Z0-9_]{0,39}$/;
const WORD = /^[a-z][a-z_]{0,39}$/;

/** Every field, and what its value must look like. */
type Rule = RegExp | "number" | "bigint" | ((text: string) => boolean);
const FIELDS: Readonly<Record<keyof LogFields, Rule>> = {
  code: CONSTANT,
  reason: /^[A-Za-z][A-Za-z_]{0,39}$/,
  dataClass: WORD,
  permission: /^[a-z]{1,10}-[a-z_]{1,40}-[a-z]{1,10}$/,
  epoch: "bigint",
  artefacts: "number",
  frames: "number",
  bytes: "number",
  count: "number",
  delayMs: "number",
  durationMs: "number",
  level: WORD,
  key: /^(?=.{1,60}$)[a-z][a-z_]*(?:\.[a-z_]+)*$/,
  version: /^[0-9]{1,5}\.[0-9]{1,5}\.[0-9]{1,5}(?:-[a-z0-9.]{1,20})?$/,
  signal: /^SIG[A-Z0-9]{1,10}$/,
  method: /^(?:mapveil\.v1|grpc(?:\.[a-z0-9]+)+)\.[A-Z][A-Za-z]{1,40}(?:\/[A-Z][A-Za-z]{1,40})?$/,
  role: WORD,
  type: isCrashType,
  at: isPlace,
};

/** What an event that is none is called. */
const BAD_EVENT = "bad_event";

/** A log, and what the process around it decides. */
export interface ServiceLog extends Log {
  /** Changes what is written from now on. */
  setLevel(level: LogLevel): void;
  /** Waits until every line is handed to the system, at most `timeoutMs` milliseconds. */
  flush(timeoutMs: number): Promise<void>;
}

/** The value as it may be written, or undefined. */
function plain(name: string, value: unknown): string | number | undefined {
  const rule = Object.hasOwn(FIELDS, name) ? FIELDS[name as keyof LogFields] : undefined;
  if (rule === "number") {
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  }
  if (rule === "bigint") return typeof value === "bigint" ? value.toString() : undefined;
  if (rule === undefined || typeof value !== "string") return undefined;
  return (typeof rule === "function" ? rule(value) : rule.test(value)) ? value : undefined;
}

/** The fields that may be written; `droppedFields` counts the others. */
function allowedFields(fields: LogFields | undefined): Record<string, string | number> {
  const written: Record<string, string | number> = {};
  let droppedFields = 0;
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (value === undefined) continue;
    const shown = plain(name, value);
    if (shown === undefined) droppedFields++;
    else written[name] = shown;
  }
  return droppedFields > 0 ? { ...written, droppedFields } : written;
}

/**
 * Opens a log on a stream. Writing never waits: while the reader is slow, lines queue up to 1 MiB;
 * what comes beyond is left out, and counted in an event `log_lines_lost` when there is room again.
 */
export function createLog(options: { level: LogLevel; stream: Writable }): ServiceLog {
  const queue = new LineQueue(options.stream, (count) =>
    write("warn", "log_lines_lost", { count }),
  );
  const logger = pino(
    {
      level: options.level,
      base: null,
      messageKey: "event",
      timestamp: pino.stdTimeFunctions.isoTime,
      // "level" is a field of its own: that of a permission.
      formatters: { level: (severity) => ({ severity }) },
    },
    queue,
  );
  const write = (severity: LogLevel, event: string, fields?: LogFields) => {
    if (!logger.isLevelEnabled(severity)) return;
    logger[severity](allowedFields(fields), WORD.test(event) ? event : BAD_EVENT);
  };
  return {
    debug: (event, fields) => write("debug", event, fields),
    info: (event, fields) => write("info", event, fields),
    warn: (event, fields) => write("warn", event, fields),
    error: (event, fields) => write("error", event, fields),
    setLevel: (level) => {
      logger.level = level;
    },
    flush: (timeoutMs) => queue.flush(timeoutMs),
  };
}
