/* Begin and push, as assembly/frame/frame.ts does; what follows stands in grid.c, or in micro.c. */
#include "frame.h"

#include <string.h>

#include "parts.h"

#define LEAF_MIN 0.01f
#define LEAF_MAX 10.0f
#define COLUMNS 32u

static bool check_policy(const mapveil_policy *p) {
  if (!(p->leaf_m >= LEAF_MIN && p->leaf_m <= LEAF_MAX)) return false;
  if (p->point > native_point_max || !native_is_padding(p->padding)) return false;
  const uint32_t bits = native_attribute_bits_max;
  if (p->intensity_bits > bits || p->ring_bits > bits || p->time_bits > bits) return false;
  if (p->point == MAPVEIL_POINT_CENTROID && (p->centroid_bits < 1 || p->centroid_bits > 6)) return false;
  return (p->fields & ~(uint64_t)META_PASSABLE) == 0;
}

/* Takes over the policy, as much of it as there is. */
static bool take_policy(struct native *n) {
  mapveil_policy *p = &n->policy;
  const uint8_t *at = n->policy_in;
  memcpy(p, at, sizeof *p);
  at += sizeof *p;
  if (p->box_count > MAPVEIL_BOX_COUNT_MAX || p->area_count > MAPVEIL_AREA_COUNT_MAX) return false;
  if (p->vertex_count > MAPVEIL_VERTEX_COUNT_MAX) return false;
  memcpy(n->boxes, at, p->box_count * sizeof n->boxes[0]);
  at += p->box_count * sizeof n->boxes[0];
  memcpy(n->areas, at, p->area_count * sizeof n->areas[0]);
  at += p->area_count * sizeof n->areas[0];
  memcpy(n->vertices, at, p->vertex_count * sizeof n->vertices[0]);
  return true;
}

/* Whether an attribute is both in the input and in the policy; notes it as stripped if not kept. */
static bool keeps_attribute(struct native *n, uint32_t field) {
  if (n->layout.fields[field].type == MAPVEIL_TYPE_ABSENT) return false;
  if (attribute_bits(&n->policy, field) != 0) return true;
  n->stats.fields[MAPVEIL_META_POINT_FIELD] = MAPVEIL_FIELD_STRIPPED;
  return false;
}

int32_t native_frame_begin(struct native *n) {
  n->state = NATIVE_IDLE;
  n->slots = 0;
  n->rows = 0;
  memcpy(&n->layout, &n->layout_in, sizeof n->layout);
  n->frame = n->frame_in;
  memset(&n->stats, 0, sizeof n->stats);
  if (!take_policy(n) || !native_check_layout(&n->layout) || !check_policy(&n->policy) ||
      !native_prepare_crop(n) || !native_prepare_no_go(n)) {
    return MAPVEIL_E_ARG;
  }
  const int32_t posed = native_prepare_pose(n);
  if (posed < 0) return posed;
  n->moves = posed == 1;
  n->mapped = n->frame.has_pose != 0 && (n->crops_height || n->policy.area_count != 0);
  const bool intensity = keeps_attribute(n, FIELD_INTENSITY);
  const bool ring = keeps_attribute(n, FIELD_RING);
  const bool time = keeps_attribute(n, FIELD_TIME);
  n->with_attributes = intensity || ring || time;
  native_begin_grid(n);
  n->state = NATIVE_OPEN;
  return 0;
}

/* The whole way of the points in the columns; returns how many of them stay. */
static int32_t push_block(struct native *n, uint32_t count) {
  struct native_block *b = &n->block;
  if (n->mapped) native_transform(n->to_map, b, count, b->mx, b->my, b->mz);
  count = native_crop_block(n, count);
  if (n->moves) native_transform(n->to_output, b, count, b->x, b->y, b->z);
  return native_add_block(n, count);
}

static int32_t push_in_order(struct native *n, uint32_t points) {
  int32_t kept = 0;
  for (uint32_t first = 0; first < points; first += NATIVE_BLOCK) {
    const uint32_t count = min_u32(NATIVE_BLOCK, points - first);
    const int32_t stays = push_block(n, native_read_row(n, first, 1, count, 0));
    if (stays < 0) return stays;
    kept += stays;
  }
  return kept;
}

/* Pushes points beam by beam, some columns at a time. */
static int32_t push_rows(struct native *n, uint32_t points) {
  const uint32_t rows = n->rows;
  const uint32_t rows_of_block = NATIVE_BLOCK / COLUMNS;
  int32_t kept = 0;
  for (uint32_t first = 0; first < points; first += rows * COLUMNS) {
    const uint32_t end = min_u32(points, first + rows * COLUMNS);
    for (uint32_t row = 0; row < rows; row += rows_of_block) {
      uint32_t read = 0;
      const uint32_t last = min_u32(first + min_u32(rows, row + rows_of_block), end);
      for (uint32_t start = first + row; start < last; start++) {
        read = native_read_row(n, start, rows, (end - start + rows - 1) / rows, read);
      }
      const int32_t stays = push_block(n, read);
      if (stays < 0) return stays;
      kept += stays;
    }
  }
  return kept;
}

int32_t native_frame_push(struct native *n, uint32_t points) {
  if (n->state != NATIVE_OPEN) return MAPVEIL_E_STATE;
  if ((uint64_t)points * n->layout.point_step > MAPVEIL_INPUT_REGION_BYTES ||
      (uint64_t)n->slots + points > MAPVEIL_MAX_SLOTS) {
    return MAPVEIL_E_SIZE;
  }
  n->slots += points;
  n->stats.points_in = n->slots;
#ifndef MAPVEIL_PROFILE_MICRO
  if (n->rows == 0 && n->plain_f32) n->rows = native_find_rows(n, points);
#endif
  const int32_t kept = n->rows > 1 ? push_rows(n, points) : push_in_order(n, points);
  if (kept < 0) n->state = NATIVE_IDLE;
  else n->stats.kept += (uint32_t)kept;
  return kept;
}
