/*
 * 128-bit vectors of WebAssembly, for builds with SIMD: by the vector extensions of GCC and clang, which
 * know every processor, and by instructions of SSE 4.1 or AArch64 where these say it shorter. Elsewhere
 * the results are the same, lane by lane. Only what the core uses is here.
 */
#ifndef MAPVEIL_CORE_SIMD_H
#define MAPVEIL_CORE_SIMD_H

#if !MAPVEIL_GNU
#error "Builds with SIMD need the vector extensions of GCC or clang."
#endif
#if defined(__SSE4_1__)
#include <smmintrin.h>
#define CORE_SSE 1
#define CORE_NEON 0
#elif defined(__aarch64__)
#include <arm_neon.h>
#define CORE_SSE 0
#define CORE_NEON 1
#else
#define CORE_SSE 0
#define CORE_NEON 0
#endif

typedef u8 u8x16 __attribute__((vector_size(16)));
typedef s8 s8x16 __attribute__((vector_size(16)));
typedef u16 u16x8 __attribute__((vector_size(16)));
typedef s16 s16x8 __attribute__((vector_size(16)));
typedef u32 u32x4 __attribute__((vector_size(16)));
typedef s32 s32x4 __attribute__((vector_size(16)));
typedef u64 u64x2 __attribute__((vector_size(16)));
typedef s64 s64x2 __attribute__((vector_size(16)));
typedef f32 f32x2 __attribute__((vector_size(8)));
typedef f32 f32x4 __attribute__((vector_size(16)));
typedef f64 f64x2 __attribute__((vector_size(16)));

/* A vector whose lanes are nothing yet. */
typedef u64x2 v128;

/* --- memory ----------------------------------------------------------------------------------- */

DEFINE_LOAD(v128_load, v128, v128, v128)
DEFINE_STORE(v128_store, v128, v128)

MAPVEIL_INLINE v128 v128_load32_splat(mapveil *instance, u32 at, u32 offset) {
  const f32 value = f32_load(instance, at, offset);
  return (v128)(f32x4){value, value, value, value};
}

MAPVEIL_INLINE v128 v128_load64_zero(mapveil *instance, u32 at, u32 offset) {
  return (v128){i64_load(instance, at, offset), 0};
}

MAPVEIL_INLINE v128 v128_load64_lane1(mapveil *instance, u32 at, u32 offset, v128 vector) {
  return (v128){vector[0], i64_load(instance, at, offset)};
}

MAPVEIL_INLINE void v128_store64_lane0(mapveil *instance, u32 at, u32 offset, v128 vector) {
  i64_store(instance, at, offset, vector[0]);
}

/* --- lanes ------------------------------------------------------------------------------------ */

#define v128_const(...) ((v128)(u8x16){__VA_ARGS__})
#define i64x2_make(a, b) ((v128){(u64)(a), (u64)(b)})

MAPVEIL_INLINE v128 i8x16_splat(u32 x) {
  const u8 lane = (u8)x;
  return (v128)(u8x16){lane, lane, lane, lane, lane, lane, lane, lane,
                       lane, lane, lane, lane, lane, lane, lane, lane};
}
MAPVEIL_INLINE v128 i16x8_splat(u32 x) {
  const u16 lane = (u16)x;
  return (v128)(u16x8){lane, lane, lane, lane, lane, lane, lane, lane};
}
MAPVEIL_INLINE v128 i32x4_splat(u32 x) { return (v128)(u32x4){x, x, x, x}; }
MAPVEIL_INLINE v128 f32x4_splat(f32 x) { return (v128)(f32x4){x, x, x, x}; }
MAPVEIL_INLINE v128 f64x2_splat(f64 x) { return (v128)(f64x2){x, x}; }

#define i32x4_extract_lane(a, lane) (((u32x4)(a))[lane])

/* Lanes of a, then of b, by constant numbers. */
#ifdef __clang__
#define i8x16_shuffle(a, b, ...) \
  ((v128)__builtin_shufflevector((u8x16)(a), (u8x16)(b), __VA_ARGS__))
#else
#define i8x16_shuffle(a, b, ...) \
  ((v128)__builtin_shuffle((u8x16)(a), (u8x16)(b), (u8x16){__VA_ARGS__}))
#endif

/* Lanes of a by numbers; 0 for numbers from 16 on. */
MAPVEIL_INLINE v128 i8x16_swizzle(v128 a, v128 lanes) {
#if CORE_SSE
  /* pshufb gives 0 where the highest bit is set. */
  const u8x16 marked = (u8x16)lanes | (u8x16)((u8x16)lanes > 15);
  return (v128)_mm_shuffle_epi8((__m128i)a, (__m128i)marked);
#elif CORE_NEON
  return (v128)vqtbl1q_u8((uint8x16_t)a, (uint8x16_t)lanes);
#else
  u8x16 result;
  for (u32 i = 0; i < 16; i++) {
    const u8 lane = ((u8x16)lanes)[i];
    result[i] = lane < 16 ? ((u8x16)a)[lane & 15] : 0;
  }
  return (v128)result;
#endif
}

