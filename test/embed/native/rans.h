/* Models and states of the coder, as assembly/tile/models.ts and rans-encoder.ts have them. */
#ifndef NATIVE_RANS_H
#define NATIVE_RANS_H

#include "frame.h"

#define SCALE_BITS 15
#define SCALE_MASK ((1u << SCALE_BITS) - 1)
#define BLOCK_SYMBOLS 8192u
#define BLOCK_HEADER 10u
#define STATE_LOW 65536u

/* All of so many symbols equally likely. */
static inline void reset_model(struct native_model *model, uint32_t symbols) {
  const uint32_t even = symbols == 9 ? 3640 : 2048;
  model->uses = 0;
  model->bound[0] = 0;
  for (uint32_t s = 0; s < 16; s++) {
    model->bound[s + 1] = (uint16_t)(s + 1 < symbols ? (s + 1) * even : 32768);
  }
}

/* Moves the bounds of a model of so many symbols towards a symbol. */
static inline void learn(struct native_model *model, uint32_t symbol, uint32_t symbols) {
  const int32_t rate = 31 - __builtin_clz(model->uses + 2u) + 1;
  const int32_t lift = (int32_t)(32768 - 16 * symbols);
  model->uses = (uint16_t)(model->uses + (model->uses < 61));
  for (uint32_t i = 0; i < symbols - 1; i++) {
    const int32_t old = model->bound[i + 1];
    const int32_t target = (int32_t)(16 * (i + 1)) + (i >= symbol ? lift : 0);
    model->bound[i + 1] = (uint16_t)(old + ((target - old) >> rate));
  }
}

/* Where the state would outgrow 32 bits, its lower half leaves. */
static inline uint32_t leaving(uint32_t state, uint32_t decision) {
  return state >> (32 - SCALE_BITS) >= decision >> 16;
}

static inline uint32_t coded(uint32_t state, uint32_t decision) {
  const uint32_t width = decision >> 16;
  return state + state / width * ((1u << SCALE_BITS) - width) + (decision & 0xffff);
}

#endif
