/**
 * ChaCha20 over whole pieces of 256 bytes: four blocks at once, one in each lane (RFC 8439 §2.4),
 * and, while sealing, Poly1305 over what was encrypted before, in the same loop.
 *
 * Vector x_i holds word i of the four blocks, so a quarter round is the scalar one on vectors.
 * The key stream is turned from words of four blocks into blocks by 4 x 4 transposes:
 *
 *   x0  a0 b0 c0 d0        a0 a1 a2 a3   block a
 *   x1  a1 b1 c1 d1   →    b0 b1 b2 b3   block b
 *   x2  a2 b2 c2 d2        c0 c1 c2 c3   block c
 *   x3  a3 b3 c3 d3        d0 d1 d2 d3   block d
 *
 * The rounds keep the vector units busy and leave the integer ones idle; Poly1305 in radix 2^32 is
 * all integers. So the sixteen blocks of the piece before go between the rounds of this one: one in
 * each half of the first eight double rounds. Both together then take little more time than the
 * rounds alone; in the last two, the integer units are free to begin with the next piece.
 *
 * Two things keep engines from undoing that. Words 8 to 11 stand in KEY_STREAM: sixteen vectors and
 * two masks do not fit into sixteen registers, and a compiler that is free to choose spills more;
 * their stores also tie a half of a double round to its side of the Poly1305 block, where else it
 * would be moved behind it. And `absorbing` changes at the end of a piece, so that it is a
 * variable and not a sum that is worked out again in every round.
 *
 * Only the build with SIMD calls this. `cryptPieces` is longer than our limit for functions: a
 * helper for a quarter round would have to return four vectors, and so go through memory. Its
 * results are held to the plain code of chacha20.ts and poly1305.ts by tests at every length.
 */
import { CHACHA_INPUT, KEY_STREAM, POLY_F, POLY_H, POLY_R } from "./state.ts";

export const PIECE_BYTES: u32 = 256;
/** Byte offset of the block counter, word 12 of the input. */
const COUNTER: u32 = 48;
/** As in poly1305.ts: the lower limbs, the top limb, and the bit above a block in the top limb. */
const LOW: u64 = 0xffffffff;
const TOP: u64 = 0x3ffffffff;
const HIGH: u64 = 0x100000000;

/** Rotations by whole bytes are one permutation; the others two shifts. */
function rot16(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}

function rot12(x: v128): v128 {
  return v128.or(i32x4.shl(x, 12), i32x4.shr_u(x, 20));
}

function rot8(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
}

function rot7(x: v128): v128 {
  return v128.or(i32x4.shl(x, 7), i32x4.shr_u(x, 25));
}

/**
 * dst = src ^ key stream; bytes is a multiple of PIECE_BYTES. Moves the counter past the blocks
 * used. With `seal` it also absorbs dst into Poly1305, all but the last piece, and returns where
 * the bytes begin that are still to be absorbed.
 */
