/** Sums of vectors of four u32. */

/** Adds the vector at `from` to the one at `to`, or to nothing if that one is new. */
// @ts-expect-error: decorator
@inline
export function addVector(to: u32, from: u32, isNew: bool): void {
  if (ASC_FEATURE_SIMD) {
    const keep = i32x4.splat(<i32>isNew - 1);
    v128.store(to, i32x4.add(v128.and(v128.load(to), keep), v128.load(from)));
  } else {
    const keep: u32 = <u32>isNew - 1;
    store<u32>(to, (load<u32>(to) & keep) + load<u32>(from));
    store<u32>(to, (load<u32>(to, 4) & keep) + load<u32>(from, 4), 4);
    store<u32>(to, (load<u32>(to, 8) & keep) + load<u32>(from, 8), 8);
    store<u32>(to, (load<u32>(to, 12) & keep) + load<u32>(from, 12), 12);
  }
}
