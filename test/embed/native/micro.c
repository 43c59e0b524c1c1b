/* The grid and the coder of micro, as assembly/small/ does: a sorted list, and no tree in memory. */
#include <math.h>
#include <string.h>

#include "parts.h"
#include "rans.h"

#define AXIS_BITS 21
#define AXIS ((1u << AXIS_BITS) - 1)
#define OUTSIDE (1u << 31)
#define MICRO_SHAPE 0u
#define MICRO_LOW 32u
#define MICRO_HIGH 40u

const uint32_t native_point_max = MAPVEIL_POINT_CENTRE;
const uint32_t native_attribute_bits_max = 0;

/* Puts `value` into the heap of `count` entries, at `hole` or below. */
static void sift(uint64_t *list, uint32_t hole, uint32_t count, uint64_t value) {
  for (;;) {
    uint32_t child = 2 * hole + 1;
    if (child >= count) break;
    if (child + 1 < count && list[child + 1] > list[child]) child++;
    if (list[child] <= value) break;
    list[hole] = list[child];
    hole = child;
  }
  list[hole] = value;
}

/* Sorts in place and keeps each entry once; returns how many there are. */
static uint32_t sort_unique(uint64_t *list, uint32_t count) {
  if (count < 2) return count;
  for (uint32_t i = count / 2; i > 0; i--) sift(list, i - 1, count, list[i - 1]);
  for (uint32_t end = count - 1; end > 0; end--) {
    const uint64_t value = list[end];
    list[end] = list[0];
    sift(list, 0, end, value);
  }
  uint32_t to = 0;
  for (uint32_t i = 1; i < count; i++) {
    if (list[i] != list[to]) list[++to] = list[i];
  }
  return to + 1;
}

void native_begin_grid(struct native *n) { n->count = 0; }

static inline uint32_t cell_along(float coordinate, float leaf) {
  const float value = coordinate / leaf;
  if (!(fabsf(value) < (float)MAPVEIL_CELL_LIMIT)) return OUTSIDE;
  return (uint32_t)((int32_t)floorf(value) + MAPVEIL_CELL_LIMIT);
}

int32_t native_add_block(struct native *n, uint32_t points) {
  const struct native_block *b = &n->block;
  const float leaf = n->policy.leaf_m;
  if (n->count + points > NATIVE_ROOM) {
    n->count = sort_unique(n->list, n->count);
    if (n->count > MAPVEIL_MAX_POINTS) return MAPVEIL_E_FULL;
  }
  uint32_t kept = 0;
  uint64_t last = UINT64_MAX;
  uint64_t *to = n->list + n->count;
  for (uint32_t i = 0; i < points; i++) {
    const uint32_t x = cell_along(b->x[i], leaf);
    const uint32_t y = cell_along(b->y[i], leaf);
    const uint32_t z = cell_along(b->z[i], leaf);
    if ((x | y | z) & OUTSIDE) continue;
    kept++;
    const uint64_t cell = ((uint64_t)z << AXIS_BITS | y) << AXIS_BITS | x;
    *to = cell;
    to += cell != last;
    last = cell;
  }
  n->count = (uint32_t)(to - n->list);
  n->stats.domain += points - kept;
  return (int32_t)kept;
}

static inline uint32_t part_of(uint64_t cell, int axis) {
  return (uint32_t)(cell >> axis * AXIS_BITS) & AXIS;
}

/* Turns cells into codes, and notes where they lie. */
static void enter_codes(struct native *n) {
  uint32_t extent = 0;
  for (int axis = 0; axis < 3; axis++) {
    uint32_t low = AXIS;
    uint32_t high = 0;
    for (uint32_t i = 0; i < n->count; i++) {
      low = min_u32(low, part_of(n->list[i], axis));
      high = max_u32(high, part_of(n->list[i], axis));
    }
    extent = max_u32(extent, high / 4 - low / 4);
    n->origin[axis] = (int32_t)(low & ~3u) - MAPVEIL_CELL_LIMIT;
    n->lowest[axis] = (int32_t)(low & 3);
  }
  n->depth = bit_width(extent) + 2;
  for (uint32_t i = 0; i < n->count; i++) {
    uint32_t part[3];
    for (int axis = 0; axis < 3; axis++) {
      part[axis] = part_of(n->list[i], axis) - (uint32_t)(n->origin[axis] + MAPVEIL_CELL_LIMIT);
    }
    uint64_t code = 0;
    for (uint32_t bit = n->depth; bit-- > 0;) {
      code = code << 3 | (part[0] >> bit & 1) | (part[1] >> bit & 1) << 1 | (part[2] >> bit & 1) << 2;
    }
    n->list[i] = code;
  }
}

