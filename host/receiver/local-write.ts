/** One artefact being written into the local store. */
import type { FileHandle } from "node:fs/promises";
import type { LocalFiles } from "./local-files.ts";
import { diskRefusal, refusal } from "./reasons.ts";
import type { ArtefactWrite, StoredArtefact, WriteOrigin } from "./store.ts";
import type { Hold } from "./takeover.ts";

/** Bytes after which a long write is made durable under way: what a power cut may cost. */
const SYNC_EVERY_BYTES = 4 * 2 ** 20;

/** What the store remembers of a write that is not finished, whether or not a call has it open. */
export interface Unfinished {
  readonly id: string;
  origin: WriteOrigin;
  /** Bytes that were made durable. */
  committedBytes: number;
  /** Bytes that were taken; counted as used. */
  receivedBytes: number;
  /** Whether the index knows of it, as `origin` says. */
  recorded: boolean;
  /** Milliseconds without progress before `progressAtMs`. */
  idleMs: number;
  /** When it made progress last, by the monotonic clock. */
  progressAtMs: number;
  /** Makes durable what an open write has taken. */
  sync: (() => Promise<void>) | undefined;
}

/** What a write needs of its store. */
export interface WriteHost {
  readonly files: LocalFiles;
  monotonicMs(): number;
  /** Makes the index know of the write. */
  record(unfinished: Unfinished): Promise<void>;
  /** Makes the index know of the artefact, if its epoch is not below the floor. */
  store(unfinished: Unfinished, digest: Uint8Array): Promise<StoredArtefact>;
  /** Removes the write from index, memory and disk. */
  drop(unfinished: Unfinished): Promise<void>;
}

export class LocalWrite implements ArtefactWrite {
  readonly #host: WriteHost;
  readonly #unfinished: Unfinished;
  readonly #hold: Hold;
  readonly #handle: FileHandle;
  /** Whether the folder's entry of the file is durable. */
  #entrySynced: boolean;
  #state: "open" | "done" | "closed" = "open";
  #syncing: Promise<void> = Promise.resolve();

  constructor(host: WriteHost, unfinished: Unfinished, hold: Hold, handle: FileHandle) {
    this.#host = host;
    this.#unfinished = unfinished;
    this.#hold = hold;
    this.#handle = handle;
    this.#entrySynced = unfinished.committedBytes > 0;
    unfinished.sync = () => this.#sync();
  }

  get committedBytes(): number {
    return this.#unfinished.committedBytes;
  }

  get receivedBytes(): number {
    return this.#unfinished.receivedBytes;
  }

  get ended(): AbortSignal {
    return this.#hold.ended;
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#mustBeOpen();
    const start = this.receivedBytes;
    // Counted before anything is awaited, so that quotas hold over parallel writes.
    this.#unfinished.receivedBytes += bytes.length;
    let done = 0;
    try {
      await this.#host.files.assertRoom(bytes.length);
      // A write of more than one piece can be gone on with after a crash only if the index knows it.
      if (start > 0 && !this.#unfinished.recorded) await this.#sync(start);
      while (done < bytes.length) {
        const left = bytes.length - done;
        done += (await this.#handle.write(bytes, done, left, start + done)).bytesWritten;
      }
    } catch (error) {
      throw diskRefusal(error);
    } finally {
      this.#unfinished.receivedBytes = start + done;
      if (done > 0) this.#progress();
    }
    if (this.receivedBytes - this.committedBytes >= SYNC_EVERY_BYTES) await this.#sync();
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#handle
        .read(bytes, done, length - done, offset + done)
        .catch((error: unknown) => {
          throw diskRefusal(error);
        });
      if (bytesRead === 0) throw refusal("DISK_FAULT");
      done += bytesRead;
    }
    return bytes;
  }

  async finish(digest: Uint8Array): Promise<StoredArtefact> {
    this.#mustBeOpen();
    await this.#syncBytes(this.receivedBytes);
    try {
      const stored = await this.#host.store(this.#unfinished, digest);
      this.#state = "done";
      return stored;
    } catch (error) {
      if (diskRefusal(error).reason === "STALE_EPOCH") await this.discard();
      throw error;
    }
  }

  async discard(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "done";
    await this.#host.drop(this.#unfinished);
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    const open = this.#state === "open";
    this.#state = "closed";
    try {
      if (open) await this.#keep();
    } finally {
      this.#unfinished.sync = undefined;
      await this.#syncing.catch(() => {});
      await this.#handle.close().catch(() => {});
      this.#hold.release();
    }
  }

  /** Keeps what was taken. What cannot be made durable is cut off: it may not count as received. */
  async #keep(): Promise<void> {
    try {
      if (this.receivedBytes > 0) await this.#sync();
    } catch {
      await this.#handle.truncate(this.committedBytes).catch(() => {});
      this.#unfinished.receivedBytes = this.committedBytes;
    }
    if (this.committedBytes === 0) await this.#host.drop(this.#unfinished);
  }

  /** Makes the first `size` bytes durable, and known to the index. */
  async #sync(size = this.receivedBytes): Promise<void> {
    if (size === 0) return;
    await this.#syncBytes(size);
    if (!this.#unfinished.recorded) await this.#host.record(this.#unfinished);
    this.#unfinished.committedBytes = Math.max(this.committedBytes, size);
  }

  /**
   * One at a time: a call that looks and the one that writes may both want it. After a failure none
   * succeeds any more: the kernel reports lost bytes once, and then takes them for written.
   */
  #syncBytes(size: number): Promise<void> {
    const before = this.#syncing;
    const syncing = (async () => {
      await before;
      const { id } = this.#unfinished;
      await Promise.all([
        size > this.committedBytes && this.#handle.datasync(),
        !this.#entrySynced && this.#host.files.syncFolderOf(id),
      ]);
      this.#entrySynced = true;
    })().catch((error: unknown) => {
      throw diskRefusal(error);
    });
    this.#syncing = syncing;
    return syncing;
  }

  #progress(): void {
    this.#unfinished.progressAtMs = this.#host.monotonicMs();
    this.#unfinished.idleMs = 0;
  }

  #mustBeOpen(): void {
    this.ended.throwIfAborted();
    if (this.#state !== "open") throw refusal("WRITE_CANCELLED");
  }
}
