/*
 * All that differs between a robot with Linux and a board without an operating system: files, time,
 * and being told to stop. A team that ports the example writes this file's functions again.
 *
 * Files are small numbers, -1 stands for none. No function allocates; none is safe in an interrupt.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int32_t platform_file;

/* Where the account goes, and where complaints go. */
enum { PLATFORM_OUT = 1, PLATFORM_ERR = 2 };

/* A file of true random bytes, or NULL on a machine without a source of them. */
extern const char *const platform_random_path;

/* Opens a file to be read; -1 if it cannot be. */
platform_file platform_open(const char *path);

/* Makes a file, empty, in place of one of that name; -1 if it cannot. */
platform_file platform_create(const char *path);

/* Length of an open file in bytes; -1 if it has none, as a device. */
int32_t platform_length(platform_file file);

/* Continues at byte `offset`. */
bool platform_seek(platform_file file, uint32_t offset);

/* Reads up to `bytes`; returns how many came, fewer only at the end of the file; -1 on an error. */
int32_t platform_read(platform_file file, void *to, uint32_t bytes);

/* Writes all of it, or says that it could not. */
bool platform_write(platform_file file, const void *from, uint32_t bytes);

/* Forces a file to the disk and closes it; it is closed even where this fails. */
bool platform_close_durably(platform_file file);

void platform_close(platform_file file);

/*
 * Gives a file another name, in place of a file of that name, at once and durably: after a power cut
 * the old file stands there or the new one, and after this returned true, the new one.
 */
bool platform_replace(const char *from, const char *to);

void platform_remove(const char *path);

/* What went wrong last, in words, for a complaint. Valid until the next call. */
const char *platform_why(void);

/* Starts the clock of the control loop: so many ticks a second, at least 2. */
void platform_start_ticks(uint32_t ticks_a_second);

/* Waits for the next tick; returns how many ticks went by before it was asked to wait: 0 is in time. */
uint32_t platform_wait_tick(void);

/* Whether somebody asked to stop (Ctrl-C, SIGTERM). */
bool platform_stopped(void);

#endif
