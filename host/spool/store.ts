/**
 * The file of the spool: LMDB with three tables. A transaction is on the disk when its promise
 * resolves: pages first, fdatasync, then the page that makes them count through a descriptor opened
 * with O_DSYNC (hence `overlappingSync: false`).
 *
 * LMDB uses the pages of what was removed again: with artefacts of mixed sizes coming and going its
 * file stays within one and a half times the quota. Of a full disk it writes lines of its own to the
 * standard error, once for each time the disk fills up; the log, on the standard output, has none.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { type Books, decodeBooks, encodeBooks } from "./books.ts";
import type { Draft } from "./draft.ts";
import { decodeEntry, type Entry, encodeEntry, serialKey, serialOf } from "./entry-record.ts";
import { assertReadable } from "./probe.ts";
import { RESERVE_BYTES, Reserve } from "./reserve.ts";

export const BOOKS_KEY = Buffer.from("books");
export const FILE_NAME = "data.mdb";
export const TABLES = ["veils", "entries", "books"] as const;

/** errno and LMDB codes of a lack of room: ENOSPC, EDQUOT, MDB_MAP_FULL. */
const FULL_CODES = [28, 122, -30792];
/** EIO, which LMDB also says of a write that the full disk cut short. */
const EIO = 5;
const ROOM_PROBE_BYTES = 65_536;

type Table = Database<Buffer, Buffer>;

/** What the file held when it was opened. */
export interface Loaded {
  /** Undefined in a new file. */
  readonly books: Books | undefined;
  readonly entries: readonly Entry[];
  /** Keys of records that are not as they were written. */
  readonly damaged: readonly Buffer[];
}

export class Store {
  readonly #file: string;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #veils: Table;
  readonly #entries: Table;
  readonly #books: Table;
  readonly #reserve: Reserve;
  #isFull = false;

