/*
 * Calls one part of the seal with secrets that valgrind's memcheck takes for undefined: it then reports
 * every branch and every address that depends on them (A. Langley, ctgrind, 2010).
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "core.h"

static _Alignas(64) uint8_t buffer[MAPVEIL_HEAD_BYTES + MAPVEIL_LINEAR_BYTES];

void mapveil_trap(mapveil *instance) {
  (void)instance;
  abort();
}

int main(int count, char **words) {
  mapveil *core = (mapveil *)(void *)buffer;
  if (count != 2) return 2;
  core_reset(core);
  const uint32_t at = core_scratch(core, 0, 0, 0);
  uint8_t *bytes = buffer + MAPVEIL_HEAD_BYTES + at;
  for (int i = 0; i < 2048; i++) bytes[i] = (uint8_t)(i * i + 1);
  if (strcmp(words[1], "x25519") == 0) {
    VALGRIND_MAKE_MEM_UNDEFINED(bytes, 32);
    core_multiply(core, at + 64, at, at + 32);
  } else if (strcmp(words[1], "box") == 0) {
    VALGRIND_MAKE_MEM_UNDEFINED(bytes, 32);
    VALGRIND_MAKE_MEM_UNDEFINED(bytes + 64, 32);
    core_box(core, at + 128, at, 0);
  } else if (strcmp(words[1], "stream") == 0) {
    VALGRIND_MAKE_MEM_UNDEFINED(bytes, 32);
    VALGRIND_MAKE_MEM_UNDEFINED(bytes + 64, 701);
    core_stream(core, at + 64, 701, at);
  } else if (strcmp(words[1], "hash") == 0) {
    VALGRIND_MAKE_MEM_UNDEFINED(bytes, 32 + 200);
    core_hash(core, at + 512, at + 32, 200);
  } else {
    return 2;
  }
  return 0;
}
