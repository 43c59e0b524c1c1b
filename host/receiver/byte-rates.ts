/** How fast each client may do something, such as write: who is faster is served more slowly. */
import type { Clock } from "../core/clock.ts";

/** Milliseconds of a client's rate that it may use at once after a pause. */
const BURST_MS = 1_000;

export class ByteRates {
  readonly #clock: Clock;
  /** When each client's bytes so far will have been paid for, by the monotonic clock. */
  readonly #paidAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds to wait before `bytes` more of a client are taken; 0 for no cap. */
  delayMs(client: string, bytes: number, bytesPerS: number): number {
    if (bytesPerS <= 0) return 0;
    const nowMs = this.#clock.monotonicMs();
    const fromMs = Math.max(this.#paidAtMs.get(client) ?? 0, nowMs - BURST_MS);
    const paidAtMs = fromMs + (bytes / bytesPerS) * 1_000;
    this.#paidAtMs.set(client, paidAtMs);
    return Math.max(0, paidAtMs - nowMs);
  }
}
