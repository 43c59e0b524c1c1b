#include "beam-rows.h"

#include <math.h>

enum { SAMPLES = 128, STRIDE = 37, MARGIN = 16 };

// Numbers of beams that sensors have, and twice as many for those with two returns.
static const uint32_t ROWS[] = {16, 32, 40, 64, 80, 128, 192, 256};

// Of the points looked at, how many lie within two voxels of the one that stands `rows` further on.
static uint32_t neighbours(const float *xyz, uint32_t range, uint32_t rows, float near) {
  uint32_t found = 0;
  for (uint32_t k = 0; k < SAMPLES; k++) {
    const float *a = xyz + 3 * (size_t)((k * STRIDE) % range);
    const float *b = a + 3 * (size_t)rows;
    const int close = (fabsf(a[0] - b[0]) <= near) & (fabsf(a[1] - b[1]) <= near) &
                      (fabsf(a[2] - b[2]) <= near);
    // Empty slots are near to each other.
    found += (uint32_t)(close & (a[0] * a[0] + a[1] * a[1] + a[2] * a[2] > 0));
  }
  return found;
}

uint32_t find_beam_rows(const float *xyz, uint32_t points, float leaf) {
  if (points < SAMPLES + BEAM_ROWS_MAX) return 1;
  const uint32_t range = points - BEAM_ROWS_MAX;
  uint32_t best = 1;
  uint32_t most = neighbours(xyz, range, 1, 2 * leaf) + MARGIN;
  for (uint32_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
    const uint32_t found = neighbours(xyz, range, ROWS[r], 2 * leaf);
    if (found > most) {
      most = found;
      best = ROWS[r];
    }
  }
  return best;
}
