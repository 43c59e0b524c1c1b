/*
 * The stored seed: 32 secret bytes that make every key of this robot new, also without a source of
 * randomness. At each start the core turns them into its state and into the next stored seed, which is
 * on the disk, under the old one's name, before the first key is drawn. So whatever a power cut leaves
 * there, old or new, no key was drawn from it.
 */
#ifndef SEED_FILE_H
#define SEED_FILE_H

#include <stdbool.h>

#include "mapveil.h"

/*
 * Takes the seed in `path` into the core, with fresh bytes of the file `fresh` (NULL: none), and stores
 * the next one; or complains and returns false, and then no key may be drawn.
 */
bool seed_from_file(mapveil *core, const char *path, const char *fresh);

#endif
