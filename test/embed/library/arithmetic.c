/*
 * The runtime's own forms of instructions that some processors lack, against the C library: floor and
 * square root digit by digit, counting bits. Prints the first that differs, or how many were compared.
 *
 * Built with the processor's features undefined, so that the own forms are compiled.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "instance.h"
/* The runtime accesses no memory here. */
#include "core-runtime.h"

void mapveil_trap(mapveil *core) {
  (void)core;
  abort();
}

static uint64_t state = 88172645463325252u;

/* xorshift64, G. Marsaglia, Xorshift RNGs, 2003. */
static uint64_t draw(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void fail(const char *what, uint64_t of, uint64_t gives) {
  printf("%s of %016llx gives %016llx\n", what, (unsigned long long)of, (unsigned long long)gives);
  exit(1);
}

static void compare_f64(u64 bits) {
  const f64 x = f64_reinterpret_i64(bits);
  const f64 own = wasm_sqrt(x);
  const f64 root = sqrt(x);
  if (own != own ? root == root : i64_reinterpret_f64(own) != i64_reinterpret_f64(root)) {
    fail("sqrt", bits, i64_reinterpret_f64(own));
  }
}

static void compare_f32(u32 bits) {
  const f32 x = f32_reinterpret_i32(bits);
  const f32 own[2] = {wasm_sqrtf(x), wasm_floorf(x)};
  const f32 good[2] = {sqrtf(x), floorf(x)};
  for (int i = 0; i < 2; i++) {
    const int same = own[i] != own[i] ? good[i] != good[i]
                                      : i32_reinterpret_f32(own[i]) == i32_reinterpret_f32(good[i]);
    if (!same) fail(i == 0 ? "sqrtf" : "floorf", bits, i32_reinterpret_f32(own[i]));
  }
}

/* Bit by bit. */
static void compare_counts(u64 x) {
  u64 set = 0, leading = 64, trailing = 64;
  for (u64 i = 0; i < 64; i++) {
    if ((x >> i & 1) == 0) continue;
    set++;
    leading = 63 - i;
    if (trailing == 64) trailing = i;
  }
  if (I64_POPCNT(x) != set) fail("popcount", x, I64_POPCNT(x));
  if (I64_CLZ(x) != leading) fail("clz", x, I64_CLZ(x));
  if (I64_CTZ(x) != trailing) fail("ctz", x, I64_CTZ(x));
  const u32 low = (u32)x;
  if (I32_CTZ(low) != (trailing < 32 ? trailing : 32)) fail("ctz", low, I32_CTZ(low));
  if (I32_CLZ(low) + I32_CTZ(low) > 64) fail("clz", low, I32_CLZ(low));
}

int main(void) {
  static const f32 edges[] = {0.f, 0.5f, 0.99999994f, 1.f, 8388607.5f, 8388608.f, 1e-45f, 3e38f};
  u32 compared = 0;
  for (u32 i = 0; i < sizeof edges / sizeof *edges; i++) {
    compare_f32(i32_reinterpret_f32(edges[i]));
    compare_f32(i32_reinterpret_f32(-edges[i]));
  }
  compare_f32(0x7f800000u);
  compare_f32(0xff800000u);
  compare_f32(0x7fc00000u);
  const u64 exact[] = {0, 1, 0x8000000000000000u, 0x7ff0000000000000u, 0xfff0000000000000u, 0x7ff8000000000000u};
  for (u32 i = 0; i < sizeof exact / sizeof *exact; i++) {
    compare_f64(exact[i]);
    compare_counts(exact[i]);
  }
  for (; compared < 200000; compared++) {
    const u64 bits = draw();
    compare_f64(bits);
    /* Whole numbers and their neighbours, where a rounding goes wrong first. */
    const f64 square = (f64)(bits >> 38) * (f64)(bits >> 38);
    compare_f64(i64_reinterpret_f64(square) + (bits & 3) - 1);
    compare_f32((u32)bits);
    compare_f32(i32_reinterpret_f32((f32)(s32)(bits >> 40) / 16.f - 500000.f));
    compare_counts(bits >> (bits & 63));
  }
  printf("compared %u\n", (unsigned)compared);
  return 0;
}
