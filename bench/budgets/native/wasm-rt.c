/* The runtime of wasm-rt.h: all it does is to check the memory that the program gave. */
#include "wasm-rt.h"

bool wasm_rt_is_initialized(void) { return true; }

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t pages, uint64_t pages_max,
                             bool is64, uint32_t page_bytes) {
  (void)pages_max;
  (void)is64;
  if (memory->data == NULL || memory->size / page_bytes < pages) wasm_rt_trap(WASM_RT_TRAP_OOB);
}

void wasm_rt_free_memory(wasm_rt_memory_t *memory) {
  memory->data = NULL;
  memory->size = 0;
}
