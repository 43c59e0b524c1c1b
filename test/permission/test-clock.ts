/** Time that goes by only as tests say. */
import type { Clock } from "../../host/core/clock.ts";

/** A clock at noon of a day in 2026; its wall jumps and its stopwatch runs as tests say. */
export class TestClock implements Clock {
  wall = Date.UTC(2026, 2, 1, 12);
  monotonic = 1000;
  wallMs = () => this.wall;
  monotonicMs = () => this.monotonic;
  readonly #timers = new Set<{ atMs: number; end: () => void }>();
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const end = () => {
        this.#timers.delete(timer);
        resolve();
      };
      const timer = { atMs: this.monotonic + ms, end };
      this.#timers.add(timer);
      signal?.addEventListener("abort", end, { once: true });
    });
  }
  /** Time goes by, for both. */
  pass(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
    for (const { atMs, end } of [...this.#timers]) if (atMs <= this.monotonic) end();
  }
}
