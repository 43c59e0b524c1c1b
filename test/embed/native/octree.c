/* The octree, level by level, and its lone nodes, as assembly/tile/octree.ts, lone.ts and contexts.ts. */
#include <string.h>

#include "parts.h"

/* Numbers of the occupied children of a node, a byte each, in order. */
static uint64_t children_of(uint32_t node) {
  uint64_t children = 0;
  uint32_t at = 0;
  for (uint32_t c = 0; c < 8; c++) {
    if (node >> c & 1) children |= (uint64_t)c << 8 * at++;
  }
  return children;
}

static uint32_t siblings_of(uint32_t parent, uint32_t child) {
  return (parent >> (child ^ 1) & 1) | (parent >> (child ^ 2) & 1) << 1 |
         (parent >> (child ^ 4) & 1) << 2;
}

void native_prepare_tables(struct native *n) {
  if (n->tables_made) return;
  n->tables_made = true;
  for (uint32_t v = 0; v < 256; v++) {
    n->children_of[v] = children_of(v);
    n->spread[v] = 0;
    for (uint32_t b = 0; b < 8; b++) n->spread[v] |= (v >> b & 1) << 3 * b;
    const uint32_t crowd = min_u32(popcount8(v), 4) - 1;
    uint64_t contexts = 0;
    uint32_t at = 0;
    for (uint32_t c = 0; c < 8; c++) {
      if ((v >> c & 1) == 0) continue;
      contexts |= (uint64_t)(siblings_of(v, c) | crowd << 3 | c << 5) << 8 * at++;
    }
    n->contexts_of[v] = contexts;
  }
  for (uint32_t i = 0; i < 8; i++) {
    for (uint32_t node = 0; node < 256; node++) {
      uint32_t mirrored = 0;
      for (uint32_t c = 0; c < 8; c++) mirrored |= (node >> c & 1) << (c ^ i);
      n->mirrored[i][node] = (uint8_t)mirrored;
      const uint32_t only = node == 0 ? SHAPE_LONE : (uint32_t)__builtin_ctz(mirrored);
      n->shapes_of[i][node] = (uint8_t)(popcount8(node) > 1 ? SHAPE_MANY : only);
    }
    for (uint32_t s = 0; s < 8; s++) n->singles[i][s] = (uint8_t)(1u << (s ^ i));
  }
}

/* Lists of the coder, in the memory of the samples, which are added up by then. */
void native_lay_lists(struct native *n, uint32_t voxels) {
  const uint32_t rows = (voxels + 8 + 63) & ~63u;
  uint8_t *at = (uint8_t *)n->samples;
  n->lists.contexts = at;
  n->lists.shapes = at + rows;
  n->lists.index = at + 2 * rows;
  n->lists.lows = at + 3 * rows;
  n->lists.highs = at + 4 * rows;
  n->samples_high = max_u32(n->samples_high, (rows * 5 + 7) / 8);
  n->nodes_high = max_u32(n->nodes_high, voxels);
}

void native_set_level(struct native *n, uint32_t level, uint32_t nodes) {
  n->level_sizes[level] = nodes;
  n->level_highs[level] = max_u32(n->level_highs[level], nodes + 8);
}

/* Contexts of all children, eight bytes a parent, of which the next overwrites what it did not need. */
void native_list_contexts(const struct native *n, const uint8_t *from, uint32_t parents, uint8_t *to) {
  for (uint32_t i = 0; i < parents; i++) {
    memcpy(to, &n->contexts_of[from[i]], 8);
    to += popcount8(from[i]);
  }
}

/* Level of the lone node of a brick, 0 if it has none. */
static inline uint32_t lone_level(uint64_t apart, uint64_t mask) {
  const uint32_t level = (63u - (uint32_t)__builtin_clzll(apart)) / 3 + 2;
  const bool is_lone = (mask & (mask - 1)) == 0 && level >= LONE_LEVEL && level <= NATIVE_LEVELS;
  return is_lone ? level : 0;
}

/* Groups the lone bricks by level, from the root down. */
static void group_lones(struct native *n) {
  const uint32_t *list = n->places;
  for (uint32_t i = 0; i < n->lone_total; i++) n->lone_counts[list[i] >> 24]++;
  uint32_t first = 0;
  for (uint32_t level = NATIVE_LEVELS; level >= LONE_LEVEL; level--) {
    n->lone_firsts[level] = first;
    first += n->lone_counts[level];
  }
  for (uint32_t i = 0; i < n->lone_total; i++) {
    n->index_b[n->lone_firsts[list[i] >> 24]++] = list[i] & 0xffffff;
  }
}

