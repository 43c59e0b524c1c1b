/**
 * Morton order (z-order): the bits of x, y, z interleaved, x lowest. Sorting by it groups each
 * octree node's voxels, at every level at once (Morton 1966).
 */

/** Bits of a byte spread three apart: 256 u32, made on first use. */
// @ts-expect-error: decorator
@lazy
const SPREAD: usize = memory.data(1024, 16);

/** Makes the table; cheap enough to call at each frame. */
export function prepareMorton(): void {
  if (load<u32>(SPREAD, 4) == 1) return;
  for (let v: u32 = 0; v < 256; v++) {
    let spread: u32 = 0;
    for (let b: u32 = 0; b < 8; b++) spread |= ((v >> b) & 1) << (3 * b);
    store<u32>(SPREAD + (v << 2), spread);
  }
}

/** Spreads 16 bits; the usual case, since 2^16 cells of 5 cm are 3.2 km. */
// @ts-expect-error: decorator
@inline
export function spread16(v: u32): u64 {
  return (
    <u64>load<u32>(SPREAD + ((v & 255) << 2)) |
    (<u64>load<u32>(SPREAD + ((v >> 8) << 2)) << 24)
  );
}

/** Spreads 21 bits. */
// @ts-expect-error: decorator
@inline
export function spread21(v: u32): u64 {
  return (
    <u64>load<u32>(SPREAD + ((v & 255) << 2)) |
    (<u64>load<u32>(SPREAD + (((v >> 8) & 255) << 2)) << 24) |
    (<u64>load<u32>(SPREAD + ((v >> 16) << 2)) << 48)
  );
}

/** The inverse of spread21 on every third bit of a code. */
export function compact21(code: u64): u32 {
  let v = code & 0x1249249249249249;
  v = (v | (v >> 2)) & 0x10c30c30c30c30c3;
  v = (v | (v >> 4)) & 0x100f00f00f00f00f;
  v = (v | (v >> 8)) & 0x1f0000ff0000ff;
  v = (v | (v >> 16)) & 0x1f00000000ffff;
  v = (v | (v >> 32)) & 0x1fffff;
  return <u32>v;
}
