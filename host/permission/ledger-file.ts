/**
 * A look at LMDB's file before LMDB maps it: LMDB ends the process, without a word, over a file
 * that is no database or is shorter than it says. What is found here is damage that can be told.
 */
import { type FileHandle, open } from "node:fs/promises";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";

/** Layout of the two first pages on 64-bit machines: offsets in bytes from the page's begin. */
const MAGIC_AT = 24;
const PAGE_BYTES_AT = 48;
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const HEADER_BYTES = 160;
const MAGIC = 0xbeefc0de;
/** A ledger is far smaller than this. */
const FILE_BYTES_MAX = 256 * 1024 * 1024;
const SUPPORTED: readonly string[] = ["x64", "arm64"];

interface Meta {
  readonly transaction: bigint;
  /** Bytes of the file up to the last page of this state of the database. */
  readonly endBytes: bigint;
}

async function readMeta(
  file: FileHandle,
  at: number,
  pageBytes: number,
): Promise<Meta | undefined> {
  const page = Buffer.alloc(HEADER_BYTES);
  const { bytesRead } = await file.read(page, 0, HEADER_BYTES, at);
  if (bytesRead < HEADER_BYTES || page.readUInt32LE(MAGIC_AT) !== MAGIC) return undefined;
  if (page.readUInt32LE(PAGE_BYTES_AT) !== pageBytes) return undefined;
  const endBytes = (page.readBigUInt64LE(LAST_PAGE_AT) + 1n) * BigInt(pageBytes);
  return { transaction: page.readBigUInt64LE(TRANSACTION_AT), endBytes };
}

/** Bytes that the file must have, or undefined if it is no database. */
async function neededBytes(file: FileHandle): Promise<number | undefined> {
  const field = Buffer.alloc(4);
  const { bytesRead } = await file.read(field, 0, 4, PAGE_BYTES_AT);
  const pageBytes = field.readUInt32LE();
  const isPageSize = pageBytes >= 512 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0;
  if (bytesRead < 4 || !isPageSize) return undefined;
  const metas = [await readMeta(file, 0, pageBytes), await readMeta(file, pageBytes, pageBytes)];
  const [first, second] = metas;
  if (first === undefined || second === undefined) return undefined;
  const newest = first.transaction > second.transaction ? first : second;
  return newest.endBytes <= BigInt(FILE_BYTES_MAX) ? Number(newest.endBytes) : undefined;
}

/**
 * Makes `path` safe to map, if it is there: a file that was cut is filled up with zeros, which LMDB
 * reports as corrupt pages. Rejects with INTEGRITY for a file that is no database, with IO or
 * NO_SPACE if it cannot be read or written by this process.
 */
export async function checkDatabaseFile(path: string): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw ioError(error, path, "write");
  }
  try {
    const { size } = await file.stat();
    if (size === 0 || !SUPPORTED.includes(process.arch)) return;
    const needed = await neededBytes(file);
    if (needed === undefined) {
      throw new MapveilError("INTEGRITY", `${path} is no LMDB database.`, { file: path });
    }
    if (size < needed) await file.truncate(needed);
  } catch (error) {
    throw ioError(error, path, "read");
  } finally {
    await file.close();
  }
}
