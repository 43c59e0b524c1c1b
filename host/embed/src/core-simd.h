/*
 * 128-bit vectors of WebAssembly, for builds with SIMD: simde turns their operations into those of
 * the processor (Debian package libsimde-dev). Names are those of wasm2c.
 */
#ifndef MAPVEIL_CORE_SIMD_H
#define MAPVEIL_CORE_SIMD_H

#include <simde/wasm/simd128.h>

typedef simde_v128_t v128;

#define DEFINE_VECTOR_LOAD(name, bytes)                               \
  MAPVEIL_INLINE v128 name(mapveil *instance, u32 at, u32 offset) {   \
    CORE_CHECK(at, offset, bytes);                                    \
    return simde_wasm_##name(CORE_MEMORY(at) + offset);               \
  }

DEFINE_VECTOR_LOAD(v128_load, 16u)
DEFINE_VECTOR_LOAD(v128_load32_splat, 4u)
DEFINE_VECTOR_LOAD(v128_load64_zero, 8u)

MAPVEIL_INLINE v128 v128_load64_lane1(mapveil *instance, u32 at, u32 offset, v128 vector) {
  CORE_CHECK(at, offset, 8u);
  return simde_wasm_v128_load64_lane(CORE_MEMORY(at) + offset, vector, 1);
}

MAPVEIL_INLINE void v128_store64_lane0(mapveil *instance, u32 at, u32 offset, v128 vector) {
  CORE_CHECK(at, offset, 8u);
  simde_wasm_v128_store64_lane(CORE_MEMORY(at) + offset, vector, 0);
}

MAPVEIL_INLINE void v128_store(mapveil *instance, u32 at, u32 offset, v128 value) {
  CORE_CHECK(at, offset, 16u);
  simde_wasm_v128_store(CORE_MEMORY(at) + offset, value);
}

#define v128_const simde_wasm_i8x16_const
#define v128_f64x2_promote_low_f32x4 simde_wasm_f64x2_promote_low_f32x4
#define v128_i16x8_bitmask simde_wasm_i16x8_bitmask
#define v128_i32x4_bitmask simde_wasm_i32x4_bitmask
#define v128_i32x4_extract_lane simde_wasm_i32x4_extract_lane
#define v128_i64x2_bitmask simde_wasm_i64x2_bitmask
#define v128_i8x16_bitmask simde_wasm_i8x16_bitmask
#define v128_i8x16_narrow_i16x8 simde_wasm_i8x16_narrow_i16x8
#define v128_i8x16_shuffle simde_wasm_i8x16_shuffle
#define v128_i8x16_swizzle simde_wasm_i8x16_swizzle

#endif
