/*
 * Calls of the debugger that runs the board, here qemu: its files, its exit. Numbers are those of
 * "Semihosting for AArch32 and AArch64" (Arm, 100863).
 */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

enum {
  SEMIHOSTING_OPEN = 0x01,
  SEMIHOSTING_CLOSE = 0x02,
  SEMIHOSTING_WRITE = 0x05,
  SEMIHOSTING_READ = 0x06,
  SEMIHOSTING_SEEK = 0x0a,
  SEMIHOSTING_LENGTH = 0x0c,
  SEMIHOSTING_REMOVE = 0x0e,
  SEMIHOSTING_RENAME = 0x0f,
  SEMIHOSTING_ERROR = 0x13,
  SEMIHOSTING_COMMAND_LINE = 0x15,
  SEMIHOSTING_EXIT = 0x20
};

/* One call with its block of arguments; returns what the debugger answers, mostly -1 for a failure. */
int32_t semihosting(uint32_t operation, const uint32_t *arguments);

/* Ends the program with an exit code. */
void semihosting_exit(uint32_t code) __attribute__((noreturn));

#endif
