/*
 * Plays frames through the core as a file says, and writes down all that the core answers: every
 * status, and every byte that comes out. The same program on every machine; play-wasm.ts writes the
 * same for the module in Node.
 *
 *   player PLAYS OUTPUT
 *
 * PLAYS is made by plays.ts, which has its layout. OUTPUT: u32 what, then for a call (what < 256) its
 * i32 status, for a region (256 + REGION_*) u32 length and its bytes.
 */
#include <string.h>

#include "mapveil.h"
#include "platform.h"
#include "say.h"

enum {
  CALL_PLAY,
  CALL_SEED,
  CALL_SESSION_BEGIN,
  CALL_FRAME_BEGIN,
  CALL_FRAME_PUSH,
  CALL_FRAME_FINISH,
  CALL_FRAME_VOXELS,
  CALL_TILE_ENCODE,
  CALL_SEAL_KEY,
  CALL_SEAL_BEGIN,
  CALL_SEAL_MESSAGE,
  CALL_OPEN_BEGIN,
  CALL_OPEN_MESSAGE,
  CALL_OPEN_TAG,
  CALL_TILE_DECODE,
  CALL_WIPE,
  CALL_SELFTEST,
  CALL_MAP_BEGIN,
  CALL_MAP_ADD,
  CALL_MAP_RELEASE
};
/* What a play does with a map, bits of play_head.map_steps. */
enum { MAP_BEGINS = 1, MAP_ADDS = 2, MAP_RELEASES = 4 };
enum { DUMP = 256 };

typedef struct {
  uint32_t plays;
  uint8_t stored[32];
  uint8_t fresh[32];
  uint8_t recipient[32];
} plays_head;

typedef struct {
  uint32_t has_session;
  uint32_t push_points;
  uint32_t points;
  uint32_t policy_bytes;
  uint32_t metadata_bytes;
  uint32_t kind;
  uint32_t map_steps;
  uint32_t reserved;
  mapveil_layout layout;
  mapveil_frame frame;
  mapveil_map map;
} play_head;

static uint8_t buffer[MAPVEIL_BUFFER_BYTES] __attribute__((aligned(MAPVEIL_BUFFER_ALIGN)));
static mapveil *core;
static platform_file plays;
static platform_file output;

static void stop(const char *why) __attribute__((noreturn));
static void stop(const char *why) {
  complain(why, NULL, NULL);
  /* No machine of the proof goes on after this: hosts abort, boards fault. */
  __builtin_trap();
}

static void put(const void *from, uint32_t bytes) {
  if (!platform_write(output, from, bytes)) stop("the output cannot be written");
}

static int32_t tell(uint32_t call, int32_t status) {
  put(&call, sizeof call);
  put(&status, sizeof status);
  return status;
}

static void dump(uint32_t region, uint32_t bytes) {
  const uint32_t what = DUMP + region;
  put(&what, sizeof what);
  put(&bytes, sizeof bytes);
  put(mapveil_region(core, region), bytes);
}

static void get(void *to, uint32_t bytes) {
  if (platform_read(plays, to, bytes) != (int32_t)bytes) stop("the plays were cut");
}

static void skip(uint32_t bytes) {
  uint8_t away;
  while (bytes-- > 0) get(&away, 1);
}

/* Reads so many bytes into a region, which may have room for fewer. */
static void get_region(uint32_t region, uint32_t bytes) {
  const uint32_t room = mapveil_region_bytes(core, region);
  get(mapveil_region(core, region), bytes < room ? bytes : room);
  skip(bytes < room ? 0 : bytes - room);
}

/* All calls out of order, before anything was begun; then the seeds. */
static void play_prologue(const plays_head *head) {
  mapveil_seeds *seed = mapveil_region(core, MAPVEIL_REGION_SEED);
  tell(CALL_SELFTEST, mapveil_selftest(core));
  tell(CALL_FRAME_PUSH, mapveil_frame_push(core, 1));
  tell(CALL_FRAME_FINISH, mapveil_frame_finish(core));
  tell(CALL_TILE_ENCODE, mapveil_tile_encode(core, 0));
  tell(CALL_SEAL_MESSAGE, mapveil_seal_message(core, 0, 1, MAPVEIL_TAG_FINAL));
  tell(CALL_SEAL_BEGIN, mapveil_seal_begin(core, MAPVEIL_KIND_FRAME));
  tell(CALL_SEAL_KEY, mapveil_seal_key(core));
  tell(CALL_SEED, mapveil_seed(core));
  for (uint32_t again = 0; again < 2; again++) {
    memcpy(seed->stored, head->stored, sizeof seed->stored);
    memcpy(seed->fresh, head->fresh, sizeof seed->fresh);
    tell(CALL_SEED, mapveil_seed(core));
    dump(MAPVEIL_REGION_SEED, sizeof *seed);
  }
  tell(CALL_SEAL_KEY, mapveil_seal_key(core));
}

