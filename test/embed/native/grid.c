/* Numbers voxels, adds up their points and brings bricks into Morton order, as assembly/voxel/grid.ts. */
#include <string.h>

#include "parts.h"

#define DIGIT_BITS_MAX 13u
#define DIGIT_BITS_FEW 9u
#define FEW 16384u
#define KEY_BITS_MAX (64u - INDEX_BITS)
#define LOW_BITS 26u

/* Counts the digits of all passes, three in one sweep. */
static void count_digits(struct native *n, uint32_t count, uint32_t passes, uint32_t width) {
  const uint32_t mask = (1u << width) - 1;
  uint32_t *counters = n->digits;
  uint32_t shift = INDEX_BITS;
  for (uint32_t pass = 0; pass < passes; pass += 3, counters += 3u << width, shift += 3 * width) {
    uint32_t *second = counters + (1u << width);
    uint32_t *third = second + (1u << width);
    memset(counters, 0, 3 * (sizeof counters[0] << width));
    for (uint32_t i = 0; i < count; i++) {
      const uint64_t key = n->keys_a[i] >> shift;
      counters[(uint32_t)key & mask]++;
      second[(uint32_t)(key >> width) & mask]++;
      third[(uint32_t)(key >> 2 * width) & mask]++;
    }
  }
}

/* Turns counts into starts; false if all keys share one digit. */
static bool sum_counters(uint32_t *counters, uint32_t count, uint32_t width) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 1u << width; i++) {
    const uint32_t digits = counters[i];
    if (digits == count) return false;
    counters[i] = sum;
    sum += digits;
  }
  return true;
}

