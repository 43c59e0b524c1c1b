#include "brick-grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "beam-rows.h"

enum { BLOCK = 512, STEPS = 2048, GROUP = 16, BRICK_X = 6, BRICK_Y = 25, BRICK_Z = 44 };

static const float LIMIT = 1 << 20;
static const uint64_t AXIS = (1 << 19) - 1;
static const uint64_t OUTSIDE = UINT64_C(1) << 63;
static const uint64_t GOLDEN = UINT64_C(0x9e3779b97f4a7c15);
// What tells the bricks of a group apart: two bits of x, one of y, one of z.
static const uint64_t IN_GROUP =
    (UINT64_C(3) << BRICK_X) | (UINT64_C(1) << BRICK_Y) | (UINT64_C(1) << BRICK_Z);

// A brick of 4 x 4 x 4 cells: where it is, and a bit for each cell with a point.
typedef struct {
  uint64_t key;
  uint64_t cells;
} brick;

// Sums of x, y, z in steps of the leaf, and the number of points.
typedef struct {
  uint32_t x, y, z, points;
} sums;

struct brick_grid {
  // Columns of a block. A cell is its brick's key and its number in it, six bits.
  float x[BLOCK], y[BLOCK], z[BLOCK];
  uint64_t cell[BLOCK];
  // Where a point lies in its cell: x | y << 11 | cell << 22, and z.
  uint32_t sample_low[BLOCK], sample_high[BLOCK];
  uint32_t run[BLOCK];
  // One entry a run of points in one brick.
  uint64_t run_key[BLOCK], run_cells[BLOCK];
  uint32_t run_place[BLOCK];
  // Open addressing over places in the list of bricks, counted from 1.
  uint32_t *table;
  uint32_t slots, shift;
  brick *bricks;
  uint32_t *bases;
  uint32_t brick_count;
  // A point each: low | z << 32 | place << 43.
  uint64_t *samples;
  uint32_t sample_count;
  sums *voxel_sums;
};

brick_grid *brick_grid_new(uint32_t points_max) {
  brick_grid *g = calloc(1, sizeof *g);
  if (g == NULL) return NULL;
  const size_t n = (size_t)points_max + BLOCK + 1;
  uint32_t bits = 12;
  while ((UINT64_C(1) << bits) < 2 * (uint64_t)points_max) bits++;
  g->slots = UINT32_C(1) << bits;
  g->shift = 64 - bits;
  g->table = aligned_alloc(64, (size_t)g->slots * sizeof *g->table);
  g->bricks = malloc(n * sizeof *g->bricks);
  g->bases = malloc(n * sizeof *g->bases);
  g->samples = malloc(n * sizeof *g->samples);
  g->voxel_sums = malloc(n * sizeof *g->voxel_sums);
  if (!g->table || !g->bricks || !g->bases || !g->samples || !g->voxel_sums) {
    brick_grid_free(g);
    return NULL;
  }
  return g;
}

void brick_grid_free(brick_grid *g) {
  if (g == NULL) return;
  free(g->table);
  free(g->bricks);
  free(g->bases);
  free(g->samples);
  free(g->voxel_sums);
  free(g);
}

