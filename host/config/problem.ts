/** The faults of a file of settings as one error with a line each. */
import type { z } from "zod";
import { MapveilError } from "../core/errors.ts";
import { suggest } from "./suggest.ts";

/** Problems that one error lists; there may be more. */
export const LISTED_MAX = 50;

export type Path = readonly PropertyKey[];

/** What is wrong, and at which field. */
export interface Fault {
  readonly path: Path;
  readonly what: string;
  /** The path as messages show it, where that is another. */
  readonly shown?: Path;
}

/** A fault and where it stands in the file; line and column count from 1. */
export interface Problem extends Fault {
  readonly line: number;
  readonly col: number;
  /** What the value came from if not from the file: the name of a variable or an option. */
  readonly origin?: string;
}

/** "crop.boxes[0].size_m[1]"; `root` stands for the whole file. */
function pathText(path: Path, root: string): string {
  let text = "";
  for (const key of path) {
    if (typeof key === "number") text += `[${key}]`;
    else text += text === "" ? String(key) : `.${String(key)}`;
  }
  return text === "" ? root : text;
}

/** " (did you mean level?)", or nothing if no known name is near. */
export function hintOf(word: string, known: readonly string[]): string {
  const near = suggest(word, known);
  return near === null ? "" : ` (did you mean ${near}?)`;
}

/**
 * What zod found, one fault for each unknown field and wrong value, in no particular order. `remark`
 * may know more of an unknown field than that it is unknown.
 */
export function* faultsOf(
  error: z.ZodError,
  remark: (name: string) => string | undefined,
): Generator<Fault & { at: "key" | "value" }> {
  for (const issue of error.issues) {
    if (issue.code !== "unrecognized_keys") {
      yield { path: issue.path, what: issue.message, at: "value" };
      continue;
    }
    for (const key of issue.keys) {
      const known = issue.message;
      const near = hintOf(key, known.split(", "));
      const said = remark(key);
      const what = `is an unknown field${said === undefined ? `${near},` : `, ${said};`} allowed: ${known}`;
      const fault = { path: [...issue.path, key], at: "key" } as const;
      // A mistyped key is repeated. One that is near to none may be a value in the place of a key.
      if (near !== "" || said !== undefined) yield { ...fault, what };
      else yield { ...fault, shown: issue.path, what: `has an unknown field, allowed: ${known}` };
    }
  }
}

/**
 * Throws CONFIG with one line for each problem, in the order of the file:
 * `file:line:col path.to.field: what is wrong, what is allowed`.
 */
export function throwProblems(file: string, root: string, problems: readonly Problem[]): never {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.col - b.col);
  const lines = sorted.slice(0, LISTED_MAX).map((problem) => {
    const { line, col, origin, path, shown = path, what } = problem;
    return `${origin ?? `${file}:${line}:${col}`} ${pathText(shown, root)}: ${what}`;
  });
  if (sorted.length > LISTED_MAX) lines.push(`${file}: there are more problems than these`);
  const first = sorted[0]!;
  const field = pathText(first.shown ?? first.path, root);
  const details = first.origin === undefined ? { file, line: first.line, field } : { field };
  throw new MapveilError("CONFIG", lines.join("\n"), details);
}
