/** Durations, sizes, addresses and paths as fields: text in the file, units of the code behind it. */
import { z } from "zod";
import { parseHostPort } from "./address.ts";
import { parseDuration } from "./duration.ts";
import { allowed } from "./schema.ts";
import { parseSize } from "./size.ts";

/** Text that `parse` understands; `what` says what may stand there. */
export function parsedText<T>(parse: (text: string) => T | null, what: string) {
  const error = allowed(what);
  return z.string({ error }).transform((text, context): T => {
    const value = parse(text);
    if (value !== null) return value;
    context.addIssue(error({ input: text }));
    return z.NEVER;
  });
}

function durationBetween(min: string, max: string) {
  const [lowest, highest] = [parseDuration(min)!, parseDuration(max)!];
  return (text: string) => {
    const ms = parseDuration(text);
    return ms !== null && ms >= lowest && ms <= highest ? ms : null;
  };
}

/** A duration between two others, both included; milliseconds behind it. */
export function duration(min: string, max: string) {
  const what = `a duration from ${min} to ${max}, such as ${min}`;
  return parsedText(durationBetween(min, max), what);
}

/** A duration between two others, both included, or "off"; milliseconds behind it, 0 behind "off". */
export function durationOrOff(min: string, max: string) {
  const parse = durationBetween(min, max);
  const what = `off, or a duration from ${min} to ${max}, such as ${min}`;
  return parsedText((text) => (text === "off" ? 0 : parse(text)), what);
}

function sizeBetween(min: string, max: string) {
  const [lowest, highest] = [parseSize(min)!, parseSize(max)!];
  return (text: string) => {
    const bytes = parseSize(text);
    return bytes !== null && bytes >= lowest && bytes <= highest ? bytes : null;
  };
}

/** A size between two others, both included; bytes behind it. */
export function size(min: string, max: string) {
  return parsedText(sizeBetween(min, max), `a size from ${min} to ${max}, such as ${min}`);
}

/** Bytes a second, from `min` on; 0 behind "unlimited". */
export function rate(min: string) {
  const parse = sizeBetween(min, "1TiB");
  const what = `unlimited, or a size a second from ${min} to 1TiB, such as ${min}`;
  return parsedText((text) => (text === "unlimited" ? 0 : parse(text)), what);
}

/** host:port to connect to. */
export function remoteAddress() {
  const parse = (text: string) => ((parseHostPort(text)?.port ?? 0) > 0 ? text : null);
  return parsedText(parse, "host:port, such as receiver.example.com:7443");
}

/** host:port to listen on; port 0 is any free one. */
export function listenAddress() {
  const parse = (text: string) => (parseHostPort(text) === null ? null : text);
  return parsedText(parse, "host:port, such as 127.0.0.1:7443");
}

/** Path of a file, a folder or a socket. */
export function path(what: string) {
  const error = allowed(`the path of ${what}`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no path of ours has one, and no message should
  return z.string({ error }).regex(/^[^\u0000-\u001f\u007f]{1,1024}$/, { error });
}

/** A name for messages, files and metrics. */
export function name(what: string) {
  const error = allowed(`${what}: 1 to 40 characters of a-z, 0-9 and -, the first a letter`);
  return z.string({ error }).regex(/^[a-z][a-z0-9-]{0,39}$/, { error });
}
