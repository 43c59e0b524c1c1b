/* The platform on Linux: files that survive a power cut, ticks without drift, signals. */
#define _POSIX_C_SOURCE 200809L
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NS_A_SECOND 1000000000L

const char *const platform_random_path = "/dev/urandom";

static volatile sig_atomic_t stopped;
static struct timespec deadline;
static long tick_ns;

platform_file platform_open(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }

platform_file platform_create(const char *path) {
  /* Whoever may read an artefact cannot open it; a seed is nobody else's business. */
  return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

int32_t platform_length(platform_file file) {
  struct stat found;
  if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode) || found.st_size > INT32_MAX) return -1;
  return (int32_t)found.st_size;
}

bool platform_seek(platform_file file, uint32_t offset) {
  return lseek(file, (off_t)offset, SEEK_SET) >= 0;
}

int32_t platform_read(platform_file file, void *to, uint32_t bytes) {
  uint8_t *at = to;
  uint32_t got = 0;
  while (got < bytes) {
    const ssize_t part = read(file, at + got, bytes - got);
    if (part == 0) break;
    if (part > 0) got += (uint32_t)part;
    if (part < 0 && errno != EINTR) return -1;
  }
  return (int32_t)got;
}

bool platform_write(platform_file file, const void *from, uint32_t bytes) {
  const uint8_t *at = from;
  uint32_t put = 0;
  while (put < bytes) {
    const ssize_t part = write(file, at + put, bytes - put);
    if (part > 0) put += (uint32_t)part;
    if (part < 0 && errno != EINTR) return false;
  }
  return true;
}

bool platform_close_durably(platform_file file) {
  const bool synced = fsync(file) == 0;
  const int why = errno;
  const bool closed = close(file) == 0;
  if (!synced) errno = why;
  return synced && closed;
}

void platform_close(platform_file file) { (void)close(file); }

/* A new name is on the disk when its folder is. */
static bool sync_folder_of(const char *path) {
  char folder[256] = ".";
  const char *slash = strrchr(path, '/');
  if (slash != NULL) {
    const size_t length = slash == path ? 1 : (size_t)(slash - path);
    if (length >= sizeof folder) {
      errno = ENAMETOOLONG;
      return false;
    }
    memcpy(folder, path, length);
    folder[length] = 0;
  }
  const int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return opened >= 0 && platform_close_durably(opened);
}

bool platform_replace(const char *from, const char *to) {
  return rename(from, to) == 0 && sync_folder_of(to);
}

void platform_remove(const char *path) { (void)unlink(path); }

const char *platform_why(void) { return strerror(errno); }

static void stop(int signal_number) {
  (void)signal_number;
  stopped = 1;
}

void platform_start_ticks(uint32_t ticks_a_second) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = stop;
  /* A second Ctrl-C ends at once. */
  action.sa_flags = (int)SA_RESETHAND;
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
  tick_ns = NS_A_SECOND / (long)ticks_a_second;
  (void)clock_gettime(CLOCK_MONOTONIC, &deadline);
}

static void add_tick(void) {
  deadline.tv_nsec += tick_ns;
  if (deadline.tv_nsec >= NS_A_SECOND) {
    deadline.tv_nsec -= NS_A_SECOND;
    deadline.tv_sec++;
  }
}

static bool is_past(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  if (now.tv_sec != deadline.tv_sec) return now.tv_sec > deadline.tv_sec;
  return now.tv_nsec > deadline.tv_nsec;
}

uint32_t platform_wait_tick(void) {
  uint32_t late = 0;
  add_tick();
  while (is_past()) {
    add_tick();
    late++;
  }
  while (!stopped && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
  }
  return late;
}

bool platform_stopped(void) { return stopped != 0; }