export function cryptPieces(dst: u32, src: u32, bytes: u32, seal: bool): u32 {
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
  let p0: u64 = 0;
  let p1: u64 = 0;
  let p2: u64 = 0;
  let p3: u64 = 0;
  let mac = dst;
  // Rounds below this absorb a block in each half; those of the first piece have none to absorb.
  let absorbing = 0;
  let counter = load<u32>(CHACHA_INPUT + COUNTER);
  for (const end = src + bytes; src < end; src += PIECE_BYTES) {
    let x0 = v128.load32_splat(CHACHA_INPUT, 0);
    let x1 = v128.load32_splat(CHACHA_INPUT, 4);
    let x2 = v128.load32_splat(CHACHA_INPUT, 8);
    let x3 = v128.load32_splat(CHACHA_INPUT, 12);
    let x4 = v128.load32_splat(CHACHA_INPUT, 16);
    let x5 = v128.load32_splat(CHACHA_INPUT, 20);
    let x6 = v128.load32_splat(CHACHA_INPUT, 24);
    let x7 = v128.load32_splat(CHACHA_INPUT, 28);
    let x8 = v128.load32_splat(CHACHA_INPUT, 32);
    let x9 = v128.load32_splat(CHACHA_INPUT, 36);
    let x10 = v128.load32_splat(CHACHA_INPUT, 40);
    let x11 = v128.load32_splat(CHACHA_INPUT, 44);
    let x12 = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3));
    let x13 = v128.load32_splat(CHACHA_INPUT, 52);
    let x14 = v128.load32_splat(CHACHA_INPUT, 56);
    let x15 = v128.load32_splat(CHACHA_INPUT, 60);
    v128.store(KEY_STREAM, x8, 128);
    v128.store(KEY_STREAM, x9, 144);
    v128.store(KEY_STREAM, x10, 160);
    v128.store(KEY_STREAM, x11, 176);
    // biome-ignore format: half a quarter round (RFC 8439 §2.1) a line pair; absorb() of poly1305.ts between
    for (let round = 0; round < 20; round += 2) {
      x0 = i32x4.add(x0, x4); x12 = rot16(v128.xor(x12, x0));
      x8 = i32x4.add(v128.load(KEY_STREAM, 128), x12); x4 = rot12(v128.xor(x4, x8));
      x0 = i32x4.add(x0, x4); x12 = rot8(v128.xor(x12, x0));
      x8 = i32x4.add(x8, x12); v128.store(KEY_STREAM, x8, 128); x4 = rot7(v128.xor(x4, x8));
      x1 = i32x4.add(x1, x5); x13 = rot16(v128.xor(x13, x1));
      x9 = i32x4.add(v128.load(KEY_STREAM, 144), x13); x5 = rot12(v128.xor(x5, x9));
      x1 = i32x4.add(x1, x5); x13 = rot8(v128.xor(x13, x1));
      x9 = i32x4.add(x9, x13); v128.store(KEY_STREAM, x9, 144); x5 = rot7(v128.xor(x5, x9));
      x2 = i32x4.add(x2, x6); x14 = rot16(v128.xor(x14, x2));
      x10 = i32x4.add(v128.load(KEY_STREAM, 160), x14); x6 = rot12(v128.xor(x6, x10));
      x2 = i32x4.add(x2, x6); x14 = rot8(v128.xor(x14, x2));
      x10 = i32x4.add(x10, x14); v128.store(KEY_STREAM, x10, 160); x6 = rot7(v128.xor(x6, x10));
      x3 = i32x4.add(x3, x7); x15 = rot16(v128.xor(x15, x3));
      x11 = i32x4.add(v128.load(KEY_STREAM, 176), x15); x7 = rot12(v128.xor(x7, x11));
      x3 = i32x4.add(x3, x7); x15 = rot8(v128.xor(x15, x3));
      x11 = i32x4.add(x11, x15); v128.store(KEY_STREAM, x11, 176); x7 = rot7(v128.xor(x7, x11));
      if (round < absorbing) {
        h0 += load<u32>(mac); h1 += load<u32>(mac, 4); h2 += load<u32>(mac, 8);
        h3 += HIGH + load<u32>(mac, 12);
        p0 = h1 * f3 + h2 * f2 + h3 * f1 + h0 * r0;
        p1 = h1 * r0 + h2 * f3 + h3 * f2 + h0 * r1 + (p0 >> 32);
        p2 = h1 * r1 + h2 * r0 + h3 * f3 + h0 * r2 + (p1 >> 32);
        p3 = h1 * r2 + h2 * r1 + h3 * r0 + h0 * r3 + (p2 >> 32);
        h0 = (p0 & LOW) + (p3 >> 34) * 5; h1 = p1 & LOW; h2 = p2 & LOW; h3 = p3 & TOP;
        mac += 16;
      }

      x0 = i32x4.add(x0, x5); x15 = rot16(v128.xor(x15, x0));
      x10 = i32x4.add(v128.load(KEY_STREAM, 160), x15); x5 = rot12(v128.xor(x5, x10));
      x0 = i32x4.add(x0, x5); x15 = rot8(v128.xor(x15, x0));
      x10 = i32x4.add(x10, x15); v128.store(KEY_STREAM, x10, 160); x5 = rot7(v128.xor(x5, x10));
      x1 = i32x4.add(x1, x6); x12 = rot16(v128.xor(x12, x1));
      x11 = i32x4.add(v128.load(KEY_STREAM, 176), x12); x6 = rot12(v128.xor(x6, x11));
      x1 = i32x4.add(x1, x6); x12 = rot8(v128.xor(x12, x1));
      x11 = i32x4.add(x11, x12); v128.store(KEY_STREAM, x11, 176); x6 = rot7(v128.xor(x6, x11));
      x2 = i32x4.add(x2, x7); x13 = rot16(v128.xor(x13, x2));
      x8 = i32x4.add(v128.load(KEY_STREAM, 128), x13); x7 = rot12(v128.xor(x7, x8));
      x2 = i32x4.add(x2, x7); x13 = rot8(v128.xor(x13, x2));
      x8 = i32x4.add(x8, x13); v128.store(KEY_STREAM, x8, 128); x7 = rot7(v128.xor(x7, x8));
      x3 = i32x4.add(x3, x4); x14 = rot16(v128.xor(x14, x3));
      x9 = i32x4.add(v128.load(KEY_STREAM, 144), x14); x4 = rot12(v128.xor(x4, x9));
      x3 = i32x4.add(x3, x4); x14 = rot8(v128.xor(x14, x3));
      x9 = i32x4.add(x9, x14); v128.store(KEY_STREAM, x9, 144); x4 = rot7(v128.xor(x4, x9));
      if (round < absorbing) {
        h0 += load<u32>(mac); h1 += load<u32>(mac, 4); h2 += load<u32>(mac, 8);
        h3 += HIGH + load<u32>(mac, 12);
        p0 = h1 * f3 + h2 * f2 + h3 * f1 + h0 * r0;
        p1 = h1 * r0 + h2 * f3 + h3 * f2 + h0 * r1 + (p0 >> 32);
        p2 = h1 * r1 + h2 * r0 + h3 * f3 + h0 * r2 + (p1 >> 32);
        p3 = h1 * r2 + h2 * r1 + h3 * r0 + h0 * r3 + (p2 >> 32);
        h0 = (p0 & LOW) + (p3 >> 34) * 5; h1 = p1 & LOW; h2 = p2 & LOW; h3 = p3 & TOP;
        mac += 16;
      }
    }
    v128.store(KEY_STREAM, x0, 0);
    v128.store(KEY_STREAM, x1, 16);
    v128.store(KEY_STREAM, x2, 32);
    v128.store(KEY_STREAM, x3, 48);
    v128.store(KEY_STREAM, x4, 64);
    v128.store(KEY_STREAM, x5, 80);
    v128.store(KEY_STREAM, x6, 96);
    v128.store(KEY_STREAM, x7, 112);
    v128.store(KEY_STREAM, x12, 192);
    v128.store(KEY_STREAM, x13, 208);
    v128.store(KEY_STREAM, x14, 224);
    v128.store(KEY_STREAM, x15, 240);
    xorPiece(dst, src, counter);
    dst += PIECE_BYTES;
    counter += 4;
    if (seal) {
      absorbing = 16;
    }
  }
  store<u32>(CHACHA_INPUT + COUNTER, counter);
  store<u64>(POLY_H, h0);
  store<u64>(POLY_H, h1, 8);
  store<u64>(POLY_H, h2, 16);
  store<u64>(POLY_H, h3, 24);
  return mac;
}

