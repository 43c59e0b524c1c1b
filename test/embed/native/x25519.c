/* X25519 (RFC 7748 §5) in words of 32 bits; assembly/seal/x25519.ts has the bounds. */
#include "seal-parts.h"

typedef uint32_t element[8];

#define A24 121665u

/* What passes bit 255 is worth 19 times as much at bit 0: the highest word is summed first. */
static void add(element out, const element a, const element b) {
  const uint64_t top = (uint64_t)a[7] + b[7];
  uint64_t sum = (top >> 31) * 19;
  for (int i = 0; i < 7; i++) {
    sum += (uint64_t)a[i] + b[i];
    out[i] = (uint32_t)sum;
    sum >>= 32;
  }
  out[7] = (uint32_t)(top & 0x7fffffff) + (uint32_t)sum;
}

/* a - b + 4p, where 4p is twice 2^32 - 1 in every word, 74 less in the lowest. */
static void subtract(element out, const element a, const element b) {
  const uint64_t two = UINT64_C(0x1fffffffe);
  const uint64_t top = two + a[7] - b[7];
  uint64_t sum = (top >> 31) * 19 - 74;
  for (int i = 0; i < 7; i++) {
    sum += two + a[i] - b[i];
    out[i] = (uint32_t)sum;
    sum >>= 32;
  }
  out[7] = (uint32_t)(top & 0x7fffffff) + (uint32_t)sum;
}

/* a + b * A24 */
static void add_a24(element out, const element a, const element b) {
  const uint64_t top = a[7] + (uint64_t)b[7] * A24;
  uint64_t sum = (top >> 31) * 19;
  for (int i = 0; i < 7; i++) {
    sum += a[i] + (uint64_t)b[i] * A24;
    out[i] = (uint32_t)sum;
    sum >>= 32;
  }
  out[7] = (uint32_t)(top & 0x7fffffff) + (uint32_t)sum;
}

/*
 * Row by row: the lowest word of a row's sum is done, the others wait in r for the next row. Then what
 * passed 2^256 comes in below, 38 times as much.
 */
#define STEP(j)                               \
  sum = word * b[j] + r[j] + (sum >> 32);     \
  r[j - 1] = (uint32_t)sum
static void multiply(element out, const element a, const element b) {
  element low, r = {0};
  for (int i = 0; i < 8; i++) {
    const uint64_t word = a[i];
    uint64_t sum = word * b[0] + r[0];
    low[i] = (uint32_t)sum;
    STEP(1);
    STEP(2);
    STEP(3);
    STEP(4);
    STEP(5);
    STEP(6);
    STEP(7);
    r[7] = (uint32_t)(sum >> 32);
  }
  const uint64_t top = (uint64_t)r[7] * 38 + low[7];
  uint64_t sum = (top >> 31) * 19;
  for (int i = 0; i < 7; i++) {
    sum += (uint64_t)r[i] * 38 + low[i];
    out[i] = (uint32_t)sum;
    sum >>= 32;
  }
  out[7] = (uint32_t)(top & 0x7fffffff) + (uint32_t)sum;
}

/* Exchanges a and b where bit is 1. */
static void swap(element a, element b, uint32_t bit) {
  const uint32_t mask = 0u - bit;
  for (int i = 0; i < 8; i++) {
    const uint32_t difference = (a[i] ^ b[i]) & mask;
    a[i] ^= difference;
    b[i] ^= difference;
  }
}

/* A small number, which may be negative: shifts keep the sign with every compiler that is used here. */
static void add_word(element a, int64_t word) {
  for (int i = 0; i < 8; i++) {
    word += a[i];
    a[i] = (uint32_t)word;
    word >>= 32;
  }
}

/* out = a / b, below p: b to the power of p - 2, which is fifty times 31, then 11, in five bits each. */
static void divide(element out, const element a, const element b) {
  element power, run;
  memcpy(power, b, sizeof power);
  for (int i = 0; i < 4; i++) {
    multiply(power, power, power);
    multiply(power, power, b);
  }
  memcpy(run, power, sizeof run);
  for (int i = 249; i >= 0; i--) {
    multiply(power, power, power);
    if (i > 4 ? i % 5 == 0 : i != 4 && i != 2) multiply(power, power, i > 4 ? run : b);
  }
  multiply(out, a, power);
  add_word(out, 19);
  const uint32_t top = out[7] >> 31;
  out[7] &= 0x7fffffff;
  add_word(out, (int64_t)top * 19 - 19);
  native_forget(power, sizeof power);
  native_forget(run, sizeof run);
}

void native_x25519(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]) {
  element x1, x2 = {1}, z2 = {0}, x3, z3 = {1}, a, b, c, d;
  uint8_t clamped[32];
  memcpy(clamped, scalar, 32);
  clamped[0] &= 248;
  clamped[31] = (uint8_t)((clamped[31] & 127) | 64);
  memcpy(x1, point, 32);
  x1[7] &= 0x7fffffff;
  memcpy(x3, x1, sizeof x3);
  uint32_t swapped = 0;
  for (int i = 254; i >= 0; i--) {
    const uint32_t bit = clamped[i / 8] >> (i % 8) & 1u;
    swap(x2, x3, bit ^ swapped);
    swap(z2, z3, bit ^ swapped);
    swapped = bit;
    add(a, x2, z2);
    subtract(b, x2, z2);
    add(c, x3, z3);
    subtract(d, x3, z3);
    multiply(d, d, a);
    multiply(c, c, b);
    multiply(a, a, a);
    multiply(b, b, b);
    add(x3, d, c);
    multiply(x3, x3, x3);
    subtract(z3, d, c);
    multiply(z3, z3, z3);
    multiply(z3, z3, x1);
    multiply(x2, a, b);
    subtract(b, a, b);
    add_a24(z2, a, b);
    multiply(z2, z2, b);
  }
  divide(x2, x2, z2);
  memcpy(out, x2, 32);
  native_forget(clamped, sizeof clamped);
  native_forget(x2, sizeof x2);
  native_forget(z2, sizeof z2);
  native_forget(x3, sizeof x3);
  native_forget(z3, sizeof z3);
}
