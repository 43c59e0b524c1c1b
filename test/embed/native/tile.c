/* Encodes a finished frame to a tile and decodes one, as assembly/tile/ does. */
#include <string.h>

#include "parts.h"

#define STEP_BITS 11

/* Bits of value 0..5 under the policy, 0 if it is not kept or not in the input. */
uint32_t native_value_bits(const struct native *n, uint32_t value) {
  if (value < 3) return n->policy.point == MAPVEIL_POINT_CENTROID ? n->policy.centroid_bits : 0;
  return n->layout.fields[value].type == MAPVEIL_TYPE_ABSENT ? 0 : attribute_bits(&n->policy, value);
}

/* Writes the symbols of a level to its lists; returns how many nodes have many children. */
static uint32_t list_symbols(struct native *n, const uint8_t *nodes, uint32_t count) {
  const struct native_lists *lists = &n->lists;
  uint32_t many = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t context = lists->contexts[i];
    const uint32_t shape = n->shapes_of[context >> 5][nodes[i]];
    const uint32_t seen = n->mirrored[context >> 5][nodes[i]];
    lists->shapes[i] = (uint8_t)shape;
    lists->index[many] = (uint8_t)((context & 7) | (seen & 15) << 3);
    lists->lows[many] = seen & 15;
    lists->highs[many] = (uint8_t)(seen >> 4);
    many += shape == SHAPE_MANY;
  }
  return many;
}

static void encode_tree(struct native *n) {
  const struct native_lists *lists = &n->lists;
  lists->contexts[0] = 0;
  for (uint32_t level = n->grid_depth; level >= 1; level--) {
    const uint32_t rank = min_u32(level, 4) - 1;
    const uint8_t *nodes = n->tree[level];
    const uint32_t count = n->level_sizes[level];
    if (level < n->grid_depth) {
      native_list_contexts(n, n->tree[level + 1], n->level_sizes[level + 1], lists->contexts);
    }
    const uint32_t many = list_symbols(n, nodes, count);
    if (level < LONE_LEVEL) {
      native_encode9(n, MODEL_SHAPE + 32 * rank, lists->contexts, 31, lists->shapes, count);
    } else {
      native_encode16(n, MODEL_SHAPE_HIGH, lists->contexts, 31, lists->shapes, count);
    }
    native_encode16(n, MODEL_LOW + 8 * rank, lists->index, 7, lists->lows, many);
    native_encode16(n, MODEL_HIGH + 128 * rank, lists->index, 127, lists->highs, many);
  }
}

/* The sum of a value over the points of a voxel. */
static inline uint32_t sum_of(const struct native *n, uint32_t voxel, uint32_t value) {
  switch (value) {
    case 0: return n->sums[voxel].x;
    case 1: return n->sums[voxel].y;
    case 2: return n->sums[voxel].z;
    case 3: return n->attributes[voxel].intensity;
    case 4: return n->attributes[voxel].ring;
    default: return n->attributes[voxel].time;
  }
}

static void encode_value(struct native *n, uint32_t value, uint32_t bits) {
  const struct native_lists *lists = &n->lists;
  const uint32_t first = MODEL_VALUE + 32 * value;
  const uint64_t most = (UINT64_C(1) << bits) - 1;
  for (uint32_t i = 0; i < n->grid_voxels; i++) {
    const uint32_t voxel = n->places[i];
    const uint64_t sum = sum_of(n, voxel, value);
    const uint64_t mean = (sum << bits) / ((uint64_t)n->sums[voxel].points << STEP_BITS);
    const uint32_t kept = (uint32_t)(mean < most ? mean : most);
    lists->highs[i] = (uint8_t)(kept >> 4);
    lists->lows[i] = kept & 15;
  }
  if (bits > 4) native_encode16(n, first, lists->highs, 0, lists->highs, n->grid_voxels);
  native_encode16(n, first + 16, lists->highs, 15, lists->lows, n->grid_voxels);
}

/* All kept values as one stream; returns its bytes, -1 if it does not fit. */
static int32_t encode_values(struct native *n, uint8_t *to, uint8_t *end) {
  uint32_t any = 0;
  for (uint32_t v = 0; v < 6; v++) any |= native_value_bits(n, v);
  if (any == 0 || n->grid_voxels == 0) return 0;
  native_list_order(n);
  native_begin_encoder(n, to, end);
  for (uint32_t v = 0; v < 6; v++) {
    const uint32_t bits = native_value_bits(n, v);
    if (bits > 0) encode_value(n, v, bits);
  }
  return native_end_encoder(n);
}

