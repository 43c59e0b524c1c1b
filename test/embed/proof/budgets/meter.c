/*
 * Plays trials through the core, or through whatever else stands behind mapveil.h, and tells of each
 * call what it returned, how many instructions it took, and how deep it went on the stack.
 *
 *   meter TRIALS OUTPUT
 *
 * TRIALS, made by trials.ts, little-endian: u32 trials; each: u32 points a push, points, bytes of policy
 * and metadata, flags, points that are pushed before and not counted; LAYOUT, FRAME; policy, metadata,
 * points.
 * OUTPUT: records of four words: call, status, instructions, bytes of stack. Where a call has written
 * bytes that others must agree on, a record with their hash as its status follows.
 *
 * On a board, instructions are counted by SysTick, which qemu moves on by one every 40 of them, and the
 * stack is painted. Elsewhere callgrind counts, and writes a dump for each call; no stack is told.
 */
#include <string.h>

#include "mapveil.h"
#include "platform.h"

#ifdef __arm__
#define ON_BOARD 1
#else
#define ON_BOARD 0
#include <valgrind/callgrind.h>
#endif

enum {
  CALL_HASH,
  CALL_NOTHING,
  CALL_SEED,
  CALL_BEGIN,
  CALL_PUSH,
  CALL_FINISH,
  CALL_ENCODE,
  CALL_SEAL_KEY,
  CALL_SEAL_BEGIN,
  CALL_SEAL_MESSAGE,
  CALL_OPEN_BEGIN,
  CALL_OPEN_MESSAGE,
  CALL_DECODE,
  CALL_WIPE,
  CALL_INIT
};

/* What is played of a trial. */
enum { FLAG_ENCODE = 1, FLAG_SEAL = 2, FLAG_OPEN = 4, FLAG_WIPE = 8, FLAG_UNCOUNTED = 16 };

/* Of a record that is not opened again; what every profile can seal at a time. */
enum { SMALL_MESSAGE_BYTES = 1024 };

typedef struct {
  uint32_t push_points, points, policy_bytes, metadata_bytes, flags, lead_points;
  mapveil_layout layout;
  mapveil_frame frame;
} trial_head;

typedef struct {
  uint32_t call;
  int32_t status;
  uint32_t instructions, stack;
} record;

static uint8_t buffer[MAPVEIL_BUFFER_BYTES] __attribute__((aligned(MAPVEIL_BUFFER_ALIGN)));
static mapveil *core;
static platform_file trials;
static platform_file output;
static int counting = 1;
static uint32_t seeds;

static void stop(void) __attribute__((noreturn));
static void stop(void) {
  static const char why[] = "meter: a file cannot be read or written\n";
  (void)platform_write(PLATFORM_ERR, why, sizeof why - 1);
  for (;;) __builtin_trap();
}

static void get(void *to, uint32_t bytes) {
  if (platform_read(trials, to, bytes) != (int32_t)bytes) stop();
}

static void get_region(uint32_t region, uint32_t bytes) {
  if (bytes > mapveil_region_bytes(core, region)) stop();
  get(mapveil_region(core, region), bytes);
}

static void tell(uint32_t call, int32_t status, uint32_t instructions, uint32_t stack) {
  const record told = {call, status, instructions, stack};
  if (counting && !platform_write(output, &told, sizeof told)) stop();
}

#if ON_BOARD
enum { PAINT = 0x5a, INSTRUCTIONS_A_TICK = 40, COUNTER_MASK = 0xffffff };
static volatile uint32_t *const SYST_CSR = (volatile uint32_t *)0xe000e010;
static volatile uint32_t *const SYST_RVR = (volatile uint32_t *)0xe000e014;
static volatile uint32_t *const SYST_CVR = (volatile uint32_t *)0xe000e018;
void stack_top(void);

#define PAUSE_COUNTING ((void)0)
#define RESUME_COUNTING ((void)0)

static void start_counter(void) {
  *SYST_RVR = COUNTER_MASK;
  *SYST_CVR = 0;
  /* Runs on the processor's clock, without interrupts. */
  *SYST_CSR = 5;
}

/* An address as a number that the compiler knows nothing of: below stands no object of the program. */
static uintptr_t unknown(uintptr_t address) {
  __asm__("" : "+r"(address));
  return address;
}

