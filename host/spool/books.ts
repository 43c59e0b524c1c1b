/**
 * The accounts and what else must change in the same transaction as the artefacts. One record on the
 * disk: version u8 · counts of reasons u8 u8 · numbers as u64, little-endian · checksum 8.
 */
import { digestOf } from "./digest.ts";
import type { EvictedReason, RefusedReason } from "./types.ts";
import { type Accounts, EVICTED_REASONS, REFUSED_REASONS } from "./types.ts";

const VERSION = 1;
const HEAD_BYTES = 3;
const CHECKSUM_BYTES = 8;

/** Counters while a transaction is prepared; what is committed is never changed. */
export interface Books {
  captured: number;
  uploaded: number;
  spooled: number;
  readonly refused: Record<RefusedReason, number>;
  readonly evicted: Record<EvictedReason, number>;
  /** Serial of the next artefact; never used twice, so that no id is. */
  nextSerial: number;
  /** The age clock and the wall clock at the last commit. */
  ageMs: number;
  wallMs: number;
}

function zeros<R extends string>(reasons: readonly R[]): Record<R, number> {
  return Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<R, number>;
}

/** The books of an empty spool. */
export function emptyBooks(wallMs: number): Books {
  return {
    captured: 0,
    uploaded: 0,
    spooled: 0,
    refused: zeros(REFUSED_REASONS),
    evicted: zeros(EVICTED_REASONS),
    nextSerial: 1,
    ageMs: 0,
    wallMs,
  };
}

/** Books that can be changed without changing these. */
export function copyBooks(books: Books): Books {
  return { ...books, refused: { ...books.refused }, evicted: { ...books.evicted } };
}

/** The part of the books that the owner sees; reasons that never occurred are left out. */
export function accountsOf(books: Books): Accounts {
  const seen = <R extends string>(counts: Record<R, number>) =>
    Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<
      Record<R, number>
    >;
  const { captured, uploaded, spooled } = books;
  const refused = seen(books.refused);
  return { captured, uploaded, spooled, refused, evicted: seen(books.evicted) };
}

/** Whether nothing is missing and nothing counted twice. */
function balance(books: Books): boolean {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const accounted = books.uploaded + books.spooled + sum(books.refused) + sum(books.evicted);
  return books.captured === accounted;
}

/** The record of the books. */
export function encodeBooks(books: Books): Buffer {
  const numbers = [
    books.captured,
    books.uploaded,
    books.spooled,
    books.nextSerial,
    books.ageMs,
    books.wallMs,
    ...REFUSED_REASONS.map((reason) => books.refused[reason]),
    ...EVICTED_REASONS.map((reason) => books.evicted[reason]),
  ];
  const record = Buffer.alloc(HEAD_BYTES + 8 * numbers.length);
  record.set([VERSION, REFUSED_REASONS.length, EVICTED_REASONS.length]);
  for (const [i, number] of numbers.entries()) {
    record.writeBigUInt64LE(BigInt(Math.max(0, Math.floor(number))), HEAD_BYTES + 8 * i);
  }
  return Buffer.concat([record, digestOf(record).subarray(0, CHECKSUM_BYTES)]);
}

/** The books in a record; undefined if it is not as it was written, or does not balance. */
export function decodeBooks(bytes: Uint8Array): Books | undefined {
  const record = Buffer.from(bytes);
  const end = record.length - CHECKSUM_BYTES;
  if (end < HEAD_BYTES || record[0] !== VERSION) return undefined;
  const sum = digestOf(record.subarray(0, end));
  if (record.compare(sum, 0, CHECKSUM_BYTES, end) !== 0) return undefined;
  const [, refusedCount, evictedCount] = record as unknown as [number, number, number];
  // An older version knew fewer reasons; a newer one's cannot be counted here.
  if (refusedCount > REFUSED_REASONS.length || evictedCount > EVICTED_REASONS.length) {
    return undefined;
  }
  if (end !== HEAD_BYTES + 8 * (6 + refusedCount + evictedCount)) return undefined;
  const number = (i: number) => Number(record.readBigUInt64LE(HEAD_BYTES + 8 * i));
  const books = emptyBooks(number(5));
  books.captured = number(0);
  books.uploaded = number(1);
  books.spooled = number(2);
  books.nextSerial = number(3);
  books.ageMs = number(4);
  for (let i = 0; i < refusedCount; i++) books.refused[REFUSED_REASONS[i]!] = number(6 + i);
  for (let i = 0; i < evictedCount; i++) {
    books.evicted[EVICTED_REASONS[i]!] = number(6 + refusedCount + i);
  }
  return balance(books) ? books : undefined;
}
