/** Seeded random numbers, so that every run of the bench works on the same inputs. */

import { uniform } from "../../host/scenes/random.ts";

export { uniform };

/** Normal numbers of mean 0 and deviation 1 (Box and Muller). */
export function normal(next: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

/** Seeded bytes. */
export function bytes(count: number, seed: number): Uint8Array {
  const next = uniform(seed);
  return Uint8Array.from({ length: count }, () => next() * 256);
}
