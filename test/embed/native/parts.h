/* What the files of the yardstick share beside frame.h. */
#ifndef NATIVE_PARTS_H
#define NATIVE_PARTS_H

#include "frame.h"

enum { FIELD_X, FIELD_Y, FIELD_Z, FIELD_INTENSITY, FIELD_RING, FIELD_TIME };
#define META_PASSABLE                                                        \
  ((1u << MAPVEIL_META_FRAME_ID) | (1u << MAPVEIL_META_TOPIC) |              \
   (1u << MAPVEIL_META_SENSOR_MODEL) | (1u << MAPVEIL_META_LABEL))

/* Where the axes begin in the key of a brick; below stand the bits of the cell in it. */
#define BRICK_X 6
#define BRICK_Y 25
#define BRICK_Z 44
#define BRICK_AXIS ((UINT64_C(1) << 19) - 1)
#define IN_BRICK UINT64_C(63)

/* Samples; see assembly/voxel/samples.ts. */
#define SAMPLE_Y 11
#define SAMPLE_CELL 22
#define SAMPLE_Z 32
#define SAMPLE_PLACE 43
#define SAMPLE_MASK 2047u

/* Entries of the sort: key above, index below. */
#define INDEX_BITS 21
#define INDEX_MASK ((1u << INDEX_BITS) - 1)

#define LONE_LEVEL 4u
#define SHAPE_MANY 8u
#define SHAPE_LONE 9u

/* Models, numbered as in assembly/tile/models.ts. */
#define MODEL_SHAPE 0u
#define MODEL_SHAPE_HIGH (MODEL_SHAPE + 3 * 32)
#define MODEL_LOW (MODEL_SHAPE_HIGH + 32)
#define MODEL_HIGH (MODEL_LOW + 4 * 8)
#define MODEL_VALUE (MODEL_HIGH + 4 * 128)

static inline uint32_t min_u32(uint32_t a, uint32_t b) { return a < b ? a : b; }
static inline uint32_t max_u32(uint32_t a, uint32_t b) { return a > b ? a : b; }
static inline uint32_t popcount8(uint32_t v) { return (uint32_t)__builtin_popcount(v); }
static inline uint32_t popcount64(uint64_t v) { return (uint32_t)__builtin_popcountll(v); }
/* Bits that a number takes; 0 for 0. */
static inline uint32_t bit_width(uint32_t v) { return v == 0 ? 0 : 32u - (uint32_t)__builtin_clz(v); }

/* Bits that the policy grants intensity, ring and time. */
static inline uint32_t attribute_bits(const mapveil_policy *p, uint32_t field) {
  return field == FIELD_INTENSITY ? p->intensity_bits : field == FIELD_RING ? p->ring_bits : p->time_bits;
}

/* The fixed part of a tile. */
#define TILE_MAGIC 0x0154564du
struct tile_header {
  uint32_t magic, length;
  uint8_t flags, depth, centroid_bits, attribute_bits[3];
  uint16_t metadata_bytes;
  float leaf;
  uint32_t voxels;
  int32_t origin[3];
};

/* Whether a policy may ask for these size classes. */
static inline bool native_is_padding(uint32_t padding) {
  if (padding <= MAPVEIL_PAD_PADME) return true;
#ifdef MAPVEIL_PROFILE_MICRO
  return false;
#else
  return padding >= MAPVEIL_PAD_FIRST_CLASS && padding <= MAPVEIL_PLAIN_REGION_BYTES;
#endif
}

/* Size class of a record. */
static inline uint32_t padded_bytes(uint32_t bytes, uint32_t padding) {
#ifndef MAPVEIL_PROFILE_MICRO
  if (padding >= MAPVEIL_PAD_FIRST_CLASS) {
    while (padding < bytes) padding *= 2;
    return padding < MAPVEIL_PLAIN_REGION_BYTES ? padding : MAPVEIL_PLAIN_REGION_BYTES;
  }
#endif
  if (bytes <= MAPVEIL_RECORD_BYTES_MIN) return MAPVEIL_RECORD_BYTES_MIN;
  if (padding == MAPVEIL_PAD_POWER_OF_TWO) return 1u << bit_width(bytes - 1);
  const uint32_t exponent = bit_width(bytes) - 1;
  const uint32_t mask = (1u << (exponent - bit_width(exponent))) - 1;
  return (bytes + mask) & ~mask;
}

/* pose.c */
int32_t native_prepare_pose(struct native *n);
/* crop.c */
bool native_prepare_crop(struct native *n);
bool native_prepare_no_go(struct native *n);
uint32_t native_crop_block(struct native *n, uint32_t count);
/* read.c */
bool native_check_layout(const struct native_layout *layout);
bool native_is_plain_f32(const struct native_layout *layout);
uint32_t native_read_row(struct native *n, uint32_t first, uint32_t apart, uint32_t points,
                         uint32_t read);
uint32_t native_find_rows(const struct native *n, uint32_t points);
void native_read_attributes(struct native *n, uint32_t count);
/* transform.c */
void native_transform(const float *m, const struct native_block *b, uint32_t count, float *tx,
                      float *ty, float *tz);
/* metadata.c */
int32_t native_strip_metadata(struct native *n, uint32_t offered, uint8_t *to);
/* bricks.c, or micro.c: what a policy may ask for, and how points are gathered. */
extern const uint32_t native_point_max, native_attribute_bits_max;
void native_begin_grid(struct native *n);
/* Takes the points of the block; returns how many are in range, or MAPVEIL_E_FULL. */
int32_t native_add_block(struct native *n, uint32_t points);
#ifndef MAPVEIL_PROFILE_MICRO
/* cells.c */
uint32_t native_cells_of_block(struct native *n, uint32_t count);
/* bricks.c */
void native_merge_repeats(struct native *n);
/* grid.c */
void native_order_grid(struct native *n);
uint64_t *native_sort(struct native *n, uint32_t count, uint32_t bits);
/* octree.c */
void native_lay_lists(struct native *n, uint32_t voxels);
void native_prepare_tables(struct native *n);
void native_build_levels(struct native *n);
void native_set_level(struct native *n, uint32_t level, uint32_t nodes);
void native_list_contexts(const struct native *n, const uint8_t *from, uint32_t parents, uint8_t *to);
uint64_t native_lone_bits(const struct native *n);
int32_t native_write_lones(struct native *n, uint8_t *to, const uint8_t *end);
void native_list_order(struct native *n);
/* coder.c */
void native_reset_models(struct native *n);
void native_begin_encoder(struct native *n, uint8_t *to, uint8_t *end);
void native_encode9(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                    const uint8_t *symbols, uint32_t count);
void native_encode16(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                     const uint8_t *symbols, uint32_t count);
int32_t native_end_encoder(struct native *n);
void native_begin_decoder(struct native *n, const uint8_t *from, const uint8_t *end);
bool native_decode9(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                    uint8_t *to, uint32_t count);
bool native_decode16(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                     uint8_t *to, uint32_t count);
/* tile.c */
uint32_t native_value_bits(const struct native *n, uint32_t value);
#endif

#endif
