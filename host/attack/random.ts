/** Seeded random numbers: every run of an attack sees the same homes, visits and sensors. */

/** A number in [0, 1). */
export type Uniform = () => number;

export interface Random {
  readonly uniform: Uniform;
  /** Mean 0, deviation 1. */
  readonly normal: () => number;
  /** Seeded bytes where the product asks for random ones. */
  readonly bytes: (count: number) => Uint8Array;
}

/** Random numbers of a stream that is named by integers, such as seed, home, visit. */
export function seeded(...names: readonly number[]): Random {
  let state = 0x9e3779b9;
  for (const name of names) {
    state = Math.imul(state ^ (name | 0), 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
    state ^= state >>> 16;
  }
  // mulberry32 (Tommy Ettinger, public domain)
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    // Box and Muller
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    bytes: (count) => Uint8Array.from({ length: count }, () => uniform() * 256),
  };
}