/* Paints what lies below this frame, and so below a call from the same one; returns where it begins. */
static uintptr_t __attribute__((noinline)) paint(void) {
  const uintptr_t bottom = unknown((uintptr_t)stack_top) - STACK_BYTES;
  const uintptr_t from = unknown((uintptr_t)__builtin_frame_address(0)) - 32;
  for (uintptr_t at = bottom; at < from; at++) *(volatile uint8_t *)at = PAINT;
  return from;
}

/* How far below what paint() returned something was written. */
static uint32_t __attribute__((noinline)) depth(uintptr_t from) {
  uintptr_t at = unknown((uintptr_t)stack_top) - STACK_BYTES;
  while (at < from && *(volatile uint8_t *)at == PAINT) at++;
  return (uint32_t)(from - at) + 32;
}

#define MEASURE(to, call_id, expression)                                           \
  do {                                                                             \
    const uintptr_t painted = paint();                                             \
    const uint32_t before = *SYST_CVR;                                             \
    (to) = (expression);                                                           \
    const uint32_t ticks = (before - *SYST_CVR) & COUNTER_MASK;                    \
    tell((call_id), (to), ticks * INSTRUCTIONS_A_TICK, depth(painted));            \
  } while (0)
#else
static void start_counter(void) { CALLGRIND_START_INSTRUMENTATION; }

/* What is not counted need not be slow either. */
#define PAUSE_COUNTING CALLGRIND_STOP_INSTRUMENTATION
#define RESUME_COUNTING              \
  do {                                \
    CALLGRIND_START_INSTRUMENTATION; \
    CALLGRIND_ZERO_STATS;            \
  } while (0)

#define MEASURE(to, call_id, expression)                                           \
  do {                                                                             \
    if (counting) CALLGRIND_TOGGLE_COLLECT;                                        \
    (to) = (expression);                                                           \
    if (counting) {                                                                \
      CALLGRIND_TOGGLE_COLLECT;                                                    \
      CALLGRIND_DUMP_STATS_AT("call");                                             \
    }                                                                              \
    tell((call_id), (to), 0, 0);                                                   \
  } while (0)
#endif

/* FNV-1a of bytes that must be the same whoever makes them. */
static void tell_hash(uint32_t region, uint32_t bytes) {
  const uint8_t *at = mapveil_region(core, region);
  uint32_t hash = 2166136261u;
  for (uint32_t i = 0; i < bytes; i++) hash = (hash ^ at[i]) * 16777619u;
  tell(CALL_HASH, (int32_t)hash, 0, 0);
}

/* A stored seed of its own each time, and a recipient that no secret key is known of. */
static void put_seed(void) {
  mapveil_seeds *const seed = mapveil_region(core, MAPVEIL_REGION_SEED);
  memset(seed, 0, sizeof *seed);
  seeds++;
  memcpy(seed->stored, &seeds, sizeof seeds);
  seed->stored[31] = 1;
}

static void seal_record(uint32_t bytes, uint32_t flags) {
  int32_t status;
  int32_t message = 0;
  uint8_t data_key[32];
  put_seed();
  MEASURE(status, CALL_SEED, mapveil_seed(core));
  mapveil_seal *const seal = mapveil_region(core, MAPVEIL_REGION_SEAL);
  memset(seal->recipient, 9, sizeof seal->recipient);
  MEASURE(status, CALL_SEAL_KEY, mapveil_seal_key(core));
  memcpy(data_key, seal->data_key, sizeof data_key);
  MEASURE(status, CALL_SEAL_BEGIN, mapveil_seal_begin(core, MAPVEIL_KIND_FRAME));
  tell_hash(MAPVEIL_REGION_HEADER, MAPVEIL_HEADER_BYTES);
  if (status < 0) return;
  const uint32_t most = flags & FLAG_OPEN ? MAPVEIL_MESSAGE_BYTES : SMALL_MESSAGE_BYTES;
  for (uint32_t from = 0; from < bytes; from += most) {
    const uint32_t left = bytes - from;
    const uint32_t length = left < most ? left : most;
    const uint32_t tag = left == length ? MAPVEIL_TAG_FINAL : MAPVEIL_TAG_MESSAGE;
    MEASURE(message, CALL_SEAL_MESSAGE, mapveil_seal_message(core, from, length, tag));
    if (message < 0) return;
    tell_hash(MAPVEIL_REGION_MESSAGE, (uint32_t)message);
  }
#ifndef MAPVEIL_PROFILE_MICRO
  /* Only artefacts of one message: it still stands where it is read from. */
  if ((flags & FLAG_OPEN) == 0 || bytes > MAPVEIL_MESSAGE_BYTES) return;
  memcpy(seal->data_key, data_key, sizeof data_key);
  MEASURE(status, CALL_OPEN_BEGIN, mapveil_open_begin(core, MAPVEIL_HEADER_BYTES));
  MEASURE(status, CALL_OPEN_MESSAGE, mapveil_open_message(core, (uint32_t)message, 0));
#else
  (void)flags;
#endif
}

