/* Metadata that leaves, as assembly/strip/metadata.ts, text.ts and time.ts say. */
#include <string.h>

#include "parts.h"

/* Bytes of the UTF-8 character that begins here (RFC 3629), 0 if there is none, or a control one. */
static uint32_t character_bytes(const uint8_t *at, uint32_t room) {
  const uint32_t first = at[0];
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  const uint32_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length == 0 || length > room) return 0;
  for (uint32_t k = 1; k < length; k++) {
    if ((at[k] & 0xc0) != 0x80) return 0;
  }
  if (first == 0xc2 && at[1] < 0xa0) return 0;
  if (first == 0xe0 && at[1] < 0xa0) return 0;
  if (first == 0xed && at[1] > 0x9f) return 0;
  if (first == 0xf0 && at[1] < 0x90) return 0;
  return first == 0xf4 && at[1] > 0x8f ? 0 : length;
}

static bool is_plain_text(const uint8_t *at, uint32_t bytes) {
  const uint8_t *end = at + bytes;
  while (at < end) {
    const uint32_t length = character_bytes(at, (uint32_t)(end - at));
    if (length == 0) return false;
    at += length;
  }
  return bytes > 0;
}

static uint32_t write_time(struct native *n, uint8_t *to) {
  if (n->frame.has_stamp == 0) return 0;
  n->stats.fields[MAPVEIL_META_WALL_CLOCK] = MAPVEIL_FIELD_STRIPPED;
  if (n->policy.time_ns == 0) {
    n->stats.fields[MAPVEIL_META_TIME] = MAPVEIL_FIELD_STRIPPED;
    return 0;
  }
  const uint16_t record[2] = {MAPVEIL_META_TIME, 8};
  const uint64_t stamp = n->frame.stamp_ns - n->frame.stamp_ns % n->policy.time_ns;
  memcpy(to, record, 4);
  memcpy(to + 4, &stamp, 8);
  n->stats.fields[MAPVEIL_META_TIME] = MAPVEIL_FIELD_PASSED;
  return 12;
}

int32_t native_strip_metadata(struct native *n, uint32_t offered, uint8_t *to) {
  if (offered > MAPVEIL_METADATA_REGION_BYTES) return MAPVEIL_E_FORMAT;
  uint8_t *fates = n->stats.fields;
  memset(fates, 0, MAPVEIL_META_POINT_FIELD);
  uint8_t *out = to + write_time(n, to);
  if (n->frame.has_pose) {
    fates[MAPVEIL_META_MAP_ORIGIN] = n->policy.pose == MAPVEIL_POSE_KEEP ? MAPVEIL_FIELD_PASSED : MAPVEIL_FIELD_STRIPPED;
  }
  const uint8_t *at = n->metadata;
  const uint8_t *end = at + offered;
  while (at < end) {
    uint16_t record[2];
    if (end - at < 4) return MAPVEIL_E_FORMAT;
    memcpy(record, at, 4);
    const uint32_t id = record[0];
    const uint32_t bytes = record[1];
    if (id >= MAPVEIL_META_COUNT || bytes > (uint32_t)(end - at - 4)) return MAPVEIL_E_FORMAT;
    const bool repeated = fates[id] == MAPVEIL_FIELD_PASSED;
    const bool passes = id < MAPVEIL_META_NEVER && (n->policy.fields & META_PASSABLE) >> id & 1;
    if (passes && !repeated && bytes <= MAPVEIL_META_STRING_MAX && is_plain_text(at + 4, bytes)) {
      memcpy(out, at, bytes + 4);
      out += bytes + 4;
      fates[id] = MAPVEIL_FIELD_PASSED;
    } else if (!repeated) {
      fates[id] = MAPVEIL_FIELD_STRIPPED;
    }
    at += bytes + 4;
  }
  return (int32_t)(out - to);
}
