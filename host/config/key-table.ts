/** The table of all keys as the documentation shows it. */
import type { z } from "zod";
import { variableOf } from "./environment.ts";
import { keysOf } from "./keys.ts";

/** A Markdown table of every key: default, meaning, variable. */
export function keyTable(schema: z.ZodType, prefix: string): string {
  const rows = keysOf(schema).map(({ path, isScalar, defaultText, isRequired, description }) => {
    const fallback = isRequired
      ? "required"
      : defaultText === undefined
        ? ""
        : `\`${defaultText}\``;
    const variable = isScalar ? `\`${variableOf(prefix, path)}\`` : "";
    return `| \`${path.join(".")}\` | ${fallback} | ${description.replaceAll("|", "\\|")} | ${variable} |`;
  });
  return ["| key | default | meaning | variable |", "|---|---|---|---|", ...rows, ""].join("\n");
}
