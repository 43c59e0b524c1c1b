/** Overrides out of the environment and the command line. Secrets have no place in either. */
import type { z } from "zod";
import { MapveilError } from "../core/errors.ts";
import { type Key, keysOf } from "./keys.ts";
import type { Override } from "./overrides.ts";
import { hintOf } from "./problem.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that overrides a key: MAPVEIL_SIDECAR_ and SPOOL_QUOTA. */
export function variableOf(prefix: string, path: readonly string[]): string {
  return `${prefix}${path.join("_").toUpperCase()}`;
}

function scalarsOf(schema: z.ZodType): Key[] {
  return keysOf(schema).filter(({ isScalar }) => isScalar);
}

function overrideOf(key: Key, text: string, origin: string): Override {
  const isNumeric = key.isNumber && /^[0-9]{1,15}$/.test(text);
  return { path: key.path, value: isNumeric ? Number(text) : text, origin };
}

/**
 * Overrides out of variables that begin with `prefix`; an empty one counts as absent. `others` are
 * variables with the prefix that mean something else. Throws CONFIG for a variable that no key has.
 */
export function overridesOfEnvironment(
  schema: z.ZodType,
  prefix: string,
  environment: Environment,
  others: readonly string[],
): Override[] {
  const keys = new Map(scalarsOf(schema).map((key) => [variableOf(prefix, key.path), key]));
  const overrides: Override[] = [];
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || others.includes(variable)) continue;
    const key = keys.get(variable);
    if (key === undefined) {
      const known = [...keys.keys()].map((name) => name.slice(prefix.length).toLowerCase());
      const near = hintOf(variable.slice(prefix.length), known);
      const hint =
        near === ""
          ? ""
          : near.replace(/mean (\w+)/, (_, name) => `mean ${prefix}${name.toUpperCase()}`);
      // The name is repeated only if it is a mistyped one of ours.
      const message =
        hint === ""
          ? `A variable that begins with ${prefix} is unknown; unset it.`
          : `${variable} is an unknown variable${hint}; unset it.`;
      throw new MapveilError("CONFIG", message, hint === "" ? {} : { field: variable });
    }
    if (text) overrides.push(overrideOf(key, text, variable));
  }
  return overrides;
}

/** Overrides out of `key=value` texts such as "spool.quota=2GiB". Throws USAGE for others. */
export function overridesOfOptions(schema: z.ZodType, settings: readonly string[]): Override[] {
  const keys = new Map(scalarsOf(schema).map((key) => [key.path.join("."), key]));
  return settings.map((setting) => {
    const at = setting.indexOf("=");
    const name = at < 0 ? setting : setting.slice(0, at);
    const key = keys.get(name);
    if (at < 0 || key === undefined) {
      const hint = at < 0 ? ": write key=value" : hintOf(name, [...keys.keys()]);
      const message = `--set ${name} is not a setting of this file${hint}.`;
      throw new MapveilError("USAGE", message, { field: name });
    }
    return overrideOf(key, setting.slice(at + 1), `--set ${name}`);
  });
}