/* Pushes all points; false once the core refuses some. */
static bool push_points(const trial_head *head) {
  const uint32_t step = head->layout.point_step;
  const uint32_t room = mapveil_region_bytes(core, MAPVEIL_REGION_INPUT) / step;
  bool taken = true;
  uint32_t points;
  for (uint32_t first = 0; first < head->points; first += points) {
    const bool leads = first < head->lead_points;
    const uint32_t left = (leads ? head->lead_points : head->points) - first;
    const uint32_t most = leads ? room : head->push_points;
    int32_t status = 0;
    points = left < most ? left : most;
    get_region(MAPVEIL_REGION_INPUT, points * step);
    if (!taken) continue;
    if (leads) {
      PAUSE_COUNTING;
      status = mapveil_frame_push(core, points);
      RESUME_COUNTING;
    } else {
      MEASURE(status, CALL_PUSH, mapveil_frame_push(core, points));
    }
    taken = status >= 0;
  }
  return taken;
}

static void play_trial(void) {
  static trial_head head;
  int32_t status;
  int32_t voxels;
  get(&head, sizeof head);
  counting = (head.flags & FLAG_UNCOUNTED) == 0;
  MEASURE(status, CALL_NOTHING, 0);
  memcpy(mapveil_region(core, MAPVEIL_REGION_LAYOUT), &head.layout, sizeof head.layout);
  memcpy(mapveil_region(core, MAPVEIL_REGION_FRAME), &head.frame, sizeof head.frame);
  get_region(MAPVEIL_REGION_POLICY, head.policy_bytes);
  get_region(MAPVEIL_REGION_METADATA, head.metadata_bytes);
  MEASURE(status, CALL_BEGIN, mapveil_frame_begin(core));
  const bool taken = push_points(&head);
  if (!taken) goto wipe;
  MEASURE(voxels, CALL_FINISH, mapveil_frame_finish(core));
  tell_hash(MAPVEIL_REGION_STATS, sizeof(mapveil_stats));
  if (voxels < 0 || (head.flags & FLAG_ENCODE) == 0) goto wipe;
  MEASURE(status, CALL_ENCODE, mapveil_tile_encode(core, head.metadata_bytes));
  if (status < 0) goto wipe;
  tell_hash(MAPVEIL_REGION_PLAIN, (uint32_t)status);
  const uint32_t bytes = (uint32_t)status;
  if (head.flags & FLAG_SEAL) seal_record(bytes, head.flags);
#ifndef MAPVEIL_PROFILE_MICRO
  if (head.flags & FLAG_OPEN) {
    MEASURE(status, CALL_DECODE, mapveil_tile_decode(core, bytes));
    tell_hash(MAPVEIL_REGION_CELLS, (uint32_t)voxels * (uint32_t)sizeof(mapveil_cell));
    tell_hash(MAPVEIL_REGION_VALUES, (uint32_t)voxels * (uint32_t)sizeof(mapveil_value));
  }
#endif
wipe:
  if (head.flags & FLAG_WIPE) MEASURE(status, CALL_WIPE, mapveil_wipe(core));
}

int main(int count, char **arguments) {
  uint32_t many;
  int32_t status;
  if (count != 3) stop();
  trials = platform_open(arguments[1]);
  output = platform_create(arguments[2]);
  if (trials < 0 || output < 0) stop();
  start_counter();
  MEASURE(status, CALL_INIT, mapveil_init(&core, buffer, sizeof buffer, MAPVEIL_ABI));
  if (status < 0) stop();
  get(&many, sizeof many);
  for (uint32_t i = 0; i < many; i++) play_trial();
  return platform_close_durably(output) ? 0 : 1;
}
