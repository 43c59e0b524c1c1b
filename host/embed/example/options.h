/* The command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  const char *frames;
  const char *terms;
  const char *rule;
  const char *seed;
  const char *out;
  /* File of random bytes, NULL if there is none. */
  const char *fresh;
  /* Most points that one tick pushes. */
  uint32_t points;
  /* Ticks follow each other without waiting. */
  bool fast;
} options;

typedef enum { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_WRONG } options_result;

/* Reads the command line; prints the help, or complains of the first thing that is wrong. */
options_result options_read(options *to, int count, char **arguments);

#endif
