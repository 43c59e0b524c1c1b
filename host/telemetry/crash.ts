/**
 * What may be told of an error that nobody foresaw: its kind and where it happened. Never its message,
 * which may repeat what was worked on (JSON.parse quotes the text, a TypeError the value), and no
 * paths, for they name users.
 */
import { fileURLToPath } from "node:url";
import type { LogFields } from "./log.ts";

/** Kinds that are told by name: those of the language, of Node and our own. */
const TYPES: ReadonlySet<string> = new Set([
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "AbortError",
  "AssertionError",
  "CompileError",
  "DOMException",
  "LinkError",
  "MapveilError",
  "PermissionError",
  "RpcError",
  "RuntimeError",
  "SystemError",
  "ZodError",
]);
const FRAMES_MAX = 10;
/** Functions as they are written in source; what is computed has another name. */
const FUNCTION = /^(?:async |new )?(?:[A-Za-z_$#][\w$#]{0,39}\.)?[A-Za-z_$#][\w$#]{0,39}$/;
/** Files of Mapveil below host/. */
const OWN_FILE = /^[a-z0-9-]{1,20}(?:\/[a-z0-9-]{1,40}){0,3}\.[jt]s$/;
/** The folder host/ of the sources, or of dist/. */
const HOST = fileURLToPath(new URL("../", import.meta.url));

/** What is told of a crash. */
export interface Crash {
  /** Name of its class if that is one of a closed list, else "Other". */
  readonly type: string;
  /** Innermost first: "function file:line", where the file is one of Mapveil, "node" or "library". */
  readonly at: readonly string[];
}

/** Told where a name is not one of those that may be told. */
const UNTOLD = "-";

function fileOf(name: string | null | undefined): string {
  if (!name) return UNTOLD;
  if (name.startsWith("node:")) return "node";
  let path = name;
  try {
    if (name.startsWith("file:")) path = fileURLToPath(name);
  } catch {
    return UNTOLD;
  }
  if (path.startsWith(HOST) && OWN_FILE.test(path.slice(HOST.length))) {
    return `host/${path.slice(HOST.length)}`;
  }
  return "library";
}

function frameOf(site: NodeJS.CallSite): string {
  const file = fileOf(site.getFileName());
  // Functions of others may be named after what they work on, as the members of an object are.
  if (!file.startsWith("host/")) return `${UNTOLD} ${file}`;
  const name = site.getFunctionName() ?? "";
  return `${FUNCTION.test(name) ? name : UNTOLD} ${file}:${site.getLineNumber() ?? 0}`;
}

/**
 * The frames of an error out of V8's own objects, for its text begins with the message, which may
 * have lines that look like frames. None for an error whose stack was read before, or that came from
 * another thread.
 */
function framesOf(error: Error): string[] {
  const before = Error.prepareStackTrace;
  let sites: readonly NodeJS.CallSite[] = [];
  try {
    Error.prepareStackTrace = (_, found) => {
      sites = found;
      return "";
    };
    void error.stack;
    return sites.slice(0, FRAMES_MAX).map(frameOf);
  } catch {
    // A getter of a hostile object.
    return [];
  } finally {
    if (before === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    else Error.prepareStackTrace = before;
  }
}

function typeOf(error: unknown): string {
  try {
    const name = (error as { constructor?: { name?: unknown } } | null)?.constructor?.name;
    return typeof name === "string" && TYPES.has(name) ? name : "Other";
  } catch {
    return "Other";
  }
}

/** What may be told of anything that was thrown. Never throws. */
export function crashOf(error: unknown): Crash {
  return { type: typeOf(error), at: error instanceof Error ? framesOf(error) : [] };
}

/** Whether it is the name of a kind that crashOf tells. */
export function isCrashType(type: unknown): type is string {
  return type === "Other" || TYPES.has(type as string);
}

/** Whether it is what crashOf makes, for what was read from a disk or came from a thread. */
export function isCrash(value: unknown): value is Crash {
  const { type, at } = (value ?? {}) as { type?: unknown; at?: unknown };
  return (
    isCrashType(type) &&
    Array.isArray(at) &&
    at.length <= FRAMES_MAX &&
    at.every((frame) => typeof frame === "string" && isFrame(frame))
  );
}

function isFrame(frame: string): boolean {
  const at = frame.lastIndexOf(" ");
  const name = frame.slice(0, at);
  const [file = "", line] = frame.slice(at + 1).split(":");
  if (line === undefined) return name === UNTOLD && ["node", "library", UNTOLD].includes(file);
  const isOwn = file.startsWith("host/") && OWN_FILE.test(file.slice("host/".length));
  return isOwn && /^\d{1,7}$/.test(line) && (name === UNTOLD || FUNCTION.test(name));
}

/** A crash as fields of the log. */
export function crashFields({ type, at }: Crash): LogFields {
  return { code: "INTERNAL", type, ...(at.length > 0 && { at: at.join(" < ") }) };
}

/** Whether a text is the frames of a crash as the log has them. */
export function isPlace(text: string): boolean {
  const frames = text.split(" < ");
  return frames.length <= FRAMES_MAX && frames.every(isFrame);
}
