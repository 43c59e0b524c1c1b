/** The table of all keys as the documentation shows it. */
import type { z } from "zod";
import { variableOf } from "./environment.ts";
import { type Key, keysOf } from "./keys.ts";

function fallbackOf({ isRequired, optionalSection, defaultText }: Key): string {
  if (isRequired) return optionalSection ? `required in \`${optionalSection}\`` : "required";
  return defaultText === undefined ? "" : `\`${defaultText}\``;
}

/** A Markdown table of every key: default, meaning, and the variable that overrides it. */
export function keyTable(schema: z.ZodType, prefix: string): string {
  const rows = keysOf(schema).map((key) => {
    const variable = key.isScalar ? `\`${variableOf(prefix, key.path)}\`` : "";
    return `| \`${key.path.join(".")}\` | ${fallbackOf(key)} | ${key.description} | ${variable} |`;
  });
  return ["| key | default | meaning | variable |", "|---|---|---|---|", ...rows, ""].join("\n");
}
