/* No-go areas, range, height and boxes, as assembly/frame/crop.ts, no-go.ts and boxes.ts do them. */
#include <math.h>

#include "parts.h"

static bool prepare_box(const mapveil_box *box, float *rows) {
  if (box->mode > MAPVEIL_BOX_KEEP) return false;
  for (int k = 0; k < 3; k++) {
    if (box->centre[k] - box->centre[k] != 0 || !(box->half[k] >= 0)) return false;
  }
  float x = box->quaternion[0];
  float y = box->quaternion[1];
  float z = box->quaternion[2];
  float w = box->quaternion[3];
  const float norm = sqrtf(x * x + y * y + z * z + w * w);
  if (!(norm > 0 && norm < INFINITY)) return false;
  x /= norm;
  y /= norm;
  z /= norm;
  w /= norm;
  rows[0] = 1 - 2 * (y * y + z * z);
  rows[1] = 2 * (x * y + w * z);
  rows[2] = 2 * (x * z - w * y);
  rows[3] = 2 * (x * y - w * z);
  rows[4] = 1 - 2 * (x * x + z * z);
  rows[5] = 2 * (y * z + w * x);
  rows[6] = 2 * (x * z + w * y);
  rows[7] = 2 * (y * z - w * x);
  rows[8] = 1 - 2 * (x * x + y * y);
  return true;
}

bool native_prepare_crop(struct native *n) {
  const mapveil_policy *p = &n->policy;
  if (!(p->range_min >= 0 && p->range_max >= p->range_min && p->height_max >= p->height_min)) {
    return false;
  }
  n->crops_range = p->range_min > 0 || p->range_max < INFINITY;
  n->crops_height = p->height_min > -INFINITY || p->height_max < INFINITY;
  for (uint32_t b = 0; b < p->box_count; b++) {
    if (!prepare_box(&n->boxes[b], n->rotations[b])) return false;
  }
  return true;
}

static bool bound_area(struct native *n, uint32_t a, const mapveil_vertex *v, uint32_t count) {
  const mapveil_area *area = &n->areas[a];
  const float margin = n->policy.dilate_m;
  struct native_bounds to = {INFINITY, -INFINITY, INFINITY, -INFINITY, 0, 0};
  for (uint32_t i = 0; i < count; i++) {
    if (v[i].x - v[i].x != 0 || v[i].y - v[i].y != 0) return false;
    if (v[i].x < to.x_min) to.x_min = v[i].x;
    if (v[i].x > to.x_max) to.x_max = v[i].x;
    if (v[i].y < to.y_min) to.y_min = v[i].y;
    if (v[i].y > to.y_max) to.y_max = v[i].y;
  }
  if (!(area->z_max >= area->z_min)) return false;
  to.x_min -= margin;
  to.x_max += margin;
  to.y_min -= margin;
  to.y_max += margin;
  to.z_min = area->z_min - margin;
  to.z_max = area->z_max + margin;
  n->bounds[a] = to;
  return true;
}

bool native_prepare_no_go(struct native *n) {
  const mapveil_policy *p = &n->policy;
  if (!(p->dilate_m >= 0 && p->dilate_m < INFINITY)) return false;
  uint32_t used = 0;
  for (uint32_t a = 0; a < p->area_count; a++) {
    const uint32_t count = n->areas[a].vertices;
    if (count < 3 || count > p->vertex_count - used) return false;
    if (!bound_area(n, a, n->vertices + used, count)) return false;
    used += count;
  }
  return used == p->vertex_count;
}

static bool in_grown_polygon(double px, double py, const mapveil_vertex *v, uint32_t count,
                             double margin) {
  const double reach2 = margin * margin;
  bool inside = false;
  double ax = v[count - 1].x;
  double ay = v[count - 1].y;
  for (uint32_t i = 0; i < count; i++) {
    const double bx = v[i].x;
    const double by = v[i].y;
    const double ex = bx - ax;
    const double ey = by - ay;
    const double dx = px - ax;
    const double dy = py - ay;
    if ((ay > py) != (by > py) && px < (ex * dy) / ey + ax) inside = !inside;
    const double length2 = ex * ex + ey * ey;
    double t = 0;
    if (length2 > 0) {
      t = (dx * ex + dy * ey) / length2;
      t = t < 0 ? 0 : t > 1 ? 1 : t;
    }
    const double qx = dx - t * ex;
    const double qy = dy - t * ey;
    if (qx * qx + qy * qy <= reach2) return true;
    ax = bx;
    ay = by;
  }
  return inside;
}

