/** From the text of a policy file to a policy, or to one error that lists everything wrong. */
import { parseSettings, readText } from "../config/index.ts";
import { NEVER_LEAVES } from "./fields.ts";
import type { Policy } from "./policy.ts";
import { brokenRules } from "./rules.ts";
import { policySchema } from "./schema.ts";

/** Largest policy file, in bytes of UTF-8. */
export const POLICY_FILE_BYTES_MAX = 256 * 1024;

const POLICY_FILE = {
  root: "policy",
  bytesMax: POLICY_FILE_BYTES_MAX,
  schema: policySchema,
  rules: brokenRules,
  remark: (name: string) =>
    Object.hasOwn(NEVER_LEAVES, name) ? "no policy can let it leave" : undefined,
};

/**
 * Reads the text of a policy file (YAML, at most 256 KiB of UTF-8) and fills in the defaults.
 * `fileName` is used in messages only. Accepts every known level, also those that compilePolicy
 * refuses in this version. Throws CONFIG that lists every problem with its line and column.
 */
export function parsePolicy(text: string, fileName: string): Policy {
  const { value, source } = parseSettings(POLICY_FILE, text, fileName);
  const named = Object.hasOwn(source.data as object, "level");
  const level = named ? { level_line: source.locate(["level"], "key").line } : {};
  return { ...value, source: { file: fileName, ...level } };
}

/** parsePolicy of a file or pipe. Throws IO if it cannot be read, CONFIG if it is wrong. */
export async function loadPolicy(path: string): Promise<Policy> {
  return parsePolicy(await readText(path, POLICY_FILE_BYTES_MAX, POLICY_FILE.root), path);
}