/* Levels 1 and 2 of all bricks that are not lone; returns the nodes of level 2. */
static uint32_t build_from_masks(struct native *n) {
  uint8_t *leaves = n->tree[1];
  uint8_t *parents = n->tree[2];
  uint64_t *codes = n->sample_attributes;
  uint32_t nodes = 0;
  uint64_t before = UINT64_MAX;
  n->lone_total = 0;
  memset(n->lone_counts, 0, sizeof n->lone_counts);
  for (uint32_t b = 0; b < n->grid_bricks; b++) {
    const uint64_t code = n->keys_a[b];
    const uint64_t mask = n->keys_b[b];
    const uint64_t after = b + 1 < n->grid_bricks ? code ^ n->keys_a[b + 1] : UINT64_MAX;
    const uint32_t level = lone_level(before < after ? before : after, mask);
    before = after;
    if (level != 0) {
      n->places[n->lone_total++] = b | level << 24;
      continue;
    }
    uint32_t occupied = 0;
    for (uint32_t k = 0; k < 8; k++) {
      const uint8_t cells = (uint8_t)(mask >> 8 * k);
      *leaves = cells;
      leaves += cells != 0;
      occupied |= (uint32_t)(cells != 0) << k;
    }
    parents[nodes] = (uint8_t)occupied;
    codes[nodes] = code;
    nodes++;
  }
  group_lones(n);
  native_set_level(n, 1, (uint32_t)(leaves - n->tree[1]));
  native_set_level(n, 2, nodes);
  return nodes;
}

/* Merges codes that share a parent, lists their parents and writes their bytes to `to`. */
static uint32_t build_level(uint64_t *codes, uint32_t count, uint8_t *to) {
  uint32_t node = UINT32_MAX;
  uint64_t last = UINT64_MAX;
  uint32_t byte = 0;
  for (uint32_t i = 0; i < count; i++) {
    const uint64_t code = codes[i];
    const uint64_t parent = code >> 3;
    const bool is_new = parent != last;
    node += is_new;
    byte = (is_new ? 0 : byte) | 1u << (code & 7);
    to[node] = (uint8_t)byte;
    codes[node] = parent;
    last = parent;
  }
  return node + 1;
}

/* Puts the lone nodes of a level among its other ones, from the last one down. */
static void merge_lones(struct native *n, uint32_t level, uint32_t nodes) {
  uint64_t *codes = n->sample_attributes;
  uint8_t *bytes = n->tree[level];
  uint32_t lones = n->lone_counts[level];
  const uint32_t *list = n->index_b + n->lone_firsts[level] - lones;
  uint32_t to = nodes + lones;
  while (lones > 0) {
    const uint64_t code = n->keys_a[list[lones - 1]] >> 3 * (level - 2);
    to--;
    if (nodes > 0 && codes[nodes - 1] > code) {
      nodes--;
      codes[to] = codes[nodes];
      bytes[to] = bytes[nodes];
    } else {
      lones--;
      codes[to] = code;
      bytes[to] = 0;
    }
  }
}

void native_build_levels(struct native *n) {
  uint32_t nodes = build_from_masks(n);
  for (uint32_t level = 3; level <= n->grid_depth; level++) {
    nodes = build_level(n->sample_attributes, nodes, n->tree[level]);
    if (n->lone_counts[level] > 0) {
      merge_lones(n, level, nodes);
      nodes += n->lone_counts[level];
    }
    native_set_level(n, level, nodes);
  }
}

/* Bits that the places of all lone voxels take. */
uint64_t native_lone_bits(const struct native *n) {
  uint64_t bits = 0;
  for (uint32_t level = LONE_LEVEL; level <= NATIVE_LEVELS; level++) {
    bits += (uint64_t)n->lone_counts[level] * 3 * level;
  }
  return bits;
}

/* Writes the bits of all lone voxels; returns their bytes, -1 if they do not fit. */
int32_t native_write_lones(struct native *n, uint8_t *to, const uint8_t *end) {
  const uint64_t bytes = (native_lone_bits(n) + 7) / 8;
  if (bytes + 8 > (uint64_t)(end - to)) return -1;
  uint32_t level = NATIVE_LEVELS;
  uint32_t rest = n->lone_counts[level];
  uint64_t bits = 0;
  uint32_t filled = 0;
  for (uint32_t i = 0; i < n->lone_total; i++, rest--) {
    while (rest == 0) rest = n->lone_counts[--level];
    const uint32_t brick = n->index_b[i];
    uint64_t place = n->keys_a[brick] << 6 | (uint64_t)__builtin_ctzll(n->keys_b[brick]);
    for (uint32_t left = 3 * level; left > 0;) {
      const uint32_t part = min_u32(left, 30);
      bits |= (place & ((UINT64_C(1) << part) - 1)) << filled;
      filled += part;
      place >>= 30;
      left -= part;
      memcpy(to, &bits, 4);
      if (filled >= 32) {
        to += 4;
        bits >>= 32;
        filled -= 32;
      }
    }
  }
  memcpy(to, &bits, 4);
  return (int32_t)bytes;
}

/* Lists the voxels in the order of the tile, lone ones first. */
void native_list_order(struct native *n) {
  uint8_t *is_lone = n->lists.contexts;
  uint32_t *to = n->places;
  memset(is_lone, 0, n->grid_bricks);
  for (uint32_t i = 0; i < n->lone_total; i++) {
    const uint32_t brick = n->index_b[i];
    is_lone[brick] = 1;
    *to++ = n->bases[n->index_a[brick]];
  }
  for (uint32_t brick = 0; brick < n->grid_bricks; brick++) {
    if (is_lone[brick]) continue;
    const uint32_t first = n->bases[n->index_a[brick]];
    const uint32_t end = first + popcount64(n->keys_b[brick]);
    for (uint32_t voxel = first; voxel < end; voxel++) *to++ = voxel;
  }
}
