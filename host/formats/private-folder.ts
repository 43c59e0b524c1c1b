/** A folder of one's own for what a library wants to put beside a file that it reads. */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ioError } from "../core/io-error.ts";
import { forgetTemporary, registerTemporary } from "./temporary-files.ts";

export interface PrivateFolder {
  readonly path: string;
  /** Removes it with all that is in it; safe to call more than once. */
  remove(): Promise<void>;
}

/** Makes a folder that only this user may enter (mode 0700), where the system keeps such. */
export function makePrivateFolder(): PrivateFolder {
  let path: string;
  try {
    path = mkdtempSync(join(tmpdir(), "mapveil-"));
  } catch (error) {
    throw ioError(error, tmpdir(), "write");
  }
  // Made and registered in one go: no signal is handled between the two.
  registerTemporary(path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      forgetTemporary(path);
    },
  };
}
