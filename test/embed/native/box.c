/* libsodium's crypto_box_seal of 32 bytes, and the XSalsa20 in it; see assembly/seal/box.ts. */
#include "seal-parts.h"

#define QUARTER(a, b, c, d)  \
  b ^= rotl32(a + d, 7);     \
  c ^= rotl32(b + a, 9);     \
  d ^= rotl32(c + b, 13);    \
  a ^= rotl32(d + c, 18)

static void set_words(uint32_t x[16], const uint8_t key[32], const uint8_t nonce[16]) {
  x[0] = 0x61707865;
  x[5] = 0x3320646e;
  x[10] = 0x79622d32;
  x[15] = 0x6b206574;
  memcpy(x + 1, key, 16);
  memcpy(x + 6, nonce, 16);
  memcpy(x + 11, key + 16, 16);
}

static void permute(uint32_t x[16]) {
  for (int round = 0; round < 20; round += 2) {
    QUARTER(x[0], x[4], x[8], x[12]);
    QUARTER(x[5], x[9], x[13], x[1]);
    QUARTER(x[10], x[14], x[2], x[6]);
    QUARTER(x[15], x[3], x[7], x[11]);
    QUARTER(x[0], x[1], x[2], x[3]);
    QUARTER(x[5], x[6], x[7], x[4]);
    QUARTER(x[10], x[11], x[8], x[9]);
    QUARTER(x[15], x[12], x[13], x[14]);
  }
}

static void hsalsa20(uint8_t key[32], const uint8_t nonce[16]) {
  uint32_t x[16];
  set_words(x, key, nonce);
  permute(x);
  for (int i = 0; i < 4; i++) {
    store32(key + 4 * i, x[5 * i]);
    store32(key + 16 + 4 * i, x[6 + i]);
  }
  native_forget(x, sizeof x);
}

/* The first block of key stream; eight bytes of nonce. */
static void salsa20(uint8_t out[64], const uint8_t key[32], const uint8_t nonce[8]) {
  uint32_t words[16], x[16];
  uint8_t counted[16] = {0};
  memcpy(counted, nonce, 8);
  set_words(words, key, counted);
  memcpy(x, words, sizeof x);
  permute(x);
  for (int i = 0; i < 16; i++) store32(out + 4 * i, x[i] + words[i]);
  native_forget(words, sizeof words);
  native_forget(x, sizeof x);
}

bool native_seal_box(uint8_t out[80], const uint8_t message[32], const uint8_t recipient[32],
                     const uint8_t secret[32]) {
  static const uint8_t BASE[32] = {9};
  uint8_t key[32], nonce[24] = {0}, points[64], block[64];
  native_x25519(points, secret, BASE);
  memcpy(points + 32, recipient, 32);
  native_x25519(key, secret, recipient);
  if (native_all_zero(key, 32)) return false;
  hsalsa20(key, nonce);
  native_blake2b(nonce, sizeof nonce, points, sizeof points, NULL, 0);
  hsalsa20(key, nonce);
  salsa20(block, key, nonce + 16);
  struct native_poly1305 mac;
  native_poly1305_init(&mac, block);
  memcpy(out, points, 32);
  for (int i = 0; i < 32; i++) out[48 + i] = message[i] ^ block[32 + i];
  native_poly1305_finish(&mac, out + 48, 32, out + 32);
  native_forget(key, sizeof key);
  native_forget(block, sizeof block);
  return true;
}
