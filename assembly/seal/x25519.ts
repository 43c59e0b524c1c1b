/**
 * X25519 (RFC 7748 §5), written for size: one multiplication for everything, no tables.
 *
 * A field element is eight words of 32 bits, below 2^255 + 2^245 and so not always below
 * p = 2^255 - 19. What passes bit 255 is worth 19 times as much at bit 0, so every sum is begun with
 * its highest word: that word's bits from 31 on come in with the lowest, and one pass is enough.
 * Elements are registers, named by their number.
 *
 * No branch and no address depends on a secret: the ladder runs over all bits and swaps by masks.
 */
import { FIELD, FIELD_BYTES, FIELD_LOW } from "./state.ts";

/** Registers: the point, (X2 : Z2) and (X3 : Z3) of the ladder, and two of work. */
const X1: u32 = 0;
const X2: u32 = 1;
const Z2: u32 = 2;
const X3: u32 = 3;
const Z3: u32 = 4;
const T: u32 = 5;
const E: u32 = 6;

/** (486662 - 2) / 4 of the curve. */
const A24: u32 = 121665;
const LOW_31: u64 = 0x7fffffff;

/**
 * out = the u-coordinate of scalar * point, all of 32 bytes; out may be either of them. The scalar
 * is clamped where it stands (RFC 7748 §5). All zeros for a point of low order.
 */
export function x25519(out: u32, scalar: u32, point: u32): void {
  store<u8>(scalar, load<u8>(scalar) & 248);
  store<u8>(scalar, (load<u8>(scalar, 31) & 127) | 64, 31);
  memory.fill(FIELD, 0, FIELD_BYTES);
  memory.copy(FIELD + X1 * 32, point, 32);
  store<u8>(FIELD + X1 * 32, load<u8>(FIELD + X1 * 32, 31) & 127, 31);
  memory.copy(FIELD + X3 * 32, FIELD + X1 * 32, 32);
  store<u32>(FIELD + X2 * 32, 1);
  store<u32>(FIELD + Z3 * 32, 1);
  let swapped: u32 = 0;
  for (let i: i32 = 254; i >= 0; i--) {
    const bit = (<u32>load<u8>(scalar + (i >> 3)) >> (i & 7)) & 1;
    swap(bit ^ swapped);
    swapped = bit;
    step();
  }
  // The last three bits of a clamped scalar are zero: nothing is left to swap back.
  divide();
  memory.copy(out, FIELD + X2 * 32, 32);
}

/** Exchanges both points of the ladder where bit is 1. */
function swap(bit: u32): void {
  const mask = 0 - bit;
  for (let i: u32 = 0; i < 64; i += 4) {
    const a = load<u32>(i, FIELD + X2 * 32);
    const b = load<u32>(i, FIELD + X3 * 32);
    const difference = (a ^ b) & mask;
    store<u32>(i, a ^ difference, FIELD + X2 * 32);
    store<u32>(i, b ^ difference, FIELD + X3 * 32);
  }
}

/** One step of the Montgomery ladder; in comments the names of RFC 7748 §5. */
function step(): void {
  add(T, X2, Z2); // A
  sub(X2, X2, Z2); // B
  add(Z2, X3, Z3); // C
  sub(X3, X3, Z3); // D
  multiply(X3, X3, T); // DA
  multiply(Z2, Z2, X2); // CB
  multiply(T, T, T); // AA
  multiply(X2, X2, X2); // BB
  sub(Z3, X3, Z2);
  add(X3, X3, Z2);
  multiply(X3, X3, X3);
  multiply(Z3, Z3, Z3);
  multiply(Z3, Z3, X1);
  sub(E, T, X2);
  multiply(X2, X2, T);
  combine(Z2, T, E, A24, 0);
  multiply(Z2, Z2, E);
}

/**
 * X2 = X2 / Z2, below p. The inverse is Z2^(p - 2). In groups of five bits p - 2 is fifty times 31,
 * then 11; bits 2 and 4 of that are zero.
 */
function divide(): void {
  memory.copy(FIELD + T * 32, FIELD + Z2 * 32, 32);
  for (let i = 0; i < 4; i++) {
    multiply(T, T, T);
    multiply(T, T, Z2);
  }
  memory.copy(FIELD + E * 32, FIELD + T * 32, 32);
  for (let i: u32 = 250; i-- > 0; ) {
    multiply(T, T, T);
    if (i > 4 ? i % 5 === 0 : i !== 4 && i !== 2) multiply(T, T, i > 4 ? E : Z2);
  }
  multiply(X2, X2, T);
  // Below 2p, X2 is not below p exactly where X2 + 19 has bit 255: then p is 2^255 less, 19 more.
  addWord(19);
  const top = load<u32>(FIELD + X2 * 32, 28);
  store<u32>(FIELD + X2 * 32, top & 0x7fffffff, 28);
  addWord(<i64>(top >> 31) * 19 - 19);
}

/** Adds a small number to X2; the sum must be in [0, 2^256). */
function addWord(word: i64): void {
  for (let i: u32 = 0; i < 32; i += 4) {
    word += load<u32>(i, FIELD + X2 * 32);
    store<u32>(i, <u32>word, FIELD + X2 * 32);
    word >>= 32;
  }
}

