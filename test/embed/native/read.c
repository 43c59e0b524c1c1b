/* Reads points of any layout, as assembly/frame/layout.ts, read.ts, rings.ts and voxel/attributes.ts. */
#include <math.h>
#include <string.h>

#include "parts.h"

static uint32_t type_bytes(uint32_t type) {
  static const uint8_t bytes[8] = {0, 4, 8, 2, 4, 1, 2, 4};
  return type < 8 ? bytes[type] : 0;
}

bool native_check_layout(const struct native_layout *layout) {
  if (layout->point_step == 0 || layout->point_step > 4096) return false;
  for (int k = 0; k < 6; k++) {
    const mapveil_field *f = &layout->fields[k];
    if (f->type == MAPVEIL_TYPE_ABSENT && k >= FIELD_INTENSITY) continue;
    const uint32_t bytes = type_bytes(f->type);
    if (bytes == 0 || f->offset > layout->point_step || bytes > layout->point_step - f->offset) {
      return false;
    }
    if (f->scale - f->scale != 0 || f->bias - f->bias != 0) return false;
  }
  return true;
}

bool native_is_plain_f32(const struct native_layout *layout) {
  for (uint32_t k = 0; k < 3; k++) {
    const mapveil_field *f = &layout->fields[k];
    if (f->type != MAPVEIL_TYPE_F32 || f->offset != layout->fields[0].offset + 4 * k) return false;
    if (f->scale != 1 || f->bias != 0) return false;
  }
  return true;
}

/* Points lie at any address: copies of a few bytes are loads. */
#define LOAD(type, at) (load_##type(at))
static inline float load_float(const uint8_t *at) { float v; memcpy(&v, at, sizeof v); return v; }
static inline double load_double(const uint8_t *at) { double v; memcpy(&v, at, sizeof v); return v; }
static inline int16_t load_int16_t(const uint8_t *at) { int16_t v; memcpy(&v, at, sizeof v); return v; }
static inline int32_t load_int32_t(const uint8_t *at) { int32_t v; memcpy(&v, at, sizeof v); return v; }
static inline uint16_t load_uint16_t(const uint8_t *at) { uint16_t v; memcpy(&v, at, sizeof v); return v; }
static inline uint32_t load_uint32_t(const uint8_t *at) { uint32_t v; memcpy(&v, at, sizeof v); return v; }

static double field_value(const mapveil_field *f, const uint8_t *point) {
  const uint8_t *at = point + f->offset;
  double value = 0;
  switch (f->type) {
    case MAPVEIL_TYPE_F32: value = (double)LOAD(float, at); break;
    case MAPVEIL_TYPE_F64: value = LOAD(double, at); break;
    case MAPVEIL_TYPE_I16: value = LOAD(int16_t, at); break;
    case MAPVEIL_TYPE_I32: value = LOAD(int32_t, at); break;
    case MAPVEIL_TYPE_U8: value = *at; break;
    case MAPVEIL_TYPE_U16: value = LOAD(uint16_t, at); break;
    case MAPVEIL_TYPE_U32: value = LOAD(uint32_t, at); break;
    default: break;
  }
  return value * f->scale + f->bias;
}

/* Counts why a point is dropped; 1 if it stays. */
static inline uint32_t classify(mapveil_stats *stats, float x, float y, float z) {
  if (x != x || y != y || z != z) {
    stats->nan++;
    return 0;
  }
  if (x - x != 0 || y - y != 0 || z - z != 0) {
    stats->inf++;
    return 0;
  }
  if (x == 0 && y == 0 && z == 0) {
    stats->zero++;
    return 0;
  }
  return 1;
}

/* Three f32 in a row, the layout of nearly every driver. */
static uint32_t read_plain(struct native *n, const uint8_t *at, size_t step, uint32_t first,
                           uint32_t apart, uint32_t points, uint32_t read) {
  struct native_block *b = &n->block;
  for (uint32_t i = 0; i < points; i++, at += step, first += apart) {
    const float x = LOAD(float, at);
    const float y = LOAD(float, at + 4);
    const float z = LOAD(float, at + 8);
    b->x[read] = x;
    b->y[read] = y;
    b->z[read] = z;
    b->source[read] = first;
    read += classify(&n->stats, x, y, z);
  }
  return read;
}

