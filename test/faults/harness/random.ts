/** Chance that can be repeated: the same seed gives the same numbers. */

export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 <= number < 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** `count` different whole numbers from 1 to `max` in ascending order; all of them if that is fewer. */
  sample(count: number, max: number): number[] {
    const all = Array.from({ length: max }, (_, i) => i + 1);
    for (let i = 0; i < Math.min(count, max); i++) {
      const j = this.between(i, max - 1);
      [all[i], all[j]] = [all[j]!, all[i]!];
    }
    return all.slice(0, count).sort((a, b) => a - b);
  }

  /** One item of a list. */
  pick<T>(items: readonly T[]): T {
    return items[this.between(0, items.length - 1)]!;
  }
}

/** Seed for which nobody asked: another one every day, the same on every machine. */
export function seedOfToday(): number {
  const given = process.env.MAPVEIL_SEED;
  return given === undefined ? Math.floor(Date.now() / 86_400_000) : Number(given);
}
