/* One artefact on its way to the disk: under another name until it is whole, then in place at once. */
#ifndef VEIL_FILE_H
#define VEIL_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "path.h"
#include "platform.h"

typedef struct {
  platform_file file;
  char unfinished[PATH_BYTES_MAX];
  char finished[PATH_BYTES_MAX];
} veil_file;

/* Starts the artefact that will be called `name` in a folder; false if it cannot. */
bool veil_file_create(veil_file *to, const char *folder, const char *name);

/* Appends bytes; false if they do not fit. */
bool veil_file_write(veil_file *to, const void *from, uint32_t bytes);

/* Puts the artefact in place, durably; false if it cannot, and then nothing of it is left. */
bool veil_file_commit(veil_file *to);

/* Removes what was written, if anything was. */
void veil_file_abort(veil_file *to);

#endif