  private constructor(folder: string, reserve: Reserve) {
    this.#file = join(folder, FILE_NAME);
    this.#reserve = reserve;
    this.#root = open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: "binary",
      compression: false,
      overlappingSync: false,
      eventTurnBatching: false,
      commitDelay: 0,
      maxDbs: TABLES.length,
      maxReaders: 16,
      noMemInit: false,
    });
    const table = (name: (typeof TABLES)[number]): Table =>
      this.#root.openDB<Buffer, Buffer>({ name, encoding: "binary", keyEncoding: "binary" });
    this.#veils = table("veils");
    this.#entries = table("entries");
    this.#books = table("books");
  }

  /** Opens or makes the file. INTEGRITY if LMDB cannot read it, NO_SPACE or IO of the disk. */
  static async open(folder: string): Promise<Store> {
    const file = join(folder, FILE_NAME);
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw ioError(error, folder, "write");
    });
    const reserve = new Reserve(folder);
    if (!(await reserve.holdLockFile())) throw noSpace(file);
    await assertReadable(folder, file);
    let store: Store | undefined;
    try {
      store = new Store(folder, reserve);
      await reserve.hold();
      return store;
    } catch (error) {
      await store?.close();
      if (await isLackOfRoom(error, reserve)) throw noSpace(file, error);
      throw failure(file, error);
    }
  }

  /** Whether the last artefact that was to be written found no room. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Reads everything but the sealed bytes. INTEGRITY if the books are damaged. */
  load(): Loaded {
    try {
      return this.#load();
    } catch (error) {
      throw error instanceof MapveilError ? error : damagedFile(this.#file, error);
    }
  }

  #load(): Loaded {
    const record = this.#books.get(BOOKS_KEY);
    const books = record && decodeBooks(record);
    const entries: Entry[] = [];
    const damaged: Buffer[] = [];
    for (const { key, value } of this.#entries.getRange()) {
      const serial = serialOf(key);
      const entry = serial === undefined ? undefined : decodeEntry(serial, value);
      if (entry) entries.push(entry);
      else damaged.push(Buffer.from(key));
    }
    if (!books && (record || entries.length + damaged.length > 0)) throw damagedFile(this.#file);
    return { books, entries, damaged };
  }

  /** The sealed bytes as they lie there, unchecked; undefined if there are none. */
  read(serial: number): Uint8Array | undefined {
    try {
      return this.#veils.getBinary(serialKey(serial));
    } catch (error) {
      throw failure(this.#file, error);
    }
  }

  /**
   * Writes a transaction, whole or not at all. NO_SPACE if the disk is full: only a transaction that
   * adds artefacts can meet it while the reserve lasts.
   */
  async write(draft: Draft, damaged: readonly Buffer[] = []): Promise<void> {
    const isAdding = draft.added.length > 0;
    if (isAdding && !(await this.#mayAdd(draft.addedBytes))) {
      this.#isFull = true;
      throw noSpace(this.#file);
    }
    try {
      await this.#commit(draft, damaged);
    } catch (error) {
      if (!(await isLackOfRoom(error, this.#reserve))) throw failure(this.#file, error);
      this.#isFull = true;
      if (isAdding) throw noSpace(this.#file, error);
      await this.#reserve.release();
      await this.#commit(draft, damaged).catch(async (again: unknown) => {
        if (await isLackOfRoom(again, this.#reserve)) throw noSpace(this.#file, again);
        throw failure(this.#file, again);
      });
    }
    if (isAdding) this.#isFull = false;
  }

  async close(): Promise<void> {
    await this.#root.close();
  }

  /**
   * After the disk was full, artefacts are tried again only when there is room: free pages in the file
   * that also leave the reserve, or free space on the disk beside the reserve. It is asked until the
   * reserve is held again, so that what is there can always be removed.
   */
  async #mayAdd(bytes: number): Promise<boolean> {
    if (!this.#isFull && this.#reserve.isHeld) return true;
    if (this.#freeBytes() >= 2 * bytes + RESERVE_BYTES) return true;
    return (await this.#reserve.hold()) && this.#reserve.isRoomFor(bytes + ROOM_PROBE_BYTES);
  }

  /** Bytes of pages in the file that hold nothing. */
  #freeBytes(): number {
    const pages = (stats: PageCounts) =>
      stats.treeBranchPageCount + stats.treeLeafPageCount + stats.overflowPages;
    const root = this.#root.getStats() as FileStats;
    const used = [root, root.free, this.#veils.getStats(), this.#entries.getStats()]
      .map((stats) => pages(stats as PageCounts))
      .reduce((a, b) => a + b, pages(this.#books.getStats() as PageCounts) + 2);
    return (root.lastPageNumber + 1 - used) * root.pageSize;
  }

  async #commit(draft: Draft, damaged: readonly Buffer[]): Promise<void> {
    const parts: Promise<boolean>[] = [];
    const done = this.#root.batch(() => {
      for (const key of [...damaged, ...[...draft.removed.values()].map(keyOf)]) {
        parts.push(this.#entries.remove(key), this.#veils.remove(key));
      }
      for (const { entry, veil } of draft.added) {
        parts.push(this.#entries.put(keyOf(entry), encodeEntry(entry)));
        parts.push(this.#veils.put(keyOf(entry), asBuffer(veil)));
      }
      parts.push(this.#books.put(BOOKS_KEY, encodeBooks(draft.books)));
    });
    // A transaction that fails rejects every part of it, and says why in a promise of its own.
    const results = await Promise.allSettled([done, ...parts]);
    const failed = results.find((result) => result.status === "rejected");
    if (!failed) return;
    const { commitError } = failed.reason as { commitError?: Promise<never> };
    await commitError;
    throw failed.reason;
  }
}

interface PageCounts {
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

interface FileStats extends PageCounts {
  readonly pageSize: number;
  readonly lastPageNumber: number;
  readonly free: PageCounts;
}

const keyOf = ({ artefact }: Entry) => serialKey(artefact.serial);

const asBuffer = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

async function isLackOfRoom(error: unknown, reserve: Reserve): Promise<boolean> {
  const { code } = error as { code?: unknown };
  if (FULL_CODES.includes(code as number)) return true;
  return code === EIO && !(await reserve.isRoomFor(ROOM_PROBE_BYTES));
}

function noSpace(file: string, cause?: unknown): MapveilError {
  const text = `${file}: cannot write, the disk is full; free some space and try again.`;
  return new MapveilError("NO_SPACE", text, { file }, cause);
}

function failure(file: string, cause: unknown): MapveilError {
  if (cause instanceof MapveilError) return cause;
  const { code = "unknown" } = (cause ?? {}) as { code?: string | number };
  const text = `${file}: the spool cannot be read or written (error ${code}); check the disk.`;
  return new MapveilError("IO", text, { file }, cause);
}

/** The accounts cannot be told any more, so nobody may go on counting from them. */
export function damagedFile(file: string, cause?: unknown): MapveilError {
  const text =
    `${file}: the spool is damaged and its accounts are lost; check the disk, then move the ` +
    "spool's folder away to start with an empty one.";
  return new MapveilError("INTEGRITY", text, { file }, cause);
}
