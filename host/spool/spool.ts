/** The spool: sealed artefacts and exact accounts, changed together or not at all. */

import type { Clock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import type { DataClass } from "../permission/vocabulary.ts";
import type { Log } from "../telemetry/log.ts";
import { AgeClock } from "./age-clock.ts";
import { accountsOf, type Books, emptyBooks } from "./books.ts";
import { digestOf, hasDigest } from "./digest.ts";
import { Draft, type Fate } from "./draft.ts";
import type { Entry } from "./entry-record.ts";
import { Shelf } from "./shelf.ts";
import { damagedFile, Store } from "./store.ts";
import type {
  Accounts,
  NewArtefact,
  RefusedReason,
  Spool,
  SpooledArtefact,
  SpoolState,
} from "./types.ts";
import { WorkQueue } from "./work-queue.ts";

export interface SpoolOptions {
  /** Folder of the spool, made with mode 0700 if it is missing. One process at a time. */
  readonly folder: string;
  /** Sealed bytes that may wait. */
  readonly quotaBytes: number;
  /** Age after which evictOld() takes an artefact, in milliseconds. */
  readonly maxAgeMs: number;
  /** Id of an artefact at the receiver: 4 to 63 characters of a-z, 0-9 and "-", one for each serial. */
  readonly artefactId: (serial: number) => string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Artefacts that one transaction removes at most, so that it needs little room and time. */
const REMOVALS_MAX = 256;
/** The age clock is written at least so often while evictOld() is called. */
const AGE_WRITE_MS = 3_600_000;

/**
 * Opens the spool, or makes an empty one. Records that are damaged are evicted as DAMAGED.
 * INTEGRITY if its file is damaged beyond that, NO_SPACE or IO if the folder cannot be written.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const store = await Store.open(options.folder);
  try {
    const spool = new OpenSpool(options, store);
    await spool.load();
    return spool;
  } catch (error) {
    await store.close();
    throw error;
  }
}

class OpenSpool implements Spool {
  readonly #options: SpoolOptions;
  readonly #store: Store;
  readonly #shelf = new Shelf();
  readonly #queue: WorkQueue;
  readonly #listeners = new Set<() => void>();
  #books: Books;
  #age: AgeClock;

  constructor(options: SpoolOptions, store: Store) {
    this.#options = options;
    this.#store = store;
    this.#books = emptyBooks(options.clock.wallMs());
    this.#age = new AgeClock(options.clock, 0, this.#books.wallMs);
    this.#queue = new WorkQueue(
      () => new Draft(this.#shelf, this.#books),
      (draft) => this.#commit(draft),
    );
  }

  /** Takes over what is on the disk, and evicts what is damaged. */
  async load(): Promise<void> {
    const { books, entries, damaged } = this.#store.load();
    if (!books) return;
    // No map outlives its process: what was in one and in no release is gone.
    books.mappedLost = books.mapped - books.mappedReleased;
    this.#books = books;
    this.#age = new AgeClock(this.#options.clock, books.ageMs, books.wallMs);
    // Records may be missing altogether, but none can be there that was never counted.
    const lost = books.spooled - entries.length;
    if (lost < 0) throw damagedFile(this.#options.folder);
    for (const entry of entries) this.#shelf.add(entry);
    if (lost === 0 && damaged.length === 0) return;
    const draft = new Draft(this.#shelf, books);
    draft.books.spooled -= lost;
    draft.books.evicted.DAMAGED += lost;
    await this.#store.write(draft, damaged);
    this.#books = draft.books;
    this.#options.log.warn("spool_damaged", { reason: "DAMAGED", artefacts: lost });
  }

  async add(artefact: NewArtefact): Promise<SpooledArtefact> {
    const { quotaBytes } = this.#options;
    const bytes = artefact.veil.length;
    if (bytes > quotaBytes) {
      const text = `The artefact has ${bytes} bytes, and the spool takes ${quotaBytes}; raise its quota.`;
      throw new MapveilError("TOO_LARGE", text);
    }
    const digest = digestOf(artefact.veil);
    return this.#queue.run((draft) => {
      const victims = this.#victims(draft, artefact.dataClass, bytes);
      const isInTheWay = draft.isChanged && (victims === undefined || victims.length > 0);
      if (isInTheWay) return "later";
      const entry = this.#entryOf(artefact, digest, draft.books.nextSerial++);
      draft.unmap("mappedReleased", artefact.releasedScans ?? 0);
      for (const victim of victims ?? []) draft.remove(victim, { evicted: "QUOTA" });
      if (victims) draft.add(entry, artefact.veil);
      else draft.count({ evicted: "QUOTA" });
      return { result: entry.artefact };
    }, true);
  }

  async refuse(reason: RefusedReason): Promise<void> {
    await this.#queue.run((draft) => {
      draft.count({ refused: reason });
      return { result: undefined };
    });
  }

  async countMapped(): Promise<void> {
    await this.#queue.run((draft) => {
      draft.map();
      return { result: undefined };
    });
  }

  async countLost(scans: number): Promise<void> {
    await this.#queue.run((draft) => {
      draft.unmap("mappedLost", scans);
      return { result: undefined };
    });
  }

  nextToUpload(limit: number): readonly SpooledArtefact[] {
    const next: SpooledArtefact[] = [];
    for (const artefact of this.#shelf.inUploadOrder()) {
      if (next.length >= limit) break;
      next.push(artefact);
    }
    return next;
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    const entry = this.#shelf.find(id);
    if (!entry) return undefined;
    const veil = this.#store.read(entry.artefact.serial);
    if (veil && hasDigest(veil, entry.artefact.digest)) return veil;
    if (await this.#removeOne(id, { evicted: "DAMAGED" })) {
      const { dataClass } = entry.artefact;
      this.#options.log.warn("spool_damaged", { reason: "DAMAGED", artefacts: 1, dataClass });
    }
    return undefined;
  }

  markUploaded(id: string): Promise<boolean> {
    return this.#removeOne(id, { uploaded: true });
  }

  reject(id: string, reason: "RECEIVER_REFUSED" | "STALE_EPOCH"): Promise<boolean> {
    return this.#removeOne(id, { refused: reason });
  }

  destroy(
    dataClass: DataClass,
    epochFloor: bigint,
    epoch: bigint,
  ): Promise<{ artefacts: number; bytes: number }> {
    return this.#removeAll(
      () => this.#shelf.ofClass(dataClass),
      ({ artefact }) => artefact.epoch < epochFloor || artefact.epoch > epoch,
      { refused: "WITHDRAWN" },
    );
  }

  async evictOld(): Promise<number> {
    if (this.#age.nowMs() - this.#books.ageMs > AGE_WRITE_MS) {
      await this.#queue.run((draft) => {
        draft.touch();
        return { result: undefined };
      });
    }
    const oldestMs = this.#age.nowMs() - this.#options.maxAgeMs;
    const { artefacts } = await this.#removeAll(
      () => this.#shelf.entries(),
      ({ ageMs }) => ageMs < oldestMs,
      { evicted: "TOO_OLD" },
    );
    return artefacts;
  }

  accounts(): Accounts {
    return accountsOf(this.#books);
  }

  state(): SpoolState {
    const times = [...this.#shelf.oldestOfClasses()].sort(bySerial);
    return {
      nextSerial: this.#books.nextSerial,
      artefacts: this.#shelf.size,
      bytes: this.#shelf.bytes,
      quotaBytes: this.#options.quotaBytes,
      oldestMs: times[0]?.artefact.spooledAtMs,
      diskFull: this.#store.isFull,
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#queue.close();
    await this.#store.close();
  }

  /**
   * Who makes room for an artefact: the oldest of the lowest classes, up to its own class. Undefined
   * if what is above it leaves no room: then the new one is evicted itself, and no other.
   */
  #victims(draft: Draft, dataClass: DataClass, bytes: number): Entry[] | undefined {
    const victims: Entry[] = [];
    let missing = draft.bytes + bytes - this.#options.quotaBytes;
    if (missing <= 0) return victims;
    for (const entry of this.#shelf.inEvictionOrder(dataClass)) {
      if (draft.find(entry.artefact.id) === undefined) continue;
      victims.push(entry);
      missing -= entry.artefact.sealedBytes;
      if (missing <= 0) return victims;
    }
    return undefined;
  }

  #entryOf(artefact: NewArtefact, digest: Uint8Array, serial: number): Entry {
    const { dataClass, level, epoch, recipient, veil } = artefact;
    return {
      artefact: {
        id: this.#options.artefactId(serial),
        serial,
        dataClass,
        level,
        epoch,
        recipient,
        sealedBytes: veil.length,
        digest,
        spooledAtMs: this.#options.clock.wallMs(),
      },
      ageMs: this.#age.nowMs(),
    };
  }

  #removeOne(id: string, fate: Fate): Promise<boolean> {
    return this.#queue.run((draft) => {
      const entry = draft.find(id);
      if (entry) draft.remove(entry, fate);
      return { result: entry !== undefined };
    });
  }

  /** Removes in transactions of a bounded size until nothing fits the description any more. */
  async #removeAll(
    candidates: () => Iterable<Entry>,
    isMeant: (entry: Entry) => boolean,
    fate: Fate,
  ): Promise<{ artefacts: number; bytes: number }> {
    const total = { artefacts: 0, bytes: 0 };
    for (;;) {
      const removed = await this.#queue.run((draft) => {
        if (draft.isChanged) return "later";
        for (const entry of candidates()) {
          if (draft.removed.size === REMOVALS_MAX) break;
          if (isMeant(entry)) draft.remove(entry, fate);
        }
        return { result: [...draft.removed.values()] };
      });
      total.artefacts += removed.length;
      total.bytes += removed.reduce((sum, { artefact }) => sum + artefact.sealedBytes, 0);
      if (removed.length < REMOVALS_MAX) return total;
    }
  }

  /** Writes a draft and takes it over; nothing changed if it fails. */
  async #commit(draft: Draft): Promise<void> {
    draft.books.ageMs = this.#age.nowMs();
    draft.books.wallMs = this.#options.clock.wallMs();
    await this.#store.write(draft);
    this.#books = draft.books;
    for (const entry of draft.removed.values()) this.#shelf.remove(entry);
    for (const { entry } of draft.added) this.#shelf.add(entry);
    for (const listener of this.#listeners) this.#tell(listener);
  }

  /** The change is made: what a listener cannot cope with must not make it look like a failure. */
  #tell(listener: () => void): void {
    try {
      listener();
    } catch {
      this.#options.log.error("spool_listener_failed");
    }
  }
}

const bySerial = (a: Entry, b: Entry) => a.artefact.serial - b.artefact.serial;