int32_t native_frame_finish(struct native *n) {
  if (n->state != NATIVE_OPEN) return MAPVEIL_E_STATE;
  memset(n->origin, 0, sizeof n->origin);
  memset(n->lowest, 0, sizeof n->lowest);
  n->depth = 0;
  if (n->count > 0) {
    enter_codes(n);
    n->count = sort_unique(n->list, n->count);
  }
  if (n->count > MAPVEIL_MAX_POINTS) {
    n->state = NATIVE_IDLE;
    return MAPVEIL_E_FULL;
  }
  n->stats.voxels = n->count;
  n->state = NATIVE_DONE;
  return (int32_t)n->count;
}

/* --- the coder: decisions stand in what is left of plain behind the stream --- */

static void begin_block(struct native *n, uint8_t *to) {
  const uint8_t *end = native_plain(n) + MAPVEIL_PLAIN_REGION_BYTES;
  n->out = to;
  n->first = native_plain(n) + ((size_t)(to - native_plain(n)) + BLOCK_HEADER + 3) / 4 * 4;
  n->next = n->first;
  if (n->first + 64 > end) n->full = true;
}

static void end_block(struct native *n) {
  uint8_t *to = n->next;
  uint32_t state = STATE_LOW;
  uint32_t other = STATE_LOW;
  for (const uint8_t *at = n->next; at > n->first;) {
    uint32_t decision;
    at -= 4;
    memcpy(&decision, at, 4);
    const uint32_t leaves = leaving(state, decision);
    const uint16_t word = (uint16_t)state;
    memcpy(to - 2, &word, 2);
    to -= 2 * leaves;
    const uint32_t moved = coded(state >> 16 * leaves, decision);
    state = other;
    other = moved;
  }
  const uint16_t symbols = (uint16_t)((n->next - n->first) / 4);
  const size_t words = (size_t)(n->next - to);
  memcpy(n->out, &symbols, 2);
  memcpy(n->out + 2, &other, 4);
  memcpy(n->out + 6, &state, 4);
  memmove(n->out + BLOCK_HEADER, to, words);
  begin_block(n, n->out + BLOCK_HEADER + words);
}

static void encode_symbol(struct native *n, uint32_t model_id, uint32_t symbol, uint32_t symbols) {
  const uint8_t *end = native_plain(n) + MAPVEIL_PLAIN_REGION_BYTES;
  if (n->next + 4 > end || n->next == n->first + BLOCK_SYMBOLS * 4) end_block(n);
  if (n->full) return;
  struct native_model *model = &n->models[model_id];
  const uint32_t lower = model->bound[symbol];
  const uint32_t decision = lower | (model->bound[symbol + 1] - lower) << 16;
  memcpy(n->next, &decision, 4);
  n->next += 4;
  learn(model, symbol, symbols);
}

/* --- the tree: a node of level L is a run of codes that agree above their lower 3 L bits --- */

/* Occupancy of the node whose codes begin at `at`; `end` becomes where they end. */
static uint32_t scan_run(const struct native *n, uint32_t at, uint32_t shift, uint32_t *end) {
  const uint64_t node = n->list[at] >> shift >> 3;
  uint32_t occupancy = 0;
  while (at < n->count && n->list[at] >> shift >> 3 == node) {
    occupancy |= 1u << (n->list[at] >> shift & 7);
    at++;
  }
  *end = at;
  return occupancy;
}

/* The highest level at which a voxel has a node to itself, 0 if it is the only one. */
static uint32_t own_level(const struct native *n, uint32_t at) {
  const uint64_t code = n->list[at];
  const uint64_t before = at > 0 ? code ^ n->list[at - 1] : UINT64_MAX;
  const uint64_t after = at + 1 < n->count ? code ^ n->list[at + 1] : UINT64_MAX;
  const uint32_t bit = 63 - (uint32_t)__builtin_clzll(before < after ? before : after);
  return bit < 63 ? bit / 3 : 0;
}

static uint32_t siblings_of(uint32_t parent, uint32_t child) {
  return (parent >> (child ^ 1) & 1) | (parent >> (child ^ 2) & 1) << 1 |
         (parent >> (child ^ 4) & 1) << 2;
}

static uint32_t crowd_of(uint32_t parent) {
  uint32_t crowd = 0;
  for (uint32_t rest = parent & (parent - 1); rest != 0 && crowd < 3; rest &= rest - 1) crowd++;
  return crowd;
}

/* Occupancy with child numbers xored with `number`. */
static uint32_t mirrored(uint32_t node, uint32_t number) {
  if (number & 1) node = (node & 0x55) << 1 | (node >> 1 & 0x55);
  if (number & 2) node = (node & 0x33) << 2 | (node >> 2 & 0x33);
  if (number & 4) node = (node & 0x0f) << 4 | node >> 4;
  return node;
}

