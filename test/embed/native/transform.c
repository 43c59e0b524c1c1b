/* Rigid transforms of a block, as assembly/frame/transform.ts does them. */
#include "parts.h"

void native_transform(const float *m, const struct native_block *b, uint32_t count, float *tx,
                      float *ty, float *tz) {
  for (uint32_t i = 0; i < count; i++) {
    const float x = b->x[i];
    const float y = b->y[i];
    const float z = b->z[i];
    tx[i] = m[0] * x + m[1] * y + m[2] * z + m[3];
    ty[i] = m[4] * x + m[5] * y + m[6] * z + m[7];
    tz[i] = m[8] * x + m[9] * y + m[10] * z + m[11];
  }
}
