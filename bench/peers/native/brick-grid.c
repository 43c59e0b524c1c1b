#include "brick-grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  BLOCK = 512,
  STEPS = 2048,
  DIGIT_BITS_MAX = 13,
  DIGIT_BITS_FEW = 9,
  FEW = 16384,
  PASSES_MAX = 5,
};

static const float LIMIT = 1 << 20;
static const uint64_t AXIS = (1 << 19) - 1;
static const uint64_t OUTSIDE = UINT64_C(1) << 63;
static const uint64_t GOLDEN = UINT64_C(0x9e3779b97f4a7c15);

// Four numbers: x, y, z in steps of the leaf, and points.
typedef struct {
  uint32_t v[4];
} sums;

// A brick of 4 x 4 x 4 cells: its key, and a bit for each of its cells.
typedef struct {
  uint64_t key;
  uint64_t cells;
} brick;

struct brick_grid {
  // Columns of a block; after runs are joined, one entry a run.
  float x[BLOCK], y[BLOCK], z[BLOCK];
  uint64_t cell[BLOCK];
  uint32_t home[BLOCK];
  sums fraction[BLOCK];
  // Open addressing over places in the list, counted from 1.
  uint32_t *table;
  uint32_t slots, shift;
  brick *bricks;
  uint32_t brick_count;
  // Runs of all blocks: place of the brick << 6 | cell, and their sums.
  uint32_t *run_places;
  sums *run_sums;
  uint32_t run_count;
  uint64_t *keys_a, *keys_b;
  uint32_t *index_a, *index_b;
  // Numbers of the bricks in order, by their places; in order, the number of each one's first voxel.
  uint32_t *numbers;
  uint32_t *bases;
  sums *voxel_sums;
  uint32_t spread[256];
  uint32_t digits[PASSES_MAX][1 << DIGIT_BITS_MAX];
};

brick_grid *brick_grid_new(uint32_t points_max) {
  brick_grid *g = calloc(1, sizeof *g);
  if (g == NULL) return NULL;
  const size_t n = (size_t)points_max + BLOCK + 1;
  uint32_t bits = 12;
  while ((UINT64_C(1) << bits) < 2 * (uint64_t)points_max) bits++;
  g->slots = UINT32_C(1) << bits;
  g->shift = 64 - bits;
  g->table = malloc((size_t)g->slots * sizeof *g->table);
  g->bricks = malloc(n * sizeof *g->bricks);
  g->run_places = malloc(n * sizeof *g->run_places);
  g->run_sums = malloc(n * sizeof *g->run_sums);
  g->keys_a = malloc(n * sizeof *g->keys_a);
  g->keys_b = malloc(n * sizeof *g->keys_b);
  g->index_a = malloc(n * sizeof *g->index_a);
  g->index_b = malloc(n * sizeof *g->index_b);
  g->numbers = malloc(n * sizeof *g->numbers);
  g->bases = malloc(n * sizeof *g->bases);
  g->voxel_sums = malloc(n * sizeof *g->voxel_sums);
  if (!g->table || !g->bricks || !g->run_places || !g->run_sums || !g->keys_a || !g->keys_b ||
      !g->index_a || !g->index_b || !g->numbers || !g->bases || !g->voxel_sums) {
    brick_grid_free(g);
    return NULL;
  }
  for (uint32_t v = 0; v < 256; v++) {
    for (uint32_t b = 0; b < 8; b++) g->spread[v] |= ((v >> b) & 1) << (3 * b);
  }
  return g;
}

void brick_grid_free(brick_grid *g) {
  if (g == NULL) return;
  free(g->table);
  free(g->bricks);
  free(g->run_places);
  free(g->run_sums);
  free(g->keys_a);
  free(g->keys_b);
  free(g->index_a);
  free(g->index_b);
  free(g->numbers);
  free(g->bases);
  free(g->voxel_sums);
  free(g);
}

// Reads a block into the columns without what is no measurement; returns how many points stay.
static uint32_t read_block(brick_grid *g, const float *xyz, uint32_t points) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < points; i++) {
    const float x = xyz[3 * i], y = xyz[3 * i + 1], z = xyz[3 * i + 2];
    g->x[kept] = x;
    g->y[kept] = y;
    g->z[kept] = z;
    const uint32_t finite = (x - x) + (y - y) + (z - z) == 0;
    const uint32_t some = (x != 0) | (y != 0) | (z != 0);
    kept += finite & some;
  }
  return kept;
}

static inline uint32_t step_of(float fraction) {
  const int32_t step = (int32_t)(fraction * STEPS);
  return (uint32_t)(step < STEPS - 1 ? step : STEPS - 1);
}