/* The tree's stream and the bits of its lone voxels; -1 if they do not fit. */
static int32_t write_tree(struct native *n, uint8_t *to, uint8_t *end) {
  native_reset_models(n);
  native_prepare_tables(n);
  native_lay_lists(n, n->grid_voxels);
  native_build_levels(n);
  native_begin_encoder(n, to, end);
  encode_tree(n);
  const int32_t blocks = native_end_encoder(n);
  if (blocks < 0) return -1;
  const int32_t lones = native_write_lones(n, to + blocks, end);
  return lones < 0 ? -1 : blocks + lones;
}

static int32_t overflow(struct native *n) {
  n->plain_high = MAPVEIL_PLAIN_REGION_BYTES;
  return MAPVEIL_E_FULL;
}

int32_t native_tile_encode(struct native *n, uint32_t metadata_bytes) {
  if (n->state != NATIVE_DONE) return MAPVEIL_E_STATE;
  struct tile_header header = {.magic = TILE_MAGIC};
  uint8_t *at = n->plain + sizeof header;
  uint8_t *end = n->plain + MAPVEIL_PLAIN_REGION_BYTES;
  const int32_t metadata = native_strip_metadata(n, metadata_bytes, at);
  if (metadata < 0) return metadata;
  at += metadata;
  native_prepare_tables(n);
  native_order_grid(n);
  int32_t tree = 0;
  if (n->grid_voxels > 0) tree = write_tree(n, at + 4, end);
  if (tree < 0) return overflow(n);
  memcpy(at, &tree, 4);
  at += 4 + tree;
  const int32_t values = encode_values(n, at, end);
  if (values < 0) return overflow(n);
  at += values;
  header.length = (uint32_t)(at - n->plain);
  header.flags = n->moves;
  header.depth = (uint8_t)n->grid_depth;
  header.centroid_bits = (uint8_t)native_value_bits(n, 0);
  for (uint32_t k = 0; k < 3; k++) {
    header.attribute_bits[k] = (uint8_t)native_value_bits(n, 3 + k);
    header.origin[k] = n->moves ? n->origin[k] : -n->lowest[k];
  }
  header.metadata_bytes = (uint16_t)metadata;
  header.leaf = n->policy.leaf_m;
  header.voxels = n->grid_voxels;
  const uint32_t padded = padded_bytes(header.length, n->policy.padding);
  if (padded > MAPVEIL_PLAIN_REGION_BYTES) return overflow(n);
  memcpy(n->plain, &header, sizeof header);
  memset(at, 0, padded - header.length);
  n->plain_high = max_u32(n->plain_high, padded);
  n->stats.tile_bytes = header.length;
  n->stats.padded_bytes = padded;
  return (int32_t)padded;
}

/* --- decoding --- */

/* Turns shapes into nodes, and lists those with many children; false for a shape that is none. */
static bool take_shapes(struct native *n, uint8_t *nodes, uint32_t count, uint32_t *many,
                        uint32_t *lones) {
  const struct native_lists *lists = &n->lists;
  uint32_t listed = 0;
  uint32_t alone = 0;
  bool sound = true;
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t shape = nodes[i];
    const uint32_t context = lists->contexts[i];
    nodes[i] = n->singles[context >> 5][shape];
    lists->index[listed] = context & 7;
    n->places[listed] = i;
    listed += shape == SHAPE_MANY;
    alone += shape == SHAPE_LONE;
    if (shape > SHAPE_LONE) sound = false;
  }
  *many = listed;
  *lones = alone;
  return sound;
}

/* Decodes one level of `count` nodes; returns how many children they have, -1 if it is damaged. */
static int64_t decode_level(struct native *n, uint32_t level, uint32_t count, uint32_t *lones) {
  const struct native_lists *lists = &n->lists;
  const uint32_t rank = min_u32(level, 4) - 1;
  uint8_t *nodes = n->tree[level];
  uint32_t many = 0;
  const bool sound = level < LONE_LEVEL
      ? native_decode9(n, MODEL_SHAPE + 32 * rank, lists->contexts, 31, nodes, count)
      : native_decode16(n, MODEL_SHAPE_HIGH, lists->contexts, 31, nodes, count);
  if (!sound || !take_shapes(n, nodes, count, &many, lones)) return -1;
  if (!native_decode16(n, MODEL_LOW + 8 * rank, lists->index, 7, lists->lows, many)) return -1;
  for (uint32_t m = 0; m < many; m++) lists->index[m] |= (uint8_t)(lists->lows[m] << 3);
  if (!native_decode16(n, MODEL_HIGH + 128 * rank, lists->index, 127, lists->highs, many)) return -1;
  int64_t children = (int64_t)count - many - *lones;
  for (uint32_t m = 0; m < many; m++) {
    const uint32_t place = n->places[m];
    const uint32_t seen = lists->lows[m] | (uint32_t)lists->highs[m] << 4;
    if (seen == 0) return -1;
    nodes[place] = n->mirrored[lists->contexts[place] >> 5][seen];
    children += popcount8(seen);
  }
  return children;
}

