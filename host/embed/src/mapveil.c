/*
 * The library around the core: makes one in the caller's buffer, and lets calls in through one guard,
 * which knows handles from other memory, calls during calls, and cores that trapped.
 */
#include <string.h>

#if defined(MAPVEIL_PROFILE_MICRO) && defined(MAPVEIL_SIMD)
#include "core-micro-simd.h"
#elif defined(MAPVEIL_PROFILE_MICRO)
#include "core-micro.h"
#elif defined(MAPVEIL_PROFILE_STANDARD) && defined(MAPVEIL_SIMD)
#include "core-standard-simd.h"
#elif defined(MAPVEIL_PROFILE_STANDARD)
#include "core-standard.h"
#elif defined(MAPVEIL_SIMD)
#include "core-wide-simd.h"
#else
#include "core-wide.h"
#endif

MAPVEIL_ASSERT(guard_bytes, sizeof(mapveil_guard) <= MAPVEIL_GUARD_BYTES);
MAPVEIL_ASSERT(head_bytes, sizeof(mapveil) <= MAPVEIL_HEAD_BYTES);
MAPVEIL_ASSERT(head_aligned, MAPVEIL_HEAD_BYTES % MAPVEIL_BUFFER_ALIGN == 0);

#if MAPVEIL_BUILTIN_JUMP
#define JUMP_IS_SET(core) __builtin_setjmp((core)->guard.jump.target)
#define JUMP(core) __builtin_longjmp((core)->guard.jump.target, 1)
#else
#define JUMP_IS_SET(core) ((core)->guard.jump.target = &target, setjmp(target))
#define JUMP(core) longjmp(*(core)->guard.jump.target, 1)
#endif

void mapveil_trap(mapveil *core) {
#ifdef MAPVEIL_UNCHECKED
  /* Only division by zero and code that cannot be reached come here: neither is in the core's reach. */
  (void)core;
  for (;;) {
#if MAPVEIL_GNU
    __builtin_trap();
#endif
  }
#else
  JUMP(core);
#endif
}

/* 0 if the core can be called. */
static int32_t readiness(const mapveil *core) {
  if (core == NULL) return MAPVEIL_E_HANDLE;
  switch (core->guard.state) {
    case MAPVEIL_STATE_READY:
      return 0;
    case MAPVEIL_STATE_BUSY:
      return MAPVEIL_E_BUSY;
    case MAPVEIL_STATE_POISONED:
      return MAPVEIL_E_POISONED;
    default:
      return MAPVEIL_E_HANDLE;
  }
}

#ifndef MAPVEIL_UNCHECKED
/* After a trap nothing is known of the core's state, so nothing of it stays, keys least of all. */
static int32_t poison(mapveil *core) {
  memset(core, 0, MAPVEIL_BUFFER_BYTES);
  core->guard.state = MAPVEIL_STATE_POISONED;
  return MAPVEIL_E_TRAP;
}
#endif

/* The guard: every call of the core that computes goes through here. */
static int32_t call(mapveil *core, core_export *run, uint32_t a, uint32_t b, uint32_t c) {
  const int32_t status = readiness(core);
  if (status != 0) return status;
#if !MAPVEIL_BUILTIN_JUMP && !defined(MAPVEIL_UNCHECKED)
  jmp_buf target;
#endif
  core->guard.state = MAPVEIL_STATE_BUSY;
#ifndef MAPVEIL_UNCHECKED
  if (JUMP_IS_SET(core)) return poison(core);
#endif
  const int32_t result = (int32_t)run(core, a, b, c);
  core->guard.state = MAPVEIL_STATE_READY;
  return result;
}

size_t mapveil_buffer_bytes(void) { return MAPVEIL_BUFFER_BYTES; }

size_t mapveil_buffer_align(void) { return MAPVEIL_BUFFER_ALIGN; }

/* These are constants of the module: they read no memory, so that they need no instance. */
uint32_t mapveil_abi_version(void) { return core_abi_version(NULL, 0, 0, 0); }

uint32_t mapveil_capabilities(void) { return core_capabilities(NULL, 0, 0, 0); }

uint32_t mapveil_limit(uint32_t id) { return core_limit(NULL, id, 0, 0); }

