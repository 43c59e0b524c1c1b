/*
 * Plays one frame through the core, as a host does, and has callgrind count the instructions of each
 * stage. What the host copies is not counted; what comes out is written to a file, to be compared.
 *
 *   player PLAY OUTPUT
 *
 * PLAY, all little-endian: u32 bytes of a point, u32 points a push, then six parts, each a u32 length
 * and its bytes: POLICY, LAYOUT, FRAME, METADATA and SEAL as they stand in their regions, the points.
 * OUTPUT: parts in the same form: record, header, messages with their lengths, cells, values.
 *
 * The frame is played twice and counted the second time, so that what a frame leaves behind for the
 * next one to clear is in the count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include "mapveil.h"

static mapveil *core;
static _Alignas(MAPVEIL_BUFFER_ALIGN) uint8_t buffer[MAPVEIL_BUFFER_BYTES];
/* Whether this play is counted, or only prepares the next one. */
static int counting = 0;

typedef struct {
  uint8_t *bytes;
  uint32_t length;
} part;

typedef struct {
  uint32_t point_step;
  uint32_t push_points;
  part policy, layout, frame, metadata, seal, points;
} play;

static void fail(const char *what, int64_t status) {
  fprintf(stderr, "player: %s: %lld\n", what, (long long)status);
  exit(1);
}

static uint32_t read_number(FILE *file) {
  uint32_t value = 0;
  if (fread(&value, 4, 1, file) != 1) fail("the play ends early", 0);
  return value;
}

static part read_part(FILE *file) {
  part read = {NULL, read_number(file)};
  read.bytes = malloc(read.length + 1);
  if (read.bytes == NULL || fread(read.bytes, 1, read.length, file) != read.length) {
    fail("the play ends early", read.length);
  }
  return read;
}

static play read_play(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail("no such play", 0);
  play read;
  read.point_step = read_number(file);
  read.push_points = read_number(file);
  read.policy = read_part(file);
  read.layout = read_part(file);
  read.frame = read_part(file);
  read.metadata = read_part(file);
  read.seal = read_part(file);
  read.points = read_part(file);
  fclose(file);
  return read;
}

static uint8_t *region(uint32_t id) { return mapveil_region(core, id); }

static void put(uint32_t id, const uint8_t *bytes, uint32_t length) {
  if (length > mapveil_region_bytes(core, id)) fail("too long for region", id);
  memcpy(region(id), bytes, length);
}

static void write_part(FILE *file, const uint8_t *bytes, uint32_t length) {
  if (fwrite(&length, 4, 1, file) != 1 || fwrite(bytes, 1, length, file) != length) {
    fail("the output cannot be written", length);
  }
}

