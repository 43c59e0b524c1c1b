/*
 * What the core computes, written in C by hand: the yardstick for the C that is made of the core.
 *
 * Algorithms, formats and results are those of assembly/, where each file is documented; here they
 * stand in plain structs and ordinary pointers, as somebody would write them who had no WebAssembly in
 * mind. Nothing is vectorised by hand, nothing is left out, nothing is cleverer or slower than there.
 *
 * One `struct native` holds everything. Callers write `layout_in`, `policy_in`, `frame_in`, `metadata`
 * and `input`, and read `stats`, `plain`, `cells` and `values`, as they do with the core's regions.
 */
#ifndef NATIVE_FRAME_H
#define NATIVE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mapveil_abi.h"

#define NATIVE_LEVELS 21
#ifdef MAPVEIL_PROFILE_MICRO
#define NATIVE_BLOCK 32
#else
#define NATIVE_BLOCK 512
/* A block may go beyond the limit before it is noticed. */
#define NATIVE_ROWS (MAPVEIL_MAX_POINTS + 1024u)
/* Slots of the table that finds bricks, at the most: twice the voxels. */
#if MAPVEIL_MAX_POINTS == 1048576
#define NATIVE_TABLE_BITS 21
#elif MAPVEIL_MAX_POINTS == 65536
#define NATIVE_TABLE_BITS 17
#else
#error "No table is sized for this profile."
#endif
#endif

/* mapveil_layout with its fields as an array. */
struct native_layout {
  uint32_t point_step, reserved;
  /* x, y, z, intensity, ring, time */
  mapveil_field fields[6];
};

/* A no-go area grown by its margin. */
struct native_bounds {
  float x_min, x_max, y_min, y_max, z_min, z_max;
};

/* Four by four by four cells. */
struct native_brick {
  uint64_t key, mask;
};

/* Points in flight: entry i of each column belongs to the same point. */
struct native_block {
  float x[NATIVE_BLOCK], y[NATIVE_BLOCK], z[NATIVE_BLOCK];
  float mx[NATIVE_BLOCK], my[NATIVE_BLOCK], mz[NATIVE_BLOCK];
  uint32_t source[NATIVE_BLOCK], keep[NATIVE_BLOCK];
#ifndef MAPVEIL_PROFILE_MICRO
  uint64_t cell[NATIVE_BLOCK];
  uint32_t sample_low[NATIVE_BLOCK], sample_high[NATIVE_BLOCK];
  uint64_t attribute[NATIVE_BLOCK];
  uint32_t run[NATIVE_BLOCK], place[NATIVE_BLOCK];
  uint64_t mask[NATIVE_BLOCK];
#endif
};

/* Sums of the points of a voxel. */
struct native_sums {
  uint32_t x, y, z, points;
};

struct native_attributes {
  uint32_t intensity, ring, time, unused;
};

/* A node of the octree that is expanded. */
struct native_place {
  uint32_t x, y, z, unused;
};

/* An adaptive model: bound[s] .. bound[s + 1] belong to symbol s. */
struct native_model {
  uint16_t bound[17];
  uint16_t uses;
};

#ifdef MAPVEIL_PROFILE_MICRO
/* Those of one rank: shapes, low and high halves. */
#define NATIVE_MODELS (32 + 8 + 128)
/* Room of the list of cells, which plain lends it. */
#define NATIVE_ROOM ((MAPVEIL_MAX_POINTS * 8 + MAPVEIL_PLAIN_REGION_BYTES) / 8)
#else
#define NATIVE_MODELS (3 * 32 + 32 + 4 * 8 + 4 * 128 + 6 * 32)
#endif

struct native {
  /* What callers write. */
  mapveil_layout layout_in;
  mapveil_frame frame_in;
  uint8_t policy_in[MAPVEIL_POLICY_REGION_BYTES];
  uint8_t metadata[MAPVEIL_METADATA_REGION_BYTES];
  uint8_t input[MAPVEIL_INPUT_REGION_BYTES];
  mapveil_stats stats;

  /* What a frame took over of it. */
  struct native_layout layout;
  mapveil_frame frame;
  mapveil_policy policy;
  mapveil_box boxes[MAPVEIL_BOX_COUNT_MAX];
  mapveil_area areas[MAPVEIL_AREA_COUNT_MAX];
  mapveil_vertex vertices[MAPVEIL_VERTEX_COUNT_MAX];
  float rotations[MAPVEIL_BOX_COUNT_MAX][9];
  struct native_bounds bounds[MAPVEIL_AREA_COUNT_MAX];
  float to_map[12], to_output[12];
  double secret[12], first_inverse[12];

