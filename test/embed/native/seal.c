/* The artefact, its keys and their seed; see assembly/seal/veil.ts, seed.ts and data-key.ts. */
#include "seal-parts.h"

static const char COMMITMENT[] = "mapveil.key-commitment.v1";
static const char SEED[] = "mapveil.seed.v1";
static const char KEY_ID[] = "mapveil.key-id.v1";
static const uint8_t MAGIC[6] = {'M', 'V', 'E', 'I', 'L', 1};

bool native_equal(const uint8_t *a, const uint8_t *b, size_t bytes) {
  uint8_t difference = 0;
  for (size_t i = 0; i < bytes; i++) difference |= a[i] ^ b[i];
  return difference == 0;
}

bool native_all_zero(const uint8_t *at, size_t bytes) {
  uint8_t seen = 0;
  for (size_t i = 0; i < bytes; i++) seen |= at[i];
  return seen == 0;
}

void native_forget(void *at, size_t bytes) {
  memset(at, 0, bytes);
  __asm__ volatile("" : : "r"(at) : "memory");
}

/* All but the seed. */
static void close_stream(struct native_seal *s) {
  s->phase = NATIVE_CLOSED;
  native_forget(&s->stream, sizeof s->stream);
  native_forget(s->associated, sizeof s->associated);
  native_forget(&s->seal, sizeof s->seal);
}

static int32_t refuse(struct native_seal *s, int32_t status) {
  close_stream(s);
  return status;
}

int32_t native_seal_wipe(struct native_seal *s) {
  close_stream(s);
  native_forget(&s->seeds, sizeof s->seeds);
  native_forget(s->state, sizeof s->state);
  native_forget(s->header, sizeof s->header);
  return 0;
}

static int32_t take_seed(struct native_seal *s) {
  uint8_t digest[32], both[64], input[64 + 4];
  if (native_all_zero(s->seeds.stored, 32)) return MAPVEIL_E_ARG;
  native_blake2b(digest, 32, s->seeds.stored, 32, SEED, sizeof SEED - 1);
  if (native_equal(digest, s->last_seed, 32)) return MAPVEIL_E_NONCE;
  memcpy(s->last_seed, digest, 32);
  memcpy(input, &s->seeds, 64);
  store32(input + 64, ++s->seeds_taken);
  native_blake2b(both, 64, input, sizeof input, SEED, sizeof SEED - 1);
  memcpy(s->state, both, 32);
  memset(s->seeds.fresh, 0, 32);
  memcpy(s->seeds.stored, both + 32, 32);
  native_forget(both, sizeof both);
  native_forget(input, sizeof input);
  return 0;
}

int32_t native_seed(struct native_seal *s) {
  const int32_t status = take_seed(s);
  if (status < 0) native_forget(&s->seeds, sizeof s->seeds);
  return status;
}

int32_t native_seal_key(struct native_seal *s) {
  static const uint8_t NO_NONCE[12] = {0};
  uint32_t words[16];
  uint8_t drawn[128], digest[32];
  mapveil_seal *seal = &s->seal;
  if (native_all_zero(s->state, 32)) {
    native_forget(seal, sizeof *seal);
    return MAPVEIL_E_STATE;
  }
  native_chacha20_init(words, s->state, NO_NONCE);
  native_chacha20_block(words, drawn);
  native_chacha20_block(words, drawn + 64);
  memcpy(s->state, drawn, 32);
  int32_t status = MAPVEIL_E_ARG;
  if (native_seal_box(seal->sealed_key, drawn + 32, seal->recipient, drawn + 64)) {
    memcpy(seal->data_key, drawn + 32, 32);
    memcpy(seal->stream_header, drawn + 96, 24);
    native_blake2b(digest, 32, seal->recipient, 32, KEY_ID, sizeof KEY_ID - 1);
    memcpy(seal->key_id, digest, 8);
    status = 0;
  } else {
    native_forget(seal, sizeof *seal);
  }
  native_forget(words, sizeof words);
  native_forget(drawn, sizeof drawn);
  return status;
}

static void commit(uint8_t out[32], const uint8_t key[32]) {
  native_blake2b(out, 32, key, 32, COMMITMENT, sizeof COMMITMENT - 1);
}

static void start(struct native_seal *s, int phase) {
  native_blake2b(s->associated, 32, s->header, sizeof s->header, NULL, 0);
  native_stream_init(&s->stream, s->seal.data_key, s->header + MAPVEIL_HEADER_STREAM);
  native_forget(&s->seal, sizeof s->seal);
  s->phase = phase;
}

