/** Time that jumps to the next timer as soon as nothing else is left to do. */
import type { Clock } from "../../host/core/clock.ts";

/** Turns of the event loop without a new timer after which nothing is left to do. */
const QUIET_TURNS = 3;

export class VirtualClock implements Clock {
  #nowMs = 0;
  #aheadMs = 0;
  readonly #timers = new Set<{ atMs: number; fire: () => void }>();

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs + this.#aheadMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = { atMs: this.#nowMs + Math.max(0, ms), fire: () => end() };
      const end = () => {
        this.#timers.delete(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      this.#timers.add(timer);
      signal?.addEventListener("abort", end, { once: true });
    });
  }

  /** Lets time pass until the condition holds; throws after `limitMs` of this time. */
  async until(condition: () => boolean, limitMs = 3_600_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    while (!condition()) {
      for (let turn = 0; turn < QUIET_TURNS; turn++) await new Promise(setImmediate);
      if (condition()) return;
      const next = [...this.#timers].sort((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > endMs) throw new Error(`Not so after ${limitMs} ms.`);
      this.#nowMs = next.atMs;
      next.fire();
    }
  }

  /** Lets time pass until `work` is done; throws after `limitMs` of this time. */
  async within(work: Promise<void>, limitMs: number): Promise<void> {
    let isDone = false;
    void work.then(() => {
      isDone = true;
    });
    await this.until(() => isDone, limitMs);
  }

  /** Sets the wall clock on, and lets two seconds pass: a day has too many of them to go through all. */
  async skip(ms: number): Promise<void> {
    this.#aheadMs += ms;
    await this.pass(2_000);
  }

  /** Lets so much time pass. */
  async pass(ms: number): Promise<void> {
    await this.within(this.sleep(ms), ms + 1);
  }
}
