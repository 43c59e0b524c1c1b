/**
 * The accounts and what else must change in the same transaction as the artefacts. One record on the
 * disk: version u8 · counts of reasons u8 u8 · numbers as u64, little-endian · checksum 8. The numbers
 * are those of FIXED, one for each reason, and those of maps.
 */
import { digestOf } from "./digest.ts";
import type { EvictedReason, RefusedReason } from "./types.ts";
import { type Accounts, EVICTED_REASONS, REFUSED_REASONS } from "./types.ts";

/** Version 1 knew no maps. */
const VERSION = 2;
const HEAD_BYTES = 3;
const CHECKSUM_BYTES = 8;

/** Counters while a transaction is prepared; what is committed is never changed. */
export interface Books {
  captured: number;
  uploaded: number;
  spooled: number;
  readonly refused: Record<RefusedReason, number>;
  readonly evicted: Record<EvictedReason, number>;
  mapped: number;
  mappedReleased: number;
  mappedLost: number;
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
    mapped: 0,
    mappedReleased: 0,
    mappedLost: 0,
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
  const { captured, uploaded, spooled, mapped, mappedReleased, mappedLost } = books;
  const [refused, evicted] = [seen(books.refused), seen(books.evicted)];
  return { captured, uploaded, spooled, refused, evicted, mapped, mappedReleased, mappedLost };
}

/** Whether nothing is missing and nothing counted twice. */
function balance(books: Books): boolean {
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
  const { captured, uploaded, spooled, mapped } = books;
  const accounted = uploaded + spooled + sum(books.refused) + sum(books.evicted) + mapped;
  return captured === accounted && books.mappedReleased + books.mappedLost <= mapped;
}

/** Numbers in their order on the disk. */
const FIXED = ["captured", "uploaded", "spooled", "nextSerial", "ageMs", "wallMs"] as const;
const OF_MAPS = ["mapped", "mappedReleased", "mappedLost"] as const;

/** The record of the books. */
export function encodeBooks(books: Books): Buffer {
  const numbers = [
    ...FIXED.map((name) => books[name]),
    ...REFUSED_REASONS.map((reason) => books.refused[reason]),
    ...EVICTED_REASONS.map((reason) => books.evicted[reason]),
    ...OF_MAPS.map((name) => books[name]),
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
  if (end < HEAD_BYTES) return undefined;
  const sum = digestOf(record.subarray(0, end));
  if (record.compare(sum, 0, CHECKSUM_BYTES, end) !== 0) return undefined;
  const [version, refusedCount, evictedCount] = record as unknown as [number, number, number];
  if (version !== VERSION && version !== 1) return undefined;
  // An older version knew fewer reasons; a newer one's cannot be counted here.
  if (refusedCount > REFUSED_REASONS.length || evictedCount > EVICTED_REASONS.length) {
    return undefined;
  }
  const ofMaps = version === 1 ? [] : OF_MAPS;
  const count = FIXED.length + refusedCount + evictedCount + ofMaps.length;
  if (end !== HEAD_BYTES + 8 * count) return undefined;
  let at = HEAD_BYTES;
  const next = () => {
    at += 8;
    return Number(record.readBigUInt64LE(at - 8));
  };
  const books = emptyBooks(0);
  for (const name of FIXED) books[name] = next();
  for (const reason of REFUSED_REASONS.slice(0, refusedCount)) books.refused[reason] = next();
  for (const reason of EVICTED_REASONS.slice(0, evictedCount)) books.evicted[reason] = next();
  for (const name of ofMaps) books[name] = next();
  return balance(books) ? books : undefined;
}
