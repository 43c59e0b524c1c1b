/**
 * Poly1305 (RFC 8439 §2.5) in radix 2^32: five limbs of h, four of r, products in u64.
 *
 * r is clamped, so that its words lie below 2^28 and those above the lowest are multiples of four.
 * With f = r / 4 * 5 a limb that passes 2^130 is folded back by one multiplication, and no sum
 * of five products reaches 2^64. No branch and no address depends on a secret.
 */
import { POLY_F, POLY_H, POLY_LAST, POLY_R, POLY_S } from "./state.ts";

const LOW: u64 = 0xffffffff;

/** Takes the 32 byte one-time key: r, clamped (RFC 8439 §2.5), and s. */
export function polyInit(key: u32): void {
  store<u32>(POLY_R, load<u32>(key) & 0x0fffffff);
  store<u32>(POLY_R, load<u32>(key, 4) & 0x0ffffffc, 4);
  store<u32>(POLY_R, load<u32>(key, 8) & 0x0ffffffc, 8);
  store<u32>(POLY_R, load<u32>(key, 12) & 0x0ffffffc, 12);
  const r0 = load<u32>(POLY_R);
  store<u64>(POLY_F, <u64>(r0 >> 2) * 5);
  for (let i: u32 = 4; i < 16; i += 4) {
    const r = load<u32>(POLY_R + i);
    store<u64>(POLY_F + 2 * i, <u64>(r >> 2) + r);
  }
  store<u64>(POLY_F, r0 & 3, 32);
  memory.copy(POLY_S, key + 16, 16);
  memory.fill(POLY_H, 0, 40);
}

/** h = (h + block) * r mod 2^130 - 5, left partly reduced, for every 16 byte block. */
export function polyBlocks(src: u32, bytes: u32): void {
  absorb(src, bytes & ~15, 1);
}

/** The same for the RFC's padding: the last block is filled up with zeros (RFC 8439 §2.8). */
export function polyPadded(src: u32, bytes: u32): void {
  const rest = bytes & 15;
  polyBlocks(src, bytes);
  if (rest === 0) return;
  memory.fill(POLY_LAST, 0, 16);
  memory.copy(POLY_LAST, src + bytes - rest, rest);
  absorb(POLY_LAST, 16, 1);
}

/** `high` is the bit above the block: 1, or 0 where the block carries its own end mark. */
function absorb(src: u32, bytes: u32, high: u64): void {
  const r0 = <u64>load<u32>(POLY_R);
  const r1 = <u64>load<u32>(POLY_R, 4);
  const r2 = <u64>load<u32>(POLY_R, 8);
  const r3 = <u64>load<u32>(POLY_R, 12);
  const f0 = load<u64>(POLY_F);
  const f1 = load<u64>(POLY_F, 8);
  const f2 = load<u64>(POLY_F, 16);
  const f3 = load<u64>(POLY_F, 24);
  const low = load<u64>(POLY_F, 32);
  let h0 = load<u64>(POLY_H);
  let h1 = load<u64>(POLY_H, 8);
  let h2 = load<u64>(POLY_H, 16);
  let h3 = load<u64>(POLY_H, 24);
  let h4 = load<u64>(POLY_H, 32);
  for (const end = src + bytes; src < end; src += 16) {
    h0 += load<u32>(src);
    h1 += load<u32>(src, 4);
    h2 += load<u32>(src, 8);
    h3 += load<u32>(src, 12);
    h4 += high;
    const p0 = h1 * f3 + h2 * f2 + h3 * f1 + h4 * f0 + h0 * r0;
    const p1 = h1 * r0 + h2 * f3 + h3 * f2 + h4 * f1 + h0 * r1 + (p0 >> 32);
    const p2 = h1 * r1 + h2 * r0 + h3 * f3 + h4 * f2 + h0 * r2 + (p1 >> 32);
    const p3 = h1 * r2 + h2 * r1 + h3 * r0 + h4 * f3 + h0 * r3 + (p2 >> 32);
    const p4 = h4 * low + (p3 >> 32);
    // 2^130 is 5. Only h0 may pass 2^32, to at most 2.25 * 2^32; no sum above then reaches 2^64.
    h0 = (p0 & LOW) + (p4 >> 2) * 5;
    h1 = p1 & LOW;
    h2 = p2 & LOW;
    h3 = p3 & LOW;
    h4 = p4 & 3;
  }
  store<u64>(POLY_H, h0);
  store<u64>(POLY_H, h1, 8);
  store<u64>(POLY_H, h2, 16);
  store<u64>(POLY_H, h3, 24);
  store<u64>(POLY_H, h4, 32);
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
  let h0 = load<u64>(POLY_H);
  let h1 = load<u64>(POLY_H, 8);
  let h2 = load<u64>(POLY_H, 16);
  let h3 = load<u64>(POLY_H, 24);
  let h4 = load<u64>(POLY_H, 32);
  h1 += h0 >> 32;
  h2 += h1 >> 32;
  h3 += h2 >> 32;
  h4 += h3 >> 32;
  h0 &= LOW;
  h1 &= LOW;
  h2 &= LOW;
  h3 &= LOW;
  // h + 5 carries into bit 130 exactly when h is not below 2^130 - 5; h is below 2^131 here.
  let carry = (h0 + 5) >> 32;
  carry = (h1 + carry) >> 32;
  carry = (h2 + carry) >> 32;
  carry = (h3 + carry) >> 32;
  carry = ((h4 + carry) >> 2) * 5 + h0 + load<u32>(POLY_S);
  store<u32>(out, <u32>carry);
  carry = (carry >> 32) + h1 + load<u32>(POLY_S, 4);
  store<u32>(out, <u32>carry, 4);
  carry = (carry >> 32) + h2 + load<u32>(POLY_S, 8);
  store<u32>(out, <u32>carry, 8);
  carry = (carry >> 32) + h3 + load<u32>(POLY_S, 12);
  store<u32>(out, <u32>carry, 12);
}