// Cell = floor(coordinate / leaf), packed as brick and number in it, and where in its cell each point
// lies.
static void find_cells(brick_grid *restrict g, uint32_t points, float leaf) {
  for (uint32_t i = 0; i < points; i++) {
    const float x = g->x[i] / leaf, y = g->y[i] / leaf, z = g->z[i] / leaf;
    const int inside = (fabsf(x) < LIMIT) & (fabsf(y) < LIMIT) & (fabsf(z) < LIMIT);
    const float fx = floorf(inside ? x : 0), fy = floorf(inside ? y : 0);
    const float fz = floorf(inside ? z : 0);
    const uint32_t cx = (uint32_t)(int32_t)(fx + LIMIT), cy = (uint32_t)(int32_t)(fy + LIMIT);
    const uint32_t cz = (uint32_t)(int32_t)(fz + LIMIT);
    const uint32_t low = (cx & 1) | ((cy & 1) << 1) | ((cz & 1) << 2);
    const uint32_t number = low | ((cx & 2) << 2) | ((cy & 2) << 3) | ((cz & 2) << 4);
    const uint64_t cell = number | ((uint64_t)(cx >> 2) << 6) | ((uint64_t)(cy >> 2) << 25) |
                          ((uint64_t)(cz >> 2) << 44);
    g->cell[i] = inside ? cell : OUTSIDE;
    g->fraction[i].v[0] = step_of(x - fx);
    g->fraction[i].v[1] = step_of(y - fy);
    g->fraction[i].v[2] = step_of(z - fz);
    g->fraction[i].v[3] = 1;
  }
}

static inline void add_sums(sums *to, const sums *from, uint32_t keep) {
  for (int k = 0; k < 4; k++) to->v[k] = (to->v[k] & keep) + from->v[k];
}

// Joins points of one cell that follow each other; returns the runs.
static uint32_t join_cells(brick_grid *g, uint32_t points) {
  uint32_t run = UINT32_MAX;
  uint64_t last = UINT64_MAX;
  for (uint32_t i = 0; i < points; i++) {
    const uint64_t cell = g->cell[i];
    if (cell == OUTSIDE) continue;
    const uint32_t is_new = cell != last;
    run += is_new;
    g->cell[run] = cell;
    const uint64_t first = (cell & ~UINT64_C(63)) * GOLDEN;
    g->home[run] = (uint32_t)(((first ^ (first >> 32)) * GOLDEN) >> g->shift);
    add_sums(&g->fraction[run], &g->fraction[i], is_new - 1);
    last = cell;
  }
  return run + 1;
}

// Place of a brick that another one keeps from its home, counted from 1; appends it if it is new.
static uint32_t place_of(brick_grid *g, uint64_t key, uint32_t home) {
  for (;; home = (home + 1) & (g->slots - 1)) {
    const uint32_t place = g->table[home];
    if (place == 0) return g->table[home] = ++g->brick_count;
    if (g->bricks[place - 1].key == key) return place;
  }
}

// Finds or appends the brick of each run without a branch on whether it is new; keeps the run.
static void place_runs(brick_grid *g, uint32_t runs) {
  for (uint32_t i = 0; i < runs; i++) {
    const uint64_t key = g->cell[i] & ~UINT64_C(63);
    const uint32_t number = (uint32_t)g->cell[i] & 63;
    const uint32_t found = g->table[g->home[i]];
    const uint32_t is_new = found == 0;
    uint32_t place = found + is_new * (g->brick_count + 1);
    g->bricks[g->brick_count] = (brick){key, 0};
    if (g->bricks[place - 1].key == key) {
      g->table[g->home[i]] = place;
      g->brick_count += is_new;
    } else {
      place = place_of(g, key, g->home[i]);
    }
    g->bricks[place - 1].cells |= UINT64_C(1) << number;
    g->run_places[g->run_count + i] = ((place - 1) << 6) | number;
  }
  memcpy(g->run_sums + g->run_count, g->fraction, runs * sizeof *g->fraction);
  g->run_count += runs;
}

// Turns counts into starts; 0 if all keys share one digit.
static int sum_digits(uint32_t *digits, uint32_t count, uint32_t width) {
  uint32_t sum = 0;
  for (uint32_t d = 0; d < UINT32_C(1) << width; d++) {
    const uint32_t here = digits[d];
    if (here == count) return 0;
    digits[d] = sum;
    sum += here;
  }
  return 1;
}

static void swap_lists(brick_grid *g) {
  uint64_t *const keys = g->keys_a;
  uint32_t *const index = g->index_a;
  g->keys_a = g->keys_b;
  g->index_a = g->index_b;
  g->keys_b = keys;
  g->index_b = index;
}

// Radix sort of keys_a by their low bits, least significant digit first; index_a follows.
static void sort_keys(brick_grid *g, uint32_t count, uint32_t bits) {
  uint32_t widest = count < FEW ? DIGIT_BITS_FEW : DIGIT_BITS_MAX;
  if (bits > PASSES_MAX * widest) widest = DIGIT_BITS_MAX;
  const uint32_t passes = (bits + widest - 1) / widest;
  if (passes == 0) return;
  const uint32_t width = (bits + passes - 1) / passes;
  const uint32_t mask = (UINT32_C(1) << width) - 1;
  for (uint32_t p = 0; p < passes; p++) memset(g->digits[p], 0, sizeof(uint32_t) << width);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t key = g->keys_a[i];
    for (uint32_t p = 0; p < passes; p++, key >>= width) g->digits[p][key & mask]++;
  }
  for (uint32_t p = 0; p < passes; p++) {
    uint32_t *const digits = g->digits[p];
    if (!sum_digits(digits, count, width)) continue;
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t place = digits[(g->keys_a[i] >> (p * width)) & mask]++;
      g->keys_b[place] = g->keys_a[i];
      g->index_b[place] = g->index_a[i];
    }
    swap_lists(g);
  }
}