static void encode_level(struct native *n, uint32_t level) {
  const uint32_t shift = 3 * level;
  const uint32_t symbols = level < LONE_LEVEL ? 9 : 16;
  uint32_t listed = 0;
  uint32_t parent = 0;
  uint32_t parent_end = 0;
  uint32_t end = 0;
  for (uint32_t at = 0; at < n->count; at = end) {
    if (at == parent_end) parent = scan_run(n, at, shift, &parent_end);
    const uint32_t node = scan_run(n, at, shift - 3, &end);
    const uint32_t own = end - at == 1 ? own_level(n, at) : 0;
    if (own >= LONE_LEVEL && own > level) continue;
    const uint32_t number = (uint32_t)(n->list[at] >> shift) & 7;
    const uint32_t beside = siblings_of(parent, number);
    const uint32_t seen = mirrored(node, number);
    const bool is_many = (seen & (seen - 1)) != 0;
    const uint32_t only = is_many ? SHAPE_MANY : (uint32_t)__builtin_ctz(seen);
    const uint32_t shape = own >= LONE_LEVEL ? SHAPE_LONE : only;
    encode_symbol(n, MICRO_SHAPE + (beside | crowd_of(parent) << 3), shape, symbols);
    if (is_many) {
      n->many[listed][0] = (uint8_t)(beside | (seen & 15) << 3);
      n->many[listed][1] = (uint8_t)(seen >> 4);
      listed++;
    }
  }
  for (uint32_t i = 0; i < listed; i++) {
    encode_symbol(n, MICRO_LOW + (n->many[i][0] & 7), n->many[i][0] >> 3, 16);
  }
  for (uint32_t i = 0; i < listed; i++) {
    encode_symbol(n, MICRO_HIGH + n->many[i][0], n->many[i][1], 16);
  }
}

static void encode_levels(struct native *n) {
  for (uint32_t level = n->depth; level > 0; level--) {
    if (level == n->depth || level < LONE_LEVEL) {
      for (uint32_t m = 0; m < NATIVE_MODELS; m++) {
        reset_model(&n->models[m], m < MICRO_LOW && level < LONE_LEVEL ? 9 : 16);
      }
    }
    encode_level(n, level);
  }
}

/* Writes the bits of all lone voxels; returns where they end, NULL if beyond plain. */
static uint8_t *write_lones(struct native *n, uint8_t *to) {
  const uint8_t *end = native_plain(n) + MAPVEIL_PLAIN_REGION_BYTES;
  uint32_t bits = 0;
  uint32_t filled = 0;
  for (uint32_t level = n->depth; level >= LONE_LEVEL; level--) {
    for (uint32_t i = 0; i < n->count; i++) {
      if (own_level(n, i) != level) continue;
      uint64_t place = n->list[i];
      for (uint32_t left = level; left > 0; left--, place >>= 3) {
        bits |= ((uint32_t)place & 7) << filled;
        filled += 3;
        if (filled < 8) continue;
        if (to == end) return NULL;
        *to++ = (uint8_t)bits;
        bits >>= 8;
        filled -= 8;
      }
    }
  }
  if (filled > 0) {
    if (to == end) return NULL;
    *to++ = (uint8_t)bits;
  }
  return to;
}

/* The tree's stream at `to`; returns where it ends, NULL if it does not fit. */
static uint8_t *write_tree(struct native *n, uint8_t *to) {
  n->full = false;
  begin_block(n, to);
  encode_levels(n);
  if (n->next > n->first) end_block(n);
  return n->full ? NULL : write_lones(n, n->out);
}

int32_t native_tile_encode(struct native *n, uint32_t metadata_bytes) {
  if (n->state != NATIVE_DONE) return MAPVEIL_E_STATE;
  struct tile_header header = {.magic = TILE_MAGIC};
  uint8_t *at = native_plain(n) + sizeof header;
  const int32_t metadata = native_strip_metadata(n, metadata_bytes, at);
  if (metadata < 0) return metadata;
  at += metadata;
  uint8_t *const tree = at + 4;
  uint8_t *const end = n->count > 0 ? write_tree(n, tree) : tree;
  if (end == NULL) return MAPVEIL_E_FULL;
  const uint32_t tree_bytes = (uint32_t)(end - tree);
  memcpy(at, &tree_bytes, 4);
  header.length = (uint32_t)(end - native_plain(n));
  header.flags = n->moves;
  header.depth = (uint8_t)n->depth;
  for (int axis = 0; axis < 3; axis++) {
    header.origin[axis] = n->moves ? n->origin[axis] : -n->lowest[axis];
  }
  header.metadata_bytes = (uint16_t)metadata;
  header.leaf = n->policy.leaf_m;
  header.voxels = n->count;
  const uint32_t padded = padded_bytes(header.length, n->policy.padding);
  if (padded > MAPVEIL_PLAIN_REGION_BYTES) return MAPVEIL_E_FULL;
  memcpy(native_plain(n), &header, sizeof header);
  memset(end, 0, padded - header.length);
  n->stats.tile_bytes = header.length;
  n->stats.padded_bytes = padded;
  return (int32_t)padded;
}

int32_t native_wipe(struct native *n) {
  memset(n, 0, sizeof *n);
  return 0;
}
