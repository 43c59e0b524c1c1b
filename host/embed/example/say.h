/* Words and numbers on the platform's two outputs; printf would be half of a board's program. */
#ifndef SAY_H
#define SAY_H

#include <stdint.h>

#include "platform.h"

/* Text as it is. */
void say(platform_file to, const char *text);

/* A number in decimal digits. */
void say_number(platform_file to, uint32_t number);

/* Digits of `bytes` bytes in hexadecimal, and a 0 behind them: `text` has room for 2 * bytes + 1. */
void put_hex(char *text, const uint8_t *from, uint32_t bytes);

/* One complaint: what, of which file, and why if it is known (NULL if not). */
void complain(const char *what, const char *path, const char *why);

#endif
