/* The command line: every option has a name and one value, but for two. */
#include "options.h"

#include <string.h>

#include "platform.h"
#include "say.h"

static const char HELP[] =
    "Seals frames of a recording as a robot does, one bounded step of work in each tick of its loop.\n"
    "\n"
    "  controller --frames FILE --terms FILE --rule FILE --seed FILE --out FOLDER\n"
    "\n"
    "  --frames FILE  frames to seal, made by host/embed/tools/frames.ts\n"
    "  --terms FILE   policy and recipient, made by `mapveil policy compile`\n"
    "  --rule FILE    what may leave now, read again for every frame: lines such as `lidar frames`,\n"
    "                 `epoch 7`; a class that is not named, or a file that is not there, is off\n"
    "  --seed FILE    32 secret bytes of this robot, replaced at every start: make it once with\n"
    "                 head -c 32 /dev/urandom > FILE\n"
    "  --out FOLDER   where artefacts (.veil) go\n"
    "  --fresh FILE   random bytes (Linux: /dev/urandom; boards: none)\n"
    "  --points N     most points a tick (default: as many as the core's input holds)\n"
    "  --fast         do not wait for the clock (default: 10 ticks a second)\n"
    "  --help         this text\n"
    "\n"
    "Ctrl-C ends after the frame that is under way. Exit: 0 all frames are accounted for and none\n"
    "failed, 1 a frame failed, 2 usage, 3 a file or the core is not usable.\n";

/* A whole number from 1 up, or 0. */
static uint32_t number_of(const char *text) {
  uint32_t number = 0;
  for (; *text != 0; text++) {
    if (*text < '0' || *text > '9' || number > 100000000) return 0;
    number = number * 10 + (uint32_t)(*text - '0');
  }
  return number;
}

static bool take(options *to, const char *name, const char *value) {
  if (strcmp(name, "--frames") == 0) to->frames = value;
  else if (strcmp(name, "--terms") == 0) to->terms = value;
  else if (strcmp(name, "--rule") == 0) to->rule = value;
  else if (strcmp(name, "--seed") == 0) to->seed = value;
  else if (strcmp(name, "--out") == 0) to->out = value;
  else if (strcmp(name, "--fresh") == 0) to->fresh = value;
  else if (strcmp(name, "--points") == 0) return (to->points = number_of(value)) != 0;
  else return false;
  return true;
}

options_result options_read(options *to, int count, char **arguments) {
  memset(to, 0, sizeof *to);
  to->points = UINT32_MAX;
  to->fresh = platform_random_path;
  for (int i = 1; i < count; i++) {
    const char *name = arguments[i];
    if (strcmp(name, "--help") == 0) {
      say(PLATFORM_OUT, HELP);
      return OPTIONS_HELP;
    }
    if (strcmp(name, "--fast") == 0) {
      to->fast = true;
      continue;
    }
    if (i + 1 == count || !take(to, name, arguments[i + 1])) {
      complain("unknown option, or its value is missing or wrong; see --help", name, NULL);
      return OPTIONS_WRONG;
    }
    i++;
  }
  if (to->frames == NULL || to->terms == NULL || to->rule == NULL || to->seed == NULL ||
      to->out == NULL) {
    complain("--frames, --terms, --rule, --seed and --out are needed; see --help", NULL, NULL);
    return OPTIONS_WRONG;
  }
  return OPTIONS_RUN;
}
