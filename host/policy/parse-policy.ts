/** From the text of a policy file to a policy, or to one error that lists everything wrong. */
import { open } from "node:fs/promises";
import type { z } from "zod";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import type { Policy } from "./policy.ts";
import { faultsOf, LISTED_MAX, throwProblems } from "./problem.ts";
import { brokenRules } from "./rules.ts";
import { policySchema } from "./schema.ts";
import { type Problem, readYaml, type YamlSource } from "./yaml-source.ts";

/** Largest policy file, in bytes of UTF-8. */
export const POLICY_FILE_BYTES_MAX = 256 * 1024;

function refuseTooLong(bytes: number, file: string): void {
  if (bytes <= POLICY_FILE_BYTES_MAX) return;
  const message = `${file}:1:1 policy: is longer than 256 KiB, that is not a policy file`;
  throw new MapveilError("CONFIG", message, { file });
}

/** The first problems of the content, with their places; a few more than one error lists. */
function contentProblems(source: YamlSource, error: z.ZodError | undefined): Problem[] {
  const problems: Problem[] = [];
  for (const { path, what } of brokenRules(source.data)) {
    problems.push({ path, what, ...source.locate(path, "value") });
  }
  if (error === undefined) return problems;
  for (const { path, what, at } of faultsOf(error)) {
    problems.push({ path, what, ...source.locate(path, at) });
    if (problems.length > LISTED_MAX) break;
  }
  return problems;
}

/**
 * Reads the text of a policy file (YAML, at most 256 KiB of UTF-8) and fills in the defaults.
 * `fileName` is used in messages only. Accepts every known level, also those that compilePolicy
 * refuses in this version. Throws CONFIG that lists every problem with its line and column.
 */
export function parsePolicy(text: string, fileName: string): Policy {
  refuseTooLong(Buffer.byteLength(text, "utf8"), fileName);
  const source = readYaml(text);
  if (source.problems.length > 0) throwProblems(fileName, source.problems);
  const parsed = policySchema.safeParse(source.data);
  const problems = contentProblems(source, parsed.error);
  if (!parsed.success || problems.length > 0) throwProblems(fileName, problems);
  const named = Object.hasOwn(source.data as object, "level");
  const level = named ? { level_line: source.locate(["level"], "key").line } : {};
  return { ...parsed.data, source: { file: fileName, ...level } };
}

/** At most `max` + 1 bytes of a file or pipe. */
async function readUpTo(path: string, max: number): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.alloc(max + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}

/** parsePolicy of a file or pipe. Throws IO if it cannot be read, CONFIG if it is wrong. */
export async function loadPolicy(path: string): Promise<Policy> {
  const bytes = await readUpTo(path, POLICY_FILE_BYTES_MAX).catch((cause) => {
    throw ioError(cause, path, "read");
  });
  refuseTooLong(bytes.length, path);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    const message = `${path}:1:1 policy: is not UTF-8 text`;
    throw new MapveilError("CONFIG", message, { file: path }, cause);
  }
  return parsePolicy(text, path);
}
