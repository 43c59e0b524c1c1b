/**
 * Poly1305 (RFC 8439 §2.5) in limbs of 32 bits, the top one of 34, with products in u64.
 *
 *   h = h0 + h1 2^32 + h2 2^64 + h3 2^96        r = r0 + r1 2^32 + r2 2^64 + r3 2^96
 *
 * r is clamped: each word is below 2^28, and r1, r2, r3 are multiples of 4. A product that passes
 * the top is worth 2^128 = 5/4 (2^130 is 5), so it is multiplied by f = r / 4 * 5 instead of r.
 *
 * No sum reaches 2^64. In units of 2^60: with the block added h0 < 3.25 * 2^32, h1 and h2 < 2^33,
 * h3 < 6 * 2^32; so p0 < 3.25 + 2.5 + 2.5 + 7.5 = 15.75, p1 < 15.25, p2 < 14.75, p3 < 13.25, and
 * the carries that are added to p1, p2 and p3 are below 2^32.
 *
 * No branch and no address depends on a secret.
 */
import { SMALL } from "../memory.ts";
import { POLY_F, POLY_H, POLY_LAST, POLY_R, POLY_S } from "./state.ts";

/** Bits of the lower limbs, and of the top one. */
const LOW: u64 = 0xffffffff;
const TOP: u64 = 0x3ffffffff;
/** The bit above a block of 16 bytes, in the top limb. */
const HIGH: u64 = 0x100000000;

/** Takes the 32 byte one-time key: r, clamped (RFC 8439 §2.5), and s. */
export function polyInit(key: u32): void {
  store<u32>(POLY_R, load<u32>(key) & 0x0fffffff);
  store<u32>(POLY_R, load<u32>(key, 4) & 0x0ffffffc, 4);
  store<u32>(POLY_R, load<u32>(key, 8) & 0x0ffffffc, 8);
  store<u32>(POLY_R, load<u32>(key, 12) & 0x0ffffffc, 12);
  for (let i: u32 = 4; i < 16; i += 4) {
    const r = load<u32>(POLY_R + i);
    store<u64>(POLY_F + 2 * i - 8, <u64>(r >> 2) + r);
  }
  memory.copy(POLY_S, key + 16, 16);
  memory.fill(POLY_H, 0, 32);
}

/** h = (h + block) * r mod 2^130 - 5, left partly reduced, for every 16 byte block. */
export function polyBlocks(src: u32, bytes: u32): void {
  absorb(src, bytes & ~15, HIGH);
}

/** The same for the RFC's padding: the last block is filled up with zeros (RFC 8439 §2.8). */
export function polyPadded(src: u32, bytes: u32): void {
  const rest = bytes & 15;
  polyBlocks(src, bytes);
  if (rest === 0) return;
  memory.fill(POLY_LAST, 0, 16);
  memory.copy(POLY_LAST, src + bytes - rest, rest);
  absorb(POLY_LAST, 16, HIGH);
}

/** `high` is HIGH, or 0 where the block carries its own end mark. */
function absorb(src: u32, bytes: u32, high: u64): void {
  if (SMALL) {
    absorbNarrow(src, bytes, high);
    return;
  }
  const r0 = <u64>load<u32>(POLY_R);
  const r1 = <u64>load<u32>(POLY_R, 4);
  const r2 = <u64>load<u32>(POLY_R, 8);
  const r3 = <u64>load<u32>(POLY_R, 12);
  const f1 = load<u64>(POLY_F);
  const f2 = load<u64>(POLY_F, 8);
  const f3 = load<u64>(POLY_F, 16);
  let h0 = load<u64>(POLY_H);
  let h1 = load<u64>(POLY_H, 8);
  let h2 = load<u64>(POLY_H, 16);
  let h3 = load<u64>(POLY_H, 24);
  for (const end = src + bytes; src < end; src += 16) {
    h0 += load<u32>(src);
    h1 += load<u32>(src, 4);
    h2 += load<u32>(src, 8);
    h3 += high + load<u32>(src, 12);
    // h0 comes last, for it is known last: the next block waits for the carry through p0 to p3.
    const p0 = h1 * f3 + h2 * f2 + h3 * f1 + h0 * r0;
    const p1 = h1 * r0 + h2 * f3 + h3 * f2 + h0 * r1 + (p0 >> 32);
    const p2 = h1 * r1 + h2 * r0 + h3 * f3 + h0 * r2 + (p1 >> 32);
    const p3 = h1 * r2 + h2 * r1 + h3 * r0 + h0 * r3 + (p2 >> 32);
    h0 = (p0 & LOW) + (p3 >> 34) * 5;
    h1 = p1 & LOW;
    h2 = p2 & LOW;
    h3 = p3 & TOP;
  }
  store<u64>(POLY_H, h0);
  store<u64>(POLY_H, h1, 8);
  store<u64>(POLY_H, h2, 16);
  store<u64>(POLY_H, h3, 24);
}

