/** Checks of an output path before any work is done, so that nothing is lost by a slip of the hand. */
import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { MapveilError } from "../core/errors.ts";

/**
 * Throws USAGE if `path` is one of `inputs` (under whatever name), is no regular file, or exists
 * without `force`. A missing folder is found out when the file is created.
 */
export async function checkOutput(
  path: string,
  inputs: readonly (string | undefined)[],
  force: boolean | undefined,
): Promise<void> {
  const output = await statOf(path);
  if (output === undefined) return;
  const fail = (what: string): never => {
    throw new MapveilError("USAGE", `${path} ${what}`, { file: path });
  };
  // Replacing a device or a pipe by a file would break it for everybody.
  if (!output.isFile()) fail("is not a regular file; name a file to write.");
  for (const input of inputs) {
    const other = input === undefined ? undefined : await statOf(input);
    if (other !== undefined && other.dev === output.dev && other.ino === output.ino) {
      fail("is also read by this command; name another output.");
    }
  }
  if (!force) fail("exists already; name another output, or replace it with --force.");
}

async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}
