/** Single values laid over those of a file: from the environment, or from the command line. */
import type { Path } from "./problem.ts";

/** One value and where it comes from. */
export interface Override {
  readonly path: readonly string[];
  readonly value: string | number;
  /** Name of the variable or option, for messages. */
  readonly origin: string;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withValue(data: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  // What is no mapping is a fault of the file, which the schema names.
  if (data !== undefined && !isMapping(data)) return data;
  const child = data !== undefined && Object.hasOwn(data, key) ? data[key] : undefined;
  return { ...data, [key]: withValue(child, rest, value) };
}

/** The raw content of a file with the overrides in it, a later one over an earlier one. */
export function applyOverrides(data: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce((sum, { path, value }) => withValue(sum, path, value), data);
}

/** Where the value at `path` comes from if an override put it there. */
export function originOf(path: Path, overrides: readonly Override[]): string | undefined {
  return overrides.findLast((one) => one.path.join(".") === path.join("."))?.origin;
}
