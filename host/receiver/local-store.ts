/** The embedded storage: an LMDB index and files in one folder. One process at a time. */
import { chmod, mkdir } from "node:fs/promises";
import type { Clock } from "../core/clock.ts";
import { ioError } from "../core/io-error.ts";
import type { Log } from "../telemetry/log.ts";
import { LocalFiles } from "./local-files.ts";
import { LocalIndex } from "./local-index.ts";
import { lockFolder } from "./local-lock.ts";
import { openLocalRead } from "./local-read.ts";
import { idOf, keyOf } from "./local-records.ts";
import { recoverFolder } from "./local-recovery.ts";
import { LocalWrite, type Unfinished, type WriteHost } from "./local-write.ts";
import { diskRefusal, refusal } from "./reasons.ts";
import {
  ARTEFACT_OVERHEAD_BYTES,
  type ArtefactKey,
  type ArtefactRead,
  type ArtefactState,
  type ArtefactWrite,
  type Floor,
  type FloorKey,
  type Store,
  type StoreAccounts,
  type StoredArtefact,
  type WriteOrigin,
} from "./store.ts";
import { type Hold, Takeover } from "./takeover.ts";

/** Withdrawals that are kept for one recipient: some 150 MiB of index, and more than any fleet needs. */
const FLOORS_MAX = 2 ** 20;
const FLOORS_TEXT =
  "No more withdrawals can be kept for this recipient; the receiver's operator has to look into it.";

export interface LocalStoreOptions {
  /** Made with mode 0700. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens the storage, or makes it, and puts in order what a crash left behind. Throws IO or NO_SPACE if
 * the folder cannot be used, UNAVAILABLE if another receiver uses it, INTEGRITY if it is damaged.
 */
export async function openLocalStore(options: LocalStoreOptions): Promise<Store> {
  const { folder, clock, log } = options;
  let unlock = async () => {};
  let files: LocalFiles | undefined;
  let index: LocalIndex | undefined;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    unlock = await lockFolder(folder);
    files = await LocalFiles.open(folder);
    // A new index on a full disk would end the process: LMDB maps what it cannot get.
    if (!LocalIndex.isIn(folder)) await files.assertRoom(0);
    index = new LocalIndex(folder);
    const unfinished = await recoverFolder(index, files, clock, log);
    return new LocalStore(index, files, clock, unfinished, unlock);
  } catch (error) {
    await files?.close();
    await index?.close();
    await unlock();
    const full = diskRefusal(error).reason === "DISK_FULL";
    throw ioError(full ? { code: "ENOSPC" } : error, folder, "write");
  }
}

class LocalStore implements Store {
  readonly #index: LocalIndex;
  readonly #files: LocalFiles;
  readonly #clock: Clock;
  readonly #unlock: () => Promise<void>;
  readonly #unfinished: Map<string, Unfinished>;
  readonly #holds = new Takeover();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #host: WriteHost;

