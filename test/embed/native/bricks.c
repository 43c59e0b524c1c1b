/* Finds and keeps the bricks of a frame, as assembly/voxel/bricks.ts, samples.ts and repeats.ts do. */
#include <string.h>

#include "parts.h"

#define PROBES_PER_POINT 2u
#define PROBES_BESIDES 4096u
#define GROUP 16u
#define TABLE_BITS_MIN 12u
#define IN_GROUP ((UINT64_C(3) << BRICK_X) | (UINT64_C(1) << BRICK_Y) | (UINT64_C(1) << BRICK_Z))
#define GOLDEN UINT64_C(0x9e3779b97f4a7c15)

const uint32_t native_point_max = MAPVEIL_POINT_CENTROID;
const uint32_t native_attribute_bits_max = 8;

static void size_table(struct native *n, uint32_t bits) {
  n->table_shift = 64 - bits;
  n->table_mask = (1u << bits) - 1;
  n->slots_high = max_u32(n->slots_high, 1u << bits);
  memset(n->table, 0, sizeof n->table[0] << bits);
}

void native_begin_grid(struct native *n) {
  n->plain_f32 = native_is_plain_f32(&n->layout);
  n->with_samples = n->policy.point == MAPVEIL_POINT_CENTROID || n->with_attributes;
  n->brick_count = 0;
  n->sample_count = 0;
  n->repeats = false;
  n->budget = PROBES_BESIDES;
  const uint32_t slots = n->frame.slots;
  const uint32_t wanted = slots == 0 || slots > MAPVEIL_MAX_POINTS ? MAPVEIL_MAX_POINTS : slots;
  const uint32_t bits = min_u32(NATIVE_TABLE_BITS, bit_width(wanted - 1) + 1);
  n->multiplier = n->frame.seed == 0 ? GOLDEN : (n->frame.seed * GOLDEN) | 1;
  size_table(n, max_u32(TABLE_BITS_MIN, bits));
}

static inline uint32_t home_of(uint64_t key, uint64_t multiplier, uint32_t shift) {
  const uint64_t first = (key & ~IN_GROUP) * multiplier;
  const uint32_t hash = (uint32_t)(((first ^ first >> 32) * multiplier) >> shift);
  const uint32_t x = (uint32_t)(key >> BRICK_X) & 3;
  const uint32_t y = (uint32_t)(key >> (BRICK_Y - 2)) & 4;
  const uint32_t z = (uint32_t)(key >> (BRICK_Z - 3)) & 8;
  return hash ^ (x | y | z);
}

static void grow_table(struct native *n) {
  size_table(n, min_u32(NATIVE_TABLE_BITS, bit_width(n->table_mask) + 2));
  n->budget += n->brick_count * PROBES_PER_POINT;
  for (uint32_t place = 1; place <= n->brick_count; place++) {
    uint32_t home = home_of(n->bricks[place].key, n->multiplier, n->table_shift);
    while (n->budget > 0 && n->table[home] != 0) {
      n->budget--;
      home = (home + GROUP) & n->table_mask;
    }
    if (n->budget > 0) n->table[home] = place;
    else n->repeats = true;
  }
}

/* Joins points of one brick that follow each other: `cell` and `mask` come to hold one entry a run. */
static uint32_t join_bricks(struct native_block *b, uint32_t points) {
  uint32_t run = UINT32_MAX;
  uint64_t last = UINT64_MAX;
  uint64_t cells = 0;
  for (uint32_t i = 0; i < points; i++) {
    const uint64_t cell = b->cell[i];
    const uint64_t key = cell & ~IN_BRICK;
    const uint32_t is_new = key != last;
    run += is_new;
    cells = (is_new ? 0 : cells) | UINT64_C(1) << (cell & IN_BRICK);
    b->cell[run] = key;
    b->mask[run] = cells;
    b->run[i] = run;
    last = key;
  }
  return run + 1;
}

/* Place of a brick that is not at home, counted from 1; appends it if it is not found in the budget. */
static uint32_t place_of(struct native *n, uint64_t key, uint32_t home) {
  uint32_t place = n->table[home];
  while (place != 0) {
    if (n->bricks[place].key == key) return place;
    if (n->budget == 0) {
      n->repeats = true;
      return ++n->brick_count;
    }
    n->budget--;
    home = (home + GROUP) & n->table_mask;
    place = n->table[home];
  }
  n->table[home] = n->brick_count + 1;
  return ++n->brick_count;
}