function add(out: u32, a: u32, b: u32): void {
  combine(out, a, b, 1, 0);
}

/**
 * a - b + 4p, where no word is less than zero: 4p is 2^257 - 76, or twice 2^32 - 1 in every word, 74
 * less in the lowest. The complement of a word of b is 2^32 - 1 less that word.
 */
function sub(out: u32, a: u32, b: u32): void {
  combine(out, a, b, 1, 0xffffffff);
}

/** out = a + b * factor, factor below 2^17; or, with a mask of ones and factor 1, a - b + 4p. */
function combine(out: u32, a: u32, b: u32, factor: u32, mask: u32): void {
  out <<= 5;
  a <<= 5;
  b <<= 5;
  const bias = <u64>mask;
  const top = bias + load<u32>(a, FIELD + 28) + <u64>(load<u32>(b, FIELD + 28) ^ mask) * factor;
  let sum = <u64>(<u32>(top >> 31) * 19) - (bias & 74);
  for (const end = out + 28; out < end; out += 4) {
    sum += bias + load<u32>(a, FIELD) + <u64>(load<u32>(b, FIELD) ^ mask) * factor;
    store<u32>(out, <u32>sum, FIELD);
    sum >>= 32;
    a += 4;
    b += 4;
  }
  store<u32>(out, <u32>(top & LOW_31) + <u32>sum, FIELD);
}

/**
 * out = a * b; all three may be the same. A row multiplies b by one word of a: the lowest word of
 * the sum is done and goes to memory, the others wait in locals for the next row. The upper half
 * is then folded onto the lower one, for 2^256 is 38. No sum passes 2^64 - 1: that is
 * (2^32 - 1)^2 + 2 (2^32 - 1).
 */
function multiply(out: u32, a: u32, b: u32): void {
  a <<= 5;
  b <<= 5;
  out <<= 5;
  const b0 = load<u32>(b, FIELD);
  const b1 = load<u32>(b, FIELD + 4);
  const b2 = load<u32>(b, FIELD + 8);
  const b3 = load<u32>(b, FIELD + 12);
  const b4 = load<u32>(b, FIELD + 16);
  const b5 = load<u32>(b, FIELD + 20);
  const b6 = load<u32>(b, FIELD + 24);
  const b7 = load<u32>(b, FIELD + 28);
  let r0: u32 = 0;
  let r1: u32 = 0;
  let r2: u32 = 0;
  let r3: u32 = 0;
  let r4: u32 = 0;
  let r5: u32 = 0;
  let r6: u32 = 0;
  let r7: u32 = 0;
  let sum: u64 = 0;
  // biome-ignore format: one word of b a line
  for (let i: u32 = 0; i < 32; i += 4) {
    const word = <u64>load<u32>(a + i, FIELD);
    sum = word * b0 + r0; store<u32>(i, <u32>sum, FIELD_LOW);
    sum = word * b1 + r1 + (sum >> 32); r0 = <u32>sum;
    sum = word * b2 + r2 + (sum >> 32); r1 = <u32>sum;
    sum = word * b3 + r3 + (sum >> 32); r2 = <u32>sum;
    sum = word * b4 + r4 + (sum >> 32); r3 = <u32>sum;
    sum = word * b5 + r5 + (sum >> 32); r4 = <u32>sum;
    sum = word * b6 + r6 + (sum >> 32); r5 = <u32>sum;
    sum = word * b7 + r7 + (sum >> 32); r6 = <u32>sum;
    r7 = <u32>(sum >> 32);
  }
  const top = <u64>r7 * 38 + load<u32>(FIELD_LOW, 28);
  sum = <u64>(<u32>(top >> 31) * 19) + <u64>r0 * 38 + load<u32>(FIELD_LOW);
  store<u32>(out, <u32>sum, FIELD);
  sum = <u64>r1 * 38 + load<u32>(FIELD_LOW, 4) + (sum >> 32);
  store<u32>(out, <u32>sum, FIELD + 4);
  sum = <u64>r2 * 38 + load<u32>(FIELD_LOW, 8) + (sum >> 32);
  store<u32>(out, <u32>sum, FIELD + 8);
  sum = <u64>r3 * 38 + load<u32>(FIELD_LOW, 12) + (sum >> 32);
  store<u32>(out, <u32>sum, FIELD + 12);
  sum = <u64>r4 * 38 + load<u32>(FIELD_LOW, 16) + (sum >> 32);
  store<u32>(out, <u32>sum, FIELD + 16);
  sum = <u64>r5 * 38 + load<u32>(FIELD_LOW, 20) + (sum >> 32);
  store<u32>(out, <u32>sum, FIELD + 20);
  sum = <u64>r6 * 38 + load<u32>(FIELD_LOW, 24) + (sum >> 32);
  store<u32>(out, <u32>sum, FIELD + 24);
  store<u32>(out, <u32>(top & LOW_31) + <u32>(sum >> 32), FIELD + 28);
}
