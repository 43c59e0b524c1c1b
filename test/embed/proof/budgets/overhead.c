/*
 * What it costs to come into the core and out again: the cheapest call that the guard of the library
 * lets in, as often as told. Linked with the C written by hand, the same call is a plain one.
 *
 *   overhead CALLS    prints nanoseconds a call
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "mapveil.h"

static _Alignas(MAPVEIL_BUFFER_ALIGN) uint8_t buffer[MAPVEIL_BUFFER_BYTES];

int main(int count, char **arguments) {
  mapveil *core = NULL;
  if (count != 2 || mapveil_init(&core, buffer, sizeof buffer, MAPVEIL_ABI) != 0) return 1;
  const long calls = atol(arguments[1]);
  struct timespec start;
  struct timespec end;
  int32_t sum = 0;
  clock_gettime(CLOCK_MONOTONIC, &start);
  CALLGRIND_START_INSTRUMENTATION;
  CALLGRIND_TOGGLE_COLLECT;
  for (long i = 0; i < calls; i++) sum += mapveil_open_tag(core);
  CALLGRIND_TOGGLE_COLLECT;
  CALLGRIND_DUMP_STATS_AT("call");
  clock_gettime(CLOCK_MONOTONIC, &end);
  const double ns = (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
  printf("%.4f %d\n", ns / (double)calls, (int)sum);
  return 0;
}
