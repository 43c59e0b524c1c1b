/** What differs between two files of settings, for a reload. */
import type { z } from "zod";
import { keysOf } from "./keys.ts";

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : at,
    value,
  );
}

/** Dotted names of the keys whose values differ, in the order of the schema. */
export function changedKeys(schema: z.ZodType, before: unknown, after: unknown): string[] {
  return keysOf(schema)
    .filter(({ path }) => {
      const [old, now] = [valueAt(before, path), valueAt(after, path)];
      return JSON.stringify(old) !== JSON.stringify(now);
    })
    .map(({ path }) => path.join("."));
}
