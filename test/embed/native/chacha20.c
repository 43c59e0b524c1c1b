/* ChaCha20 (RFC 8439 §2.1-2.4) and HChaCha20 (draft-irtf-cfrg-xchacha-03 §2.2). */
#include "seal-parts.h"

#define QUARTER(a, b, c, d)       \
  a += b, d = rotl32(d ^ a, 16); \
  c += d, b = rotl32(b ^ c, 12); \
  a += b, d = rotl32(d ^ a, 8);  \
  c += d, b = rotl32(b ^ c, 7)

static void set_key(uint32_t words[16], const uint8_t key[32]) {
  words[0] = 0x61707865;
  words[1] = 0x3320646e;
  words[2] = 0x79622d32;
  words[3] = 0x6b206574;
  memcpy(words + 4, key, 32);
}

static void permute(uint32_t x[16]) {
  for (int round = 0; round < 20; round += 2) {
    QUARTER(x[0], x[4], x[8], x[12]);
    QUARTER(x[1], x[5], x[9], x[13]);
    QUARTER(x[2], x[6], x[10], x[14]);
    QUARTER(x[3], x[7], x[11], x[15]);
    QUARTER(x[0], x[5], x[10], x[15]);
    QUARTER(x[1], x[6], x[11], x[12]);
    QUARTER(x[2], x[7], x[8], x[13]);
    QUARTER(x[3], x[4], x[9], x[14]);
  }
}

void native_chacha20_init(uint32_t words[16], const uint8_t key[32], const uint8_t nonce[12]) {
  set_key(words, key);
  words[12] = 0;
  memcpy(words + 13, nonce, 12);
}

/* The next block of key stream as words. */
static void next(uint32_t words[16], uint32_t x[16]) {
  memcpy(x, words, 64);
  permute(x);
  for (int i = 0; i < 16; i++) x[i] += words[i];
  words[12]++;
}

void native_chacha20_block(uint32_t words[16], uint8_t out[64]) {
  uint32_t x[16];
  next(words, x);
  memcpy(out, x, 64);
}

void native_chacha20_xor(uint32_t words[16], uint8_t *out, const uint8_t *text, size_t bytes) {
  uint32_t x[16];
  for (; bytes >= 64; bytes -= 64, out += 64, text += 64) {
    next(words, x);
    for (int i = 0; i < 16; i++) store32(out + 4 * i, load32(text + 4 * i) ^ x[i]);
  }
  if (bytes > 0) {
    uint8_t block[64];
    native_chacha20_block(words, block);
    for (size_t i = 0; i < bytes; i++) out[i] = text[i] ^ block[i];
    native_forget(block, sizeof block);
  }
  native_forget(x, sizeof x);
}

void native_hchacha20(uint8_t out[32], const uint8_t key[32], const uint8_t nonce[16]) {
  uint32_t x[16];
  set_key(x, key);
  memcpy(x + 12, nonce, 16);
  permute(x);
  memcpy(out, x, 16);
  memcpy(out + 16, x + 12, 16);
  native_forget(x, sizeof x);
}