/* --- arithmetic ------------------------------------------------------------------------------- */

#define DEFINE_BINARY(name, lanes, operator) \
  MAPVEIL_INLINE v128 name(v128 a, v128 b) { return (v128)((lanes)a operator (lanes)b); }
/* Shift counts are taken modulo the bits of a lane. */
#define DEFINE_SHIFT(name, lanes, operator, bits) \
  MAPVEIL_INLINE v128 name(v128 a, u32 by) { return (v128)((lanes)a operator (by & (bits - 1))); }
/* The one of two where `use_a` is all ones, else the other. */
#define DEFINE_CHOICE_OF(name, lanes, use_a)                \
  MAPVEIL_INLINE v128 name(v128 a, v128 b) {                \
    const v128 chosen = (v128)((lanes)a use_a (lanes)b);    \
    return (a & chosen) | (b & ~chosen);                    \
  }

DEFINE_BINARY(v128_and, v128, &)
DEFINE_BINARY(v128_or, v128, |)
DEFINE_BINARY(v128_xor, v128, ^)
MAPVEIL_INLINE v128 v128_not(v128 a) { return ~a; }
MAPVEIL_INLINE v128 v128_andnot(v128 a, v128 b) { return a & ~b; }

DEFINE_BINARY(i16x8_add, u16x8, +)
DEFINE_BINARY(i16x8_sub, u16x8, -)
DEFINE_BINARY(i32x4_add, u32x4, +)
DEFINE_BINARY(i32x4_sub, u32x4, -)
DEFINE_BINARY(i32x4_mul, u32x4, *)
MAPVEIL_INLINE v128 i32x4_neg(v128 a) { return (v128)(0 - (u32x4)a); }
DEFINE_SHIFT(i16x8_shr, s16x8, >>, 16)
DEFINE_SHIFT(i32x4_shl, u32x4, <<, 32)
DEFINE_SHIFT(i64x2_shl, u64x2, <<, 64)
DEFINE_SHIFT(u32x4_shr, u32x4, >>, 32)
DEFINE_SHIFT(u64x2_shr, u64x2, >>, 64)

DEFINE_BINARY(f32x4_add, f32x4, +)
DEFINE_BINARY(f32x4_sub, f32x4, -)
DEFINE_BINARY(f32x4_mul, f32x4, *)
DEFINE_BINARY(f32x4_div, f32x4, /)
DEFINE_BINARY(f64x2_add, f64x2, +)
DEFINE_BINARY(f64x2_mul, f64x2, *)

MAPVEIL_INLINE v128 f32x4_abs(v128 a) { return a & 0x7fffffff7fffffffu; }
MAPVEIL_INLINE v128 f32x4_convert_i32x4(v128 a) {
  return (v128)__builtin_convertvector((s32x4)a, f32x4);
}
MAPVEIL_INLINE v128 f32x4_convert_u32x4(v128 a) {
  return (v128)__builtin_convertvector((u32x4)a, f32x4);
}
MAPVEIL_INLINE v128 f64x2_promote_low_f32x4(v128 a) {
  const f32x2 low = {((f32x4)a)[0], ((f32x4)a)[1]};
  return (v128)__builtin_convertvector(low, f64x2);
}

MAPVEIL_INLINE v128 f32x4_floor(v128 a) {
#if CORE_SSE
  return (v128)_mm_floor_ps((__m128)a);
#elif CORE_NEON
  return (v128)vrndmq_f32((float32x4_t)a);
#else
  const f32x4 x = (f32x4)a;
  return (v128)(f32x4){wasm_floorf(x[0]), wasm_floorf(x[1]), wasm_floorf(x[2]), wasm_floorf(x[3])};
#endif
}

/* --- comparisons: all ones in a lane where it holds ------------------------------------------- */

DEFINE_BINARY(i8x16_ne, u8x16, !=)
DEFINE_BINARY(u8x16_ge, u8x16, >=)
DEFINE_BINARY(i16x8_gt, s16x8, >)
DEFINE_BINARY(i32x4_lt, s32x4, <)
DEFINE_BINARY(i32x4_ne, u32x4, !=)
DEFINE_BINARY(f32x4_eq, f32x4, ==)
DEFINE_BINARY(f32x4_ne, f32x4, !=)
DEFINE_BINARY(f32x4_gt, f32x4, >)
DEFINE_BINARY(f64x2_le, f64x2, <=)
DEFINE_BINARY(f64x2_ge, f64x2, >=)

