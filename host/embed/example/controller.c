/*
 * A robot's control loop with the core in it: ten ticks a second, and in each one bounded step of
 * sealing, beside what the robot does anyway. `controller --help` says how it is called.
 *
 * Every frame is accounted for: captured = sealed + refused + failed.
 */
#include <string.h>

#include "job.h"
#include "mapveil.h"
#include "options.h"
#include "platform.h"
#include "say.h"
#include "seed_file.h"
#include "terms.h"

enum { TICKS_A_SECOND = 10 };
/* Metres within which the secret offset of a session lies, on each axis, as on the Node host. */
#define SESSION_OFFSET_M 1000.0
enum { EXIT_SOUND = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_UNUSABLE = 3 };

/* All the memory that the core ever uses. */
static uint8_t buffer[MAPVEIL_BUFFER_BYTES] __attribute__((aligned(MAPVEIL_BUFFER_ALIGN)));

static options set;
static terms under;
static frame_file frames;
static job current;

static struct {
  uint32_t captured;
  uint32_t sealed;
  uint32_t refused;
  uint32_t failed;
  uint32_t refused_why[RULE_ANSWERS];
  uint32_t ticks;
  uint32_t late;
} account;

static void say_count(const char *name, uint32_t count) {
  say(PLATFORM_OUT, name);
  say(PLATFORM_OUT, " ");
  say_number(PLATFORM_OUT, count);
  say(PLATFORM_OUT, "\n");
}

static void say_account(void) {
  say_count("captured", account.captured);
  say_count("sealed", account.sealed);
  say_count("refused", account.refused);
  for (uint32_t i = 0; i < RULE_ANSWERS; i++) {
    if (account.refused_why[i] == 0) continue;
    say(PLATFORM_OUT, "  ");
    say_count(rule_name((rule_answer)i), account.refused_why[i]);
  }
  say_count("failed", account.failed);
  say_count("ticks", account.ticks);
  say_count("late", account.late);
}

/* What became of the frame that was captured last. */
static void account_for(job_result result) {
  const char *what = "failed";
  const char *detail = current.failure;
  if (result == JOB_SEALED) {
    account.sealed++;
    what = "sealed";
    detail = current.name;
  } else if (result == JOB_REFUSED) {
    account.refused++;
    account.refused_why[current.refusal]++;
    what = "refused";
    detail = rule_name(current.refusal);
  } else {
    account.failed++;
  }
  say(PLATFORM_OUT, "frame ");
  say_number(PLATFORM_OUT, account.captured);
  say(PLATFORM_OUT, " ");
  say(PLATFORM_OUT, what);
  say(PLATFORM_OUT, " ");
  say(PLATFORM_OUT, detail);
  say(PLATFORM_OUT, "\n");
}

/*
 * Secrets of this run that are not keys: how voxels are looked up, and where a session's map begins
 * and how it is turned. Without randomness there is no session, and frames that need one fail.
 */
static bool draw_secrets(void) {
  struct {
    uint8_t hash_seed[8];
    int32_t session[5];
  } random;
  if (set.fresh == NULL) return true;
  const platform_file file = platform_open(set.fresh);
  const bool came =
      file >= 0 && platform_read(file, &random, sizeof random) == (int32_t)sizeof random;
  if (file >= 0) platform_close(file);
  if (!came) {
    complain("random bytes cannot be read", set.fresh, platform_why());
    return false;
  }
  memcpy(current.hash_seed, random.hash_seed, sizeof random.hash_seed);
  if (!under.needs_session) return true;
  mapveil_frame *frame = mapveil_region(current.core, MAPVEIL_REGION_FRAME);
  for (uint32_t i = 0; i < 5; i++) {
    const double unit = (double)random.session[i] / 2147483648.0;
    frame->session_offset[i] = i < 3 ? unit * SESSION_OFFSET_M : unit;
  }
  const int32_t status = mapveil_session_begin(current.core);
  if (status < 0) complain("no session", NULL, mapveil_status_text(status));
  return status >= 0;
}

/* Everything that must be there before the first frame. */
static bool set_up(void) {
  if (!terms_read(&under, set.terms) || !frame_file_open(&frames, set.frames)) return false;
  const int32_t status = mapveil_init(&current.core, buffer, sizeof buffer, MAPVEIL_ABI);
  if (status < 0) {
    complain("the core does not start", NULL, mapveil_status_text(status));
    return false;
  }
  current.set = &set;
  current.under = &under;
  current.frames = &frames;
  return seed_from_file(current.core, set.seed, set.fresh) && draw_secrets();
}

/* What the robot does in every tick beside: read its sensors, turn its wheels. */
static void control_robot(void) { account.ticks++; }

/* Starts the next frame, if there is one. False: the recording has ended. */
static bool capture(job_result *result) {
  frame_head head;
  const frame_file_result found = frame_file_next(&frames, &head);
  if (found == FRAME_FILE_END) return false;
  account.captured++;
  if (found == FRAME_FILE_CUT) {
    current.failure = "the frame file was cut";
    *result = JOB_FAILED;
  } else {
    *result = job_begin(&current, &head);
  }
  return true;
}

static void run(void) {
  job_result result = JOB_SEALED;
  platform_start_ticks(TICKS_A_SECOND);
  for (;;) {
    if (result == JOB_BUSY) result = job_step(&current);
    else if (platform_stopped() || !capture(&result)) return;
    if (result != JOB_BUSY) account_for(result);
    control_robot();
    if (!set.fast) account.late += platform_wait_tick();
  }
}

int main(int count, char **arguments) {
  switch (options_read(&set, count, arguments)) {
    case OPTIONS_HELP:
      return EXIT_SOUND;
    case OPTIONS_WRONG:
      return EXIT_USAGE;
    default:
      break;
  }
  if (!set_up()) return EXIT_UNUSABLE;
  run();
  platform_close(frames.file);
  mapveil_wipe(current.core);
  say_account();
  return account.failed == 0 ? EXIT_SOUND : EXIT_FAILED;
}
