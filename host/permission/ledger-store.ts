/**
 * The ledger's records in LMDB: by number, each its signature and then its text. Of a full disk or
 * a damaged page LMDB writes a line of its own to the standard error, where no log goes.
 */
import { constants, rmSync, statfsSync } from "node:fs";
import { access, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Database, open } from "lmdb";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { writeFileAtomic } from "../formats/atomic-file.ts";
import { checkDatabaseFile } from "./ledger-file.ts";

const FOLDER_NAME = "ledger";
const FILE_NAME = "data.mdb";
/** A commit, and a ledger's beginning, may need this much; below it the disk counts as full. */
const FREE_BYTES_MIN = 256 * 1024;
/** Kept from the disk for withdrawals; a few commits and the head, which reuse each other's pages. */
const RESERVE_BYTES = 128 * 1024;

/** What a store was opened from. */
export interface OpenStore {
  readonly store: LedgerStore;
  /** Every record by its number, in order. */
  readonly records: readonly { readonly epoch: number; readonly record: Uint8Array }[];
}

/** Whether there is a ledger in the folder of the robot's state. */
export async function hasStore(stateDir: string): Promise<boolean> {
  return stat(join(stateDir, FOLDER_NAME, FILE_NAME)).then(
    () => true,
    () => false,
  );
}

function hasRoom(path: string): boolean {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize >= FREE_BYTES_MIN;
}

/** What LMDB would end the process over: a folder that cannot be written, no room to begin in. */
async function assertUsable(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    const files = [join(path, FILE_NAME), join(path, "lock.mdb")];
    const present = await Promise.all(
      files.map((file) =>
        access(file).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (present.every(Boolean) || hasRoom(path)) return;
  } catch (error) {
    throw ioError(error, path, "write");
  }
  throw ioError(Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }), path, "write");
}

export class LedgerStore {
  readonly #db: Database<Buffer, number>;
  readonly #path: string;
  readonly #reserve: string;
  #hasReserve = false;

  private constructor(db: Database<Buffer, number>, path: string) {
    this.#db = db;
    this.#path = path;
    this.#reserve = join(path, "reserve");
  }

  /**
   * Opens `<stateDir>/ledger`, made with mode 0700 if it is not there, and reads all of it. Rejects
   * with IO or NO_SPACE if the folder cannot be made, with INTEGRITY if it is no LMDB any more.
   */
  static async open(stateDir: string): Promise<OpenStore> {
    const path = join(stateDir, FOLDER_NAME);
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw ioError(error, path, "write");
    });
    await assertUsable(path);
    await checkDatabaseFile(join(path, FILE_NAME));
    let db: Database<Buffer, number> | undefined;
    try {
      db = open<Buffer, number>({
        path,
        noSubdir: false,
        encoding: "binary",
        keyEncoding: "uint32",
        cache: false,
        compression: false,
        // A commit returns when its pages are on the disk, not before.
        overlappingSync: false,
        noSync: false,
        noMetaSync: false,
        useWritemap: false,
        // Nothing of this process's memory gets into the file's gaps.
        noMemInit: false,
      });
      const records = [...db.getRange({ snapshot: true })].map(({ key, value }) => ({
        epoch: key,
        record: new Uint8Array(value),
      }));
      return { store: new LedgerStore(db, path), records };
    } catch (cause) {
      await db?.close();
      throw new MapveilError("INTEGRITY", `${path} cannot be read as LMDB.`, { file: path }, cause);
    }
  }

  /**
   * Takes room from the disk, unless it is held already, that is given back when a withdrawal finds
   * the disk full: to say no must not depend on what else fills it. Rejects with NO_SPACE or IO.
   */
  async holdReserve(): Promise<void> {
    if (this.#hasReserve) return;
    const bytes = await stat(this.#reserve).then(
      ({ size }) => size,
      () => 0,
    );
    if (bytes < RESERVE_BYTES) {
      await writeFileAtomic(this.#reserve, new Uint8Array(RESERVE_BYTES), { mode: 0o600 });
    }
    this.#hasReserve = true;
  }

  /**
   * Adds record `epoch` behind the last one; on the disk when this returns. It blocks for the
   * milliseconds of one commit, so that no frame is decided on between a decision and its record.
   * Whether the reserve may be given up for it is `mayUseReserve`. Throws NO_SPACE or IO and has
   * added nothing then, UNAVAILABLE if something else wrote here.
   */
  append(epoch: number, record: Uint8Array, mayUseReserve: boolean): void {
    try {
      this.#append(epoch, record);
    } catch (error) {
      const isFull = (error as MapveilError).code === "NO_SPACE";
      if (!isFull || !mayUseReserve || !this.#hasReserve) throw error;
      this.#hasReserve = false;
      rmSync(this.#reserve, { force: true });
      this.#append(epoch, record);
    }
  }

  #append(epoch: number, record: Uint8Array): void {
    let isNext = false;
    try {
      this.#db.transactionSync(() => {
        const [last] = [...this.#db.getKeys({ reverse: true, limit: 1 })];
        isNext = (last ?? 0) === epoch - 1;
        if (isNext) this.#db.putSync(epoch, Buffer.from(record));
      });
    } catch (cause) {
      throw this.#writeError(cause);
    }
    if (isNext) return;
    const message = `${this.#path} was written by another process; stop it, then start this again.`;
    throw new MapveilError("UNAVAILABLE", message, { file: this.#path });
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  /** LMDB reports a full disk as a failing one. */
  #writeError(cause: unknown): MapveilError {
    const code = hasRoom(this.#path) ? "EIO" : "ENOSPC";
    return ioError(Object.assign(new Error(code, { cause }), { code }), this.#path, "write");
  }
}
