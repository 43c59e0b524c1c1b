/* What the library wants of its surroundings, a byte at a time: no C library is linked. */
#include <stddef.h>
#include <stdint.h>

void *memmove(void *to, const void *from, size_t bytes) {
  uint8_t *target = to;
  const uint8_t *source = from;
  if ((uintptr_t)to - (uintptr_t)from >= bytes) {
    for (size_t i = 0; i < bytes; i++) target[i] = source[i];
  } else {
    while (bytes-- > 0) target[bytes] = source[bytes];
  }
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  return memmove(to, from, bytes);
}

void *memset(void *to, int value, size_t bytes) {
  uint8_t *target = to;
  for (size_t i = 0; i < bytes; i++) target[i] = (uint8_t)value;
  return to;
}
