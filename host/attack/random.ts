/** Seeded random numbers: every run of an attack sees the same homes, visits and sensors. */
import { type Uniform, uniform } from "../scenes/index.ts";

export type { Uniform };

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
  const next = uniform(state);
  return {
    uniform: next,
    // Box and Muller
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    bytes: (count) => Uint8Array.from({ length: count }, () => next() * 256),
  };
}
