/*
 * Every misuse of the library, one a line: its name and the status in words. test/embed/library.proof.ts
 * knows what they must be.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "instance.h"

static mapveil *core;
static volatile sig_atomic_t status_of_interrupt = 0;

static void tell(const char *misuse, int32_t status) {
  printf("%s: %s\n", misuse, mapveil_status_text(status));
}

/* Comes during a call, as an interrupt does on a microcontroller. */
static void interrupt(int signal) {
  (void)signal;
  const int32_t status = mapveil_wipe(core);
  if (status != 0) status_of_interrupt = status;
}

static int32_t init(void *buffer) {
  return mapveil_init(&core, buffer, MAPVEIL_BUFFER_BYTES, MAPVEIL_ABI);
}

static void put_number(uint8_t *at, float value) { memcpy(at, &value, sizeof value); }

/* A frame of 300 points, 20 cm apart, up to its push. */
static int32_t push_frame(void) {
  mapveil_layout *const layout = mapveil_region(core, MAPVEIL_REGION_LAYOUT);
  mapveil_policy *const policy = mapveil_region(core, MAPVEIL_REGION_POLICY);
  uint8_t *const points = mapveil_region(core, MAPVEIL_REGION_INPUT);
  memset(layout, 0, sizeof *layout);
  memset(policy, 0, sizeof *policy);
  memset(mapveil_region(core, MAPVEIL_REGION_FRAME), 0, sizeof(mapveil_frame));
  layout->point_step = 12;
  mapveil_field *const fields[3] = {&layout->x, &layout->y, &layout->z};
  for (uint32_t i = 0; i < 3; i++) {
    fields[i]->offset = 4 * i;
    fields[i]->type = MAPVEIL_TYPE_F32;
    fields[i]->scale = 1;
  }
  policy->leaf_m = 0.1f;
  policy->range_max = 1000;
  policy->height_min = -1000;
  policy->height_max = 1000;
  for (uint32_t i = 0; i < 300; i++) {
    put_number(points + 12 * i, 0.2f * (float)(i % 10) + 0.05f);
    put_number(points + 12 * i + 4, 0.2f * (float)(i / 10 % 10) + 0.05f);
    put_number(points + 12 * i + 8, 0.2f * (float)(i / 100) + 0.05f);
  }
  const int32_t status = mapveil_frame_begin(core);
  return status < 0 ? status : mapveil_frame_push(core, 300);
}

/* One global of the core after the other is overwritten, until a call traps. */
static int32_t damage(uint8_t *buffer) {
  for (size_t at = MAPVEIL_GUARD_BYTES; at < MAPVEIL_HEAD_BYTES; at += 4) {
    init(buffer);
    push_frame();
    memset(buffer + at, 0xfe, 4);
    if (mapveil_frame_push(core, 300) == MAPVEIL_E_TRAP) return MAPVEIL_E_TRAP;
    if (mapveil_frame_finish(core) == MAPVEIL_E_TRAP) return MAPVEIL_E_TRAP;
    if (mapveil_tile_encode(core, 0) == MAPVEIL_E_TRAP) return MAPVEIL_E_TRAP;
  }
  return 0;
}

static size_t bytes_set(const uint8_t *buffer) {
  size_t set = 0;
  for (size_t i = 0; i < MAPVEIL_BUFFER_BYTES; i++) set += buffer[i] != 0;
  return set;
}

static void misuse_init(uint8_t *buffer) {
  const size_t bytes = MAPVEIL_BUFFER_BYTES;
  tell("no place for the handle", mapveil_init(NULL, buffer, bytes, MAPVEIL_ABI));
  tell("no buffer", mapveil_init(&core, NULL, bytes, MAPVEIL_ABI));
  tell("handle after a failure", core == NULL ? 0 : 1);
  for (size_t by = 1; by < MAPVEIL_BUFFER_ALIGN; by++) {
    const int32_t status = mapveil_init(&core, buffer + by, bytes, MAPVEIL_ABI);
    if (by == 1 || status != MAPVEIL_E_BUFFER_ALIGN) tell("misaligned", status);
  }
  tell("a byte too small", mapveil_init(&core, buffer, bytes - 1, MAPVEIL_ABI));
  tell("no bytes", mapveil_init(&core, buffer, 0, MAPVEIL_ABI));
  tell("another major", mapveil_init(&core, buffer, bytes, MAPVEIL_ABI + 0x10000));
  tell("an older major", mapveil_init(&core, buffer, bytes, MAPVEIL_ABI - 0x10000));
  tell("a newer header", mapveil_init(&core, buffer, bytes, MAPVEIL_ABI + 1));
  tell("an older header", mapveil_init(&core, buffer, bytes, MAPVEIL_ABI - 1));
}

static void misuse_calls(void) {
  static uint8_t other[sizeof(uint64_t) * 8];
  tell("no handle", mapveil_wipe(NULL));
  tell("a region of no handle", mapveil_region(NULL, MAPVEIL_REGION_INPUT) == NULL ? 0 : 1);
  tell("no core there", mapveil_wipe((mapveil *)(void *)other));
  tell("an unknown region", mapveil_region(core, 99) == NULL ? 0 : 1);
  tell("bytes of an unknown region", (int32_t)mapveil_region_bytes(core, 99));
  tell("out of order", mapveil_frame_finish(core));
}

int main(void) {
  uint8_t *const buffer = aligned_alloc(MAPVEIL_BUFFER_ALIGN, MAPVEIL_BUFFER_BYTES);
  if (buffer == NULL) return 1;
  /* Whatever was in the buffer. */
  memset(buffer, 0xa5, MAPVEIL_BUFFER_BYTES);
  misuse_init(buffer);
  tell("init", init(buffer));
  misuse_calls();
  printf("pushed: %d\n", (int)push_frame());

  signal(SIGALRM, interrupt);
  const struct itimerval often = {{0, 300}, {0, 300}};
  setitimer(ITIMER_REAL, &often, NULL);
  int32_t undisturbed = 0;
  for (int i = 0; i < 10000 && status_of_interrupt == 0; i++) undisturbed |= mapveil_selftest(core);
  const struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &never, NULL);
  tell("from an interrupt", status_of_interrupt);
  tell("the call that was interrupted", undisturbed);

  tell("a damaged core", damage(buffer));
  printf("left of it: %d\n", (int)bytes_set(buffer));
  tell("after a trap", mapveil_frame_begin(core));
  tell("a region after a trap", mapveil_region(core, MAPVEIL_REGION_INPUT) == NULL ? 0 : 1);
  tell("init after a trap", init(buffer));
  printf("pushed after it: %d\n", (int)push_frame());
  free(buffer);
  return 0;
}