/* Counts one call of the core; the result must not be an error. */
#define COUNTED(to, call)                      \
  do {                                         \
    CALLGRIND_TOGGLE_COLLECT;                  \
    const int32_t status = (int32_t)(call);    \
    CALLGRIND_TOGGLE_COLLECT;                  \
    if (status < 0) fail(#call, status);       \
    (to) = (uint32_t)status;                   \
  } while (0)

/* Writes what was counted since the last stage ended under the name of this one. */
static void end_stage(const char *name) {
  if (counting) CALLGRIND_DUMP_STATS_AT(name);
}

/* Begin, push, finish, encode; returns the bytes of the record. */
static uint32_t play_frame(const play *p) {
  uint32_t result = 0;
  put(MAPVEIL_REGION_POLICY, p->policy.bytes, p->policy.length);
  put(MAPVEIL_REGION_LAYOUT, p->layout.bytes, p->layout.length);
  put(MAPVEIL_REGION_FRAME, p->frame.bytes, p->frame.length);
  COUNTED(result, mapveil_frame_begin(core));
  end_stage("begin");
  const uint32_t points = p->points.length / p->point_step;
  for (uint32_t first = 0; first < points; first += p->push_points) {
    const uint32_t rest = points - first;
    const uint32_t count = rest < p->push_points ? rest : p->push_points;
    put(MAPVEIL_REGION_INPUT, p->points.bytes + (size_t)first * p->point_step, count * p->point_step);
    COUNTED(result, mapveil_frame_push(core, count));
  }
  end_stage("push");
  COUNTED(result, mapveil_frame_finish(core));
  end_stage("finish");
  put(MAPVEIL_REGION_METADATA, p->metadata.bytes, p->metadata.length);
  COUNTED(result, mapveil_tile_encode(core, p->metadata.length));
  end_stage("encode");
  return result;
}

/* Seals a record to `out`: messages, each behind its u32 length. Returns their bytes. */
static uint32_t seal(const play *p, uint32_t record, uint8_t *out) {
  uint32_t at = 0;
  uint32_t bytes = 0;
  put(MAPVEIL_REGION_SEAL, p->seal.bytes, p->seal.length);
  COUNTED(bytes, mapveil_seal_begin(core, MAPVEIL_KIND_FRAME));
  for (uint32_t from = 0; from < record; from += MAPVEIL_MESSAGE_BYTES) {
    const uint32_t rest = record - from;
    const uint32_t length = rest < MAPVEIL_MESSAGE_BYTES ? rest : MAPVEIL_MESSAGE_BYTES;
    const uint32_t tag = rest <= MAPVEIL_MESSAGE_BYTES ? MAPVEIL_TAG_FINAL : MAPVEIL_TAG_MESSAGE;
    COUNTED(bytes, mapveil_seal_message(core, from, length, tag));
    memcpy(out + at, &bytes, 4);
    memcpy(out + at + 4, region(MAPVEIL_REGION_MESSAGE), bytes);
    at += 4 + bytes;
  }
  end_stage("seal");
  return at;
}

/* Opens what seal() wrote, back to where it came from. */
static void open_sealed(const play *p, const uint8_t *sealed, uint32_t length) {
  uint32_t result = 0;
  uint32_t plain = 0;
  mapveil_seal *const keys = (mapveil_seal *)region(MAPVEIL_REGION_SEAL);
  memcpy(keys->data_key, ((const mapveil_seal *)p->seal.bytes)->data_key, sizeof keys->data_key);
  COUNTED(result, mapveil_open_begin(core, MAPVEIL_HEADER_BYTES));
  for (uint32_t at = 0; at < length;) {
    uint32_t bytes = 0;
    memcpy(&bytes, sealed + at, 4);
    put(MAPVEIL_REGION_MESSAGE, sealed + at + 4, bytes);
    COUNTED(result, mapveil_open_message(core, bytes, plain));
    plain += result;
    at += 4 + bytes;
  }
  end_stage("open");
}

int main(int count, char **arguments) {
  if (count != 3) fail("usage: player PLAY OUTPUT", count);
  const play p = read_play(arguments[1]);
  FILE *output = fopen(arguments[2], "wb");
  if (output == NULL) fail("the output cannot be opened", 0);
  const int32_t status = mapveil_init(&core, buffer, sizeof buffer, MAPVEIL_ABI);
  if (status != 0) fail(mapveil_status_text(status), status);

  play_frame(&p);
  CALLGRIND_START_INSTRUMENTATION;
  counting = 1;
  const uint32_t record = play_frame(&p);
  write_part(output, region(MAPVEIL_REGION_PLAIN), record);

  uint8_t *sealed = malloc((size_t)record + (record / MAPVEIL_MESSAGE_BYTES + 1) * 64);
  if (sealed == NULL) fail("no memory", record);
  const uint32_t length = seal(&p, record, sealed);
  write_part(output, region(MAPVEIL_REGION_HEADER), MAPVEIL_HEADER_BYTES);
  write_part(output, sealed, length);
  open_sealed(&p, sealed, length);

  uint32_t voxels = 0;
  COUNTED(voxels, mapveil_tile_decode(core, record));
  end_stage("decode");
  write_part(output, region(MAPVEIL_REGION_CELLS), voxels * 12);
  write_part(output, region(MAPVEIL_REGION_VALUES), voxels * MAPVEIL_VALUE_BYTES);

  COUNTED(voxels, mapveil_wipe(core));
  end_stage("wipe");
  return fclose(output) == 0 ? 0 : 1;
}