static inline uint64_t spread21(const brick_grid *g, uint64_t v) {
  return g->spread[v & 255] | ((uint64_t)g->spread[(v >> 8) & 255] << 24) |
         ((uint64_t)g->spread[v >> 16] << 48);
}

// Brings the bricks into Morton order; index_a: their places.
static void order_bricks(brick_grid *g) {
  uint64_t low[3] = {AXIS, AXIS, AXIS};
  uint64_t high[3] = {0, 0, 0};
  for (uint32_t i = 0; i < g->brick_count; i++) {
    for (int axis = 0; axis < 3; axis++) {
      const uint64_t at = (g->bricks[i].key >> (6 + 19 * axis)) & AXIS;
      low[axis] = at < low[axis] ? at : low[axis];
      high[axis] = at > high[axis] ? at : high[axis];
    }
  }
  uint64_t extent = 0;
  for (int axis = 0; axis < 3; axis++) extent |= high[axis] - low[axis];
  const uint64_t lowest = (low[0] << 6) | (low[1] << 25) | (low[2] << 44);
  for (uint32_t i = 0; i < g->brick_count; i++) {
    const uint64_t key = g->bricks[i].key - lowest;
    g->keys_a[i] = spread21(g, (key >> 6) & AXIS) | (spread21(g, (key >> 25) & AXIS) << 1) |
                   (spread21(g, key >> 44) << 2);
    g->index_a[i] = i;
  }
  sort_keys(g, g->brick_count, extent == 0 ? 0 : 3 * (64 - (uint32_t)__builtin_clzll(extent)));
}

// Numbers the voxels in order and adds the sums of all runs to theirs; returns how many there are.
// keys_b: the cells of each brick in order.
static uint32_t sum_voxels(brick_grid *g) {
  uint32_t voxels = 0;
  for (uint32_t i = 0; i < g->brick_count; i++) {
    const uint64_t cells = g->bricks[g->index_a[i]].cells;
    g->numbers[g->index_a[i]] = i;
    g->bases[i] = voxels;
    g->keys_b[i] = cells;
    voxels += (uint32_t)__builtin_popcountll(cells);
  }
  memset(g->voxel_sums, 0, voxels * sizeof *g->voxel_sums);
  for (uint32_t r = 0; r < g->run_count; r++) {
    const uint32_t place = g->run_places[r];
    const uint32_t number = g->numbers[place >> 6];
    const uint64_t before = g->keys_b[number] & ((UINT64_C(1) << (place & 63)) - 1);
    const uint32_t voxel = g->bases[number] + (uint32_t)__builtin_popcountll(before);
    add_sums(&g->voxel_sums[voxel], &g->run_sums[r], UINT32_MAX);
  }
  return voxels;
}

static inline float centroid(uint64_t cell, uint32_t sum, double points, double leaf) {
  const double steps = (sum / points + 0.5) / STEPS;
  return (float)(((double)(int64_t)cell - LIMIT + steps) * leaf);
}

static void write_voxels(const brick_grid *g, double leaf, float *out) {
  const sums *sum = g->voxel_sums;
  for (uint32_t i = 0; i < g->brick_count; i++) {
    const brick b = g->bricks[g->index_a[i]];
    for (uint64_t rest = b.cells; rest != 0; rest &= rest - 1, sum++, out += 4) {
      const uint32_t number = (uint32_t)__builtin_ctzll(rest);
      for (int axis = 0; axis < 3; axis++) {
        const uint64_t corner = ((b.key >> (6 + 19 * axis)) & AXIS) << 2;
        const uint64_t inside = ((number >> axis) & 1) | ((number >> (axis + 2)) & 2);
        out[axis] = centroid(corner + inside, sum->v[axis], sum->v[3], leaf);
      }
      out[3] = (float)sum->v[3];
    }
  }
}

uint32_t brick_grid_run(brick_grid *g, const float *xyz, uint32_t points, float leaf, float *out) {
  memset(g->table, 0, (size_t)g->slots * sizeof *g->table);
  g->brick_count = 0;
  g->run_count = 0;
  for (uint32_t first = 0; first < points; first += BLOCK) {
    const uint32_t size = points - first < BLOCK ? points - first : BLOCK;
    const uint32_t kept = read_block(g, xyz + 3 * (size_t)first, size);
    find_cells(g, kept, leaf);
    place_runs(g, join_cells(g, kept));
  }
  order_bricks(g);
  const uint32_t voxels = sum_voxels(g);
  write_voxels(g, leaf, out);
  return voxels;
}
