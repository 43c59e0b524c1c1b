/*
 * What the C that wasm2c writes stands on: the access to linear memory, and those instructions of
 * WebAssembly that C has no operator for. Names are those of wasm2c; only what the core uses is here,
 * `npm run build:c` names what is missing.
 *
 * Linear memory stands MAPVEIL_HEAD_BYTES behind the instance and its size is a constant. So no address
 * is loaded, and a check is one comparison with a constant. -DMAPVEIL_UNCHECKED leaves the checks out.
 */
#ifndef MAPVEIL_CORE_RUNTIME_H
#define MAPVEIL_CORE_RUNTIME_H

#include <string.h>

/*
 * GCC 12 folds an address into 0 plus an index, then takes it for a null pointer that is
 * written to, and drops calls of such functions as if they did nothing. Without this assumption it
 * does not.
 */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-delete-null-pointer-checks")
#endif

#if MAPVEIL_GNU
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#else
#define UNLIKELY(x) (x)
#endif

/* --- memory ----------------------------------------------------------------------------------- */

/* What is known of the alignment lets one instruction move a number of many bytes. */
#if MAPVEIL_GNU
#define CORE_START ((u8 *)__builtin_assume_aligned(instance, MAPVEIL_BUFFER_ALIGN))
#else
#define CORE_START ((u8 *)instance)
#endif
#define CORE_MEMORY(at) (CORE_START + MAPVEIL_HEAD_BYTES + (at))

#ifdef MAPVEIL_UNCHECKED
#define CORE_CHECK(at, offset, bytes) ((void)0)
#define CORE_CHECK_RANGE(at, bytes) ((void)0)
#else
/*
 * The first address that is refused is a multiple of this: Cortex-M compares with such a number, when it
 * is below 32 KiB, in one instruction. Linear memory is so much larger than what the module uses.
 */
#define CORE_GRAIN (MAPVEIL_LINEAR_BYTES <= 32768u ? 128u : 1u)
#define CORE_BEYOND(last) (((last) + 1u) & ~(CORE_GRAIN - 1u))
#define CORE_CHECK(at, offset, bytes)                                                        \
  do {                                                                                       \
    if (UNLIKELY((offset) > MAPVEIL_LINEAR_BYTES - (bytes) ||                                \
                 (at) >= CORE_BEYOND(MAPVEIL_LINEAR_BYTES - (bytes) - (offset))))            \
      mapveil_trap(instance);                                                                \
  } while (0)
#define CORE_CHECK_RANGE(at, bytes)                                                          \
  do {                                                                                       \
    if (UNLIKELY((bytes) > MAPVEIL_LINEAR_BYTES || (at) > MAPVEIL_LINEAR_BYTES - (bytes)))         \
      mapveil_trap(instance);                                                                \
  } while (0)
#endif

/* By memcpy: an address may have any alignment, and what stands there any type. */
#define DEFINE_LOAD(name, stored, extended, result)                     \
  MAPVEIL_INLINE result name(mapveil *instance, u32 at, u32 offset) {   \
    stored value;                                                       \
    CORE_CHECK(at, offset, (u32)sizeof value);                          \
    memcpy(&value, CORE_MEMORY(at) + offset, sizeof value);             \
    return (result)(extended)value;                                     \
  }

#define DEFINE_STORE(name, stored, given)                                        \
  MAPVEIL_INLINE void name(mapveil *instance, u32 at, u32 offset, given value) { \
    const stored wrapped = (stored)value;                                        \
    CORE_CHECK(at, offset, (u32)sizeof wrapped);                                 \
    memcpy(CORE_MEMORY(at) + offset, &wrapped, sizeof wrapped);                  \
  }

