/**
 * ChaCha20 (RFC 8439 §2.1-2.4) and HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2).
 *
 * The key, counter and nonce stand in CHACHA_INPUT as the sixteen words of RFC 8439 §2.3. This file
 * makes one block at a time; runs of whole 256 byte pieces go to chacha20x4.ts.
 * No branch and no address depends on a secret.
 */

import { cryptPieces, PIECE_BYTES } from "./chacha20x4.ts";
import { CHACHA_BLOCK, CHACHA_INPUT } from "./state.ts";

export const BLOCK_BYTES: u32 = 64;
/** Byte offset of the block counter, word 12 of the input. */
const COUNTER: u32 = 48;

/** Words 0 to 11 of the input: "expand 32-byte k" and the key (RFC 8439 §2.3). */
function setKey(key: u32): void {
  store<u32>(CHACHA_INPUT, 0x61707865, 0);
  store<u32>(CHACHA_INPUT, 0x3320646e, 4);
  store<u32>(CHACHA_INPUT, 0x79622d32, 8);
  store<u32>(CHACHA_INPUT, 0x6b206574, 12);
  memory.copy(CHACHA_INPUT + 16, key, 32);
}

/** Takes a 32 byte key, the number of the first block and a 12 byte nonce. */
export function chachaInit(key: u32, nonce: u32, counter: u32): void {
  setKey(key);
  store<u32>(CHACHA_INPUT + COUNTER, counter);
  memory.copy(CHACHA_INPUT + COUNTER + 4, nonce, 12);
}

/** Writes the next 64 byte block of the key stream. */
export function chachaNext(out: u32): void {
  block(out);
  store<u32>(CHACHA_INPUT + COUNTER, load<u32>(CHACHA_INPUT + COUNTER) + 1);
}

/** The block function of RFC 8439 §2.3.1 on the input as it stands. */
function block(out: u32): void {
  let x0 = load<u32>(CHACHA_INPUT, 0);
  let x1 = load<u32>(CHACHA_INPUT, 4);
  let x2 = load<u32>(CHACHA_INPUT, 8);
  let x3 = load<u32>(CHACHA_INPUT, 12);
  let x4 = load<u32>(CHACHA_INPUT, 16);
  let x5 = load<u32>(CHACHA_INPUT, 20);
  let x6 = load<u32>(CHACHA_INPUT, 24);
  let x7 = load<u32>(CHACHA_INPUT, 28);
  let x8 = load<u32>(CHACHA_INPUT, 32);
  let x9 = load<u32>(CHACHA_INPUT, 36);
  let x10 = load<u32>(CHACHA_INPUT, 40);
  let x11 = load<u32>(CHACHA_INPUT, 44);
  let x12 = load<u32>(CHACHA_INPUT, 48);
  let x13 = load<u32>(CHACHA_INPUT, 52);
  let x14 = load<u32>(CHACHA_INPUT, 56);
  let x15 = load<u32>(CHACHA_INPUT, 60);
  // Locals, not memory, and so no helper for the quarter round: it would have to return four words.
  // biome-ignore format: half a quarter round (RFC 8439 §2.1) a line
  for (let round = 0; round < 20; round += 2) {
    x0 += x4; x12 = rotl(x12 ^ x0, 16); x8 += x12; x4 = rotl(x4 ^ x8, 12);
    x0 += x4; x12 = rotl(x12 ^ x0, 8); x8 += x12; x4 = rotl(x4 ^ x8, 7);
    x1 += x5; x13 = rotl(x13 ^ x1, 16); x9 += x13; x5 = rotl(x5 ^ x9, 12);
    x1 += x5; x13 = rotl(x13 ^ x1, 8); x9 += x13; x5 = rotl(x5 ^ x9, 7);
    x2 += x6; x14 = rotl(x14 ^ x2, 16); x10 += x14; x6 = rotl(x6 ^ x10, 12);
    x2 += x6; x14 = rotl(x14 ^ x2, 8); x10 += x14; x6 = rotl(x6 ^ x10, 7);
    x3 += x7; x15 = rotl(x15 ^ x3, 16); x11 += x15; x7 = rotl(x7 ^ x11, 12);
    x3 += x7; x15 = rotl(x15 ^ x3, 8); x11 += x15; x7 = rotl(x7 ^ x11, 7);

    x0 += x5; x15 = rotl(x15 ^ x0, 16); x10 += x15; x5 = rotl(x5 ^ x10, 12);
    x0 += x5; x15 = rotl(x15 ^ x0, 8); x10 += x15; x5 = rotl(x5 ^ x10, 7);
    x1 += x6; x12 = rotl(x12 ^ x1, 16); x11 += x12; x6 = rotl(x6 ^ x11, 12);
    x1 += x6; x12 = rotl(x12 ^ x1, 8); x11 += x12; x6 = rotl(x6 ^ x11, 7);
    x2 += x7; x13 = rotl(x13 ^ x2, 16); x8 += x13; x7 = rotl(x7 ^ x8, 12);
    x2 += x7; x13 = rotl(x13 ^ x2, 8); x8 += x13; x7 = rotl(x7 ^ x8, 7);
    x3 += x4; x14 = rotl(x14 ^ x3, 16); x9 += x14; x4 = rotl(x4 ^ x9, 12);
    x3 += x4; x14 = rotl(x14 ^ x3, 8); x9 += x14; x4 = rotl(x4 ^ x9, 7);
  }
  store<u32>(out, x0 + load<u32>(CHACHA_INPUT, 0), 0);
  store<u32>(out, x1 + load<u32>(CHACHA_INPUT, 4), 4);
  store<u32>(out, x2 + load<u32>(CHACHA_INPUT, 8), 8);
  store<u32>(out, x3 + load<u32>(CHACHA_INPUT, 12), 12);
  store<u32>(out, x4 + load<u32>(CHACHA_INPUT, 16), 16);
  store<u32>(out, x5 + load<u32>(CHACHA_INPUT, 20), 20);
  store<u32>(out, x6 + load<u32>(CHACHA_INPUT, 24), 24);
  store<u32>(out, x7 + load<u32>(CHACHA_INPUT, 28), 28);
  store<u32>(out, x8 + load<u32>(CHACHA_INPUT, 32), 32);
  store<u32>(out, x9 + load<u32>(CHACHA_INPUT, 36), 36);
  store<u32>(out, x10 + load<u32>(CHACHA_INPUT, 40), 40);
  store<u32>(out, x11 + load<u32>(CHACHA_INPUT, 44), 44);
  store<u32>(out, x12 + load<u32>(CHACHA_INPUT, 48), 48);
  store<u32>(out, x13 + load<u32>(CHACHA_INPUT, 52), 52);
  store<u32>(out, x14 + load<u32>(CHACHA_INPUT, 56), 56);
  store<u32>(out, x15 + load<u32>(CHACHA_INPUT, 60), 60);
}

