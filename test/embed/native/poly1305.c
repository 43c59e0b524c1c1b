/* Poly1305 (RFC 8439 §2.5) in words of 32 bits; assembly/seal/poly1305.ts has the bounds. */
#include "seal-parts.h"

void native_poly1305_init(struct native_poly1305 *p, const uint8_t key[32]) {
  for (int i = 0; i < 4; i++) {
    p->r[i] = load32(key + 4 * i) & (i == 0 ? 0x0fffffffu : 0x0ffffffcu);
    p->s[i] = load32(key + 16 + 4 * i);
  }
  memset(p->h, 0, sizeof p->h);
}

/* `mark` is 1, or 0 where the block carries its own end mark. */
static void absorb(struct native_poly1305 *p, const uint8_t *text, size_t bytes, uint32_t mark) {
  const uint32_t r0 = p->r[0], r1 = p->r[1], r2 = p->r[2], r3 = p->r[3];
  /* A product that passes 2^128 is worth 5/4 of it below. */
  const uint32_t f0 = (r0 >> 2) * 5, f1 = (r1 >> 2) * 5, f2 = (r2 >> 2) * 5, f3 = (r3 >> 2) * 5;
  uint32_t h0 = p->h[0], h1 = p->h[1], h2 = p->h[2], h3 = p->h[3], h4 = p->h[4];
  for (; bytes >= 16; bytes -= 16, text += 16) {
    uint64_t sum = (uint64_t)h0 + load32(text);
    const uint64_t a0 = (uint32_t)sum;
    sum = (uint64_t)h1 + load32(text + 4) + (sum >> 32);
    const uint64_t a1 = (uint32_t)sum;
    sum = (uint64_t)h2 + load32(text + 8) + (sum >> 32);
    const uint64_t a2 = (uint32_t)sum;
    sum = (uint64_t)h3 + load32(text + 12) + (sum >> 32);
    const uint64_t a3 = (uint32_t)sum;
    const uint32_t a4 = h4 + mark + (uint32_t)(sum >> 32);
    const uint64_t p0 = a0 * r0 + a1 * f3 + a2 * f2 + a3 * f1 + (uint64_t)a4 * f0;
    const uint64_t p1 = a0 * r1 + a1 * r0 + a2 * f3 + a3 * f2 + (uint64_t)a4 * f1 + (p0 >> 32);
    const uint64_t p2 = a0 * r2 + a1 * r1 + a2 * r0 + a3 * f3 + (uint64_t)a4 * f2 + (p1 >> 32);
    const uint64_t p3 = a0 * r3 + a1 * r2 + a2 * r1 + a3 * r0 + (uint64_t)a4 * f3 + (p2 >> 32);
    const uint32_t p4 = a4 * (r0 & 3) + (uint32_t)(p3 >> 32);
    sum = (uint64_t)(uint32_t)p0 + (p4 >> 2) * 5;
    h0 = (uint32_t)sum;
    sum = (uint64_t)(uint32_t)p1 + (sum >> 32);
    h1 = (uint32_t)sum;
    sum = (uint64_t)(uint32_t)p2 + (sum >> 32);
    h2 = (uint32_t)sum;
    sum = (uint64_t)(uint32_t)p3 + (sum >> 32);
    h3 = (uint32_t)sum;
    h4 = (p4 & 3) + (uint32_t)(sum >> 32);
  }
  p->h[0] = h0;
  p->h[1] = h1;
  p->h[2] = h2;
  p->h[3] = h3;
  p->h[4] = h4;
}

void native_poly1305_blocks(struct native_poly1305 *p, const uint8_t *text, size_t bytes) {
  absorb(p, text, bytes, 1);
}

void native_poly1305_finish(struct native_poly1305 *p, const uint8_t *text, size_t bytes,
                            uint8_t out[16]) {
  absorb(p, text, bytes, 1);
  const size_t rest = bytes & 15;
  if (rest > 0) {
    uint8_t last[16] = {0};
    memcpy(last, text + bytes - rest, rest);
    last[rest] = 1;
    absorb(p, last, 16, 0);
    native_forget(last, sizeof last);
  }
  /* h + 5 passes 2^130 exactly where h is not below 2^130 - 5. */
  uint64_t sum = 5;
  for (int i = 0; i < 4; i++) sum = (sum + p->h[i]) >> 32;
  sum = (uint64_t)((uint32_t)(sum + p->h[4]) >> 2) * 5;
  for (int i = 0; i < 4; i++) {
    sum += (uint64_t)p->h[i] + p->s[i];
    store32(out + 4 * i, (uint32_t)sum);
    sum >>= 32;
  }
  native_forget(p, sizeof *p);
}
