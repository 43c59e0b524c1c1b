// The order in which a frame's points are read: beam by beam, where they stand column by column.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BEAM_ROWS_MAX = 256, BEAM_COLUMNS = 32 };

// Points from one to the next of the same beam; 1 where points that follow each other lie closest.
uint32_t find_beam_rows(const float *xyz, uint32_t points, float leaf);