// Appends points to the columns, each so many behind the one before, without what is no measurement;
// returns how many stand there now.
static uint32_t read_row(brick_grid *g, const float *xyz, uint32_t apart, uint32_t points,
                         uint32_t kept) {
  for (uint32_t i = 0; i < points; i++, xyz += 3 * (size_t)apart) {
    const float x = xyz[0], y = xyz[1], z = xyz[2];
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

// The two lowest bits of a cell along an axis, three apart.
static inline uint32_t spread_pair(uint32_t cell) { return (cell & 1) | ((cell & 2) << 2); }

// Cell = floor(coordinate / leaf), and where in it each point lies. Returns 1 if all are in range.
static int find_cells(brick_grid *restrict g, uint32_t points, float leaf) {
  int all = 1;
  for (uint32_t i = 0; i < points; i++) {
    const float x = g->x[i] / leaf, y = g->y[i] / leaf, z = g->z[i] / leaf;
    const int inside = (fabsf(x) < LIMIT) & (fabsf(y) < LIMIT) & (fabsf(z) < LIMIT);
    const float fx = floorf(inside ? x : 0), fy = floorf(inside ? y : 0);
    const float fz = floorf(inside ? z : 0);
    const uint32_t cx = (uint32_t)(int32_t)(fx + LIMIT), cy = (uint32_t)(int32_t)(fy + LIMIT);
    const uint32_t cz = (uint32_t)(int32_t)(fz + LIMIT);
    const uint32_t number = spread_pair(cx) | (spread_pair(cy) << 1) | (spread_pair(cz) << 2);
    const uint64_t key = ((uint64_t)(cx >> 2) << BRICK_X) | ((uint64_t)(cy >> 2) << BRICK_Y) |
                         ((uint64_t)(cz >> 2) << BRICK_Z);
    g->cell[i] = inside ? key | number : OUTSIDE;
    g->sample_low[i] = step_of(x - fx) | (step_of(y - fy) << 11) | (number << 22);
    g->sample_high[i] = step_of(z - fz);
    all &= inside;
  }
  return all;
}

static uint32_t drop_outside(brick_grid *g, uint32_t points) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < points; i++) {
    g->cell[kept] = g->cell[i];
    g->sample_low[kept] = g->sample_low[i];
    g->sample_high[kept] = g->sample_high[i];
    kept += g->cell[i] != OUTSIDE;
  }
  return kept;
}

// Joins points of one brick that follow each other; returns the runs.
static uint32_t join_bricks(brick_grid *g, uint32_t points) {
  uint32_t run = UINT32_MAX;
  uint64_t last = UINT64_MAX;
  uint64_t cells = 0;
  for (uint32_t i = 0; i < points; i++) {
    const uint64_t key = g->cell[i] & ~UINT64_C(63);
    const uint32_t is_new = key != last;
    run += is_new;
    cells = (cells & ((uint64_t)is_new - 1)) | (UINT64_C(1) << (g->cell[i] & 63));
    g->run_key[run] = key;
    g->run_cells[run] = cells;
    g->run[i] = run;
    last = key;
  }
  return run + 1;
}

// The line of the brick's group, and the brick's slot in it.
static inline uint32_t home_of(uint64_t key, uint32_t shift) {
  const uint64_t first = (key & ~IN_GROUP) * GOLDEN;
  const uint32_t hash = (uint32_t)(((first ^ (first >> 32)) * GOLDEN) >> shift);
  const uint32_t x = (uint32_t)(key >> BRICK_X) & 3, y = (uint32_t)(key >> (BRICK_Y - 2)) & 4;
  return hash ^ (x | y | ((uint32_t)(key >> (BRICK_Z - 3)) & 8));
}

// Place of a brick that another one keeps from its home, counted from 1; appends it if it is new.
static uint32_t place_of(brick_grid *g, uint64_t key, uint32_t home) {
  for (;; home = (home + GROUP) & (g->slots - 1)) {
    const uint32_t place = g->table[home];
    if (place == 0) return g->table[home] = ++g->brick_count;
    if (g->bricks[place - 1].key == key) return place;
  }
}

// Finds or appends the brick of each run, without a branch on whether it is new.
static void place_runs(brick_grid *g, uint32_t runs) {
  for (uint32_t i = 0; i < runs; i++) {
    const uint64_t key = g->run_key[i];
    const uint32_t home = home_of(key, g->shift);
    const uint32_t found = g->table[home];
    const uint32_t is_new = found == 0;
    uint32_t place = found + is_new * (g->brick_count + 1);
    g->bricks[g->brick_count] = (brick){key, 0};
    if (g->bricks[place - 1].key == key) {
      g->table[home] = place;
      g->brick_count += is_new;
    } else {
      place = place_of(g, key, home);
    }
    g->bricks[place - 1].cells |= g->run_cells[i];
    g->run_place[i] = place - 1;
  }
}

static void keep_samples(brick_grid *g, uint32_t points) {
  uint64_t *const to = g->samples + g->sample_count;
  for (uint32_t i = 0; i < points; i++) {
    const uint32_t high = g->sample_high[i] | (g->run_place[g->run[i]] << 11);
    to[i] = g->sample_low[i] | ((uint64_t)high << 32);
  }
  g->sample_count += points;
}

