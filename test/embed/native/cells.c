/* Quantises a block, as assembly/voxel/cells.ts does. */
#include <math.h>

#include "parts.h"

#define LIMIT ((float)MAPVEIL_CELL_LIMIT)
#define OUTSIDE (UINT64_C(1) << 63)

static inline uint32_t steps_of(float fraction) {
  const float steps = fraction * 2048;
  return (uint32_t)(int32_t)(steps < 2047 ? steps : 2047);
}

/* Packs the block to the points in range, and counts the others. */
static uint32_t drop_outside(struct native *n, uint32_t count) {
  struct native_block *b = &n->block;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t cell = b->cell[i];
    b->cell[kept] = cell;
    b->sample_low[kept] = b->sample_low[i];
    b->sample_high[kept] = b->sample_high[i];
    b->source[kept] = b->source[i];
    kept += cell != OUTSIDE;
  }
  n->stats.domain += count - kept;
  return kept;
}

uint32_t native_cells_of_block(struct native *n, uint32_t count) {
  struct native_block *b = &n->block;
  const float leaf = n->policy.leaf_m;
  const bool with_samples = n->with_samples;
  bool all = true;
  for (uint32_t i = 0; i < count; i++) {
    const float x = b->x[i] / leaf;
    const float y = b->y[i] / leaf;
    const float z = b->z[i] / leaf;
    const bool inside = fabsf(x) < LIMIT && fabsf(y) < LIMIT && fabsf(z) < LIMIT;
    if (!inside) {
      b->cell[i] = OUTSIDE;
      all = false;
      continue;
    }
    const float fx = floorf(x);
    const float fy = floorf(y);
    const float fz = floorf(z);
    const uint32_t cx = (uint32_t)((int32_t)fx + MAPVEIL_CELL_LIMIT);
    const uint32_t cy = (uint32_t)((int32_t)fy + MAPVEIL_CELL_LIMIT);
    const uint32_t cz = (uint32_t)((int32_t)fz + MAPVEIL_CELL_LIMIT);
    const uint32_t low = (cx & 1) | (cy & 1) << 1 | (cz & 1) << 2;
    const uint32_t number = low | (cx & 2) << 2 | (cy & 2) << 3 | (cz & 2) << 4;
    b->cell[i] = number | (uint64_t)(cx >> 2) << BRICK_X | (uint64_t)(cy >> 2) << BRICK_Y |
                 (uint64_t)(cz >> 2) << BRICK_Z;
    if (with_samples) {
      b->sample_low[i] =
          steps_of(x - fx) | steps_of(y - fy) << SAMPLE_Y | number << SAMPLE_CELL;
      b->sample_high[i] = steps_of(z - fz);
    }
  }
  return all ? count : drop_outside(n, count);
}
