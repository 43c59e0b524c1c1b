/*
 * The seal of the core, written in C by hand: the yardstick for the C that is made of it, as frame.h
 * is for frames. Same algorithms, formats and results as assembly/seal, in plain structs and pointers.
 *
 * One `struct native_seal` holds everything. Callers write `seal`, `seeds` and, to open, `header`, and
 * read them as they do with the core's regions; text and messages stand in buffers of their own.
 */
#ifndef NATIVE_SEAL_H
#define NATIVE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapveil_abi.h"

/* crypto_secretstream_xchacha20poly1305: its key, then message counter and inner nonce. */
struct native_stream {
  uint8_t key[32];
  uint8_t nonce[12];
};

struct native_seal {
  mapveil_seal seal;
  mapveil_seeds seeds;
  uint8_t header[MAPVEIL_HEADER_BYTES];

  enum { NATIVE_CLOSED, NATIVE_SEALING, NATIVE_OPENING, NATIVE_OPENED, NATIVE_ENDED } phase;
  struct native_stream stream;
  uint8_t associated[32];
  uint8_t tag;
  uint8_t state[32];

  /* What a wipe leaves: it tells nothing, and keeps used keys and seeds refused. */
  uint8_t last_commitment[32], last_seed[32];
  uint32_t seeds_taken;
};

/* As the core's exports of the same names; see assembly/index.ts. */
int32_t native_seed(struct native_seal *s);
int32_t native_seal_key(struct native_seal *s);
int32_t native_seal_begin(struct native_seal *s, int32_t kind);
/* Seals `bytes` of `text` to `message`, MAPVEIL_MESSAGE_OVERHEAD longer; they do not overlap. */
int32_t native_seal_message(struct native_seal *s, const uint8_t *text, uint32_t bytes, uint32_t tag,
                            uint8_t *message);
int32_t native_open_begin(struct native_seal *s, uint32_t header_bytes);
/* Opens a message of `bytes` to `text`, which is left alone where the message does not belong here. */
int32_t native_open_message(struct native_seal *s, const uint8_t *message, uint32_t bytes,
                            uint8_t *text);
int32_t native_open_tag(const struct native_seal *s);
/* Zeroes all that is secret, and closes what is open. */
int32_t native_seal_wipe(struct native_seal *s);

#endif