static bool decode_tree(struct native *n, uint32_t depth, uint32_t voxels) {
  uint32_t nodes = 1;
  memset(n->lone_counts, 0, sizeof n->lone_counts);
  n->lists.contexts[0] = 0;
  for (uint32_t level = depth; level >= 1; level--) {
    if (nodes == 0 || nodes > voxels) return false;
    uint32_t lones = 0;
    native_set_level(n, level, nodes);
    const int64_t children = decode_level(n, level, nodes, &lones);
    if (children < 0) return false;
    n->lone_counts[level] = lones;
    voxels -= lones;
    if (children > voxels) return false;
    native_list_contexts(n, n->tree[level], nodes, n->lists.contexts);
    nodes = (uint32_t)children;
    if (nodes == 0 && voxels == 0) {
      while (--level >= 1) native_set_level(n, level, 0);
      return true;
    }
  }
  return nodes == voxels;
}

/* Every third bit of a code. */
static uint32_t compact(uint64_t code) {
  uint64_t v = code & UINT64_C(0x1249249249249249);
  v = (v | v >> 2) & UINT64_C(0x10c30c30c30c30c3);
  v = (v | v >> 4) & UINT64_C(0x100f00f00f00f00f);
  v = (v | v >> 8) & UINT64_C(0x1f0000ff0000ff);
  v = (v | v >> 16) & UINT64_C(0x1f00000000ffff);
  v = (v | v >> 32) & UINT64_C(0x1fffff);
  return (uint32_t)v;
}

static uint64_t read_lone(const uint8_t *from, uint64_t bit, uint32_t level) {
  uint64_t place = 0;
  for (uint32_t done = 0; done < 3 * level; done += 30, bit += 30) {
    const uint32_t part = min_u32(3 * level - done, 30);
    uint64_t bits;
    memcpy(&bits, from + bit / 8, 8);
    place |= (bits >> bit % 8 & ((UINT64_C(1) << part) - 1)) << done;
  }
  return place;
}

/* Writes the cells of the lone nodes of a level; returns where the next cell goes. */
static mapveil_cell *place_lones(const struct native *n, uint32_t level, const struct native_place *nodes,
                            const uint8_t *bits, uint64_t bit, const int32_t *origin,
                                 mapveil_cell *cell) {
  for (uint32_t i = 0; i < n->level_sizes[level]; i++) {
    if (n->tree[level][i] != 0) continue;
    const uint64_t place = read_lone(bits, bit, level);
    cell->x = origin[0] + (int32_t)(nodes[i].x << level | compact(place));
    cell->y = origin[1] + (int32_t)(nodes[i].y << level | compact(place >> 1));
    cell->z = origin[2] + (int32_t)(nodes[i].z << level | compact(place >> 2));
    cell++;
    bit += 3 * level;
  }
  return cell;
}

static void expand_tree(struct native *n, uint32_t depth, const uint8_t *bits, const int32_t *origin) {
  struct native_place *from = n->nodes_a;
  struct native_place *to = n->nodes_b;
  mapveil_cell *cell = n->cells;
  uint64_t bit = 0;
  memset(from, 0, sizeof *from);
  for (uint32_t level = depth; level > 1; level--) {
    if (n->lone_counts[level] > 0) {
      cell = place_lones(n, level, from, bits, bit, origin, cell);
      bit += (uint64_t)n->lone_counts[level] * 3 * level;
    }
    struct native_place *next = to;
    for (uint32_t i = 0; i < n->level_sizes[level]; i++) {
      const uint32_t node = n->tree[level][i];
      uint64_t numbers = n->children_of[node];
      for (uint32_t left = popcount8(node); left > 0; left--, numbers >>= 8, next++) {
        next->x = from[i].x << 1 | (numbers & 1);
        next->y = from[i].y << 1 | (numbers >> 1 & 1);
        next->z = from[i].z << 1 | (numbers >> 2 & 1);
      }
    }
    struct native_place *const swap = from;
    from = to;
    to = swap;
  }
  for (uint32_t i = 0; i < n->level_sizes[1]; i++) {
    const uint32_t node = n->tree[1][i];
    uint64_t numbers = n->children_of[node];
    for (uint32_t left = popcount8(node); left > 0; left--, numbers >>= 8, cell++) {
      cell->x = origin[0] + (int32_t)(from[i].x << 1 | (numbers & 1));
      cell->y = origin[1] + (int32_t)(from[i].y << 1 | (numbers >> 1 & 1));
      cell->z = origin[2] + (int32_t)(from[i].z << 1 | (numbers >> 2 & 1));
    }
  }
}

