/**
 * X25519 (RFC 7748 §5), written for size: loops, one multiplication for everything, no tables.
 *
 * A field element is eight words of 32 bits, below 2^256 and so not always below p = 2^255 - 19.
 * What passes bit 255 is worth 19 times as much at bit 0, so that every function ends with a `fold`,
 * after which an element is below 2^255 + 2^12. Elements are registers, named by their number.
 *
 * No branch and no address depends on a secret: the ladder runs over all bits and swaps by masks.
 */
import { FIELD, FIELD_BYTES, FIELD_LOW } from "./state.ts";

/** Registers: the point, (X2 : Z2) and (X3 : Z3) of the ladder, two of work, and (486662 - 2) / 4. */
const X1: u32 = 0;
const X2: u32 = 1;
const Z2: u32 = 2;
const X3: u32 = 3;
const Z3: u32 = 4;
const T: u32 = 5;
const E: u32 = 6;
const A24: u32 = 7;

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
  store<u32>(FIELD + A24 * 32, 121665);
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
  multiply(Z2, E, A24);
  add(Z2, Z2, T);
  multiply(Z2, Z2, E);
}

/** X2 = X2 / Z2, below p. The inverse is Z2^(p - 2); of p - 2, bits 2 and 4 alone are zero. */
function divide(): void {
  memory.copy(FIELD + T * 32, FIELD + Z2 * 32, 32);
  for (let i: i32 = 253; i >= 0; i--) {
    multiply(T, T, T);
    if (i !== 2 && i !== 4) multiply(T, T, Z2);
  }
  multiply(X2, X2, T);
  // Folded twice, X2 is below 2^255; it is not below p exactly where X2 + 19 has bit 255.
  fold(X2, 0);
  addWord(X2, 19);
  fold(X2, 0);
  addWord(X2, -19);
}

function add(out: u32, a: u32, b: u32): void {
  combine(out, a, b, 0, 0);
}

/** a - b + 2p, which is positive. The complement of b is 2^256 - 1 - b, and 2p is 2^256 - 38. */
function sub(out: u32, a: u32, b: u32): void {
  combine(out, a, b, 0xffffffff, -37);
}

/** out = a + (b ^ mask) + word. */
function combine(out: u32, a: u32, b: u32, mask: u32, word: i64): void {
  for (let i: u32 = 0; i < 32; i += 4) {
    word += <i64>load<u32>((a << 5) + i, FIELD) + <i64>(load<u32>((b << 5) + i, FIELD) ^ mask);
    store<u32>((out << 5) + i, <u32>word, FIELD);
    word >>= 32;
  }
  fold(out, <u32>word);
}

/** Brings element + 2^256 * carry below 2^255 + 2^12; carry is at most 38. */
function fold(element: u32, carry: u32): void {
  const top = load<u32>(element << 5, FIELD + 28);
  store<u32>(element << 5, top & 0x7fffffff, FIELD + 28);
  addWord(element, ((carry << 1) | (top >> 31)) * 19);
}

/** Adds a small number; the sum must be in [0, 2^256). */
function addWord(element: u32, word: i64): void {
  for (let i: u32 = 0; i < 32; i += 4) {
    word += load<u32>((element << 5) + i, FIELD);
    store<u32>((element << 5) + i, <u32>word, FIELD);
    word >>= 32;
  }
}

/**
 * out = a * b; all three may be the same. A row multiplies b by one word of a: the lowest word of
 * the sum is done and goes to memory, the others wait in locals for the next row. The upper half
 * is then folded onto the lower one, for 2^256 is 38. No sum passes 2^64 - 1: that is
 * (2^32 - 1)^2 + 2 (2^32 - 1).
 */
function multiply(out: u32, a: u32, b: u32): void {
  const b0 = load<u32>(b << 5, FIELD);
  const b1 = load<u32>(b << 5, FIELD + 4);
  const b2 = load<u32>(b << 5, FIELD + 8);
  const b3 = load<u32>(b << 5, FIELD + 12);
  const b4 = load<u32>(b << 5, FIELD + 16);
  const b5 = load<u32>(b << 5, FIELD + 20);
  const b6 = load<u32>(b << 5, FIELD + 24);
  const b7 = load<u32>(b << 5, FIELD + 28);
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
    const word = <u64>load<u32>((a << 5) + i, FIELD);
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
  sum = 0;
  for (let i: u32 = 0; i < 32; i += 4) {
    sum = <u64>r0 * 38 + load<u32>(i, FIELD_LOW) + (sum >> 32);
    store<u32>((out << 5) + i, <u32>sum, FIELD);
    r0 = r1;
    r1 = r2;
    r2 = r3;
    r3 = r4;
    r4 = r5;
    r5 = r6;
    r6 = r7;
  }
  fold(out, <u32>(sum >> 32));
}
