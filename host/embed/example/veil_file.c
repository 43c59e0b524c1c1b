/* Artefacts that appear whole or not at all. */
#include "veil_file.h"

bool veil_file_create(veil_file *to, const char *folder, const char *name) {
  to->file = -1;
  if (!path_join(to->finished, folder, "/", name) ||
      !path_join(to->unfinished, folder, "/unfinished.tmp", "")) {
    return false;
  }
  to->file = platform_create(to->unfinished);
  return to->file >= 0;
}

bool veil_file_write(veil_file *to, const void *from, uint32_t bytes) {
  return platform_write(to->file, from, bytes);
}

bool veil_file_commit(veil_file *to) {
  const bool synced = platform_close_durably(to->file);
  to->file = -1;
  if (synced && platform_replace(to->unfinished, to->finished)) return true;
  platform_remove(to->unfinished);
  return false;
}

void veil_file_abort(veil_file *to) {
  if (to->file < 0) return;
  platform_close(to->file);
  to->file = -1;
  platform_remove(to->unfinished);
}
