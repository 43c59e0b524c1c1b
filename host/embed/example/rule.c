/* Reads and asks the rule. There is no state: what was permitted a frame ago means nothing. */
#include "rule.h"

#include <stddef.h>
#include <string.h>

#include "mapveil.h"
#include "platform.h"

/* Longer files are refused: what stands behind the end could be a withdrawal. */
#define RULE_BYTES_MAX 512

enum { LIDAR, HOUSE_PLAN, RUNNING_PATH, CLASSES };
static const char *const CLASS_NAMES[CLASSES] = {"lidar", "house_plan", "running_path"};

enum { LEVELS = 5 };
static const char *const LEVEL_NAMES[LEVELS] = {"nothing", "plan", "map", "frames", "full"};

typedef struct {
  uint32_t levels[CLASSES];
  uint64_t epoch;
} rule;

const char *rule_name(rule_answer answer) {
  static const char *const NAMES[RULE_ANSWERS] = {"permitted", "off", "level too low",
                                                  "rule unreadable", "no pose for no-go areas"};
  return NAMES[answer];
}

/* Place of a word in a list, or -1. */
static int32_t find(const char *word, uint32_t length, const char *const *names, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0) return (int32_t)i;
  }
  return -1;
}

static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* Takes the next word of a line; its length is 0 at the end. */
static const char *next_word(const char **at, const char *end, uint32_t *length) {
  while (*at < end && is_space(**at)) (*at)++;
  const char *word = *at;
  while (*at < end && !is_space(**at)) (*at)++;
  *length = (uint32_t)(*at - word);
  return word;
}

static bool read_epoch(const char *digits, uint32_t length, uint64_t *epoch) {
  uint64_t number = 0;
  for (uint32_t i = 0; i < length; i++) {
    const uint32_t digit = (uint32_t)(digits[i] - '0');
    if (digit > 9 || number > (UINT64_MAX - digit) / 10) return false;
    number = number * 10 + digit;
  }
  *epoch = number;
  return length > 0;
}

static bool read_line(rule *to, const char *at, const char *end, uint32_t *seen) {
  uint32_t name_length = 0;
  uint32_t value_length = 0;
  uint32_t more = 0;
  const char *name = next_word(&at, end, &name_length);
  if (name_length == 0 || *name == '#') return true;
  const char *value = next_word(&at, end, &value_length);
  (void)next_word(&at, end, &more);
  if (more != 0) return false;
  const int32_t class = find(name, name_length, CLASS_NAMES, CLASSES);
  /* Twice the same name could mean either. */
  const uint32_t bit = 1U << (class < 0 ? CLASSES : class);
  if ((*seen & bit) != 0) return false;
  *seen |= bit;
  if (class < 0) {
    return name_length == 5 && memcmp(name, "epoch", 5) == 0 &&
           read_epoch(value, value_length, &to->epoch);
  }
  const int32_t level = find(value, value_length, LEVEL_NAMES, LEVELS);
  if (level < 0) return false;
  to->levels[class] = (uint32_t)level;
  return true;
}

/* False if the file is there, but not to be understood to its last line. */
static bool read_rule(const char *path, rule *to) {
  /* Not on the stack, which is small; one rule is read at a time. */
  static char text[RULE_BYTES_MAX + 1];
  memset(to, 0, sizeof *to);
  const platform_file file = platform_open(path);
  if (file < 0) return true;
  const int32_t bytes = platform_read(file, text, sizeof text);
  platform_close(file);
  if (bytes < 0 || bytes > RULE_BYTES_MAX) return false;
  const char *end = text + bytes;
  uint32_t seen = 0;
  for (const char *at = text; at < end;) {
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    /* A last line without an end was cut: `lidar full` may have meant to go on. */
    if (line_end == NULL || !read_line(to, at, line_end, &seen)) return false;
    at = line_end + 1;
  }
  return true;
}

static uint32_t class_of(uint32_t kind) {
  if (kind == MAPVEIL_KIND_GRID) return HOUSE_PLAN;
  return kind == MAPVEIL_KIND_PATH ? RUNNING_PATH : LIDAR;
}

rule_answer rule_ask(const char *path, uint32_t kind, bool has_pose, const terms *under,
                     uint64_t *epoch) {
  rule now;
  if (!read_rule(path, &now)) return RULE_UNREADABLE;
  *epoch = now.epoch;
  const uint32_t level = now.levels[class_of(kind)];
  if (level == 0) return RULE_OFF;
  if (level < under->level) return RULE_LEVEL;
  return under->needs_pose && !has_pose ? RULE_NO_POSE : RULE_PERMITTED;
}
