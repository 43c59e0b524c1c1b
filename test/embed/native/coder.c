/* Adaptive models and the rANS coder, as assembly/tile/models.ts, rans-encoder.ts and rans-decoder.ts. */
#include <string.h>

#include "parts.h"
#include "rans.h"

void native_reset_models(struct native *n) {
  for (uint32_t m = 0; m < NATIVE_MODELS; m++) reset_model(&n->models[m], m < MODEL_SHAPE_HIGH ? 9 : 16);
}

void native_begin_encoder(struct native *n, uint8_t *to, uint8_t *end) {
  n->used = 0;
  n->out_start = to;
  n->out = to;
  n->out_end = end;
  n->full = false;
}

static void write_block(struct native *n, uint32_t symbols, uint32_t state0, uint32_t state1,
                        const uint16_t *from, const uint16_t *end) {
  const size_t words = (size_t)(end - from) * sizeof *from;
  if (BLOCK_HEADER + words > (size_t)(n->out_end - n->out)) {
    n->full = true;
    return;
  }
  const uint16_t count = (uint16_t)symbols;
  memcpy(n->out, &count, 2);
  memcpy(n->out + 2, &state0, 4);
  memcpy(n->out + 6, &state1, 4);
  memcpy(n->out + BLOCK_HEADER, from, words);
  n->out += BLOCK_HEADER + words;
}

/* Codes one decision into a state, whose lower half may leave. */
static inline uint32_t step(uint32_t state, uint32_t decision, uint16_t **to) {
  const uint32_t leaves = leaving(state, decision);
  (*to)[-1] = (uint16_t)state;
  *to -= leaves;
  return coded(state >> 16 * leaves, decision);
}

/* Codes the gathered decisions back to front, two blocks side by side, as their divisions take long. */
static void flush_blocks(struct native *n) {
  const uint32_t first = min_u32(n->used, BLOCK_SYMBOLS);
  const uint32_t second = n->used - first;
  const uint32_t *decisions = n->decisions;
  const uint32_t *others = n->decisions + BLOCK_SYMBOLS;
  /* Words are written from the end down: a decision gives one at most. */
  uint16_t *const end = n->words + first;
  uint16_t *const other_end = n->words + BLOCK_SYMBOLS + second;
  uint16_t *to = end;
  uint16_t *other_to = other_end;
  uint32_t a = STATE_LOW;
  uint32_t b = STATE_LOW;
  uint32_t c = STATE_LOW;
  uint32_t d = STATE_LOW;
  uint32_t i = first;
  while (i > second) {
    const uint32_t next = step(a, decisions[--i], &to);
    a = b;
    b = next;
  }
  while (i > 0) {
    i--;
    const uint32_t next = step(a, decisions[i], &to);
    a = b;
    b = next;
    const uint32_t other = step(c, others[i], &other_to);
    c = d;
    d = other;
  }
  n->used = 0;
  write_block(n, first, b, a, to, end);
  if (second > 0) write_block(n, second, d, c, other_to, other_end);
}

static inline void encode(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                          const uint8_t *symbols, uint32_t count, uint32_t values) {
  while (count > 0) {
    if (n->used == 2 * BLOCK_SYMBOLS) flush_blocks(n);
    const uint32_t room = min_u32(count, 2 * BLOCK_SYMBOLS - n->used);
    uint32_t *to = n->decisions + n->used;
    for (uint32_t i = 0; i < room; i++) {
      struct native_model *model = &n->models[first + (index[i] & mask)];
      const uint32_t symbol = symbols[i];
      const uint32_t lower = model->bound[symbol];
      to[i] = lower | (model->bound[symbol + 1] - lower) << 16;
      learn(model, symbol, values);
    }
    n->used += room;
    index += room;
    symbols += room;
    count -= room;
  }
}

void native_encode9(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                    const uint8_t *symbols, uint32_t count) {
  encode(n, first, index, mask, symbols, count, 9);
}

void native_encode16(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                     const uint8_t *symbols, uint32_t count) {
  encode(n, first, index, mask, symbols, count, 16);
}

int32_t native_end_encoder(struct native *n) {
  if (n->used > 0) flush_blocks(n);
  return n->full ? -1 : (int32_t)(n->out - n->out_start);
}

void native_begin_decoder(struct native *n, const uint8_t *from, const uint8_t *end) {
  n->in = from;
  n->in_end = end;
  n->left = 0;
}

static bool open_block(struct native *n) {
  if (n->left > 0) return true;
  uint16_t symbols;
  if (n->in_end - n->in < (ptrdiff_t)BLOCK_HEADER) return false;
  memcpy(&symbols, n->in, 2);
  memcpy(&n->state_next, n->in + 2, 4);
  memcpy(&n->state_other, n->in + 6, 4);
  n->left = symbols;
  n->in += BLOCK_HEADER;
  return symbols > 0 && symbols <= BLOCK_SYMBOLS;
}

static inline bool decode(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                          uint8_t *to, uint32_t count, uint32_t values) {
  for (uint32_t done = 0; done < count;) {
    if (!open_block(n)) return false;
    const uint32_t stop = done + min_u32(n->left, count - done);
    n->left -= stop - done;
    uint32_t state = n->state_next;
    uint32_t other = n->state_other;
    const uint8_t *at = n->in;
    for (; done < stop; done++) {
      struct native_model *model = &n->models[first + (index[done] & mask)];
      const uint32_t place = state & SCALE_MASK;
      uint32_t symbol = 0;
      while (symbol < values - 1 && model->bound[symbol + 1] <= place) symbol++;
      const uint32_t lower = model->bound[symbol];
      const uint32_t width = model->bound[symbol + 1] - lower;
      learn(model, symbol, values);
      to[done] = (uint8_t)symbol;
      const uint32_t rest = width * (state >> SCALE_BITS) + place - lower;
      state = other;
      other = rest;
      if (rest < STATE_LOW) {
        uint16_t word;
        /* Beyond the end stands some other part of the struct: the stream is refused below. */
        memcpy(&word, at, 2);
        other = rest << 16 | word;
        at += 2;
      }
    }
    n->in = at;
    n->state_next = state;
    n->state_other = other;
    if (at > n->in_end || (n->left == 0 && (state != STATE_LOW || other != STATE_LOW))) return false;
  }
  return true;
}

bool native_decode9(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                    uint8_t *to, uint32_t count) {
  return decode(n, first, index, mask, to, count, 9);
}

bool native_decode16(struct native *n, uint32_t first, const uint8_t *index, uint32_t mask,
                     uint8_t *to, uint32_t count) {
  return decode(n, first, index, mask, to, count, 16);
}