static uint32_t header_bits(const struct tile_header *header, uint32_t value) {
  return value < 3 ? header->centroid_bits : header->attribute_bits[value - 3];
}

static bool header_is_sound(const struct tile_header *h, uint32_t bytes) {
  if (bytes < sizeof *h + 4 || h->magic != TILE_MAGIC) return false;
  if (h->length > bytes || h->length < sizeof *h + 4 || h->flags > 1) return false;
  if (h->voxels > MAPVEIL_MAX_POINTS || h->depth > NATIVE_LEVELS) return false;
  if ((h->voxels == 0) != (h->depth == 0) || h->centroid_bits > 6) return false;
  for (int k = 0; k < 3; k++) {
    if (h->attribute_bits[k] > 8) return false;
    if (h->origin[k] < -MAPVEIL_CELL_LIMIT || h->origin[k] >= MAPVEIL_CELL_LIMIT) return false;
  }
  return h->leaf > 0 && h->leaf - h->leaf == 0;
}

static bool copy_metadata(struct native *n, const uint8_t *from, uint32_t bytes) {
  uint32_t at = 0;
  while (at < bytes) {
    uint16_t record[2];
    if (bytes - at < 4) return false;
    memcpy(record, from + at, 4);
    at += 4 + record[1];
  }
  if (at != bytes) return false;
  memcpy(n->metadata, from, bytes);
  return true;
}

static bool decode_value(struct native *n, uint32_t value, uint32_t bits, uint32_t voxels) {
  const struct native_lists *lists = &n->lists;
  const uint32_t first = MODEL_VALUE + 32 * value;
  if (bits <= 4) memset(lists->highs, 0, voxels);
  else if (!native_decode16(n, first, lists->highs, 0, lists->highs, voxels)) return false;
  if (!native_decode16(n, first + 16, lists->highs, 15, lists->lows, voxels)) return false;
  uint32_t all = 0;
  for (uint32_t i = 0; i < voxels; i++) {
    const uint32_t decoded = (uint32_t)lists->highs[i] << 4 | lists->lows[i];
    all |= decoded;
    n->values[i][value] = (uint8_t)decoded;
  }
  return all >> bits == 0;
}

static bool decode_values(struct native *n, const struct tile_header *header, const uint8_t *from,
                          const uint8_t *end) {
  uint32_t any = 0;
  memset(n->values, 0, header->voxels * sizeof n->values[0]);
  for (uint32_t v = 2; v < 6; v++) any |= header_bits(header, v);
  if (any == 0) return from == end;
  native_begin_decoder(n, from, end);
  for (uint32_t v = 0; v < 6; v++) {
    const uint32_t bits = header_bits(header, v);
    if (bits > 0 && !decode_value(n, v, bits, header->voxels)) return false;
  }
  return n->left == 0 && n->in == end;
}

int32_t native_tile_decode(struct native *n, uint32_t record_bytes) {
  if (record_bytes > MAPVEIL_PLAIN_REGION_BYTES) return MAPVEIL_E_SIZE;
  struct tile_header header;
  n->state = NATIVE_IDLE;
  n->plain_high = max_u32(n->plain_high, record_bytes);
  memcpy(&header, n->plain, sizeof header);
  if (!header_is_sound(&header, record_bytes)) return MAPVEIL_E_FORMAT;
  const uint8_t *end = n->plain + header.length;
  const uint8_t *at = n->plain + sizeof header;
  uint32_t tree_bytes;
  if (header.metadata_bytes + 4 > end - at) return MAPVEIL_E_FORMAT;
  if (!copy_metadata(n, at, header.metadata_bytes)) return MAPVEIL_E_FORMAT;
  at += header.metadata_bytes;
  memcpy(&tree_bytes, at, 4);
  at += 4;
  if (tree_bytes > (uint32_t)(end - at)) return MAPVEIL_E_FORMAT;
  if (header.voxels == 0) return at == end ? 0 : MAPVEIL_E_FORMAT;
  n->decoded_high = max_u32(n->decoded_high, header.voxels);
  native_reset_models(n);
  native_prepare_tables(n);
  native_lay_lists(n, header.voxels);
  native_begin_decoder(n, at, at + tree_bytes);
  if (!decode_tree(n, header.depth, header.voxels) || n->left != 0) return MAPVEIL_E_FORMAT;
  if ((int64_t)((native_lone_bits(n) + 7) / 8) != at + tree_bytes - n->in) return MAPVEIL_E_FORMAT;
  expand_tree(n, header.depth, n->in, header.origin);
  if (!decode_values(n, &header, at + tree_bytes, end)) return MAPVEIL_E_FORMAT;
  return (int32_t)header.voxels;
}
