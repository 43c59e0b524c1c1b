/* libsodium's crypto_secretstream_xchacha20poly1305; see assembly/seal/secretstream.ts. */
#include "seal-parts.h"

void native_stream_init(struct native_stream *stream, const uint8_t key[32], const uint8_t header[24]) {
  native_hchacha20(stream->key, key, header);
  store32(stream->nonce, 1);
  memcpy(stream->nonce + 4, header + 16, 8);
}

/* Block 0 keys the authenticator, block 1 encrypts the tag, the text begins with block 2. */
static void begin(const struct native_stream *stream, uint32_t words[16], struct native_poly1305 *mac,
                  uint8_t block[64], const uint8_t *ad, size_t ad_bytes) {
  native_chacha20_init(words, stream->key, stream->nonce);
  native_chacha20_block(words, block);
  native_poly1305_init(mac, block);
  native_poly1305_blocks(mac, ad, ad_bytes);
  if (ad_bytes % 16 > 0) {
    uint8_t last[16] = {0};
    memcpy(last, ad + ad_bytes - ad_bytes % 16, ad_bytes % 16);
    native_poly1305_blocks(mac, last, 16);
  }
  native_chacha20_block(words, block);
}

/* What stands behind the whole blocks of the text, libsodium's padding, then both lengths. */
static void finish(struct native_poly1305 *mac, const uint8_t *text, size_t bytes, size_t ad_bytes,
                   uint8_t out[16]) {
  uint8_t tail[15 + 15 + 16] = {0};
  const size_t rest = bytes % 16;
  memcpy(tail, text + bytes - rest, rest);
  store64(tail + 2 * rest, ad_bytes);
  store64(tail + 2 * rest + 8, 64 + bytes);
  native_poly1305_finish(mac, tail, 2 * rest + 16, out);
}

/* Binds the next message to this one; a new key where the tag asks or the counter ran out. */
static void advance(struct native_stream *stream, const uint8_t mac[16], uint8_t tag) {
  uint8_t *inner = stream->nonce + 4;
  store64(inner, load64(inner) ^ load64(mac));
  const uint32_t counter = load32(stream->nonce) + 1;
  store32(stream->nonce, counter);
  if ((tag & MAPVEIL_TAG_REKEY) == 0 && counter != 0) return;
  uint32_t words[16];
  uint8_t block[64];
  native_chacha20_init(words, stream->key, stream->nonce);
  native_chacha20_block(words, block);
  for (int i = 0; i < 32; i++) stream->key[i] ^= block[i];
  store64(inner, load64(inner) ^ load64(block + 32));
  store32(stream->nonce, 1);
  native_forget(words, sizeof words);
  native_forget(block, sizeof block);
}

void native_stream_push(struct native_stream *stream, uint8_t *message, const uint8_t *text,
                        size_t bytes, const uint8_t *ad, size_t ad_bytes, uint8_t tag) {
  uint32_t words[16];
  uint8_t block[64];
  struct native_poly1305 mac;
  begin(stream, words, &mac, block, ad, ad_bytes);
  block[0] ^= tag;
  message[0] = block[0];
  native_poly1305_blocks(&mac, block, 64);
  native_chacha20_xor(words, message + 1, text, bytes);
  native_poly1305_blocks(&mac, message + 1, bytes);
  finish(&mac, message + 1, bytes, ad_bytes, message + 1 + bytes);
  advance(stream, message + 1 + bytes, tag);
  native_forget(words, sizeof words);
  native_forget(block, sizeof block);
}

int native_stream_pull(struct native_stream *stream, uint8_t *text, const uint8_t *message,
                       size_t bytes, const uint8_t *ad, size_t ad_bytes) {
  uint32_t words[16];
  uint8_t block[64], computed[16];
  struct native_poly1305 mac;
  begin(stream, words, &mac, block, ad, ad_bytes);
  const uint8_t tag = message[0] ^ block[0];
  block[0] = message[0];
  native_poly1305_blocks(&mac, block, 64);
  native_poly1305_blocks(&mac, message + 1, bytes);
  finish(&mac, message + 1, bytes, ad_bytes, computed);
  const bool belongs = native_equal(computed, message + 1 + bytes, 16) && tag <= MAPVEIL_TAG_FINAL;
  if (belongs) {
    native_chacha20_xor(words, text, message + 1, bytes);
    advance(stream, message + 1 + bytes, tag);
  }
  native_forget(words, sizeof words);
  native_forget(block, sizeof block);
  return belongs ? tag : -1;
}
