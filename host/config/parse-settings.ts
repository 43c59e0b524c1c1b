/** From the text of a file of settings to checked values, or to one error that lists everything wrong. */
import type { z } from "zod";
import { applyOverrides, type Override, originOf } from "./overrides.ts";
import { type Fault, faultsOf, LISTED_MAX, type Problem, throwProblems } from "./problem.ts";
import { refuseTooLong } from "./read-text.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

/** What kind of file it is. */
export interface SettingsKind<S extends z.ZodType> {
  /** What the settings are, in one word: "policy". It stands for the whole file in messages. */
  readonly root: string;
  /** Largest file, bytes of UTF-8. */
  readonly bytesMax: number;
  readonly schema: S;
  /** Rules between fields, checked on the raw content so that one run shows all. */
  readonly rules?: (raw: unknown) => readonly Fault[];
  /** What else is known of an unknown field. */
  readonly remark?: (name: string) => string | undefined;
}

export interface Settings<T> {
  readonly value: T;
  /** Where everything stands in the file. */
  readonly source: YamlSource;
}

/**
 * Reads the text of a file of settings (YAML), lays `overrides` over it and fills in the defaults.
 * `fileName` is used in messages only. Throws CONFIG that lists every problem with its line and
 * column, or with the name of the override that it came from.
 */
export function parseSettings<S extends z.ZodType>(
  kind: SettingsKind<S>,
  text: string,
  fileName: string,
  overrides: readonly Override[] = [],
): Settings<z.output<S>> {
  refuseTooLong(Buffer.byteLength(text, "utf8"), kind.bytesMax, fileName, kind.root);
  const source = readYaml(text);
  if (source.problems.length > 0) throwProblems(fileName, kind.root, source.problems);
  const data = applyOverrides(source.data, overrides);
  const problemAt = (fault: Fault, at: "key" | "value"): Problem => {
    const origin = originOf(fault.path, overrides);
    return { ...fault, ...source.locate(fault.path, at), ...(origin !== undefined && { origin }) };
  };
  const parsed = kind.schema.safeParse(data);
  const problems = (kind.rules?.(data) ?? []).map((fault) => problemAt(fault, "value"));
  // A few more than one error lists.
  for (const fault of parsed.success
    ? []
    : faultsOf(parsed.error, kind.remark ?? (() => undefined))) {
    problems.push(problemAt(fault, fault.at));
    if (problems.length > LISTED_MAX) break;
  }
  if (!parsed.success || problems.length > 0) throwProblems(fileName, kind.root, problems);
  return { value: parsed.data, source };
}