  enum { NATIVE_IDLE, NATIVE_OPEN, NATIVE_DONE } state;
  bool plain_f32, with_samples, with_attributes, moves, mapped, crops_range, crops_height;
  bool session_begun, has_first, repeats, ordered;
  uint32_t slots, rows;

  struct native_block block;

#ifdef MAPVEIL_PROFILE_MICRO
  /* Cells, then codes in order; plain lies behind as many as a frame may have. */
  uint64_t list[NATIVE_ROOM];
  uint32_t count, depth;
  int32_t origin[3], lowest[3];
  struct native_model models[NATIVE_MODELS];
  /* Of the nodes of a level with many children: siblings and children 0..3, children 4..7. */
  uint8_t many[MAPVEIL_MAX_POINTS][2];
  uint8_t *out, *first, *next;
  bool full;
#else
  /* Bricks, points, the grid in Morton order, the octree: how much there is of each. */
  uint32_t brick_count, table_mask, table_shift, budget, sample_count;
  uint64_t multiplier;
  int32_t origin[3], lowest[3];
  uint32_t grid_depth, grid_bricks, grid_voxels;
  uint32_t level_sizes[NATIVE_LEVELS + 1], level_highs[NATIVE_LEVELS + 1];
  uint32_t lone_counts[NATIVE_LEVELS + 1], lone_firsts[NATIVE_LEVELS + 1], lone_total;

  /* Coder. */
  struct native_lists {
    uint8_t *contexts, *shapes, *index, *lows, *highs;
  } lists;
  uint8_t *out_start, *out, *out_end;
  const uint8_t *in, *in_end;
  uint32_t used, left, state_next, state_other;
  bool full;
  struct native_model models[NATIVE_MODELS];
  uint32_t decisions[2 * 8192];
  uint16_t words[2 * 8192];
  uint32_t digits[3 * 8192];

  /* How far what follows was written since the last wipe, which leaves the rest as it is. */
  uint32_t slots_high, bricks_high, voxels_high, keys_high, samples_high, plain_high;
  uint32_t decoded_high, nodes_high;

  /* Finds bricks, which are listed in the order in which they were met; place 0 is no brick. */
  uint32_t table[1u << NATIVE_TABLE_BITS];
  struct native_brick bricks[NATIVE_ROWS + 1];

  /* Points until they are added up; then lists of the coder, and codes of nodes. */
  uint64_t samples[MAPVEIL_MAX_SLOTS];
  uint64_t sample_attributes[MAPVEIL_MAX_SLOTS];
  uint32_t bases[NATIVE_ROWS];
  struct native_sums sums[NATIVE_ROWS];
  struct native_attributes attributes[NATIVE_ROWS];
  uint32_t listed[NATIVE_ROWS];

  /* Bricks in Morton order: code, mask, place in the list; and what the sort needs. */
  uint64_t keys_a[NATIVE_ROWS], keys_b[NATIVE_ROWS];
  uint32_t index_a[NATIVE_ROWS], index_b[NATIVE_ROWS];

  /* Octree: a byte a node, level by level. */
  uint8_t tree[NATIVE_LEVELS + 1][NATIVE_ROWS];
  uint32_t places[NATIVE_ROWS];
  uint8_t plain[MAPVEIL_PLAIN_REGION_BYTES];

  /* What tile_decode needs and gives. */
  struct native_place nodes_a[NATIVE_ROWS], nodes_b[NATIVE_ROWS];
  mapveil_cell cells[NATIVE_ROWS];
  uint8_t values[NATIVE_ROWS][MAPVEIL_VALUE_BYTES];

  /* Tables, made once; nothing of them is secret. */
  bool tables_made;
  uint32_t spread[256];
  uint64_t contexts_of[256];
  uint64_t children_of[256];
  uint8_t mirrored[8][256], shapes_of[8][256], singles[8][16];
#endif
};

/* Where the record stands. */
static inline uint8_t *native_plain(struct native *n) {
#ifdef MAPVEIL_PROFILE_MICRO
  return (uint8_t *)(n->list + MAPVEIL_MAX_POINTS);
#else
  return n->plain;
#endif
}

/* As the core's exports of the same names; see assembly/index.ts. */
int32_t native_session_begin(struct native *n);
int32_t native_frame_begin(struct native *n);
int32_t native_frame_push(struct native *n, uint32_t points);
int32_t native_frame_finish(struct native *n);
int32_t native_tile_encode(struct native *n, uint32_t metadata_bytes);
int32_t native_tile_decode(struct native *n, uint32_t record_bytes);
int32_t native_wipe(struct native *n);

#endif
