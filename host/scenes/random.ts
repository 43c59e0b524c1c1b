/** Seeded random numbers: the same seed makes the same home, people and noise on every machine. */

export type Uniform = () => number;

/** Uniform numbers in [0, 1): mulberry32 (Tommy Ettinger, public domain). */
export function uniform(seed: number): Uniform {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normal numbers of mean 0 and deviation 1 (Marsaglia's polar method), two a draw. */
export function normal(next: Uniform): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    for (;;) {
      const a = 2 * next() - 1;
      const b = 2 * next() - 1;
      const square = a * a + b * b;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = b * scale;
      return a * scale;
    }
  };
}

/** A generator of its own for one part of a scene, so that a change of one part leaves the others. */
export function stream(seed: number, part: string): Uniform {
  let hash = Math.imul(seed | 0, 0x9e3779b1) ^ 0x811c9dc5;
  for (let i = 0; i < part.length; i++) {
    hash = Math.imul(hash ^ part.charCodeAt(i), 0x01000193);
  }
  return uniform(hash);
}

/** A number between `low` and `high`. */
export function between(next: Uniform, low: number, high: number): number {
  return low + (high - low) * next();
}

/** One of `values`. */
export function pick<T>(next: Uniform, values: readonly T[]): T {
  return values[Math.min(values.length - 1, Math.floor(next() * values.length))]!;
}
