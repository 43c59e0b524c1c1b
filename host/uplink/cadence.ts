/** Fixed moments of upload: when bytes leave says nothing about when anything was captured. */
import type { Clock } from "../core/clock.ts";
import { drawRandom, type RandomBytes } from "../keys/index.ts";

export class Cadence {
  readonly #periodMs: number;
  readonly #clock: Clock;
  #nextMs: number;

  /** A tick every `periodMs`; the first after a part of it that is drawn from `random` now. */
  constructor(periodMs: number, clock: Clock, random: RandomBytes) {
    const share = Buffer.from(drawRandom(random, 4)).readUInt32LE() / 2 ** 32;
    this.#periodMs = periodMs;
    this.#clock = clock;
    this.#nextMs = clock.monotonicMs() + Math.floor(periodMs * share);
  }

  /** Milliseconds until the next tick; 0 or less if it is there. */
  leftMs(): number {
    return this.#nextMs - this.#clock.monotonicMs();
  }

  /** Whether a tick has come since this was asked last. Ticks that were slept through count once. */
  hasTicked(): boolean {
    const lateMs = -this.leftMs();
    if (lateMs < 0) return false;
    this.#nextMs += this.#periodMs * (1 + Math.floor(lateMs / this.#periodMs));
    return true;
  }
}