/**
 * The same for processors of 32 bits: what the block carries goes on first, so that a product is one
 * of 32 by 32 bits. `top` is what then stands above 2^128; of r0 times that, the lowest two bits of r0
 * stay there and the rest comes in below.
 */
function absorbNarrow(src: u32, bytes: u32, high: u64): void {
  const r0 = load<u32>(POLY_R);
  const r1 = load<u32>(POLY_R, 4);
  const r2 = load<u32>(POLY_R, 8);
  const r3 = load<u32>(POLY_R, 12);
  const f0 = (r0 >> 2) * 5;
  const f1 = (r1 >> 2) * 5;
  const f2 = (r2 >> 2) * 5;
  const f3 = (r3 >> 2) * 5;
  let sum = load<u64>(POLY_H);
  let h1 = load<u32>(POLY_H, 8);
  let h2 = load<u32>(POLY_H, 16);
  let h3 = load<u64>(POLY_H, 24);
  for (const end = src + bytes; src < end; src += 16) {
    sum += load<u32>(src);
    const a0 = <u32>sum;
    sum = <u64>h1 + load<u32>(src, 4) + (sum >> 32);
    const a1 = <u32>sum;
    sum = <u64>h2 + load<u32>(src, 8) + (sum >> 32);
    const a2 = <u32>sum;
    sum = h3 + load<u32>(src, 12) + (sum >> 32) + high;
    const a3 = <u32>sum;
    const top = <u32>(sum >> 32);
    sum = <u64>a0 * r0 + <u64>a1 * f3 + <u64>a2 * f2 + <u64>a3 * f1 + <u64>top * f0;
    const h0 = <u32>sum;
    sum = <u64>a0 * r1 + <u64>a1 * r0 + <u64>a2 * f3 + <u64>a3 * f2 + <u64>top * f1 + (sum >> 32);
    h1 = <u32>sum;
    sum = <u64>a0 * r2 + <u64>a1 * r1 + <u64>a2 * r0 + <u64>a3 * f3 + <u64>top * f2 + (sum >> 32);
    h2 = <u32>sum;
    sum = <u64>a0 * r3 + <u64>a1 * r2 + <u64>a2 * r1 + <u64>a3 * r0 + <u64>top * f3 + (sum >> 32);
    h3 = sum + ((<u64>(top * (r0 & 3))) << 32);
    sum = <u64>h0 + (h3 >> 34) * 5;
    h3 &= TOP;
  }
  store<u64>(POLY_H, sum);
  store<u64>(POLY_H, h1, 8);
  store<u64>(POLY_H, h2, 16);
  store<u64>(POLY_H, h3, 24);
}

/** Absorbs the last bytes with their end mark, reduces h and writes h + s (RFC 8439 §2.5). */
export function polyFinish(src: u32, bytes: u32, out: u32): void {
  const rest = bytes & 15;
  polyBlocks(src, bytes);
  if (rest !== 0) {
    memory.fill(POLY_LAST, 0, 16);
    memory.copy(POLY_LAST, src + bytes - rest, rest);
    store<u8>(POLY_LAST + rest, 1);
    absorb(POLY_LAST, 16, 0);
  }
  // h + 5 carries into bit 130 exactly when h is not below 2^130 - 5; h is below 2^131 here. Then
  // h - (2^130 - 5) is h + 5 without that bit, which stands above what is written.
  let sum: u64 = 5 + load<u64>(POLY_H);
  for (let i: u32 = 8; i < 32; i += 8) sum = (sum >> 32) + load<u64>(POLY_H + i);
  sum = (sum >> 34) * 5;
  for (let i: u32 = 0; i < 16; i += 4) {
    sum += load<u64>(POLY_H + 2 * i) + load<u32>(POLY_S + i);
    store<u32>(out + i, <u32>sum);
    sum >>= 32;
  }
}
