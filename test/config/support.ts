/** Files of settings in a folder that goes away, and the error that reading one gives. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { formatKey, generateRecipientKey } from "../../host/keys/index.ts";

export const RECIPIENT = formatKey("public", generateRecipientKey().publicKey);

/** A folder that is removed after the tests of the file; to be called outside of them. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "config-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes `text` to a file of the folder; returns its path. */
export function write(folder: string, name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Code and message of the MapveilError that `promise` ends with. */
export async function failure(promise: Promise<unknown>): Promise<[code: string, message: string]> {
  try {
    await promise;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
  throw new Error("nothing was thrown");
}