  constructor(
    index: LocalIndex,
    files: LocalFiles,
    clock: Clock,
    unfinished: Map<string, Unfinished>,
    unlock: () => Promise<void>,
  ) {
    this.#index = index;
    this.#files = files;
    this.#clock = clock;
    this.#unfinished = unfinished;
    this.#unlock = unlock;
    this.#host = {
      files,
      monotonicMs: () => clock.monotonicMs(),
      record: (write) => this.#record(write),
      store: (write, digest) => this.#storeWrite(write, digest),
      drop: (write) => this.#drop(write),
    };
  }

  async look(key: ArtefactKey): Promise<ArtefactState> {
    const id = idOf(key);
    await this.#unfinished.get(id)?.sync?.();
    const record = this.#index.get(id);
    if (record !== undefined && record.state !== "unfinished") return record;
    const write = this.#unfinished.get(id);
    if (write === undefined) return { state: "absent" };
    const { epoch, dataClass, deletionHash } = write.origin;
    const { committedBytes } = write;
    return { state: "unfinished", committedBytes, epoch, dataClass, deletionHash };
  }

  async openWrite(key: ArtefactKey, origin: WriteOrigin): Promise<ArtefactWrite> {
    const id = idOf(key);
    // Counted before anything is awaited, so that limits hold over parallel calls.
    this.#unfinishedOf(id, origin);
    const hold = await this.#holds.take(id, refusal("WRITE_SUPERSEDED"));
    try {
      hold.ended.throwIfAborted();
      const record = this.#index.get(id);
      if (record?.state === "stored") throw refusal("ALREADY_STORED_DIFFERENT");
      if (record?.state === "deleted") throw refusal("ARTEFACT_DELETED");
      const write = this.#unfinishedOf(id, origin);
      // What the latest call says of it counts; the epoch is that of the bytes that are there.
      const epoch = write.receivedBytes === 0 ? origin.epoch : write.origin.epoch;
      write.recorded &&= isSameOrigin(write.origin, { ...origin, epoch });
      write.origin = { ...origin, epoch };
      const handle = await this.#files.openForWriting(id, write.receivedBytes === 0);
      return new LocalWrite(this.#host, write, hold, handle);
    } catch (error) {
      const write = this.#unfinished.get(id);
      if (write?.receivedBytes === 0 && write.sync === undefined) this.#unfinished.delete(id);
      hold.release();
      throw diskRefusal(error);
    }
  }

  async cancelWrite(key: ArtefactKey): Promise<void> {
    const id = idOf(key);
    if (!this.#unfinished.has(id)) return;
    await this.#discard(id, refusal("WRITE_CANCELLED"), () => true);
  }

  async floor(key: FloorKey): Promise<Floor | undefined> {
    return this.#index.floor(key);
  }

  async raiseFloor(key: FloorKey, epoch: bigint): Promise<Floor> {
    const raisedAtMs = Math.max(0, Math.round(this.#clock.wallMs()));
    // New ones leave the room that deletions need.
    if (this.#index.floor(key) === undefined) await this.#files.assertRoom(0);
    const floor = await this.#index.change(() => {
      const before = this.#index.floor(key);
      if (before !== undefined && before.epoch >= epoch) return before;
      const isOneMore =
        before === undefined && this.#index.totals(key.recipient).floors >= FLOORS_MAX;
      if (isOneMore) throw refusal("QUOTA_EXCEEDED", { message: FLOORS_TEXT });
      this.#index.putFloor(key, { epoch, raisedAtMs });
      return { epoch, raisedAtMs };
    });
    const isBelow = ({ id, origin }: Unfinished) =>
      keyOf(id).recipient === key.recipient &&
      origin.source === key.source &&
      origin.dataClass === key.dataClass &&
      origin.epoch < floor.epoch;
    for (const write of [...this.#unfinished.values()].filter(isBelow)) {
      await this.#discard(write.id, refusal("STALE_EPOCH"), isBelow);
    }
    return floor;
  }

  async list(recipient: string, afterOrder: number, limit: number): Promise<StoredArtefact[]> {
    return this.#index.list(recipient, afterOrder, limit);
  }

  openRead(key: ArtefactKey): Promise<ArtefactRead> {
    return openLocalRead(this.#index, this.#files, idOf(key));
  }

  async remove(key: ArtefactKey): Promise<boolean> {
    const id = idOf(key);
    const removed = await this.#index.change(() => {
      const record = this.#index.get(id);
      if (record?.state !== "stored") return false;
      this.#index.takeOff(record.artefact, "deleted");
      return true;
    });
    // Also after an earlier try that could note the deletion but not remove the file.
    if (this.#index.get(id)?.state === "deleted") await this.#removeFile(id);
    return removed;
  }

  onStored(recipient: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(recipient) ?? new Set();
    this.#listeners.set(recipient, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(recipient) === listeners) {
        this.#listeners.delete(recipient);
      }
    };
  }

  unfinishedOf(client: string): number {
    let count = 0;
    for (const { origin } of this.#unfinished.values()) if (origin.client === client) count++;
    return count;
  }

  usedBytes(recipient: string): number {
    const { kept, keptBytes } = this.#index.totals(recipient);
    let bytes = keptBytes + kept * ARTEFACT_OVERHEAD_BYTES;
    for (const { id, receivedBytes } of this.#unfinished.values()) {
      if (id.startsWith(recipient)) bytes += receivedBytes + ARTEFACT_OVERHEAD_BYTES;
    }
    return bytes;
  }

  async discardIdle(maxAgeMs: number): Promise<number> {
    const idleMs = (write: Unfinished) =>
      write.idleMs + this.#clock.monotonicMs() - write.progressAtMs;
    const isOld = (write: Unfinished) => idleMs(write) > maxAgeMs;
    const idle = [...this.#unfinished.values()].filter(({ id }) => !this.#holds.isHeld(id));
    // Noted, so that a receiver that is often restarted does not begin to wait anew.
    const young = idle.filter((write) => !isOld(write));
    for (const write of young) {
      write.idleMs = idleMs(write);
      write.progressAtMs = this.#clock.monotonicMs();
    }
    await Promise.all(young.map((write) => this.#record(write)));
    let discarded = 0;
    for (const { id } of idle.filter(isOld)) {
      if (await this.#discard(id, refusal("WRITE_CANCELLED"), isOld)) discarded++;
    }
    return discarded;
  }

  accounts(): StoreAccounts {
    const sums = { stored: 0, kept: 0, keptBytes: 0, deleted: 0, lost: 0 };
    for (const totals of this.#index.allTotals()) {
      for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += totals[key];
    }
    let unfinishedBytes = 0;
    for (const { receivedBytes } of this.#unfinished.values()) unfinishedBytes += receivedBytes;
    return { ...sums, unfinished: this.#unfinished.size, unfinishedBytes };
  }

  async close(): Promise<void> {
    await this.#holds.endAll(refusal("RECEIVER_STOPPING"));
    await this.#files.close();
    await this.#index.close();
    await this.#unlock();
  }

  #unfinishedOf(id: string, origin: WriteOrigin): Unfinished {
    const known = this.#unfinished.get(id);
    if (known !== undefined) return known;
    const progressAtMs = this.#clock.monotonicMs();
    const none = { committedBytes: 0, receivedBytes: 0, recorded: false, idleMs: 0 };
    const write = { id, origin, ...none, progressAtMs, sync: undefined };
    this.#unfinished.set(id, write);
    return write;
  }

  async #record(write: Unfinished): Promise<void> {
    const { id, origin, idleMs } = write;
    await this.#index.change(() => {
      // It may have been finished or discarded while this waited for its turn.
      const state = this.#index.get(id)?.state ?? "unfinished";
      if (this.#unfinished.get(id) !== write || state !== "unfinished") return;
      this.#index.put(id, { state, ...origin, idleMs });
    });
    write.recorded = true;
  }

  async #storeWrite(write: Unfinished, digest: Uint8Array): Promise<StoredArtefact> {
    const { id, origin, receivedBytes: sizeBytes } = write;
    const { source, dataClass, epoch, deletionHash } = origin;
    const key = keyOf(id);
    const storedAtMs = Math.max(0, Math.round(this.#clock.wallMs()));
    const stored = await this.#index.change(() => {
      const floor = this.#index.floor({ ...key, source, dataClass });
      if (floor !== undefined && epoch < floor.epoch) throw refusal("STALE_EPOCH");
      const facts = { source, dataClass, epoch, deletionHash, sizeBytes, digest, storedAtMs };
      return this.#index.putStored({ ...key, ...facts });
    });
    this.#unfinished.delete(id);
    for (const listener of [...(this.#listeners.get(key.recipient) ?? [])]) listener();
    return stored;
  }

  /** Removes an unfinished write if it is still one that `isMeant`. */
  async #discard(
    id: string,
    reason: unknown,
    isMeant: (write: Unfinished) => boolean,
  ): Promise<boolean> {
    const hold: Hold = await this.#holds.take(id, reason);
    try {
      const write = this.#unfinished.get(id);
      if (write === undefined || !isMeant(write)) return false;
      await this.#drop(write);
      return true;
    } finally {
      hold.release();
    }
  }

  /** Index first: a file that the index does not know is removed when the storage is opened. */
  async #drop(write: Unfinished): Promise<void> {
    const { id } = write;
    if (this.#unfinished.get(id) === write) this.#unfinished.delete(id);
    if (this.#index.get(id)?.state === "unfinished") {
      await this.#index.change(() => this.#index.forget(id));
    }
    await this.#removeFile(id);
  }

  async #removeFile(id: string): Promise<void> {
    await this.#files.remove(id).catch((error: unknown) => {
      throw diskRefusal(error);
    });
  }
}

function isSameOrigin(a: WriteOrigin, b: WriteOrigin): boolean {
  const same = a.client === b.client && a.source === b.source && a.dataClass === b.dataClass;
  return same && a.epoch === b.epoch && a.deletionHash === b.deletionHash;
}
