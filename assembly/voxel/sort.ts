/**
 * Radix sort of entries {key, index} in one u64 each, least significant digit first: a cost that
 * depends on the number of entries and bits alone, so that no input is slower than another.
 */
import { DIGITS_PTR, KEYS_A_PTR, KEYS_B_PTR, TABLE_BITS_MAX } from "../memory.ts";

/** Bits of an index: lists may have some more entries than MAX_POINTS. */
export const INDEX_BITS: u64 = TABLE_BITS_MAX;
/** Bits of a key that an entry has room for. */
export const KEY_BITS_MAX: u32 = 64 - <u32>INDEX_BITS;
/** Mask of the index in an entry; the key stands above. */
export const INDEX_MASK: u32 = (1 << (<u32>INDEX_BITS)) - 1;

/** Widest digit: 8192 counters, 32 KiB, stay in the first-level cache. */
const DIGIT_BITS_MAX: u32 = 13;
/** Few entries are better off with few counters. */
const DIGIT_BITS_FEW: u32 = 9;
const FEW: u32 = 16384;

/**
 * Sorts the first `count` entries of KEYS_A by the low `bits` bits of their keys, at most KEY_BITS_MAX.
 * Entries of equal keys stay in their order.
 * @returns 1 if the result stands in KEYS_B, 0 if in KEYS_A
 */
export function sortKeys(count: u32, bits: u32): u32 {
  const widest = count < FEW ? DIGIT_BITS_FEW : DIGIT_BITS_MAX;
  const passes = (bits + widest - 1) / widest;
  if (passes == 0) return 0;
  const width = (bits + passes - 1) / passes;
  countDigits(count, passes, width);
  let inB: u32 = 0;
  for (let pass: u32 = 0; pass < passes; pass++) {
    const counters = DIGITS_PTR + ((pass << width) << 2);
    if (!sumCounters(counters, count, width)) continue;
    scatter(inB, count, counters, <u32>INDEX_BITS + pass * width, width);
    inB ^= 1;
  }
  return inB;
}

/** Counts the digits of all passes, three in one sweep, which most keys have no more than. */
function countDigits(count: u32, passes: u32, width: u32): void {
  const mask: u32 = (1 << width) - 1;
  const table: u32 = 4 << width;
  const end = KEYS_A_PTR + (count << 3);
  let counters = DIGITS_PTR;
  let shift = INDEX_BITS;
  for (let pass: u32 = 0; pass < passes; pass += 3, counters += 3 * table, shift += 3 * width) {
    memory.fill(counters, 0, 3 * table);
    for (let at = KEYS_A_PTR; at < end; at += 8) {
      const key = load<u64>(at) >> shift;
      countOne(counters + ((<u32>key & mask) << 2));
      countOne(counters + table + ((<u32>(key >> (<u64>width)) & mask) << 2));
      countOne(counters + 2 * table + ((<u32>(key >> (<u64>(2 * width))) & mask) << 2));
    }
  }
}

// @ts-expect-error: decorator
@inline
function countOne(counter: u32): void {
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Turns counts into starts; false if all keys share one digit and the pass can be left out. */
function sumCounters(counters: u32, count: u32, width: u32): bool {
  let sum: u32 = 0;
  const end = counters + (4 << width);
  for (let at = counters; at < end; at += 4) {
    const digits = load<u32>(at);
    if (digits == count) return false;
    store<u32>(at, sum);
    sum += digits;
  }
  return true;
}

/** One pass: from A to B, or from B to A if the entries stand there. */
function scatter(inB: u32, count: u32, counters: u32, shift: u32, width: u32): void {
  const from = inB ? KEYS_B_PTR : KEYS_A_PTR;
  const to = inB ? KEYS_A_PTR : KEYS_B_PTR;
  const mask: u32 = (1 << width) - 1;
  const end = from + (count << 3);
  for (let at = from; at < end; at += 8) {
    const entry = load<u64>(at);
    const counter = counters + ((<u32>(entry >> <u64>shift) & mask) << 2);
    const place = load<u32>(counter);
    store<u32>(counter, place + 1);
    store<u64>(to + (place << 3), entry);
  }
}
