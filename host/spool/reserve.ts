/**
 * Room that is kept free for the day the disk is full. LMDB writes changed pages to new places, so
 * that even a removal needs some: a file of this size is given back to the disk then.
 */
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ioError } from "../core/io-error.ts";

/** Enough for a few thousand small transactions; they reuse each other's pages. */
export const RESERVE_BYTES = 1_048_576;

const LOCK_BYTES = 8_192;
const PIECE_BYTES = 65_536;

export class Reserve {
  readonly #folder: string;
  #isHeld = false;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Whether the disk owes nothing. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes the reserve from the disk unless it is held; whether it is held now. */
  async hold(): Promise<boolean> {
    const path = join(this.#folder, "reserve");
    this.#isHeld ||= await ensureBytes(path, RESERVE_BYTES);
    return this.#isHeld;
  }

  /**
   * Room for LMDB's table of readers, which it maps into memory: a page of it that the full disk
   * cannot give would end the process. False if there is none.
   */
  holdLockFile(): Promise<boolean> {
    return ensureBytes(join(this.#folder, "lock.mdb"), LOCK_BYTES);
  }

  /** Gives it to the disk. */
  async release(): Promise<void> {
    this.#isHeld = false;
    await rm(join(this.#folder, "reserve"), { force: true });
  }

  /** Whether the disk takes `bytes` more; writes them and removes them again. */
  async isRoomFor(bytes: number): Promise<boolean> {
    const path = join(this.#folder, "probe");
    const isRoom = await fill(path, bytes);
    if (isRoom) await rm(path, { force: true });
    return isRoom;
  }
}

/** Whether the file has so many bytes, which are written if it has fewer. */
async function ensureBytes(path: string, bytes: number): Promise<boolean> {
  const size = await stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
  return size >= bytes || (await fill(path, bytes));
}

/** Writes a file of zeros; false, and no file, if the disk is full. Throws IO for other errors. */
async function fill(path: string, bytes: number): Promise<boolean> {
  const piece = new Uint8Array(PIECE_BYTES);
  try {
    const file = await open(path, "w", 0o600);
    try {
      for (let done = 0; done < bytes; ) {
        const length = Math.min(PIECE_BYTES, bytes - done);
        done += (await file.write(piece, 0, length)).bytesWritten;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    const failure = ioError(error, path, "write");
    await rm(path, { force: true });
    if (failure.code === "NO_SPACE") return false;
    throw failure;
  }
}
