/*
 * The yardstick behind the functions of mapveil.h, so that programs which measure one measure the other:
 * they are linked with this instead of with the core. It stands in memory of its own, once; the caller's
 * buffer is not touched.
 */
#include "mapveil.h"

#include <string.h>

#include "frame.h"
#include "seal.h"

static struct native native;
static struct native_seal native_sealing;
static uint8_t message[MAPVEIL_MESSAGE_REGION_BYTES];

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
    case MAPVEIL_REGION_MESSAGE: return message;
    case MAPVEIL_REGION_SEAL: return &native_sealing.seal;
    case MAPVEIL_REGION_SEED: return &native_sealing.seeds;
    case MAPVEIL_REGION_HEADER: return native_sealing.header;
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
    case MAPVEIL_REGION_MESSAGE: return sizeof message;
    case MAPVEIL_REGION_SEAL: return sizeof native_sealing.seal;
    case MAPVEIL_REGION_SEED: return sizeof native_sealing.seeds;
    case MAPVEIL_REGION_HEADER: return sizeof native_sealing.header;
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

int32_t mapveil_seed(mapveil *core) {
  (void)core;
  return native_seed(&native_sealing);
}

int32_t mapveil_seal_key(mapveil *core) {
  (void)core;
  return native_seal_key(&native_sealing);
}

int32_t mapveil_seal_begin(mapveil *core, uint32_t kind) {
  (void)core;
  return native_seal_begin(&native_sealing, (int32_t)kind);
}

int32_t mapveil_seal_message(mapveil *core, uint32_t offset, uint32_t bytes, uint32_t tag) {
  (void)core;
  if (bytes > MAPVEIL_MESSAGE_BYTES || offset > MAPVEIL_PLAIN_REGION_BYTES ||
      bytes > MAPVEIL_PLAIN_REGION_BYTES - offset) {
    return MAPVEIL_E_SIZE;
  }
  return native_seal_message(&native_sealing, native_plain(&native) + offset, bytes, tag, message);
}

#ifndef MAPVEIL_PROFILE_MICRO
int32_t mapveil_open_begin(mapveil *core, uint32_t header_bytes) {
  (void)core;
  return native_open_begin(&native_sealing, header_bytes);
}

int32_t mapveil_open_message(mapveil *core, uint32_t bytes, uint32_t offset) {
  (void)core;
  if (offset > MAPVEIL_PLAIN_REGION_BYTES ||
      bytes > MAPVEIL_PLAIN_REGION_BYTES - offset + MAPVEIL_MESSAGE_OVERHEAD) {
    return MAPVEIL_E_SIZE;
  }
  return native_open_message(&native_sealing, message, bytes, native_plain(&native) + offset);
}

int32_t mapveil_open_tag(mapveil *core) {
  (void)core;
  return native_open_tag(&native_sealing);
}
#endif

int32_t mapveil_wipe(mapveil *core) {
  (void)core;
  memset(message, 0, sizeof message);
  (void)native_seal_wipe(&native_sealing);
  return native_wipe(&native);
}

const char *mapveil_status_text(int32_t status) {
  return status < 0 ? "a status of the yardstick" : "success";
}