#if CORE_SSE
MAPVEIL_INLINE v128 u32x4_min(v128 a, v128 b) {
  return (v128)_mm_min_epu32((__m128i)a, (__m128i)b);
}
MAPVEIL_INLINE v128 u32x4_max(v128 a, v128 b) {
  return (v128)_mm_max_epu32((__m128i)a, (__m128i)b);
}
MAPVEIL_INLINE v128 i32x4_max(v128 a, v128 b) {
  return (v128)_mm_max_epi32((__m128i)a, (__m128i)b);
}
/* minps gives its second operand unless the first one is less, as pmin does with them exchanged. */
MAPVEIL_INLINE v128 f32x4_pmin(v128 a, v128 b) { return (v128)_mm_min_ps((__m128)b, (__m128)a); }
#else
DEFINE_CHOICE_OF(u32x4_min, u32x4, <)
DEFINE_CHOICE_OF(u32x4_max, u32x4, >)
DEFINE_CHOICE_OF(i32x4_max, s32x4, >)
/* b < a ? b : a, so that a NaN leaves a. */
DEFINE_CHOICE_OF(core_lesser, f32x4, <)
MAPVEIL_INLINE v128 f32x4_pmin(v128 a, v128 b) { return core_lesser(b, a); }
#endif

/* The highest bit of each lane, that of lane 0 lowest. */
#if CORE_SSE
MAPVEIL_INLINE u32 i8x16_bitmask(v128 a) { return (u32)_mm_movemask_epi8((__m128i)a); }
MAPVEIL_INLINE u32 i16x8_bitmask(v128 a) {
  return (u32)_mm_movemask_epi8(_mm_packs_epi16((__m128i)a, _mm_setzero_si128()));
}
MAPVEIL_INLINE u32 i32x4_bitmask(v128 a) { return (u32)_mm_movemask_ps((__m128)a); }
MAPVEIL_INLINE u32 i64x2_bitmask(v128 a) { return (u32)_mm_movemask_pd((__m128d)a); }
#elif CORE_NEON
MAPVEIL_INLINE u32 i8x16_bitmask(v128 a) {
  const s8x16 places = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
  const uint8x16_t bits = vshlq_u8(vshrq_n_u8((uint8x16_t)a, 7), (int8x16_t)places);
  return vaddv_u8(vget_low_u8(bits)) | (u32)vaddv_u8(vget_high_u8(bits)) << 8;
}
MAPVEIL_INLINE u32 i16x8_bitmask(v128 a) {
  const s16x8 places = {0, 1, 2, 3, 4, 5, 6, 7};
  return vaddvq_u16(vshlq_u16(vshrq_n_u16((uint16x8_t)a, 15), (int16x8_t)places));
}
MAPVEIL_INLINE u32 i32x4_bitmask(v128 a) {
  const s32x4 places = {0, 1, 2, 3};
  return vaddvq_u32(vshlq_u32(vshrq_n_u32((uint32x4_t)a, 31), (int32x4_t)places));
}
MAPVEIL_INLINE u32 i64x2_bitmask(v128 a) { return (u32)(a[0] >> 63 | a[1] >> 63 << 1); }
#else
#define DEFINE_BITMASK(name, type, lanes)                                     \
  MAPVEIL_INLINE u32 name(v128 a) {                                           \
    u32 bits = 0;                                                             \
    for (u32 i = 0; i < lanes; i++) bits |= (u32)(((type)a)[i] < 0) << i;     \
    return bits;                                                              \
  }
DEFINE_BITMASK(i8x16_bitmask, s8x16, 16)
DEFINE_BITMASK(i16x8_bitmask, s16x8, 8)
DEFINE_BITMASK(i32x4_bitmask, s32x4, 4)
DEFINE_BITMASK(i64x2_bitmask, s64x2, 2)
#endif

MAPVEIL_INLINE u32 i32x4_all_true(v128 a) { return i32x4_bitmask((v128)((u32x4)a == 0)) == 0; }

/* Sixteen lanes of 8 bits, the nearest values that there are: those of a, then of b. */
MAPVEIL_INLINE v128 i8x16_narrow_i16x8(v128 a, v128 b) {
#if CORE_SSE
  return (v128)_mm_packs_epi16((__m128i)a, (__m128i)b);
#elif CORE_NEON
  return (v128)vcombine_s8(vqmovn_s16((int16x8_t)a), vqmovn_s16((int16x8_t)b));
#else
  s8x16 result;
  for (u32 i = 0; i < 16; i++) {
    const s16 lane = ((s16x8)(i < 8 ? a : b))[i & 7];
    result[i] = (s8)(lane < -128 ? -128 : lane > 127 ? 127 : lane);
  }
  return (v128)result;
#endif
}

#endif
