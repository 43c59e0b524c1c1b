/* Paths, put together in place. */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>

enum { PATH_BYTES_MAX = 256 };

/* Puts three texts together in `to`, which has PATH_BYTES_MAX bytes; or complains that it is too long. */
bool path_join(char *to, const char *first, const char *second, const char *third);

#endif