/* Sorts entries in keys_a by the low bits of their keys; returns where the result stands. */
uint64_t *native_sort(struct native *n, uint32_t count, uint32_t bits) {
  const uint32_t widest = count < FEW ? DIGIT_BITS_FEW : DIGIT_BITS_MAX;
  const uint32_t passes = (bits + widest - 1) / widest;
  uint64_t *from = n->keys_a;
  uint64_t *to = n->keys_b;
  if (passes == 0) return from;
  const uint32_t width = (bits + passes - 1) / passes;
  const uint32_t mask = (1u << width) - 1;
  count_digits(n, count, passes, width);
  for (uint32_t pass = 0; pass < passes; pass++) {
    uint32_t *counters = n->digits + (pass << width);
    if (!sum_counters(counters, count, width)) continue;
    const uint32_t shift = INDEX_BITS + pass * width;
    for (uint32_t i = 0; i < count; i++) {
      const uint64_t entry = from[i];
      to[counters[(uint32_t)(entry >> shift) & mask]++] = entry;
    }
    uint64_t *const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/* Adds up the points of each voxel, and lists where it lies. */
static void sum_samples(struct native *n, uint32_t voxels) {
  memset(n->sums, 0, voxels * sizeof n->sums[0]);
  if (n->with_attributes) memset(n->attributes, 0, voxels * sizeof n->attributes[0]);
  for (uint32_t i = 0; i < n->sample_count; i++) {
    const uint64_t sample = n->samples[i];
    const uint32_t place = (uint32_t)(sample >> SAMPLE_PLACE);
    const uint32_t cell = (uint32_t)(sample >> SAMPLE_CELL) & IN_BRICK;
    const uint64_t before = n->bricks[place + 1].mask & ((UINT64_C(1) << cell) - 1);
    const uint32_t voxel = n->bases[place] + popcount64(before);
    struct native_sums *sums = &n->sums[voxel];
    n->listed[voxel] = place << 6 | cell;
    sums->x += (uint32_t)sample & SAMPLE_MASK;
    sums->y += (uint32_t)sample >> SAMPLE_Y & SAMPLE_MASK;
    sums->z += (uint32_t)(sample >> SAMPLE_Z) & SAMPLE_MASK;
    sums->points++;
    if (n->with_attributes) {
      const uint64_t values = n->sample_attributes[i];
      struct native_attributes *attributes = &n->attributes[voxel];
      attributes->intensity += (uint32_t)values & SAMPLE_MASK;
      attributes->ring += (uint32_t)values >> SAMPLE_Y & SAMPLE_MASK;
      attributes->time += (uint32_t)(values >> SAMPLE_Z) & SAMPLE_MASK;
    }
  }
}

int32_t native_frame_finish(struct native *n) {
  if (n->state != NATIVE_OPEN) return MAPVEIL_E_STATE;
  n->ordered = false;
  n->keys_high = max_u32(n->keys_high, n->brick_count);
  native_merge_repeats(n);
  uint32_t voxels = 0;
  for (uint32_t place = 0; place < n->brick_count; place++) {
    n->bases[place] = voxels;
    voxels += popcount64(n->bricks[place + 1].mask);
  }
  n->grid_voxels = voxels;
  if (voxels > MAPVEIL_MAX_POINTS) {
    n->state = NATIVE_IDLE;
    return MAPVEIL_E_FULL;
  }
  if (n->sample_count > 0) {
    n->voxels_high = max_u32(n->voxels_high, voxels);
    sum_samples(n, voxels);
  }
  n->stats.voxels = voxels;
  n->state = NATIVE_DONE;
  return (int32_t)voxels;
}

/* Coordinates of a brick. */
static inline uint32_t axis_of(uint64_t key, int axis) {
  static const uint8_t shifts[3] = {BRICK_X, BRICK_Y, BRICK_Z};
  return (uint32_t)(key >> shifts[axis] & BRICK_AXIS);
}

/* Lowest brick along each axis; returns the largest extent. */
static uint32_t find_bounds(const struct native *n, uint32_t *low) {
  uint32_t high[3] = {0, 0, 0};
  low[0] = low[1] = low[2] = BRICK_AXIS;
  for (uint32_t i = 1; i <= n->brick_count; i++) {
    const uint64_t key = n->bricks[i].key;
    for (int axis = 0; axis < 3; axis++) {
      low[axis] = min_u32(low[axis], axis_of(key, axis));
      high[axis] = max_u32(high[axis], axis_of(key, axis));
    }
  }
  uint32_t extent = 0;
  for (int axis = 0; axis < 3; axis++) extent = max_u32(extent, high[axis] - low[axis]);
  return extent;
}

static inline uint64_t spread_wide(const uint32_t *spread, uint32_t v) {
  return spread[v & 255] | (uint64_t)spread[v >> 8 & 255] << 24 | (uint64_t)spread[v >> 16] << 48;
}

/* Extents of 2^16 bricks and less, the usual case. */
static inline uint64_t spread_narrow(const uint32_t *spread, uint32_t v) {
  return spread[v & 255] | (uint64_t)spread[v >> 8] << 24;
}

static int32_t lowest_in(uint64_t cells, int axis) {
  uint32_t lowest = 3;
  for (; cells != 0; cells &= cells - 1) {
    const uint32_t number = (uint32_t)__builtin_ctzll(cells) >> axis;
    lowest = min_u32(lowest, (number & 1) | (number >> 2 & 2));
  }
  return (int32_t)lowest;
}

/* Enters the codes of bricks that hold cells, or the lower bits of wide ones; returns how many. */
static uint32_t enter_codes(struct native *n, const uint32_t *low, bool narrow) {
  uint64_t first[3] = {0, 0, 0};
  uint32_t entered = 0;
  for (uint32_t i = 0; i < n->brick_count; i++) {
    const struct native_brick brick = n->bricks[i + 1];
    const uint32_t x = axis_of(brick.key, 0) - low[0];
    const uint32_t y = axis_of(brick.key, 1) - low[1];
    const uint32_t z = axis_of(brick.key, 2) - low[2];
    uint64_t code;
    if (narrow) {
      code = spread_narrow(n->spread, x) | spread_narrow(n->spread, y) << 1 |
             spread_narrow(n->spread, z) << 2;
    } else {
      const uint64_t wide = spread_wide(n->spread, x) | spread_wide(n->spread, y) << 1 |
                            spread_wide(n->spread, z) << 2;
      n->sample_attributes[i] = wide;
      code = wide & ((1u << LOW_BITS) - 1);
    }
    n->keys_a[entered] = code << INDEX_BITS | i;
    entered += brick.mask != 0;
    if (x == 0) first[0] |= brick.mask;
    if (y == 0) first[1] |= brick.mask;
    if (z == 0) first[2] |= brick.mask;
  }
  for (int axis = 0; axis < 3; axis++) n->lowest[axis] = lowest_in(first[axis], axis);
  return entered;
}

static const uint64_t *sort_wide(struct native *n, uint32_t bits) {
  const uint64_t *from = native_sort(n, n->grid_bricks, LOW_BITS);
  for (uint32_t i = 0; i < n->grid_bricks; i++) {
    const uint32_t place = (uint32_t)from[i] & INDEX_MASK;
    n->keys_a[i] = n->sample_attributes[place] >> LOW_BITS << INDEX_BITS | place;
  }
  return native_sort(n, n->grid_bricks, bits - LOW_BITS);
}

void native_order_grid(struct native *n) {
  if (n->ordered) return;
  n->ordered = true;
  n->grid_bricks = 0;
  n->grid_depth = 0;
  memset(n->origin, 0, sizeof n->origin);
  memset(n->lowest, 0, sizeof n->lowest);
  if (n->brick_count == 0) return;
  uint32_t low[3];
  const uint32_t depth = bit_width(find_bounds(n, low));
  n->grid_depth = depth + 2;
  for (int axis = 0; axis < 3; axis++) {
    n->origin[axis] = (int32_t)(low[axis] << 2) - MAPVEIL_CELL_LIMIT;
  }
  const uint32_t bits = 3 * depth;
  const bool narrow = bits <= KEY_BITS_MAX;
  if (!narrow) n->samples_high = max_u32(n->samples_high, n->brick_count);
  n->grid_bricks = enter_codes(n, low, narrow);
  const uint64_t *entries = narrow ? native_sort(n, n->grid_bricks, bits) : sort_wide(n, bits);
  for (uint32_t i = 0; i < n->grid_bricks; i++) {
    const uint64_t entry = entries[i];
    const uint32_t place = (uint32_t)entry & INDEX_MASK;
    n->keys_a[i] = narrow ? entry >> INDEX_BITS : n->sample_attributes[place];
    n->keys_b[i] = n->bricks[place + 1].mask;
    n->index_a[i] = place;
  }
}

/* Zeroes what was written; large arrays only as far as they were. */
int32_t native_wipe(struct native *n) {
  memset(n->table, 0, n->slots_high * sizeof n->table[0]);
  memset(n->bricks, 0, (n->bricks_high + 1) * sizeof n->bricks[0]);
  memset(n->samples, 0, n->samples_high * sizeof n->samples[0]);
  memset(n->sample_attributes, 0, n->samples_high * sizeof n->sample_attributes[0]);
  memset(n->bases, 0, n->keys_high * sizeof n->bases[0]);
  memset(n->sums, 0, n->voxels_high * sizeof n->sums[0]);
  memset(n->attributes, 0, n->voxels_high * sizeof n->attributes[0]);
  memset(n->listed, 0, n->voxels_high * sizeof n->listed[0]);
  memset(n->keys_a, 0, n->keys_high * sizeof n->keys_a[0]);
  memset(n->keys_b, 0, n->keys_high * sizeof n->keys_b[0]);
  memset(n->index_a, 0, n->keys_high * sizeof n->index_a[0]);
  memset(n->index_b, 0, n->keys_high * sizeof n->index_b[0]);
  for (int level = 0; level <= NATIVE_LEVELS; level++) {
    memset(n->tree[level], 0, n->level_highs[level]);
  }
  memset(n->places, 0, n->nodes_high * sizeof n->places[0]);
  memset(n->plain, 0, n->plain_high);
  memset(n->nodes_a, 0, n->decoded_high * sizeof n->nodes_a[0]);
  memset(n->nodes_b, 0, n->decoded_high * sizeof n->nodes_b[0]);
  memset(n->cells, 0, n->decoded_high * sizeof n->cells[0]);
  memset(n->values, 0, n->decoded_high * sizeof n->values[0]);
  memset(n, 0, offsetof(struct native, table));
  return 0;
}
