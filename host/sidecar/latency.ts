/** Times and rates of a stream over its last frames, in bounded memory. */

/** Frames that the figures are made of. */
const LAST = 1024;
/** Milliseconds over which the rate is counted. */
const RATE_WINDOW_MS = 10_000;

/** A ring of the last numbers. */
class Ring {
  readonly #values = new Float64Array(LAST);
  #count = 0;

  push(value: number): void {
    this.#values[this.#count++ % LAST] = value;
  }

  /** The numbers that are in it, in no order. */
  values(): Float64Array {
    return this.#values.slice(0, Math.min(this.#count, LAST));
  }
}

export class LatencyMeter {
  readonly #arrivals = new Ring();
  readonly #latencies = new Ring();
  #frames = 0;

  /** Frames that arrived. */
  get frames(): number {
    return this.#frames;
  }

  /** A frame arrived; monotonic milliseconds. */
  arrived(atMs: number): void {
    this.#frames++;
    this.#arrivals.push(atMs);
  }

  /** A frame got its receipt so many milliseconds after it arrived. */
  answered(latencyMs: number): void {
    this.#latencies.push(latencyMs);
  }

  /** Frames a second over the last ten; a lower bound beyond 100 Hz. */
  rateHz(nowMs: number): number {
    const recent = this.#arrivals.values().filter((at) => nowMs - at < RATE_WINDOW_MS);
    return (recent.length * 1000) / RATE_WINDOW_MS;
  }

  /** The latency that a share of the last frames stayed below; 0 before the first. */
  quantileMs(share: number): number {
    const sorted = this.#latencies.values().sort();
    if (sorted.length === 0) return 0;
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number;
  }
}
