/*
 * The yardstick behind the functions of mapveil.h, so that programs which measure one measure the other:
 * they are linked with this instead of with the core. It stands in memory of its own, once; the caller's
 * buffer is not touched.
 */
#include "mapveil.h"

#include "frame.h"

static struct native native;

int32_t mapveil_init(mapveil **core, void *buffer, size_t bytes, uint32_t abi) {
  (void)bytes;
  (void)abi;
  *core = buffer;
  return 0;
}

void *mapveil_region(mapveil *core, uint32_t id) {
  (void)core;
  switch (id) {
    case MAPVEIL_REGION_LAYOUT: return &native.layout_in;
    case MAPVEIL_REGION_POLICY: return native.policy_in;
    case MAPVEIL_REGION_FRAME: return &native.frame_in;
    case MAPVEIL_REGION_METADATA: return native.metadata;
    case MAPVEIL_REGION_INPUT: return native.input;
    case MAPVEIL_REGION_STATS: return &native.stats;
    case MAPVEIL_REGION_PLAIN: return native_plain(&native);
#ifndef MAPVEIL_PROFILE_MICRO
    case MAPVEIL_REGION_CELLS: return native.cells;
    case MAPVEIL_REGION_VALUES: return native.values;
#endif
    default: return NULL;
  }
}

uint32_t mapveil_region_bytes(mapveil *core, uint32_t id) {
  (void)core;
  switch (id) {
    case MAPVEIL_REGION_LAYOUT: return sizeof native.layout_in;
    case MAPVEIL_REGION_POLICY: return sizeof native.policy_in;
    case MAPVEIL_REGION_FRAME: return sizeof native.frame_in;
    case MAPVEIL_REGION_METADATA: return sizeof native.metadata;
    case MAPVEIL_REGION_INPUT: return sizeof native.input;
    case MAPVEIL_REGION_STATS: return sizeof native.stats;
    case MAPVEIL_REGION_PLAIN: return MAPVEIL_PLAIN_REGION_BYTES;
    default: return 0;
  }
}

int32_t mapveil_session_begin(mapveil *core) {
  (void)core;
  return native_session_begin(&native);
}

int32_t mapveil_frame_begin(mapveil *core) {
  (void)core;
  return native_frame_begin(&native);
}

int32_t mapveil_frame_push(mapveil *core, uint32_t points) {
  (void)core;
  return native_frame_push(&native, points);
}

int32_t mapveil_frame_finish(mapveil *core) {
  (void)core;
  return native_frame_finish(&native);
}

int32_t mapveil_tile_encode(mapveil *core, uint32_t metadata_bytes) {
  (void)core;
  return native_tile_encode(&native, metadata_bytes);
}

#ifndef MAPVEIL_PROFILE_MICRO
int32_t mapveil_tile_decode(mapveil *core, uint32_t record_bytes) {
  (void)core;
  return native_tile_decode(&native, record_bytes);
}
#endif

int32_t mapveil_wipe(mapveil *core) {
  (void)core;
  return native_wipe(&native);
}

const char *mapveil_status_text(int32_t status) {
  return status < 0 ? "a status of the yardstick" : "success";
}
