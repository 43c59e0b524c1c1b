/** Seeded random numbers, so that every run of the bench works on the same inputs. */

/** Uniform numbers in [0, 1): mulberry32 (Tommy Ettinger, public domain). */
export function uniform(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal numbers of mean 0 and deviation 1 (Box and Muller). */
export function normal(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Seeded bytes. */
export function bytes(count: number, seed: number): Uint8Array {
  const next = uniform(seed);
  return Uint8Array.from({ length: count }, () => next() * 256);
}
