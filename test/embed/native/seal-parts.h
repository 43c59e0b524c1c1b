/* What the seal is made of. Every function trusts its arguments. */
#ifndef NATIVE_SEAL_PARTS_H
#define NATIVE_SEAL_PARTS_H

#include <string.h>

#include "seal.h"

static inline uint32_t load32(const uint8_t *at) {
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return word;
}
static inline uint64_t load64(const uint8_t *at) {
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}
static inline void store32(uint8_t *at, uint32_t word) { memcpy(at, &word, sizeof word); }
static inline void store64(uint8_t *at, uint64_t word) { memcpy(at, &word, sizeof word); }
static inline uint32_t rotl32(uint32_t x, int bits) { return x << bits | x >> (32 - bits); }
static inline uint64_t rotr64(uint64_t x, int bits) { return x >> bits | x << (64 - bits); }

/* In a time that tells nothing of the bytes. */
bool native_equal(const uint8_t *a, const uint8_t *b, size_t bytes);
bool native_all_zero(const uint8_t *at, size_t bytes);
/* A fill that is not left out as useless. */
void native_forget(void *at, size_t bytes);

/* chacha20.c: RFC 8439 §2.4, HChaCha20; the sixteen words are key, counter and nonce. */
void native_chacha20_init(uint32_t words[16], const uint8_t key[32], const uint8_t nonce[12]);
void native_chacha20_block(uint32_t words[16], uint8_t out[64]);
void native_chacha20_xor(uint32_t words[16], uint8_t *out, const uint8_t *text, size_t bytes);
void native_hchacha20(uint8_t out[32], const uint8_t key[32], const uint8_t nonce[16]);

/* poly1305.c: RFC 8439 §2.5. */
struct native_poly1305 {
  uint32_t r[4], s[4];
  uint32_t h[5];
};
void native_poly1305_init(struct native_poly1305 *p, const uint8_t key[32]);
/* Whole blocks of sixteen bytes. */
void native_poly1305_blocks(struct native_poly1305 *p, const uint8_t *text, size_t bytes);
/* The last bytes, of any number. */
void native_poly1305_finish(struct native_poly1305 *p, const uint8_t *text, size_t bytes,
                            uint8_t out[16]);

/* blake2b.c: RFC 7693. */
void native_blake2b(uint8_t *out, size_t out_bytes, const uint8_t *text, size_t bytes,
                    const void *key, size_t key_bytes);

/* stream.c: libsodium's secretstream. */
void native_stream_init(struct native_stream *stream, const uint8_t key[32], const uint8_t header[24]);
void native_stream_push(struct native_stream *stream, uint8_t *message, const uint8_t *text,
                        size_t bytes, const uint8_t *ad, size_t ad_bytes, uint8_t tag);
/* The tag, or -1 where the message of `bytes` of text does not belong here. */
int native_stream_pull(struct native_stream *stream, uint8_t *text, const uint8_t *message,
                       size_t bytes, const uint8_t *ad, size_t ad_bytes);

/* x25519.c: RFC 7748 §5; out may be either of the others. */
void native_x25519(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]);

/* box.c: libsodium's crypto_box_seal of 32 bytes; false for a recipient of low order. */
bool native_seal_box(uint8_t out[80], const uint8_t message[32], const uint8_t recipient[32],
                     const uint8_t secret[32]);

#endif