// Numbers the voxels as their bricks were met and adds up their points; returns the voxels.
static uint32_t sum_samples(brick_grid *g) {
  uint32_t voxels = 0;
  for (uint32_t b = 0; b < g->brick_count; b++) {
    g->bases[b] = voxels;
    voxels += (uint32_t)__builtin_popcountll(g->bricks[b].cells);
  }
  memset(g->voxel_sums, 0, voxels * sizeof *g->voxel_sums);
  for (uint32_t i = 0; i < g->sample_count; i++) {
    const uint64_t sample = g->samples[i];
    const uint32_t place = (uint32_t)(sample >> 43);
    const uint64_t before = (UINT64_C(1) << ((sample >> 22) & 63)) - 1;
    const uint32_t rank = (uint32_t)__builtin_popcountll(g->bricks[place].cells & before);
    sums *const to = &g->voxel_sums[g->bases[place] + rank];
    to->x += (uint32_t)sample & 2047;
    to->y += (uint32_t)(sample >> 11) & 2047;
    to->z += (uint32_t)(sample >> 32) & 2047;
    to->points++;
  }
  return voxels;
}

// A coordinate from its brick's part of the key, the cell's number there, and the mean of its steps.
static inline float place_along(uint64_t key, int start, uint32_t number, float mean, float leaf) {
  const uint32_t cell = ((uint32_t)((key >> start) & AXIS) << 2) | (number & 1) | ((number >> 2) & 2);
  return ((float)((int32_t)cell - (1 << 20)) + (mean + 0.5f) * (1.0f / STEPS)) * leaf;
}

static void write_voxels(const brick_grid *g, float leaf, float *out) {
  const sums *sum = g->voxel_sums;
  for (uint32_t b = 0; b < g->brick_count; b++) {
    const uint64_t key = g->bricks[b].key;
    for (uint64_t rest = g->bricks[b].cells; rest != 0; rest &= rest - 1, sum++, out += 4) {
      const uint32_t number = (uint32_t)__builtin_ctzll(rest);
      const float points = (float)sum->points, share = 1 / points;
      out[0] = place_along(key, BRICK_X, number, (float)sum->x * share, leaf);
      out[1] = place_along(key, BRICK_Y, number >> 1, (float)sum->y * share, leaf);
      out[2] = place_along(key, BRICK_Z, number >> 2, (float)sum->z * share, leaf);
      out[3] = points;
    }
  }
}

// The whole way of the points in the columns.
static void add_block(brick_grid *g, uint32_t points, float leaf) {
  if (!find_cells(g, points, leaf)) points = drop_outside(g, points);
  place_runs(g, join_bricks(g, points));
  keep_samples(g, points);
}

static void add_in_order(brick_grid *g, const float *xyz, uint32_t points, float leaf) {
  for (uint32_t first = 0; first < points; first += BLOCK) {
    const uint32_t size = points - first < BLOCK ? points - first : BLOCK;
    add_block(g, read_row(g, xyz + 3 * (size_t)first, 1, size, 0), leaf);
  }
}

// Row by row, some columns at a time; a block holds as many rows of them as it can.
static void add_rows(brick_grid *g, const float *xyz, uint32_t points, uint32_t rows, float leaf) {
  const uint32_t rows_of_block = BLOCK / BEAM_COLUMNS;
  for (uint32_t first = 0; first < points; first += rows * BEAM_COLUMNS) {
    const uint32_t rest = points - first;
    const uint32_t size = rest < rows * BEAM_COLUMNS ? rest : rows * BEAM_COLUMNS;
    const float *const at = xyz + 3 * (size_t)first;
    for (uint32_t row = 0; row < rows; row += rows_of_block) {
      uint32_t kept = 0;
      for (uint32_t r = row; r < row + rows_of_block && r < rows && r < size; r++) {
        kept = read_row(g, at + 3 * (size_t)r, rows, (size - r + rows - 1) / rows, kept);
      }
      add_block(g, kept, leaf);
    }
  }
}

uint32_t brick_grid_run(brick_grid *g, const float *xyz, uint32_t points, float leaf, float *out) {
  memset(g->table, 0, (size_t)g->slots * sizeof *g->table);
  g->brick_count = 0;
  g->sample_count = 0;
  const uint32_t rows = find_beam_rows(xyz, points, leaf);
  if (rows > 1) add_rows(g, xyz, points, rows, leaf);
  else add_in_order(g, xyz, points, leaf);
  const uint32_t voxels = sum_samples(g);
  write_voxels(g, leaf, out);
  return voxels;
}