int32_t mapveil_init(mapveil **core, void *buffer, size_t bytes, uint32_t abi) {
  if (core == NULL) return MAPVEIL_E_HANDLE;
  *core = NULL;
  if (buffer == NULL) return MAPVEIL_E_HANDLE;
  if ((uintptr_t)buffer % MAPVEIL_BUFFER_ALIGN != 0) return MAPVEIL_E_BUFFER_ALIGN;
  if (bytes < MAPVEIL_BUFFER_BYTES) return MAPVEIL_E_BUFFER_SIZE;
  const uint32_t own = mapveil_abi_version();
  if (own >> 16 != abi >> 16 || own < abi) return MAPVEIL_E_ABI;
  mapveil *made = buffer;
  memset(made, 0, MAPVEIL_BUFFER_BYTES);
  core_reset(made);
  made->guard.state = MAPVEIL_STATE_READY;
  const int32_t status = mapveil_selftest(made);
  if (status != 0) {
    memset(made, 0, MAPVEIL_BUFFER_BYTES);
    return status;
  }
  *core = made;
  return 0;
}

void *mapveil_region(mapveil *core, uint32_t id) {
  if (readiness(core) != 0) return NULL;
  const uint32_t at = core_region_ptr(core, id, 0, 0);
  return at == 0 ? NULL : (uint8_t *)core + MAPVEIL_HEAD_BYTES + at;
}

uint32_t mapveil_region_bytes(mapveil *core, uint32_t id) {
  return readiness(core) == 0 ? core_region_bytes(core, id, 0, 0) : 0;
}

int32_t mapveil_session_begin(mapveil *core) { return call(core, core_session_begin, 0, 0, 0); }

int32_t mapveil_frame_begin(mapveil *core) { return call(core, core_frame_begin, 0, 0, 0); }

int32_t mapveil_frame_push(mapveil *core, uint32_t points) {
  return call(core, core_frame_push, points, 0, 0);
}

int32_t mapveil_frame_finish(mapveil *core) { return call(core, core_frame_finish, 0, 0, 0); }

int32_t mapveil_tile_encode(mapveil *core, uint32_t metadata_bytes) {
  return call(core, core_tile_encode, metadata_bytes, 0, 0);
}

int32_t mapveil_seed(mapveil *core) { return call(core, core_seed, 0, 0, 0); }

int32_t mapveil_seal_key(mapveil *core) { return call(core, core_seal_key, 0, 0, 0); }

int32_t mapveil_seal_begin(mapveil *core, uint32_t kind) {
  return call(core, core_seal_begin, kind, 0, 0);
}

int32_t mapveil_seal_message(mapveil *core, uint32_t offset, uint32_t bytes, uint32_t tag) {
  return call(core, core_seal_message, offset, bytes, tag);
}

#ifndef MAPVEIL_PROFILE_MICRO
int32_t mapveil_frame_voxels(mapveil *core, uint32_t first, uint32_t count) {
  return call(core, core_frame_voxels, first, count, 0);
}

int32_t mapveil_tile_decode(mapveil *core, uint32_t record_bytes) {
  return call(core, core_tile_decode, record_bytes, 0, 0);
}

int32_t mapveil_open_begin(mapveil *core, uint32_t header_bytes) {
  return call(core, core_open_begin, header_bytes, 0, 0);
}

int32_t mapveil_open_message(mapveil *core, uint32_t bytes, uint32_t offset) {
  return call(core, core_open_message, bytes, offset, 0);
}

int32_t mapveil_open_tag(mapveil *core) { return call(core, core_open_tag, 0, 0, 0); }
#endif

#if MAPVEIL_MAP_REGION_BYTES > 0
int32_t mapveil_map_begin(mapveil *core) { return call(core, core_map_begin, 0, 0, 0); }

int32_t mapveil_map_add(mapveil *core) { return call(core, core_map_add, 0, 0, 0); }

int32_t mapveil_map_release(mapveil *core, uint32_t part) {
  return call(core, core_map_release, part, 0, 0);
}
#endif

int32_t mapveil_wipe(mapveil *core) { return call(core, core_wipe, 0, 0, 0); }

int32_t mapveil_selftest(mapveil *core) { return call(core, core_selftest, 0, 0, 0); }

const char *mapveil_status_text(int32_t status) {
  switch (status) {
#define TEXT(name, value, text) \
  case value:                   \
    return text;
    MAPVEIL_STATUSES(TEXT)
#undef TEXT
    default:
      return status < 0 ? "unknown status" : "success";
  }
}
