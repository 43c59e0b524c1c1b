/*
 * The smallest firmware around all of the core: start code of Cortex-M, and every call of the library for
 * microcontrollers. It is not run; what it tells is its size. STATUS_TEXTS adds the one function that is
 * for people in front of a console.
 */
#include "mapveil.h"

extern uint32_t stack_end;
extern uint32_t bss_begin;
extern uint32_t bss_end;

void start(void);

/* The stack pointer, the entry, and fourteen exceptions that have no handler. */
__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    &stack_end, (void *)(uintptr_t)start};

static _Alignas(MAPVEIL_BUFFER_ALIGN) uint8_t buffer[MAPVEIL_BUFFER_BYTES];

/* What a compiler must not leave out. */
static volatile uintptr_t told;

static void tell(uintptr_t what) { told = what; }

static void tell_status(int32_t status) {
#ifdef STATUS_TEXTS
  tell((uintptr_t)mapveil_status_text(status));
#else
  tell((uintptr_t)status);
#endif
}

static void run(void) {
  mapveil *core;
  tell(mapveil_buffer_bytes());
  tell(mapveil_buffer_align());
  tell(mapveil_abi_version());
  tell(mapveil_capabilities());
  tell(mapveil_limit(MAPVEIL_LIMIT_VOXELS));
  tell_status(mapveil_init(&core, buffer, sizeof buffer, MAPVEIL_ABI));
  tell((uintptr_t)mapveil_region(core, MAPVEIL_REGION_INPUT));
  tell(mapveil_region_bytes(core, MAPVEIL_REGION_INPUT));
  tell_status(mapveil_seed(core));
  tell_status(mapveil_session_begin(core));
  for (;;) {
    tell_status(mapveil_frame_begin(core));
    tell_status(mapveil_frame_push(core, 360));
    tell_status(mapveil_frame_finish(core));
    tell_status(mapveil_tile_encode(core, 0));
    tell_status(mapveil_seal_key(core));
    tell_status(mapveil_seal_begin(core, MAPVEIL_KIND_FRAME));
    tell_status(mapveil_seal_message(core, 0, 1024, MAPVEIL_TAG_FINAL));
    tell_status(mapveil_wipe(core));
    tell_status(mapveil_selftest(core));
  }
}

void start(void) {
  /* Full access to coprocessors 10 and 11, which are the floating point unit. */
  *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20;
  __asm__ volatile("dsb\n\tisb");
  for (uint32_t *at = &bss_begin; at < &bss_end; at++) *at = 0;
  run();
}