/** RFC 8439 §2.4 from the counter on, which it moves past the blocks used. dst may equal src. */
export function chachaXor(dst: u32, src: u32, bytes: u32): void {
  if (ASC_FEATURE_SIMD) {
    const pieces = bytes - (bytes % PIECE_BYTES);
    cryptPieces(dst, src, pieces, false);
    dst += pieces;
    src += pieces;
    bytes -= pieces;
  }
  while (bytes > 0) {
    const n = min(bytes, BLOCK_BYTES);
    chachaNext(CHACHA_BLOCK);
    let i: u32 = 0;
    for (; i + 8 <= n; i += 8) {
      store<u64>(dst + i, load<u64>(src + i) ^ load<u64>(CHACHA_BLOCK + i));
    }
    for (; i < n; i++) {
      store<u8>(dst + i, load<u8>(src + i) ^ load<u8>(CHACHA_BLOCK + i));
    }
    dst += n;
    src += n;
    bytes -= n;
  }
}

/**
 * Subkey of 32 bytes from a 32 byte key and the first 16 bytes of a long nonce. HChaCha20 leaves
 * out the last addition of the block function, so that addition is taken back here.
 */
export function hchacha20(out: u32, key: u32, nonce: u32): void {
  setKey(key);
  memory.copy(CHACHA_INPUT + COUNTER, nonce, 16);
  block(CHACHA_BLOCK);
  for (let i: u32 = 0; i < 16; i += 4) {
    store<u32>(out + i, load<u32>(CHACHA_BLOCK + i) - load<u32>(CHACHA_INPUT + i));
    const j = i + COUNTER;
    store<u32>(out + 16 + i, load<u32>(CHACHA_BLOCK + j) - load<u32>(CHACHA_INPUT + j));
  }
}
