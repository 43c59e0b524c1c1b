/** The faults of a policy file as one error with a line each. */
import type { z } from "zod";
import { MapveilError } from "../core/errors.ts";
import { NEVER_LEAVES } from "./fields.ts";
import type { Fault, Path } from "./rules.ts";
import { suggest } from "./suggest.ts";
import type { Problem } from "./yaml-source.ts";

/** Problems that one error lists; there may be more. */
export const LISTED_MAX = 50;

/** "crop.boxes[0].size_m[1]"; the whole file is "policy". */
function pathText(path: Path): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? String(key) : `.${String(key)}`;
  }
  return text === "" ? "policy" : text;
}

/** An unknown field: `known` is the list of the names that may stand there. */
function unknownField(name: string, known: string): string {
  if (Object.hasOwn(NEVER_LEAVES, name)) {
    return `is an unknown field, no policy can let it leave; allowed: ${known}`;
  }
  const near = suggest(name, known.split(", "));
  const hint = near === null ? "" : ` (did you mean ${near}?)`;
  return `is an unknown field${hint}, allowed: ${known}`;
}

/** What zod found, one fault for each unknown field and wrong value, in no particular order. */
export function* faultsOf(error: z.ZodError): Generator<Fault & { at: "key" | "value" }> {
  for (const issue of error.issues) {
    if (issue.code !== "unrecognized_keys") {
      yield { path: issue.path, what: issue.message, at: "value" };
      continue;
    }
    for (const key of issue.keys) {
      yield { path: [...issue.path, key], what: unknownField(key, issue.message), at: "key" };
    }
  }
}

/**
 * Throws CONFIG with one line for each problem, in the order of the file:
 * `file:line:col path.to.field: what is wrong, what is allowed`.
 */
export function throwProblems(file: string, problems: readonly Problem[]): never {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.col - b.col);
  const lines = sorted
    .slice(0, LISTED_MAX)
    .map((p) => `${file}:${p.line}:${p.col} ${pathText(p.path)}: ${p.what}`);
  if (sorted.length > LISTED_MAX) lines.push(`${file}: there are more problems than these`);
  const first = sorted[0]!;
  const details = { file, line: first.line, field: pathText(first.path) };
  throw new MapveilError("CONFIG", lines.join("\n"), details);
}