#ifndef MAPVEIL_PROFILE_MICRO
static void read_voxels(uint32_t voxels) {
  const uint32_t most = mapveil_region_bytes(core, MAPVEIL_REGION_INPUT) / sizeof(mapveil_voxel);
  for (uint32_t first = 0; first < voxels; first += most) {
    const uint32_t count = voxels - first < most ? voxels - first : most;
    tell(CALL_FRAME_VOXELS, mapveil_frame_voxels(core, first, count));
    dump(MAPVEIL_REGION_INPUT, count * (uint32_t)sizeof(mapveil_voxel));
  }
}

/* Opens the one message that still stands in its region, and decodes what was in it. */
static void open_again(const uint8_t *data_key, uint32_t message_bytes) {
  mapveil_seal *seal = mapveil_region(core, MAPVEIL_REGION_SEAL);
  memcpy(seal->data_key, data_key, sizeof seal->data_key);
  memset(mapveil_region(core, MAPVEIL_REGION_PLAIN), 0, message_bytes);
  tell(CALL_OPEN_BEGIN, mapveil_open_begin(core, MAPVEIL_HEADER_BYTES));
  const int32_t record = tell(CALL_OPEN_MESSAGE, mapveil_open_message(core, message_bytes, 0));
  tell(CALL_OPEN_TAG, mapveil_open_tag(core));
  if (record < 0) return;
  dump(MAPVEIL_REGION_PLAIN, (uint32_t)record);
  const int32_t voxels = tell(CALL_TILE_DECODE, mapveil_tile_decode(core, (uint32_t)record));
  if (voxels < 0) return;
  dump(MAPVEIL_REGION_CELLS, (uint32_t)voxels * (uint32_t)sizeof(mapveil_cell));
  dump(MAPVEIL_REGION_VALUES, (uint32_t)voxels * (uint32_t)sizeof(mapveil_value));
}
#endif

static void play_seal(const plays_head *head, uint32_t kind, uint32_t record) {
  uint8_t data_key[32];
  int32_t message = 0;
  mapveil_seal *seal = mapveil_region(core, MAPVEIL_REGION_SEAL);
  memcpy(seal->recipient, head->recipient, sizeof seal->recipient);
  tell(CALL_SEAL_KEY, mapveil_seal_key(core));
  memcpy(data_key, seal->data_key, sizeof data_key);
  memset(seal->policy_digest, 0x5a, sizeof seal->policy_digest);
  seal->epoch = 0x0123456789abcdefULL;
  if (tell(CALL_SEAL_BEGIN, mapveil_seal_begin(core, kind)) < 0) return;
  dump(MAPVEIL_REGION_HEADER, MAPVEIL_HEADER_BYTES);
  for (uint32_t at = 0; at < record; at += MAPVEIL_MESSAGE_BYTES) {
    const uint32_t left = record - at;
    const uint32_t bytes = left < MAPVEIL_MESSAGE_BYTES ? left : MAPVEIL_MESSAGE_BYTES;
    const uint32_t tag = bytes == left ? MAPVEIL_TAG_FINAL : MAPVEIL_TAG_MESSAGE;
    message = tell(CALL_SEAL_MESSAGE, mapveil_seal_message(core, at, bytes, tag));
    if (message < 0) return;
    dump(MAPVEIL_REGION_MESSAGE, (uint32_t)message);
  }
#ifndef MAPVEIL_PROFILE_MICRO
  if (record <= MAPVEIL_MESSAGE_BYTES) open_again(data_key, (uint32_t)message);
#endif
  memset(data_key, 0, sizeof data_key);
}