/* Whether a brick is new is as good as random: it is written behind the list in any case. */
static void place_runs(struct native *n, uint32_t runs) {
  struct native_block *b = &n->block;
  const uint64_t multiplier = n->multiplier;
  const uint32_t shift = n->table_shift;
  for (uint32_t i = 0; i < runs; i++) {
    const uint64_t key = b->cell[i];
    const uint32_t home = home_of(key, multiplier, shift);
    const uint32_t found = n->table[home];
    const uint32_t is_new = found == 0;
    const uint32_t next = n->brick_count + 1;
    uint32_t place = is_new ? next : found;
    n->bricks[next].key = key;
    n->bricks[next].mask = 0;
    if (n->bricks[place].key == key) {
      n->table[home] = place;
      n->brick_count += is_new;
    } else {
      place = place_of(n, key, home);
    }
    n->bricks[place].mask |= b->mask[i];
    b->place[i] = place - 1;
  }
}

static void keep_samples(struct native *n, uint32_t points) {
  const struct native_block *b = &n->block;
  uint64_t *to = n->samples + n->sample_count;
  for (uint32_t i = 0; i < points; i++) {
    const uint32_t high = b->sample_high[i] | b->place[b->run[i]] << (SAMPLE_PLACE - SAMPLE_Z);
    to[i] = b->sample_low[i] | (uint64_t)high << SAMPLE_Z;
  }
  if (n->with_attributes) {
    memcpy(n->sample_attributes + n->sample_count, b->attribute, points * sizeof b->attribute[0]);
  }
  n->sample_count += points;
  n->samples_high = max_u32(n->samples_high, n->sample_count);
}

int32_t native_add_block(struct native *n, uint32_t points) {
  points = native_cells_of_block(n, points);
  if (n->with_attributes) native_read_attributes(n, points);
  n->budget += points * PROBES_PER_POINT;
  if (n->brick_count << 1 > n->table_mask && n->table_mask + 1 < 1u << NATIVE_TABLE_BITS) {
    grow_table(n);
  }
  place_runs(n, join_bricks(&n->block, points));
  n->bricks_high = max_u32(n->bricks_high, n->brick_count + 1);
  if (n->brick_count > MAPVEIL_MAX_POINTS) return MAPVEIL_E_FULL;
  if (n->with_samples) keep_samples(n, points);
  return (int32_t)points;
}

static void enter(struct native *n, uint32_t i, uint32_t place, uint32_t from, uint32_t bits) {
  const uint64_t key = n->bricks[place + 1].key >> (BRICK_X + from);
  n->keys_a[i] = (key & ((UINT64_C(1) << bits) - 1)) << INDEX_BITS | place;
}

/* Bricks that stand in the list twice become one; the others keep no cells. */
void native_merge_repeats(struct native *n) {
  if (!n->repeats) return;
  const uint32_t count = n->brick_count;
  for (uint32_t place = 0; place < count; place++) enter(n, place, place, 0, 28);
  const uint64_t *half = native_sort(n, count, 28);
  for (uint32_t i = 0; i < count; i++) enter(n, i, (uint32_t)half[i] & INDEX_MASK, 28, 29);
  const uint64_t *sorted = native_sort(n, count, 29);
  uint32_t first = 0;
  uint64_t last = UINT64_MAX;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t place = (uint32_t)sorted[i] & INDEX_MASK;
    struct native_brick *brick = &n->bricks[place + 1];
    if (brick->key != last) {
      first = place;
    } else {
      n->bricks[first + 1].mask |= brick->mask;
      brick->mask = 0;
    }
    n->index_a[place] = first;
    last = brick->key;
  }
  const uint64_t low = (UINT64_C(1) << SAMPLE_PLACE) - 1;
  for (uint32_t i = 0; i < n->sample_count; i++) {
    const uint64_t sample = n->samples[i];
    const uint64_t place = n->index_a[sample >> SAMPLE_PLACE];
    n->samples[i] = (sample & low) | place << SAMPLE_PLACE;
  }
  n->repeats = false;
}
