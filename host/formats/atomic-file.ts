/**
 * Output that appears whole or not at all: written beside its target under another name, forced to
 * the disk, then renamed. A crash at any point leaves the old file, or none.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { forgetTemporary, registerTemporary } from "./temporary-files.ts";

export interface AtomicFileOptions {
  /** Mode of the file before the umask. Default 0o644; 0o600 for what only the owner may read. */
  readonly mode?: number;
}

export interface AtomicFile {
  /** Bytes written so far. */
  readonly bytesWritten: number;
  /** Appends `chunk`. On failure the temporary file is gone; NO_SPACE if the disk is full. */
  write(chunk: Uint8Array): Promise<void>;
  /** Puts the file in place, replacing what is there; returns when it is safe on the disk. */
  commit(): Promise<void>;
  /** Removes what was written. Does nothing after commit() or a failure; never throws. */
  abort(): Promise<void>;
}

/** Starts writing `path`. IO if the folder is missing or not writable, NO_SPACE if it is full. */
export async function createAtomicFile(
  path: string,
  options: AtomicFileOptions = {},
): Promise<AtomicFile> {
  const mode = options.mode ?? 0o644;
  const suffix = randomBytes(6).toString("hex");
  // The name is cut so that a long target name still leaves room for the suffix (255 bytes).
  const temporary = join(dirname(path), `.${basename(path).slice(0, 60)}.${suffix}.tmp`);
  // Registered first: a signal between the two calls must find it.
  registerTemporary(temporary);
  const handle = await open(temporary, "wx", mode).catch((error: unknown) => {
    forgetTemporary(temporary);
    throw ioError(error, path, "write");
  });
  return new OpenAtomicFile(path, temporary, handle);
}

/** Writes `path` in one go; see createAtomicFile. */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array,
  options: AtomicFileOptions = {},
): Promise<void> {
  const file = await createAtomicFile(path, options);
  await file.write(content);
  await file.commit();
}

class OpenAtomicFile implements AtomicFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #bytesWritten = 0;
  #state: "open" | "committed" | "removed" = "open";

  constructor(path: string, temporary: string, handle: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#mustBeOpen();
    await this.#guarded(async () => {
      for (let done = 0; done < chunk.length; ) {
        const { bytesWritten } = await this.#handle.write(chunk, done, chunk.length - done);
        done += bytesWritten;
        this.#bytesWritten += bytesWritten;
      }
    });
  }

  async commit(): Promise<void> {
    this.#mustBeOpen();
    await this.#guarded(async () => {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(this.#temporary, this.#path);
      forgetTemporary(this.#temporary);
      this.#state = "committed";
      await syncFolder(dirname(this.#path));
    });
  }

  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "removed";
    await this.#handle.close().catch(() => {});
    await unlink(this.#temporary).catch(() => {});
    forgetTemporary(this.#temporary);
  }

  #mustBeOpen(): void {
    if (this.#state === "open") return;
    const text = `${this.#path}: the file was already ${this.#state}; create a new one.`;
    throw new MapveilError("USAGE", text, { file: this.#path });
  }

  async #guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      await this.abort();
      throw ioError(error, this.#path, "write");
    }
  }
}

/** The rename itself is only durable once its folder is on the disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
