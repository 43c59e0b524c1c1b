/*
 * memcpy, memmove and memset that cost the same on every machine. Those of the C library choose among
 * several at start, by the processor that they find, and would make counts differ.
 *
 * Sixteen bytes at a time, then one by one; nothing depends on addresses but which side is first.
 */
#include <stddef.h>
#include <stdint.h>

/* Sixteen bytes at any address, of whatever type they are. */
typedef uint8_t row __attribute__((vector_size(16), aligned(1), may_alias));

void *memmove(void *to, const void *from, size_t bytes) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((uintptr_t)t - (uintptr_t)f >= bytes) {
    size_t at = 0;
    for (; at + 16 <= bytes; at += 16) *(row *)(t + at) = *(const row *)(f + at);
    for (; at < bytes; at++) t[at] = f[at];
  } else {
    for (; bytes >= 16; bytes -= 16) *(row *)(t + bytes - 16) = *(const row *)(f + bytes - 16);
    for (; bytes > 0; bytes--) t[bytes - 1] = f[bytes - 1];
  }
  return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  return memmove(to, from, bytes);
}

void *memset(void *to, int value, size_t bytes) {
  uint8_t *t = to;
  const row rows = (row){0} + (uint8_t)value;
  size_t at = 0;
  for (; at + 16 <= bytes; at += 16) *(row *)(t + at) = rows;
  for (; at < bytes; at++) t[at] = (uint8_t)value;
  return to;
}
