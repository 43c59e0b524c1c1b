/*
 * From the reset to main(): memory, floating point, the command line that the debugger has, the exit.
 * Stands in for a C library's start files, which would want a heap.
 */
#include <stdint.h>
#include <string.h>

#include "semihosting.h"

enum { COMMAND_LINE_BYTES = 512, ARGUMENTS_MAX = 24 };
/* The program faulted; no exit code of main() is as large. */
enum { EXIT_FAULT = 99 };

/* Made by the linker script; the stack's address has the type of its neighbours in the vectors. */
void stack_top(void);
extern uint8_t data_start[], data_end[], data_stored[], bss_start[], bss_end[];

int main(int count, char **arguments);
void reset(void);
/* In the platform, which keeps the time. */
void systick(void);

/* Coprocessor access control (Armv7-M ARM, B3.2.20): full access to CP10 and CP11, the FPU. */
static volatile uint32_t *const CPACR = (volatile uint32_t *)0xe000ed88;
static const uint32_t FPU_ACCESS = 0xfU << 20;

int32_t semihosting(uint32_t operation, const uint32_t *arguments) {
  register uint32_t r0 __asm__("r0") = operation;
  register const uint32_t *r1 __asm__("r1") = arguments;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return (int32_t)r0;
}

void semihosting_exit(uint32_t code) {
  /* ADP_Stopped_ApplicationExit */
  const uint32_t arguments[2] = {0x20026, code};
  for (;;) (void)semihosting(SEMIHOSTING_EXIT, arguments);
}

static void fault(void) { semihosting_exit(EXIT_FAULT); }

/* Words of the command line, in place; the first is the program. */
static int split(char *line, char **words) {
  int count = 0;
  for (char *at = line; *at != 0 && count < ARGUMENTS_MAX;) {
    while (*at == ' ') *at++ = 0;
    if (*at == 0) break;
    words[count++] = at;
    while (*at != 0 && *at != ' ') at++;
  }
  return count;
}

void reset(void) {
  static char line[COMMAND_LINE_BYTES];
  static char *words[ARGUMENTS_MAX + 1];
  *CPACR |= FPU_ACCESS;
  __asm__ volatile("dsb\n\tisb" ::: "memory");
  memcpy(data_start, data_stored, (size_t)(data_end - data_start));
  memset(bss_start, 0, (size_t)(bss_end - bss_start));
  const uint32_t arguments[2] = {(uint32_t)line, sizeof line};
  if (semihosting(SEMIHOSTING_COMMAND_LINE, arguments) != 0) fault();
  semihosting_exit((uint32_t)main(split(line, words), words));
}

/* Exceptions 0..15 (Armv7-M ARM, B1.5.2): the stack, the reset, faults, and SysTick as the last. */
__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    stack_top, reset, fault, fault, fault, fault, fault, NULL,
    NULL, NULL, NULL, fault, fault, NULL, fault, systick};
