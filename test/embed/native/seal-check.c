/*
 * Plays the seal in C: from seeds and a recipient on stdin come artefacts on stdout, as headers and
 * messages one behind the other, then X25519 iterated as in RFC 7748 §5.2. What is sealed is opened
 * again by another instance. test/embed/native-seal.test.ts holds it all to the core.
 */
#include <stdio.h>
#include <stdlib.h>

#include "seal-parts.h"

#define ARTEFACTS 3
#define ITERATIONS 1000

static const uint32_t LENGTHS[] = {0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1000, 4096, 65536, 77};
#define MESSAGES (sizeof LENGTHS / sizeof LENGTHS[0])

static uint8_t text[65536], opened[65536], message[65536 + MAPVEIL_MESSAGE_OVERHEAD];

static void require(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "seal-check: %s\n", what);
  exit(1);
}

static void put(const void *from, size_t bytes) {
  require(fwrite(from, 1, bytes, stdout) == bytes, "cannot write");
}

static void play(struct native_seal *sealing, struct native_seal *opening, const uint8_t recipient[32],
                 uint32_t artefact) {
  mapveil_seal *seal = &sealing->seal;
  memcpy(seal->recipient, recipient, 32);
  for (int i = 0; i < 32; i++) seal->policy_digest[i] = (uint8_t)(i + 100);
  seal->epoch = artefact;
  require(native_seal_key(sealing) == 0, "no key");
  memcpy(opening->seal.data_key, seal->data_key, 32);
  require(native_seal_begin(sealing, MAPVEIL_KIND_MAP) == MAPVEIL_HEADER_BYTES, "no header");
  memcpy(opening->header, sealing->header, MAPVEIL_HEADER_BYTES);
  require(native_open_begin(opening, MAPVEIL_HEADER_BYTES) == MAPVEIL_KIND_MAP, "another header");
  put(sealing->header, MAPVEIL_HEADER_BYTES);
  for (size_t m = 0; m < MESSAGES; m++) {
    const uint32_t bytes = LENGTHS[m];
    const uint32_t tag = m + 1 == MESSAGES ? MAPVEIL_TAG_FINAL : (uint32_t)m % 2;
    for (uint32_t i = 0; i < bytes; i++) text[i] = (uint8_t)(m % 3 == 0 ? 255 : i * 7 + m + artefact);
    const int32_t sealed = native_seal_message(sealing, text, bytes, tag, message);
    require(sealed == (int32_t)(bytes + MAPVEIL_MESSAGE_OVERHEAD), "no message");
    put(message, (size_t)sealed);
    const int32_t length = native_open_message(opening, message, (uint32_t)sealed, opened);
    require(length == (int32_t)bytes, "it does not open");
    require(memcmp(opened, text, bytes) == 0, "other bytes come out");
    require(native_open_tag(opening) == (int32_t)tag, "another tag comes out");
  }
}

/* A message that was changed closes the stream and leaves the text alone. */
static void refuse(struct native_seal *sealing, struct native_seal *opening) {
  memset(sealing->seal.data_key, 1, 32);
  memset(sealing->seal.stream_header, 2, 24);
  memset(opening->seal.data_key, 1, 32);
  native_seal_begin(sealing, MAPVEIL_KIND_MAP);
  memcpy(opening->header, sealing->header, MAPVEIL_HEADER_BYTES);
  require(native_open_begin(opening, MAPVEIL_HEADER_BYTES) == MAPVEIL_KIND_MAP, "another header");
  memset(text, 3, 100);
  memset(opened, 4, 100);
  const int32_t sealed = native_seal_message(sealing, text, 100, MAPVEIL_TAG_MESSAGE, message);
  message[50] ^= 1;
  const uint32_t bytes = (uint32_t)sealed;
  require(native_open_message(opening, message, bytes, opened) == MAPVEIL_E_AUTH, "forged");
  require(opened[0] == 4 && opened[99] == 4, "text of a forged message");
  require(native_open_message(opening, message, bytes, opened) == MAPVEIL_E_STATE, "still open");
}

int main(void) {
  static struct native_seal sealing, opening;
  uint8_t recipient[32], scalar[32] = {9}, point[32] = {9}, next[32];
  require(fread(&sealing.seeds, 1, sizeof sealing.seeds, stdin) == sizeof sealing.seeds, "no seeds");
  require(fread(recipient, 1, sizeof recipient, stdin) == sizeof recipient, "no recipient");
  require(native_seed(&sealing) == 0, "the seed is refused");
  put(&sealing.seeds, sizeof sealing.seeds);
  for (uint32_t artefact = 0; artefact < ARTEFACTS; artefact++) {
    play(&sealing, &opening, recipient, artefact);
  }
  refuse(&sealing, &opening);
  for (int i = 0; i < ITERATIONS; i++) {
    native_x25519(next, scalar, point);
    memcpy(point, scalar, 32);
    memcpy(scalar, next, 32);
  }
  put(scalar, sizeof scalar);
  return 0;
}
