/** A cap on bytes a second, over everything that is sent. */
import type { Clock } from "../core/clock.ts";

export class Bandwidth {
  readonly #bytesPerS: number;
  readonly #clock: Clock;
  #freeAtMs = 0;

  /** 0 for no cap. */
  constructor(bytesPerS: number, clock: Clock) {
    this.#bytesPerS = bytesPerS;
    this.#clock = clock;
  }

  /** Resolves when `bytes` may go, in the order of the calls, or when the signal aborts. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    if (this.#bytesPerS === 0) return;
    const nowMs = this.#clock.monotonicMs();
    const atMs = Math.max(nowMs, this.#freeAtMs);
    this.#freeAtMs = atMs + this.durationMs(bytes);
    if (atMs > nowMs) await this.#clock.sleep(atMs - nowMs, signal);
  }

  /** Milliseconds that `bytes` take at least. */
  durationMs(bytes: number): number {
    return this.#bytesPerS === 0 ? 0 : (bytes * 1000) / this.#bytesPerS;
  }
}
