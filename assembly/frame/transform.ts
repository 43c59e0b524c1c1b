/**
 * Rigid transforms of a block: p' = R p + t with a row-major 3x4 matrix of f32.
 *
 * Products and sums stand in one fixed order, without fused multiply-add, so that every engine and
 * both builds round alike.
 */
import { X, Y, Z } from "./block.ts";

/** Sensor to map, and sensor to output: 12 f32 each. */
export const TO_MAP: usize = memory.data(48, 16);
export const TO_OUTPUT: usize = memory.data(48, 16);

/** Transforms the X, Y, Z columns into the columns at `tx`, `ty`, `tz`, which may be the same. */
export function transformBlock(m: usize, count: u32, tx: u32, ty: u32, tz: u32): void {
  const bytes = count << 2;
  if (ASC_FEATURE_SIMD) {
    const m0 = v128.load32_splat(m);
    const m1 = v128.load32_splat(m, 4);
    const m2 = v128.load32_splat(m, 8);
    const m3 = v128.load32_splat(m, 12);
    const m4 = v128.load32_splat(m, 16);
    const m5 = v128.load32_splat(m, 20);
    const m6 = v128.load32_splat(m, 24);
    const m7 = v128.load32_splat(m, 28);
    const m8 = v128.load32_splat(m, 32);
    const m9 = v128.load32_splat(m, 36);
    const m10 = v128.load32_splat(m, 40);
    const m11 = v128.load32_splat(m, 44);
    for (let i: u32 = 0; i < bytes; i += 16) {
      const x = v128.load(X + i);
      const y = v128.load(Y + i);
      const z = v128.load(Z + i);
      const a = f32x4.add(f32x4.mul(m0, x), f32x4.mul(m1, y));
      v128.store(tx + i, f32x4.add(f32x4.add(a, f32x4.mul(m2, z)), m3));
      const b = f32x4.add(f32x4.mul(m4, x), f32x4.mul(m5, y));
      v128.store(ty + i, f32x4.add(f32x4.add(b, f32x4.mul(m6, z)), m7));
      const c = f32x4.add(f32x4.mul(m8, x), f32x4.mul(m9, y));
      v128.store(tz + i, f32x4.add(f32x4.add(c, f32x4.mul(m10, z)), m11));
    }
  } else {
    const m0 = load<f32>(m);
    const m1 = load<f32>(m, 4);
    const m2 = load<f32>(m, 8);
    const m3 = load<f32>(m, 12);
    const m4 = load<f32>(m, 16);
    const m5 = load<f32>(m, 20);
    const m6 = load<f32>(m, 24);
    const m7 = load<f32>(m, 28);
    const m8 = load<f32>(m, 32);
    const m9 = load<f32>(m, 36);
    const m10 = load<f32>(m, 40);
    const m11 = load<f32>(m, 44);
    for (let i: u32 = 0; i < bytes; i += 4) {
      const x = load<f32>(i, X);
      const y = load<f32>(i, Y);
      const z = load<f32>(i, Z);
      store<f32>(tx + i, m0 * x + m1 * y + m2 * z + m3);
      store<f32>(ty + i, m4 * x + m5 * y + m6 * z + m7);
      store<f32>(tz + i, m8 * x + m9 * y + m10 * z + m11);
    }
  }
}
