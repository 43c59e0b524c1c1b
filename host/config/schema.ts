/** The pieces that schemas of settings are made of: each says in one message what may stand there. */
import { z } from "zod";
import { hintOf } from "./problem.ts";
import { show } from "./show.ts";

interface Issue {
  readonly input?: unknown;
  readonly code?: string | undefined;
}

/** What zod says of a number, in words. */
const OF_NUMBERS: Readonly<Record<string, string>> = {
  too_small: "too small",
  too_big: "too large",
};

/** The message of every fault of one field: what is there, and what may be. */
export function allowed(what: string): (issue: Issue) => string {
  return ({ input, code = "" }) => {
    const found = (typeof input === "number" ? OF_NUMBERS[code] : undefined) ?? show(input);
    return `is ${found}, must be ${what}`;
  };
}

/** One of a few names; a mistyped one gets a suggestion. */
export function oneOf<const T extends string>(names: readonly [T, ...T[]]) {
  const list = names.join(", ");
  return z.enum(names, {
    error: (issue) => {
      const hint = typeof issue.input === "string" ? hintOf(issue.input, names) : "";
      return `is ${show(issue.input)}${hint}, must be one of ${list}`;
    },
  });
}

/** A number from `min` to `max`, both included. */
export function number(min: number, max: number, unit: string) {
  const error = allowed(`a number from ${min} to ${max} (${unit})`);
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** A whole number from `min` to `max`, both included. */
export function wholeNumber(min: number, max: number, unit: string) {
  const error = allowed(`a whole number from ${min} to ${max} (${unit})`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A list of at most `max` items. */
export function list<T extends z.ZodType>(item: T, max: number, what: string) {
  const error = allowed(`a list of ${what}`);
  const tooMany = (issue: Issue) =>
    `has ${(issue.input as unknown[]).length} items, must have at most ${max}`;
  return z.array(item, { error }).max(max, { error: tooMany });
}

/**
 * An object without unknown fields. The message of an unknown field is the list of the known ones,
 * from which problem.ts builds the sentence and the suggestion.
 */
export function section<T extends z.ZodRawShape>(shape: T) {
  const names = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? names : allowed(`a mapping with ${names}`)(issue),
  });
}
