/*
 * Opens a .veil artefact with libsodium alone, to show that the format needs nothing of ours:
 *
 *   open_with_libsodium SECRET_KEY ARTEFACT OUTPUT
 *
 * SECRET_KEY is the file that `mapveil keygen` wrote. OUTPUT gets the records (docs/format.md), one
 * behind the other, once the artefact was verified to its last message; of one that was changed, cut,
 * or sealed for somebody else, no byte is written. Exit: 0 opened, 1 refused, 2 usage or files.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Offsets in the header. */
enum { MAGIC = 0, SUITE = 6, HEADER_LENGTH = 8, KEY_ID = 10, SEALED_KEY = 18 };
enum { STREAM = 98, COMMITMENT = 122, HEADER_BYTES = 194 };
enum { SEALED_KEY_BYTES = 32 + crypto_box_SEALBYTES, DIGEST_BYTES = 32, CHECKSUM_BYTES = 4 };
enum { MESSAGE_BYTES_MAX = 65536, OVERHEAD = crypto_secretstream_xchacha20poly1305_ABYTES };
enum { FILE_BYTES_MAX = 1 << 26 };

static const char KEY_PREFIX[] = "mapveil-secret-1:";
static const char KEY_ID_CONTEXT[] = "mapveil.key-id.v1";
static const char COMMITMENT_CONTEXT[] = "mapveil.key-commitment.v1";

typedef struct {
  unsigned char secret[crypto_box_SECRETKEYBYTES];
  unsigned char public[crypto_box_PUBLICKEYBYTES];
} key_pair;

static int refuse(const char *why) {
  fprintf(stderr, "open_with_libsodium: %s\n", why);
  return 1;
}

/* BLAKE2b-256 of so many bytes under a context, which is a key of BLAKE2b. */
static void digest(unsigned char *to, const void *from, size_t bytes, const char *context) {
  crypto_generichash(to, DIGEST_BYTES, from, bytes, (const unsigned char *)context,
                     context == NULL ? 0 : strlen(context));
}

/* All of a file, in memory that the caller frees; NULL if it cannot be read. */
static unsigned char *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  unsigned char *all = file == NULL ? NULL : malloc(FILE_BYTES_MAX);
  if (all == NULL) perror(path);
  if (all != NULL) *bytes = fread(all, 1, FILE_BYTES_MAX, file);
  if (file != NULL) fclose(file);
  return all;
}

/* The pair of a line `mapveil-secret-1:` and base64url of the key and its checksum. */
static int read_key(const char *path, key_pair *pair) {
  enum { PREFIX = sizeof KEY_PREFIX - 1, KEY = crypto_box_SECRETKEYBYTES };
  /* The prefix, the key, the checksum of both. */
  unsigned char line[PREFIX + KEY + CHECKSUM_BYTES];
  unsigned char sum[DIGEST_BYTES];
  char text[256];
  size_t length = 0;
  int found = 0;
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    return 0;
  }
  while (!found && fgets(text, sizeof text, file) != NULL) {
    found = strncmp(text, KEY_PREFIX, PREFIX) == 0;
  }
  fclose(file);
  if (!found) return 0;
  memcpy(line, KEY_PREFIX, PREFIX);
  const int decoded = sodium_base642bin(line + PREFIX, sizeof line - PREFIX, text + PREFIX,
                                        strcspn(text, "\r\n") - PREFIX, NULL, &length, NULL,
                                        sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  digest(sum, line, PREFIX + KEY, NULL);
  if (decoded != 0 || length != KEY + CHECKSUM_BYTES ||
      memcmp(sum, line + PREFIX + KEY, CHECKSUM_BYTES) != 0) {
    return 0;
  }
  memcpy(pair->secret, line + PREFIX, KEY);
  sodium_memzero(line, sizeof line);
  sodium_memzero(text, sizeof text);
  return crypto_scalarmult_base(pair->public, pair->secret) == 0;
}