DEFINE_LOAD(i32_load, u32, u32, u32)
DEFINE_LOAD(i64_load, u64, u64, u64)
DEFINE_LOAD(f32_load, f32, f32, f32)
DEFINE_LOAD(f64_load, f64, f64, f64)
DEFINE_LOAD(i32_load8_s, s8, s32, u32)
DEFINE_LOAD(i32_load8_u, u8, u32, u32)
DEFINE_LOAD(i32_load16_s, s16, s32, u32)
DEFINE_LOAD(i32_load16_u, u16, u32, u32)
DEFINE_LOAD(i64_load8_s, s8, s64, u64)
DEFINE_LOAD(i64_load8_u, u8, u64, u64)
DEFINE_LOAD(i64_load16_s, s16, s64, u64)
DEFINE_LOAD(i64_load16_u, u16, u64, u64)
DEFINE_LOAD(i64_load32_s, s32, s64, u64)
DEFINE_LOAD(i64_load32_u, u32, u64, u64)
DEFINE_STORE(i32_store, u32, u32)
DEFINE_STORE(i64_store, u64, u64)
DEFINE_STORE(f32_store, f32, f32)
DEFINE_STORE(f64_store, f64, f64)
DEFINE_STORE(i32_store8, u8, u32)
DEFINE_STORE(i32_store16, u16, u32)
DEFINE_STORE(i64_store8, u8, u64)
DEFINE_STORE(i64_store16, u16, u64)
DEFINE_STORE(i64_store32, u32, u64)

MAPVEIL_INLINE void memory_fill(mapveil *instance, u32 at, u32 value, u32 bytes) {
  CORE_CHECK_RANGE(at, bytes);
  memset(CORE_MEMORY(at), (int)(value & 255u), bytes);
}

MAPVEIL_INLINE void memory_copy(mapveil *instance, u32 to, u32 from, u32 bytes) {
  CORE_CHECK_RANGE(to, bytes);
  CORE_CHECK_RANGE(from, bytes);
  memmove(CORE_MEMORY(to), CORE_MEMORY(from), bytes);
}

/* --- integers --------------------------------------------------------------------------------- */

#define UNREACHABLE mapveil_trap(instance)

/* For u32 and u64; operands are variables. */
#define DIV_U(x, y) (UNLIKELY((y) == 0) ? (mapveil_trap(instance), (x)) : (x) / (y))
#define REM_U(x, y) (UNLIKELY((y) == 0) ? (mapveil_trap(instance), (x)) : (x) % (y))

MAPVEIL_INLINE u32 I32_ROTL(u32 x, u32 y) { return x << (y & 31) | x >> ((0u - y) & 31); }
MAPVEIL_INLINE u32 I32_ROTR(u32 x, u32 y) { return x >> (y & 31) | x << ((0u - y) & 31); }
MAPVEIL_INLINE u64 I64_ROTL(u64 x, u64 y) { return x << (y & 63) | x >> ((0u - y) & 63); }
MAPVEIL_INLINE u64 I64_ROTR(u64 x, u64 y) { return x >> (y & 63) | x << ((0u - y) & 63); }

MAPVEIL_INLINE u32 I32_POPCNT(u32 x) {
#if MAPVEIL_GNU && (defined(__POPCNT__) || defined(__aarch64__))
  return (u32)__builtin_popcount(x);
#else
  x -= x >> 1 & 0x55555555u;
  x = (x & 0x33333333u) + (x >> 2 & 0x33333333u);
  return ((x + (x >> 4)) & 0x0f0f0f0fu) * 0x01010101u >> 24;
#endif
}

MAPVEIL_INLINE u32 I32_CLZ(u32 x) {
#if MAPVEIL_GNU
  return x == 0 ? 32 : (u32)__builtin_clz(x);
#else
  x |= x >> 1;
  x |= x >> 2;
  x |= x >> 4;
  x |= x >> 8;
  return I32_POPCNT(~(x | x >> 16));
#endif
}

MAPVEIL_INLINE u32 I32_CTZ(u32 x) {
#if MAPVEIL_GNU
  return x == 0 ? 32 : (u32)__builtin_ctz(x);
#else
  return I32_POPCNT(~x & (x - 1));
#endif
}