/* Pushes all points of the play, as many as it says at a time; false once the core refuses. */
static bool play_points(const play_head *play) {
  bool taken = true;
  for (uint32_t first = 0; first < play->points; first += play->push_points) {
    const uint32_t left = play->points - first;
    const uint32_t points = left < play->push_points ? left : play->push_points;
    get_region(MAPVEIL_REGION_INPUT, points * play->layout.point_step);
    if (taken) taken = tell(CALL_FRAME_PUSH, mapveil_frame_push(core, points)) >= 0;
  }
  return taken;
}

/* The record of the finished frame. That of a map is not sealed: plays behind it keep their keys. */
static void play_record(const plays_head *head, const play_head *play) {
  const int32_t record = tell(CALL_TILE_ENCODE, mapveil_tile_encode(core, play->metadata_bytes));
  dump(MAPVEIL_REGION_STATS, sizeof(mapveil_stats));
  if (record < 0) return;
  dump(MAPVEIL_REGION_PLAIN, (uint32_t)record);
  if (play->map_steps == 0) play_seal(head, play->kind, (uint32_t)record);
}

#if MAPVEIL_MAP_REGION_BYTES > 0
static void play_map_begin(const play_head *play) {
  memcpy(mapveil_region(core, MAPVEIL_REGION_MAP), &play->map, sizeof play->map);
  tell(CALL_MAP_BEGIN, mapveil_map_begin(core));
}

static int32_t release_map(uint32_t part) {
  const int32_t voxels = tell(CALL_MAP_RELEASE, mapveil_map_release(core, part));
  if (voxels >= 0) read_voxels((uint32_t)voxels);
  return voxels;
}

static void play_map_add(const plays_head *head, const play_head *play) {
  tell(CALL_MAP_ADD, mapveil_map_add(core));
  dump(MAPVEIL_REGION_MAP, sizeof(mapveil_map));
  if ((play->map_steps & MAP_RELEASES) == 0) return;
  release_map(MAPVEIL_MAP_REMOVED);
  if (release_map(MAPVEIL_MAP_KEPT) >= 0) play_record(head, play);
}
#endif

static void play_one(const plays_head *head) {
  static play_head play;
  get(&play, sizeof play);
  tell(CALL_PLAY, (int32_t)play.points);
  mapveil_frame *frame = mapveil_region(core, MAPVEIL_REGION_FRAME);
  *frame = play.frame;
  if (play.has_session != 0) tell(CALL_SESSION_BEGIN, mapveil_session_begin(core));
  *frame = play.frame;
  memcpy(mapveil_region(core, MAPVEIL_REGION_LAYOUT), &play.layout, sizeof play.layout);
  get_region(MAPVEIL_REGION_POLICY, play.policy_bytes);
  get_region(MAPVEIL_REGION_METADATA, play.metadata_bytes);
#if MAPVEIL_MAP_REGION_BYTES > 0
  if ((play.map_steps & MAP_BEGINS) != 0) play_map_begin(&play);
#endif
  tell(CALL_FRAME_BEGIN, mapveil_frame_begin(core));
  const bool taken = play_points(&play);
  dump(MAPVEIL_REGION_STATS, sizeof(mapveil_stats));
  const int32_t voxels = tell(CALL_FRAME_FINISH, mapveil_frame_finish(core));
  if (!taken || voxels < 0) return;
#ifndef MAPVEIL_PROFILE_MICRO
  read_voxels((uint32_t)voxels);
#endif
#if MAPVEIL_MAP_REGION_BYTES > 0
  if ((play.map_steps & MAP_ADDS) != 0) {
    play_map_add(head, &play);
    return;
  }
#endif
  play_record(head, &play);
}

int main(int count, char **arguments) {
  plays_head head;
  if (count != 3) stop("usage: player PLAYS OUTPUT");
  plays = platform_open(arguments[1]);
  output = platform_create(arguments[2]);
  if (plays < 0 || output < 0) stop("a file cannot be opened");
  if (mapveil_init(&core, buffer, sizeof buffer, MAPVEIL_ABI) < 0) stop("the core does not start");
  get(&head, sizeof head);
  play_prologue(&head);
  for (uint32_t i = 0; i < head.plays; i++) play_one(&head);
  tell(CALL_WIPE, mapveil_wipe(core));
  platform_close(plays);
  return platform_close_durably(output) ? 0 : 1;
}
