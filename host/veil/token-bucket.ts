/** A cap on how often something may happen, with room for jitter (token bucket, ITU-T I.371). */

export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #lastMs: number | undefined;

  /**
   * @param perS how often a second in the long run, above 0
   * @param burst how often at once after a pause, at least 1
   */
  constructor(perS: number, burst: number) {
    this.#perMs = perS / 1000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /**
   * Whether it may happen now, which counts then. A time that goes back fills nothing up and blocks
   * nothing: counting goes on from it.
   * @param atMs milliseconds since any moment
   */
  take(atMs: number): boolean {
    const passed = Math.max(0, atMs - (this.#lastMs ?? atMs));
    this.#lastMs = atMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#perMs);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
