/* Reads, takes and replaces the stored seed; it stands nowhere but in the core's own region. */
#include "seed_file.h"

#include <string.h>

#include "path.h"
#include "platform.h"
#include "say.h"

/* Reads exactly so many bytes; `whole`: the file ends behind them. */
static bool read_exactly(const char *path, void *to, uint32_t bytes, bool whole) {
  uint8_t more;
  const platform_file file = platform_open(path);
  if (file < 0) {
    complain("the file cannot be read", path, platform_why());
    return false;
  }
  const bool is_long = platform_read(file, to, bytes) == (int32_t)bytes;
  const bool is_whole = !whole || platform_read(file, &more, 1) == 0;
  platform_close(file);
  if (!is_long || !is_whole) complain("32 bytes are needed here", path, NULL);
  return is_long && is_whole;
}

static bool store_next(const uint8_t *stored, const char *path) {
  static char next[PATH_BYTES_MAX];
  if (!path_join(next, path, ".next", "")) return false;
  const platform_file file = platform_create(next);
  const bool made = file >= 0;
  const bool wrote = made && platform_write(file, stored, 32);
  const bool synced = made && platform_close_durably(file);
  if (wrote && synced && platform_replace(next, path)) return true;
  complain("the next seed cannot be stored, so nothing is sealed", path, platform_why());
  return false;
}

bool seed_from_file(mapveil *core, const char *path, const char *fresh) {
  mapveil_seeds *seed = mapveil_region(core, MAPVEIL_REGION_SEED);
  memset(seed->fresh, 0, sizeof seed->fresh);
  if (!read_exactly(path, seed->stored, sizeof seed->stored, true)) return false;
  if (fresh != NULL && !read_exactly(fresh, seed->fresh, sizeof seed->fresh, false)) return false;
  const int32_t status = mapveil_seed(core);
  if (status < 0) {
    complain("the seed is not usable", path, mapveil_status_text(status));
    return false;
  }
  const bool stored = store_next(seed->stored, path);
  memset(seed->stored, 0, sizeof seed->stored);
  return stored;
}