/** Adds the input to the words of KEY_STREAM (RFC 8439 §2.3.1), turns them and xors 256 bytes. */
function xorPiece(dst: u32, src: u32, counter: u32): void {
  const counters = i32x4.add(i32x4.splat(counter), i32x4(0, 1, 2, 3));
  for (let row: u32 = 0; row < 64; row += 16) {
    const words = KEY_STREAM + row * 4;
    const input = CHACHA_INPUT + row;
    const first = row === COUNTER ? counters : v128.load32_splat(input);
    const x0 = i32x4.add(v128.load(words), first);
    const x1 = i32x4.add(v128.load(words, 16), v128.load32_splat(input, 4));
    const x2 = i32x4.add(v128.load(words, 32), v128.load32_splat(input, 8));
    const x3 = i32x4.add(v128.load(words, 48), v128.load32_splat(input, 12));
    const ab01 = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
    const ab23 = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
    const cd01 = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
    const cd23 = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
    const a = i64x2.shuffle(ab01, ab23, 0, 2);
    const b = i64x2.shuffle(ab01, ab23, 1, 3);
    const c = i64x2.shuffle(cd01, cd23, 0, 2);
    const d = i64x2.shuffle(cd01, cd23, 1, 3);
    v128.store(dst + row, v128.xor(a, v128.load(src + row)));
    v128.store(dst + row, v128.xor(b, v128.load(src + row, 64)), 64);
    v128.store(dst + row, v128.xor(c, v128.load(src + row, 128)), 128);
    v128.store(dst + row, v128.xor(d, v128.load(src + row, 192)), 192);
  }
}
