/*
 * One core in the caller's buffer: the guard of its calls, then the globals of the module, and at
 * MAPVEIL_HEAD_BYTES the linear memory. The header that is made with each core completes the struct.
 */
#ifndef MAPVEIL_INSTANCE_H
#define MAPVEIL_INSTANCE_H

#include "mapveil.h"

/* -funsafe-math-optimizations, which some firmware sets for all, shows itself by the last two alone. */
#if defined(__FAST_MATH__) || defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "Fast or unsafe math changes what the core computes: build the core with -fno-fast-math."
#endif
#if defined(__i386__) && !defined(__SSE2_MATH__)
#error "x87 rounds twice: build the core with -msse2 -mfpmath=sse."
#endif

/* 1 with what GCC and clang have beyond C99; -DMAPVEIL_GNU=0 builds with C99 alone. */
#ifndef MAPVEIL_GNU
#ifdef __GNUC__
#define MAPVEIL_GNU 1
#else
#define MAPVEIL_GNU 0
#endif
#endif

/* A trap jumps back to its call: five words by GCC's own means, else as the C library does it. */
#if MAPVEIL_GNU && !defined(__clang__)
#define MAPVEIL_BUILTIN_JUMP 1
#else
#define MAPVEIL_BUILTIN_JUMP 0
#endif
#if !MAPVEIL_BUILTIN_JUMP
#include <setjmp.h>
#endif

#if MAPVEIL_GNU
#define MAPVEIL_NORETURN __attribute__((noreturn, cold))
#define MAPVEIL_INLINE static inline __attribute__((always_inline))
#else
#define MAPVEIL_NORETURN
#define MAPVEIL_INLINE static inline
#endif

/* The names that wasm2c uses. */
typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
typedef float f32;
typedef double f64;

/* What a buffer holds that a call may find. Any other value: no core. */
#define MAPVEIL_STATE_READY 0x4d56434fu
#define MAPVEIL_STATE_BUSY 0x4d564255u
#define MAPVEIL_STATE_POISONED 0x4d565058u

/* Bytes of the guard on every machine, so that the sizes of buffers do not depend on it. */
#define MAPVEIL_GUARD_BYTES 48u

typedef struct {
  /* Volatile: an interrupt that calls during a call must find it busy. */
  volatile u32 state;
  u32 reserved;
  /* Where a trap goes. */
#if MAPVEIL_BUILTIN_JUMP
  union {
    void *target[5];
    u64 bytes[5];
  } jump;
#else
  union {
    jmp_buf *target;
    u64 bytes[5];
  } jump;
#endif
} mapveil_guard;

/* A module traps: back to the call that it came from, or, in an unchecked build, a processor trap. */
MAPVEIL_NORETURN void mapveil_trap(mapveil *instance);

/* The parameters that an export of the core does not have are ignored. */
typedef u32 core_export(mapveil *instance, u32 a, u32 b, u32 c);

/* Start values of globals, and data segments; the instance and its memory are zeros before. */
void core_reset(mapveil *instance);

#endif