static bool in_no_go(const struct native *n, float x, float y, float z) {
  const mapveil_vertex *v = n->vertices;
  for (uint32_t a = 0; a < n->policy.area_count; a++) {
    const struct native_bounds *b = &n->bounds[a];
    const uint32_t count = n->areas[a].vertices;
    if (x >= b->x_min && x <= b->x_max && y >= b->y_min && y <= b->y_max && z >= b->z_min &&
        z <= b->z_max && in_grown_polygon(x, y, v, count, n->policy.dilate_m)) {
      return true;
    }
    v += count;
  }
  return false;
}

static bool in_box(const mapveil_box *box, const float *rows, float px, float py, float pz) {
  const float x = px - box->centre[0];
  const float y = py - box->centre[1];
  const float z = pz - box->centre[2];
  for (int k = 0; k < 3; k++) {
    const float along = rows[3 * k] * x + rows[3 * k + 1] * y + rows[3 * k + 2] * z;
    if (fabsf(along) > box->half[k]) return false;
  }
  return true;
}

/* Rules write `keep` and say whether all points stay. */

static bool keep_outside(struct native *n, uint32_t count, const float *x, const float *y,
                         const float *z) {
  bool all = true;
  for (uint32_t i = 0; i < count; i++) {
    const bool stays = !in_no_go(n, x[i], y[i], z[i]);
    n->block.keep[i] = stays;
    all = all && stays;
  }
  return all;
}

static bool keep_in_range(struct native *n, uint32_t count) {
  struct native_block *b = &n->block;
  const double low = n->policy.range_min;
  const double high = n->policy.range_max;
  const double low2 = low * low;
  const double high2 = high * high;
  uint32_t all = 1;
  for (uint32_t i = 0; i < count; i++) {
    const double x = b->x[i];
    const double y = b->y[i];
    const double z = b->z[i];
    const double r2 = x * x + y * y + z * z;
    b->keep[i] = (uint32_t)(r2 >= low2) & (uint32_t)(r2 <= high2);
    all &= b->keep[i];
  }
  return all != 0;
}

static bool keep_at_height(struct native *n, uint32_t count, const float *z) {
  const float low = n->policy.height_min;
  const float high = n->policy.height_max;
  uint32_t all = 1;
  for (uint32_t i = 0; i < count; i++) {
    n->block.keep[i] = (uint32_t)(z[i] >= low) & (uint32_t)(z[i] <= high);
    all &= n->block.keep[i];
  }
  return all != 0;
}

static bool keep_by_boxes(struct native *n, uint32_t count) {
  struct native_block *block = &n->block;
  bool all = true;
  for (uint32_t i = 0; i < count; i++) {
    bool removed = false;
    bool must_be_in = false;
    bool is_in = false;
    for (uint32_t b = 0; b < n->policy.box_count; b++) {
      const bool inside =
          in_box(&n->boxes[b], n->rotations[b], block->x[i], block->y[i], block->z[i]);
      if (n->boxes[b].mode == MAPVEIL_BOX_REMOVE) {
        removed = removed || inside;
      } else {
        must_be_in = true;
        is_in = is_in || inside;
      }
    }
    const bool stays = !removed && (is_in || !must_be_in);
    block->keep[i] = stays;
    all = all && stays;
  }
  return all;
}

static uint32_t pack_block(struct native_block *b, uint32_t count, bool with_map) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; i++) {
    b->x[kept] = b->x[i];
    b->y[kept] = b->y[i];
    b->z[kept] = b->z[i];
    b->source[kept] = b->source[i];
    if (with_map) {
      b->mx[kept] = b->mx[i];
      b->my[kept] = b->my[i];
      b->mz[kept] = b->mz[i];
    }
    kept += b->keep[i];
  }
  return kept;
}

static uint32_t finish_rule(struct native *n, uint32_t *counter, uint32_t before, bool all) {
  if (all) return before;
  const uint32_t kept = pack_block(&n->block, before, n->mapped);
  *counter += before - kept;
  return kept;
}

uint32_t native_crop_block(struct native *n, uint32_t count) {
  const struct native_block *b = &n->block;
  const float *mx = n->mapped ? b->mx : b->x;
  const float *my = n->mapped ? b->my : b->y;
  const float *mz = n->mapped ? b->mz : b->z;
  if (n->policy.area_count != 0) {
    count = finish_rule(n, &n->stats.no_go, count, keep_outside(n, count, mx, my, mz));
  }
  if (n->crops_range) count = finish_rule(n, &n->stats.range, count, keep_in_range(n, count));
  if (n->crops_height) {
    count = finish_rule(n, &n->stats.height, count, keep_at_height(n, count, mz));
  }
  if (n->policy.box_count != 0) {
    count = finish_rule(n, &n->stats.box, count, keep_by_boxes(n, count));
  }
  return count;
}
