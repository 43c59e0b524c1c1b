/**
 * How long things have waited, whatever the wall clock does. While the spool is open, age follows the
 * monotonic clock. Across a restart it follows the wall clock, but goes on by a day at most: a
 * clock that was wrong cannot throw out everything, and a robot that is switched on once a week
 * still gets rid of what is old, later.
 */
import type { Clock } from "../core/clock.ts";

const RESTART_MS_MAX = 86_400_000;

export class AgeClock {
  readonly #clock: Clock;
  readonly #ageMs: number;
  readonly #openedMs: number;

  /** `ageMs` and `wallMs` are the two readings at the last commit before. */
  constructor(clock: Clock, ageMs: number, wallMs: number) {
    const pausedMs = Math.min(Math.max(0, clock.wallMs() - wallMs), RESTART_MS_MAX);
    this.#clock = clock;
    this.#ageMs = ageMs + pausedMs;
    this.#openedMs = clock.monotonicMs();
  }

  /** Milliseconds; never goes back. */
  nowMs(): number {
    return Math.floor(this.#ageMs + this.#clock.monotonicMs() - this.#openedMs);
  }
}