uint32_t native_read_row(struct native *n, uint32_t first, uint32_t apart, uint32_t points,
                         uint32_t read) {
  struct native_block *b = &n->block;
  const mapveil_field *fields = n->layout.fields;
  const size_t step = (size_t)n->layout.point_step * apart;
  const uint8_t *point = n->input + (size_t)first * n->layout.point_step;
  if (n->plain_f32) {
    return read_plain(n, point + fields[FIELD_X].offset, step, first, apart, points, read);
  }
  for (uint32_t i = 0; i < points; i++, point += step, first += apart) {
    const float x = (float)field_value(&fields[FIELD_X], point);
    const float y = (float)field_value(&fields[FIELD_Y], point);
    const float z = (float)field_value(&fields[FIELD_Z], point);
    b->x[read] = x;
    b->y[read] = y;
    b->z[read] = z;
    b->source[read] = first;
    read += classify(&n->stats, x, y, z);
  }
  return read;
}

#define ROWS_MAX 256u
#define LOOKED_AT 128u

/* Of the points looked at, how many lie near the one that stands `rows` further on. */
static uint32_t neighbours(const uint8_t *at, uint32_t step, uint32_t points, uint32_t rows,
                           float near) {
  uint32_t found = 0;
  for (uint32_t k = 0; k < LOOKED_AT; k++) {
    const uint8_t *a = at + (size_t)(k * 37 % (points - ROWS_MAX)) * step;
    const uint8_t *b = a + (size_t)rows * step;
    const float x = LOAD(float, a);
    const float y = LOAD(float, a + 4);
    const float z = LOAD(float, a + 8);
    if (fabsf(x - LOAD(float, b)) <= near && fabsf(y - LOAD(float, b + 4)) <= near &&
        fabsf(z - LOAD(float, b + 8)) <= near && x * x + y * y + z * z > 0) {
      found++;
    }
  }
  return found;
}

static bool has_points(const uint8_t *at, uint32_t step, uint32_t points) {
  uint32_t found = 0;
  for (uint32_t k = 0; k < LOOKED_AT; k++) {
    const uint8_t *a = at + (size_t)(k * 37 % (points - ROWS_MAX)) * step;
    const float x = LOAD(float, a);
    const float y = LOAD(float, a + 4);
    const float z = LOAD(float, a + 8);
    found += x * x + y * y + z * z > 0;
  }
  return found >= LOOKED_AT / 4;
}

/* Points from one to the next of the same beam, 1 if none is near, 0 if that cannot be told. */
uint32_t native_find_rows(const struct native *n, uint32_t points) {
  static const uint16_t candidates[8] = {16, 32, 40, 64, 80, 128, 192, 256};
  const uint32_t step = n->layout.point_step;
  if (points < LOOKED_AT + ROWS_MAX) return 0;
  const uint8_t *at = n->input + n->layout.fields[0].offset;
  const float near = 2 * n->policy.leaf_m;
  uint32_t best = 1;
  uint32_t most = neighbours(at, step, points, 1, near);
  if (most == 0 && !has_points(at, step, points)) return 0;
  most += 12;
  for (int r = 0; r < 8; r++) {
    const uint32_t found = neighbours(at, step, points, candidates[r], near);
    if (found > most) {
      most = found + 12;
      best = candidates[r];
    }
  }
  return best;
}

#ifndef MAPVEIL_PROFILE_MICRO
/* One attribute in steps of 1 / 2047, clamped to 0..1; absent or NaN counts as 0. */
static uint64_t steps_of(const mapveil_field *f, const uint8_t *point) {
  if (f->type == MAPVEIL_TYPE_ABSENT) return 0;
  const double value = field_value(f, point);
  const double clamped = value >= 0 ? (value < 1 ? value : 1) : 0;
  return (uint64_t)(uint32_t)(clamped * 2047 + 0.5);
}

void native_read_attributes(struct native *n, uint32_t count) {
  const mapveil_field *fields = n->layout.fields;
  for (uint32_t i = 0; i < count; i++) {
    const uint8_t *point = n->input + (size_t)n->block.source[i] * n->layout.point_step;
    n->block.attribute[i] = steps_of(&fields[FIELD_INTENSITY], point) |
                            steps_of(&fields[FIELD_RING], point) << SAMPLE_Y |
                            steps_of(&fields[FIELD_TIME], point) << SAMPLE_Z;
  }
}
#endif
