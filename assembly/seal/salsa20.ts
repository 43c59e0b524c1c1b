/**
 * Salsa20 and HSalsa20 (Bernstein, "The Salsa20 family of stream ciphers" and "Extending the Salsa20
 * nonce"), as far as a sealed box needs them: one block, written for size.
 *
 * The sixteen words are
 *
 *   c k k k        c  the four words of "expand 32-byte k"
 *   k c n n        k  the key
 *   n n c k        n  sixteen bytes: a long nonce's first, or eight of nonce and a block counter
 *   k k k c
 *
 * No branch and no address depends on a secret.
 */
import { CHACHA_BLOCK, CHACHA_INPUT } from "./state.ts";

/** Subkey of 32 bytes from a 32 byte key and 16 bytes of nonce; out may be the key. */
export function hsalsa20(out: u32, key: u32, nonce: u32): void {
  rounds(key, nonce);
  for (let i: u32 = 0; i < 4; i++) {
    store<u32>(out + i * 4, load<u32>(CHACHA_BLOCK + i * 20));
    store<u32>(out + i * 4, load<u32>(CHACHA_BLOCK + i * 4, 24), 16);
  }
}

/** Leaves the block of key stream in CHACHA_BLOCK; nonce is 8 bytes, then the counter as u64. */
export function salsa20(key: u32, nonce: u32): void {
  rounds(key, nonce);
  for (let i: u32 = 0; i < 64; i += 4) {
    store<u32>(CHACHA_BLOCK + i, load<u32>(CHACHA_BLOCK + i) + load<u32>(CHACHA_INPUT + i));
  }
}

/** Lays the words out in CHACHA_INPUT, and leaves them after twenty rounds in CHACHA_BLOCK. */
function rounds(key: u32, nonce: u32): void {
  store<u32>(CHACHA_INPUT, 0x61707865, 0);
  store<u32>(CHACHA_INPUT, 0x3320646e, 20);
  store<u32>(CHACHA_INPUT, 0x79622d32, 40);
  store<u32>(CHACHA_INPUT, 0x6b206574, 60);
  memory.copy(CHACHA_INPUT + 4, key, 16);
  memory.copy(CHACHA_INPUT + 24, nonce, 16);
  memory.copy(CHACHA_INPUT + 44, key + 16, 16);
  memory.copy(CHACHA_BLOCK, CHACHA_INPUT, 64);
  for (let round: u32 = 0; round < 20; round += 2) {
    // Column i, then row i, each from the diagonal on and around.
    for (let i: u32 = 0; i < 4; i++) {
      quarter(i * 5, (i * 5 + 4) & 15, (i * 5 + 8) & 15, (i * 5 + 12) & 15);
    }
    for (let i: u32 = 0; i < 4; i++) {
      const row = i * 4;
      quarter(i * 5, row + ((i + 1) & 3), row + ((i + 2) & 3), row + ((i + 3) & 3));
    }
  }
}

/** The quarter round on four words, named by their number. */
function quarter(ia: u32, ib: u32, ic: u32, id: u32): void {
  let a = load<u32>(ia << 2, CHACHA_BLOCK);
  let b = load<u32>(ib << 2, CHACHA_BLOCK);
  let c = load<u32>(ic << 2, CHACHA_BLOCK);
  let d = load<u32>(id << 2, CHACHA_BLOCK);
  b ^= rotl(a + d, 7);
  c ^= rotl(b + a, 9);
  d ^= rotl(c + b, 13);
  a ^= rotl(d + c, 18);
  store<u32>(ia << 2, a, CHACHA_BLOCK);
  store<u32>(ib << 2, b, CHACHA_BLOCK);
  store<u32>(ic << 2, c, CHACHA_BLOCK);
  store<u32>(id << 2, d, CHACHA_BLOCK);
}