#if MAPVEIL_GNU && UINTPTR_MAX > 0xffffffffu
MAPVEIL_INLINE u64 I64_CLZ(u64 x) { return x == 0 ? 64 : (u64)__builtin_clzll(x); }
MAPVEIL_INLINE u64 I64_CTZ(u64 x) { return x == 0 ? 64 : (u64)__builtin_ctzll(x); }
#else
MAPVEIL_INLINE u64 I64_CLZ(u64 x) {
  const u32 high = (u32)(x >> 32);
  return high == 0 ? 32 + I32_CLZ((u32)x) : I32_CLZ(high);
}
MAPVEIL_INLINE u64 I64_CTZ(u64 x) {
  const u32 low = (u32)x;
  return low == 0 ? 32 + I32_CTZ((u32)(x >> 32)) : I32_CTZ(low);
}
#endif
MAPVEIL_INLINE u64 I64_POPCNT(u64 x) {
#if MAPVEIL_GNU && (defined(__POPCNT__) || defined(__aarch64__))
  return (u64)__builtin_popcountll(x);
#else
  return I32_POPCNT((u32)x) + I32_POPCNT((u32)(x >> 32));
#endif
}

/* --- numbers ---------------------------------------------------------------------------------- */

#define DEFINE_REINTERPRET(name, from, to) \
  MAPVEIL_INLINE to name(from x) {         \
    to result;                             \
    memcpy(&result, &x, sizeof result);    \
    return result;                         \
  }

DEFINE_REINTERPRET(f32_reinterpret_i32, u32, f32)
DEFINE_REINTERPRET(i32_reinterpret_f32, f32, u32)
DEFINE_REINTERPRET(f64_reinterpret_i64, u64, f64)
DEFINE_REINTERPRET(i64_reinterpret_f64, f64, u64)

/* Conversions between f32 and f64 give any NaN for a NaN; the core asks of one only that it is one. */
#define wasm_quietf(x) (x)
#define wasm_quiet(x) (x)

#if MAPVEIL_GNU
#define wasm_fabsf(x) __builtin_fabsf(x)
#define wasm_fabs(x) __builtin_fabs(x)
#else
#define wasm_fabsf(x) f32_reinterpret_i32(i32_reinterpret_f32(x) & 0x7fffffffu)
#define wasm_fabs(x) f64_reinterpret_i64(i64_reinterpret_f64(x) & 0x7fffffffffffffffu)
#endif

/* A NaN if one of them is. Of equals, which may be -0 and +0, min has all bits that are set. */
#define DEFINE_CHOICE(name, type, before, merge, to_bits, from_bits, nan)      \
  MAPVEIL_INLINE type name(type x, type y) {                                   \
    if (UNLIKELY(x != x || y != y)) return from_bits(nan);                     \
    if (UNLIKELY(x == y)) return from_bits(to_bits(x) merge to_bits(y));       \
    return x before y ? x : y;                                                 \
  }

#define NAN_F32 0x7fc00000u
#define NAN_F64 0x7ff8000000000000u
DEFINE_CHOICE(f32_min, f32, <, |, i32_reinterpret_f32, f32_reinterpret_i32, NAN_F32)
DEFINE_CHOICE(f32_max, f32, >, &, i32_reinterpret_f32, f32_reinterpret_i32, NAN_F32)
DEFINE_CHOICE(f64_min, f64, <, |, i64_reinterpret_f64, f64_reinterpret_i64, NAN_F64)
DEFINE_CHOICE(f64_max, f64, >, &, i64_reinterpret_f64, f64_reinterpret_i64, NAN_F64)

/* 0 for a NaN, else the nearest value that there is. */
MAPVEIL_INLINE u32 I32_TRUNC_SAT_U_F64(f64 x) {
  return !(x > 0) ? 0 : x >= 4294967296. ? UINT32_MAX : (u32)x;
}

