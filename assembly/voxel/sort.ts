/**
 * Radix sort of u64 keys, least significant digit first: a cost that depends on the number of keys
 * and bits alone, so that no input is slower than another.
 */
import { DIGITS_PTR, INDEX_A_PTR, INDEX_B_PTR, KEYS_A_PTR, KEYS_B_PTR } from "../memory.ts";

/** Widest digit: 8192 counters, 32 KiB, stay in the first-level cache. */
const DIGIT_BITS_MAX: u32 = 13;
/** Few keys are better off with few counters. */
const DIGIT_BITS_FEW: u32 = 9;
const FEW: u32 = 16384;

/**
 * Sorts the first `count` keys of KEYS_A by their low `bits` bits; INDEX_A follows them.
 * @returns 1 if the result stands in KEYS_B and INDEX_B, 0 if in KEYS_A and INDEX_A
 */
export function sortKeys(count: u32, bits: u32): u32 {
  let widest = count < FEW ? DIGIT_BITS_FEW : DIGIT_BITS_MAX;
  // Five passes have counters; beyond 45 bits, few keys take wide digits as well.
  if (bits > 5 * widest) widest = DIGIT_BITS_MAX;
  const passes = (bits + widest - 1) / widest;
  if (passes == 0) return 0;
  const width = (bits + passes - 1) / passes;
  countDigits(count, passes, width);
  let inB: u32 = 0;
  for (let pass: u32 = 0; pass < passes; pass++) {
    const counters = DIGITS_PTR + (pass << (DIGIT_BITS_MAX + 2));
    if (!sumCounters(counters, count, width)) continue;
    scatter(inB, count, counters, pass * width, width);
    inB ^= 1;
  }
  return inB;
}

/** Counts the digits of all passes in one sweep. */
function countDigits(count: u32, passes: u32, width: u32): void {
  memory.fill(DIGITS_PTR, 0, passes << (DIGIT_BITS_MAX + 2));
  const mask: u32 = (1 << width) - 1;
  const end = KEYS_A_PTR + (count << 3);
  for (let at = KEYS_A_PTR; at < end; at += 8) {
    let key = load<u64>(at);
    let counters = DIGITS_PTR;
    for (let pass: u32 = 0; pass < passes; pass++) {
      const counter = counters + ((<u32>key & mask) << 2);
      store<u32>(counter, load<u32>(counter) + 1);
      key >>= <u64>width;
      counters += 1 << (DIGIT_BITS_MAX + 2);
    }
  }
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

/** One pass: from A to B, or from B to A if the keys stand there. */
function scatter(inB: u32, count: u32, counters: u32, shift: u32, width: u32): void {
  const from = inB ? KEYS_B_PTR : KEYS_A_PTR;
  const to = inB ? KEYS_A_PTR : KEYS_B_PTR;
  const indexFrom = inB ? INDEX_B_PTR : INDEX_A_PTR;
  const indexTo = inB ? INDEX_A_PTR : INDEX_B_PTR;
  const mask: u32 = (1 << width) - 1;
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u64>(from + (i << 3));
    const counter = counters + ((<u32>(key >> <u64>shift) & mask) << 2);
    const place = load<u32>(counter);
    store<u32>(counter, place + 1);
    store<u64>(to + (place << 3), key);
    store<u32>(indexTo + (place << 2), load<u32>(indexFrom + (i << 2)));
  }
}