/* Checks the header and opens its data key. Returns NULL, or why not. */
static const char *open_header(const unsigned char *header, const key_pair *pair,
                               unsigned char *data_key) {
  unsigned char sum[DIGEST_BYTES];
  if (memcmp(header + MAGIC, "MVEIL\x01", 6) != 0 || header[SUITE] != 1 ||
      header[HEADER_LENGTH] + 256 * header[HEADER_LENGTH + 1] != HEADER_BYTES) {
    return "this is no artefact of this version";
  }
  digest(sum, pair->public, sizeof pair->public, KEY_ID_CONTEXT);
  if (memcmp(sum, header + KEY_ID, 8) != 0) return "it is sealed for another key";
  if (crypto_box_seal_open(data_key, header + SEALED_KEY, SEALED_KEY_BYTES, pair->public,
                           pair->secret) != 0) {
    return "the data key does not open";
  }
  digest(sum, data_key, crypto_secretstream_xchacha20poly1305_KEYBYTES, COMMITMENT_CONTEXT);
  if (sodium_memcmp(sum, header + COMMITMENT, DIGEST_BYTES) != 0) {
    return "the header commits to another data key";
  }
  return NULL;
}

/* Opens all messages into `records`, which has room for the whole file. Returns NULL, or why not. */
static const char *open_messages(const unsigned char *file, size_t bytes,
                                 const unsigned char *data_key, unsigned char *records,
                                 size_t *record_bytes) {
  crypto_secretstream_xchacha20poly1305_state state;
  unsigned char associated[DIGEST_BYTES];
  unsigned char tag = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  digest(associated, file, HEADER_BYTES, NULL);
  crypto_secretstream_xchacha20poly1305_init_pull(&state, file + STREAM, data_key);
  *record_bytes = 0;
  for (size_t at = HEADER_BYTES; at < bytes;) {
    if (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) return "something follows its end";
    if (bytes - at < 4) return "it was cut";
    const size_t length = (size_t)file[at] | (size_t)file[at + 1] << 8 | (size_t)file[at + 2] << 16 |
                          (size_t)file[at + 3] << 24;
    at += 4;
    if (length < OVERHEAD || length > MESSAGE_BYTES_MAX + OVERHEAD) return "no message is so long";
    if (length > bytes - at) return "it was cut";
    if (crypto_secretstream_xchacha20poly1305_pull(&state, records + *record_bytes, NULL, &tag,
                                                   file + at, length, associated,
                                                   sizeof associated) != 0) {
      return "a message was changed, or does not belong here";
    }
    *record_bytes += length - OVERHEAD;
    at += length;
  }
  sodium_memzero(&state, sizeof state);
  return tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL ? NULL : "its last message is missing";
}

static int write_file(const char *path, const unsigned char *from, size_t bytes) {
  FILE *file = fopen(path, "wb");
  const int wrote = file != NULL && fwrite(from, 1, bytes, file) == bytes;
  const int closed = file != NULL && fclose(file) == 0;
  if (!wrote || !closed) perror(path);
  return wrote && closed;
}

int main(int count, char **arguments) {
  key_pair pair;
  unsigned char data_key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
  size_t bytes = 0;
  size_t record_bytes = 0;
  if (count != 4 || sodium_init() < 0) {
    fputs("usage: open_with_libsodium SECRET_KEY ARTEFACT OUTPUT\n", stderr);
    return 2;
  }
  if (!read_key(arguments[1], &pair)) {
    refuse("the secret key is not usable");
    return 2;
  }
  unsigned char *file = read_file(arguments[2], &bytes);
  unsigned char *records = file == NULL ? NULL : malloc(FILE_BYTES_MAX);
  if (records == NULL) return 2;
  const char *why = bytes < HEADER_BYTES ? "it was cut" : open_header(file, &pair, data_key);
  if (why == NULL) why = open_messages(file, bytes, data_key, records, &record_bytes);
  sodium_memzero(&pair, sizeof pair);
  sodium_memzero(data_key, sizeof data_key);
  int exit_code = why == NULL ? 0 : refuse(why);
  if (why == NULL && !write_file(arguments[3], records, record_bytes)) exit_code = 2;
  free(records);
  free(file);
  return exit_code;
}