/* The instruction of the processor where it has one; never the C library, whose functions differ. */
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

MAPVEIL_INLINE f32 wasm_floorf(f32 x) {
#if defined(__SSE4_1__) && defined(__OPTIMIZE__)
  return __builtin_floorf(x);
#elif defined(__GNUC__) && defined(__aarch64__)
  __asm__("frintm %s0, %s1" : "=w"(x) : "w"(x));
  return x;
/* Armv7E-M with double precision is FPv5, which rounds; compilers name the feature for Armv8 alone. */
#elif defined(__GNUC__) && (defined(__ARM_FEATURE_DIRECTED_ROUNDING) || \
                            (defined(__ARM_ARCH_7EM__) && defined(__ARM_FP) && (__ARM_FP & 8)))
  __asm__("vrintm.f32 %0, %1" : "=t"(x) : "t"(x));
  return x;
#else
  /* From 2^23 on every number is whole; below, truncation and a step down, and zero keeps its sign. */
  if (!(x > -8388608.f && x < 8388608.f)) return x;
  f32 whole = (f32)(s32)x;
  if (whole > x) whole -= 1;
  return f32_reinterpret_i32(i32_reinterpret_f32(whole) |
                             (i32_reinterpret_f32(x) & 0x80000000u));
#endif
}

#if defined(__GNUC__) && (defined(__aarch64__) || (defined(__ARM_FP) && (__ARM_FP & 8)))
#define CORE_SQRT_F64 1
#elif defined(__SSE2__)
#define CORE_SQRT_F64 1
#else
#define CORE_SQRT_F64 0
/* Digit by digit: 54 bits of the root, of which the last one rounds; a root is never half way. */
static f64 wasm_sqrt(f64 x) {
  u64 bits = i64_reinterpret_f64(x);
  if (x == 0 || bits == 0x7ff0000000000000u) return x;
  if (!(x > 0)) return f64_reinterpret_i64(NAN_F64);
  s32 exponent = (s32)(bits >> 52) - 1023;
  bits &= 0xfffffffffffffu;
  if (exponent == -1023) {
    const u32 zeros = (u32)I64_CLZ(bits) - 11;
    bits <<= zeros;
    exponent = -1022 - (s32)zeros;
  }
  bits = (bits | 0x10000000000000u) << (11 - (exponent & 1 ? 0 : 1));
  u64 root = 0;
  u64 rest = 0;
  for (u32 digit = 0; digit < 54; digit++) {
    rest = rest << 2 | bits >> 62;
    bits <<= 2;
    root <<= 1;
    if (rest > root << 1) {
      rest -= root << 1 | 1;
      root |= 1;
    }
  }
  const s32 half = (exponent - (exponent & 1)) / 2;
  return f64_reinterpret_i64(((root + 1) >> 1) + ((u64)(half + 1022) << 52));
}
#endif

#if CORE_SQRT_F64
MAPVEIL_INLINE f64 wasm_sqrt(f64 x) {
#if defined(__SSE2__)
  return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(x)));
#elif defined(__aarch64__)
  __asm__("fsqrt %d0, %d1" : "=w"(x) : "w"(x));
  return x;
#else
  __asm__("vsqrt.f64 %P0, %P1" : "=w"(x) : "w"(x));
  return x;
#endif
}
#endif

MAPVEIL_INLINE f32 wasm_sqrtf(f32 x) {
#if defined(__SSE2__)
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
#elif defined(__GNUC__) && defined(__aarch64__)
  __asm__("fsqrt %s0, %s1" : "=w"(x) : "w"(x));
  return x;
#elif defined(__GNUC__) && defined(__ARM_FP) && (__ARM_FP & 4)
  __asm__("vsqrt.f32 %0, %1" : "=t"(x) : "t"(x));
  return x;
#else
  /* Twice rounded is once rounded: f64 has more than two bits over twice those of f32. */
  return (f32)wasm_sqrt((f64)x);
#endif
}

#endif
