/** The core of one stream: a thread, and another one in its place when it dies. */
import type { Clock } from "../core/clock.ts";
import { MapveilError } from "../core/errors.ts";
import type { Log } from "../telemetry/log.ts";
import type { FramePool } from "./frame-pool.ts";
import type { FrameThread } from "./frame-thread.ts";
import type { StreamRules } from "./frame-worker.ts";

/** A thread may be replaced so often within so long: a frame that kills it every time must not cost a start each. */
const REPLACEMENTS_MAX = 5;
const REPLACEMENTS_WITHIN_MS = 60_000;

export class StreamCore {
  readonly #pool: FramePool;
  readonly #clock: Clock;
  readonly #log: Log;
  #thread: FrameThread;
  /** What the thread was told last. */
  #rules: StreamRules | undefined;
  /** Monotonic times of the last replacements. */
  #replacedMs: number[] = [];

  constructor(pool: FramePool, clock: Clock, log: Log) {
    this.#pool = pool;
    this.#clock = clock;
    this.#log = log;
    this.#thread = pool.take();
  }

  /**
   * The thread, alive and with these rules, which are another object if they changed.
   * @throws MapveilError INTERNAL while too many threads died
   */
  thread(rules: StreamRules): FrameThread {
    if (!this.#thread.alive) this.#replace();
    if (rules !== this.#rules) this.#thread.setRules(rules);
    this.#rules = rules;
    return this.#thread;
  }

  /** Makes the thread forget the frame that it had last. */
  forgetFrame(): void {
    this.#thread.forgetFrame();
  }

  /** Gives the thread back; to be called when no frame waits. */
  async close(): Promise<void> {
    await this.#pool.giveBack(this.#thread);
  }

  #replace(): void {
    const now = this.#clock.monotonicMs();
    this.#replacedMs = this.#replacedMs.filter((at) => now - at < REPLACEMENTS_WITHIN_MS);
    if (this.#replacedMs.length >= REPLACEMENTS_MAX) {
      throw new MapveilError(
        "INTERNAL",
        "The threads that sanitise frames died too often; the next one is started within a minute.",
      );
    }
    this.#replacedMs.push(now);
    this.#log.error("frame_thread_replaced", { count: this.#replacedMs.length });
    this.#thread = this.#pool.take();
    this.#rules = undefined;
  }
}