int32_t native_seal_begin(struct native_seal *s, int32_t kind) {
  const mapveil_seal *seal = &s->seal;
  uint8_t commitment[32];
  if (kind < MAPVEIL_KIND_FRAME || kind > MAPVEIL_KIND_PATH) return refuse(s, MAPVEIL_E_ARG);
  if (native_all_zero(seal->data_key, 32)) return refuse(s, MAPVEIL_E_ARG);
  if (native_all_zero(seal->stream_header, 24)) return refuse(s, MAPVEIL_E_ARG);
  commit(commitment, seal->data_key);
  if (native_equal(commitment, s->last_commitment, 32)) return refuse(s, MAPVEIL_E_NONCE);
  memcpy(s->last_commitment, commitment, 32);
  uint8_t *header = s->header;
  memcpy(header + MAPVEIL_HEADER_MAGIC, MAGIC, sizeof MAGIC);
  header[MAPVEIL_HEADER_SUITE] = 1;
  header[MAPVEIL_HEADER_KIND] = (uint8_t)kind;
  header[MAPVEIL_HEADER_LENGTH] = MAPVEIL_HEADER_BYTES;
  header[MAPVEIL_HEADER_LENGTH + 1] = 0;
  memcpy(header + MAPVEIL_HEADER_KEY_ID, seal->key_id, 8);
  memcpy(header + MAPVEIL_HEADER_SEALED_KEY, seal->sealed_key, 80);
  memcpy(header + MAPVEIL_HEADER_STREAM, seal->stream_header, 24);
  memcpy(header + MAPVEIL_HEADER_COMMITMENT, commitment, 32);
  memcpy(header + MAPVEIL_HEADER_POLICY_DIGEST, seal->policy_digest, 32);
  store64(header + MAPVEIL_HEADER_EPOCH, seal->epoch);
  start(s, NATIVE_SEALING);
  return MAPVEIL_HEADER_BYTES;
}

int32_t native_seal_message(struct native_seal *s, const uint8_t *text, uint32_t bytes, uint32_t tag,
                            uint8_t *message) {
  if (s->phase != NATIVE_SEALING) return MAPVEIL_E_STATE;
  if (tag > MAPVEIL_TAG_FINAL || tag == MAPVEIL_TAG_REKEY) return MAPVEIL_E_ARG;
  if (bytes > MAPVEIL_MESSAGE_BYTES) return MAPVEIL_E_SIZE;
  native_stream_push(&s->stream, message, text, bytes, s->associated, 32, (uint8_t)tag);
  if (tag == MAPVEIL_TAG_FINAL) close_stream(s);
  return (int32_t)(bytes + MAPVEIL_MESSAGE_OVERHEAD);
}

int32_t native_open_begin(struct native_seal *s, uint32_t header_bytes) {
  const uint8_t *header = s->header;
  const uint8_t kind = header[MAPVEIL_HEADER_KIND];
  uint8_t commitment[32];
  if (header_bytes != MAPVEIL_HEADER_BYTES || memcmp(header, MAGIC, sizeof MAGIC) != 0 ||
      header[MAPVEIL_HEADER_SUITE] != 1 || kind < MAPVEIL_KIND_FRAME || kind > MAPVEIL_KIND_PATH ||
      header[MAPVEIL_HEADER_LENGTH] != MAPVEIL_HEADER_BYTES || header[MAPVEIL_HEADER_LENGTH + 1] != 0) {
    return refuse(s, MAPVEIL_E_FORMAT);
  }
  commit(commitment, s->seal.data_key);
  if (native_all_zero(s->seal.data_key, 32) ||
      !native_equal(commitment, header + MAPVEIL_HEADER_COMMITMENT, 32)) {
    return refuse(s, MAPVEIL_E_AUTH);
  }
  start(s, NATIVE_OPENING);
  return kind;
}

int32_t native_open_message(struct native_seal *s, const uint8_t *message, uint32_t bytes,
                            uint8_t *text) {
  if (s->phase != NATIVE_OPENING && s->phase != NATIVE_OPENED) return MAPVEIL_E_STATE;
  if (bytes < MAPVEIL_MESSAGE_OVERHEAD || bytes > MAPVEIL_MESSAGE_BYTES + MAPVEIL_MESSAGE_OVERHEAD) {
    return refuse(s, MAPVEIL_E_FORMAT);
  }
  bytes -= MAPVEIL_MESSAGE_OVERHEAD;
  const int tag = native_stream_pull(&s->stream, text, message, bytes, s->associated, 32);
  if (tag < 0) return refuse(s, MAPVEIL_E_AUTH);
  if (tag == MAPVEIL_TAG_FINAL) close_stream(s);
  s->phase = tag == MAPVEIL_TAG_FINAL ? NATIVE_ENDED : NATIVE_OPENED;
  s->tag = (uint8_t)tag;
  return (int32_t)bytes;
}

int32_t native_open_tag(const struct native_seal *s) {
  return s->phase == NATIVE_OPENED || s->phase == NATIVE_ENDED ? s->tag : MAPVEIL_E_STATE;
}
