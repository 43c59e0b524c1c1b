/* Text out, without the C library's formats. */
#include "say.h"

#include <string.h>

#define DIGITS_MAX 10

void say(platform_file to, const char *text) {
  (void)platform_write(to, text, (uint32_t)strlen(text));
}

void say_number(platform_file to, uint32_t number) {
  char digits[DIGITS_MAX + 1];
  uint32_t at = DIGITS_MAX;
  digits[at] = 0;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  say(to, digits + at);
}

void put_hex(char *text, const uint8_t *from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) {
    text[2 * i] = "0123456789abcdef"[from[i] >> 4];
    text[2 * i + 1] = "0123456789abcdef"[from[i] & 15];
  }
  text[2 * bytes] = 0;
}

void complain(const char *what, const char *path, const char *why) {
  say(PLATFORM_ERR, "controller: ");
  if (path != NULL) {
    say(PLATFORM_ERR, path);
    say(PLATFORM_ERR, ": ");
  }
  say(PLATFORM_ERR, what);
  if (why != NULL) {
    say(PLATFORM_ERR, ": ");
    say(PLATFORM_ERR, why);
  }
  say(PLATFORM_ERR, "\n");
}
