/*
 * What the C that wasm2c writes needs of a runtime, for modules like the core: one memory of a fixed
 * size that the program gives, no imports, no tables, no heap, no threads.
 *
 * The names are those that wasm2c (wabt 1.0.39) puts into its output; what is behind them is ours.
 */
#ifndef WASM_RT_H
#define WASM_RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "The core's structs and pointers into its memory are little-endian."
#endif
#ifdef __FAST_MATH__
#error "-ffast-math changes what the core computes."
#endif

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define WASM_RT_NORETURN __attribute__((noreturn))
#else
#define LIKELY(x) (x)
#define UNLIKELY(x) (x)
#define WASM_RT_NORETURN
#endif

#ifndef __has_builtin
#define __has_builtin(x) 0
#endif

#define WABT_BIG_ENDIAN 0
/* No segment registers, no counting of the depth of calls: the core does not recurse. */
#define WASM_RT_USE_SEGUE 0
#define WASM_RT_SANITY_CHECKS 0
#define WASM_RT_STACK_DEPTH_COUNT 0

/*
 * Every access is checked against the size of the memory, unless the program defines
 * WASM_RT_UNCHECKED: for modules that are trusted, where a check costs too much.
 */
#ifdef WASM_RT_UNCHECKED
#define WASM_RT_MEMCHECK_GUARD_PAGES 1
#else
#define WASM_RT_MEMCHECK_GUARD_PAGES 0
#endif

#define wasm_rt_memcpy memcpy

/* Why a module stopped. */
typedef enum {
  WASM_RT_TRAP_NONE,
  WASM_RT_TRAP_OOB,
  WASM_RT_TRAP_INT_OVERFLOW,
  WASM_RT_TRAP_DIV_BY_ZERO,
  WASM_RT_TRAP_INVALID_CONVERSION,
  WASM_RT_TRAP_UNREACHABLE,
  WASM_RT_TRAP_CALL_INDIRECT,
  WASM_RT_TRAP_EXHAUSTION
} wasm_rt_trap_t;

typedef enum {
  WASM_RT_I32,
  WASM_RT_I64,
  WASM_RT_F32,
  WASM_RT_F64,
  WASM_RT_V128,
  WASM_RT_FUNCREF,
  WASM_RT_EXTERNREF
} wasm_rt_type_t;

/*
 * A linear memory. Before it makes an instance, the program sets `data` to memory of its own, which
 * is all zeros and aligned to 16 bytes, and `size` to its bytes.
 */
typedef struct {
  uint8_t *data;
  uint64_t size;
} wasm_rt_memory_t;

/* Types of tables and references: named by the output, used by none of its functions. */
typedef void (*wasm_rt_function_ptr_t)(void);
typedef const char *wasm_rt_func_type_t;
typedef struct wasm_rt_tailcallee_t {
  void (*fn)(void **instance, void *stack, struct wasm_rt_tailcallee_t *next);
} wasm_rt_tailcallee_t;
typedef struct {
  wasm_rt_func_type_t func_type;
  wasm_rt_function_ptr_t func;
  wasm_rt_tailcallee_t func_tailcallee;
  void *module_instance;
} wasm_rt_funcref_t;
typedef void *wasm_rt_externref_t;
typedef struct {
  wasm_rt_funcref_t *data;
  uint32_t max_size;
  uint32_t size;
} wasm_rt_funcref_table_t;
typedef struct {
  wasm_rt_externref_t *data;
  uint32_t max_size;
  uint32_t size;
} wasm_rt_externref_table_t;
static const wasm_rt_funcref_t wasm_rt_funcref_null_value = {NULL, NULL, {NULL}, NULL};
static const wasm_rt_externref_t wasm_rt_externref_null_value = NULL;

/* True always: there is nothing to set up. */
bool wasm_rt_is_initialized(void);

/*
 * Called while an instance is made: looks whether the memory that the program gave has the pages that
 * the module asks for, and traps with WASM_RT_TRAP_OOB if it has not.
 */
void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t pages, uint64_t pages_max,
                             bool is64, uint32_t page_bytes);

/* Forgets the memory, which belongs to the program. */
void wasm_rt_free_memory(wasm_rt_memory_t *memory);

/* Defined by the program: what becomes of a trap. It must not return. */
WASM_RT_NORETURN void wasm_rt_trap(wasm_rt_trap_t why);

#ifdef __cplusplus
}
#endif

#endif
