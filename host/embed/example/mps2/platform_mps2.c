/*
 * The platform on a board without an operating system: files of the debugger by semihosting, where a
 * robot would have its flash driver, and SysTick. There is no source of randomness, and nobody to stop
 * the program but a power cut.
 */
#include <string.h>

#include "platform.h"
#include "semihosting.h"

enum { CLOCK_HZ = 25000000, HIGHEST_HANDLE_OF_OURS = PLATFORM_ERR };

/* Modes of fopen() as semihosting counts them. */
enum { MODE_READ = 1, MODE_WRITE_TEXT = 4, MODE_WRITE = 5, MODE_APPEND_TEXT = 8 };

/* SysTick (Armv7-M ARM, B3.3). */
static volatile uint32_t *const SYST_CSR = (volatile uint32_t *)0xe000e010;
static volatile uint32_t *const SYST_RVR = (volatile uint32_t *)0xe000e014;
static volatile uint32_t *const SYST_CVR = (volatile uint32_t *)0xe000e018;
/* Counts cycles of the processor, interrupts, runs. */
static const uint32_t SYST_ENABLED = 7;

const char *const platform_random_path = NULL;

static volatile uint32_t ticks;
static uint32_t ticks_waited;

void systick(void);
void systick(void) { ticks = ticks + 1; }

/* Files are the debugger's handles, moved up, so that none is PLATFORM_OUT or PLATFORM_ERR. */
static platform_file open_as(const char *path, uint32_t mode) {
  const uint32_t arguments[3] = {(uint32_t)path, mode, (uint32_t)strlen(path)};
  const int32_t handle = semihosting(SEMIHOSTING_OPEN, arguments);
  return handle < 0 ? -1 : handle + HIGHEST_HANDLE_OF_OURS + 1;
}

static uint32_t handle_of(platform_file file) {
  static platform_file console[HIGHEST_HANDLE_OF_OURS + 1];
  if (file > HIGHEST_HANDLE_OF_OURS) return (uint32_t)(file - HIGHEST_HANDLE_OF_OURS - 1);
  if (console[file] == 0) {
    console[file] = open_as(":tt", file == PLATFORM_OUT ? MODE_WRITE_TEXT : MODE_APPEND_TEXT);
  }
  return handle_of(console[file]);
}

platform_file platform_open(const char *path) { return open_as(path, MODE_READ); }

platform_file platform_create(const char *path) { return open_as(path, MODE_WRITE); }

int32_t platform_length(platform_file file) {
  const uint32_t arguments[1] = {handle_of(file)};
  return semihosting(SEMIHOSTING_LENGTH, arguments);
}

bool platform_seek(platform_file file, uint32_t offset) {
  const uint32_t arguments[2] = {handle_of(file), offset};
  return semihosting(SEMIHOSTING_SEEK, arguments) == 0;
}

int32_t platform_read(platform_file file, void *to, uint32_t bytes) {
  const uint32_t arguments[3] = {handle_of(file), (uint32_t)to, bytes};
  const int32_t missing = semihosting(SEMIHOSTING_READ, arguments);
  return missing < 0 ? -1 : (int32_t)bytes - missing;
}

bool platform_write(platform_file file, const void *from, uint32_t bytes) {
  const uint32_t arguments[3] = {handle_of(file), (uint32_t)from, bytes};
  return semihosting(SEMIHOSTING_WRITE, arguments) == 0;
}

bool platform_close_durably(platform_file file) {
  const uint32_t arguments[1] = {handle_of(file)};
  return semihosting(SEMIHOSTING_CLOSE, arguments) == 0;
}

void platform_close(platform_file file) { (void)platform_close_durably(file); }

bool platform_replace(const char *from, const char *to) {
  const uint32_t arguments[4] = {(uint32_t)from, (uint32_t)strlen(from), (uint32_t)to,
                                 (uint32_t)strlen(to)};
  return semihosting(SEMIHOSTING_RENAME, arguments) == 0;
}

void platform_remove(const char *path) {
  const uint32_t arguments[2] = {(uint32_t)path, (uint32_t)strlen(path)};
  (void)semihosting(SEMIHOSTING_REMOVE, arguments);
}

const char *platform_why(void) {
  static char text[] = "error 000";
  uint32_t number = (uint32_t)semihosting(SEMIHOSTING_ERROR, NULL);
  for (char *digit = text + sizeof text - 2; *digit != ' '; digit--) {
    *digit = (char)('0' + number % 10);
    number /= 10;
  }
  return text;
}

void platform_start_ticks(uint32_t ticks_a_second) {
  *SYST_RVR = CLOCK_HZ / ticks_a_second - 1;
  *SYST_CVR = 0;
  *SYST_CSR = SYST_ENABLED;
}

uint32_t platform_wait_tick(void) {
  const uint32_t late = ticks - ticks_waited;
  ticks_waited += late;
  /* Interrupts are off between the look and the sleep, which a pending one ends all the same. */
  for (;;) {
    __asm__ volatile("cpsid i" ::: "memory");
    if (ticks != ticks_waited) break;
    __asm__ volatile("wfi\n\tcpsie i" ::: "memory");
  }
  __asm__ volatile("cpsie i" ::: "memory");
  ticks_waited++;
  return late;
}

bool platform_stopped(void) { return false; }
