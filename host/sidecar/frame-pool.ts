/** Where streams get their threads from: one is kept warm, so that opening a stream is quick. */
import { FrameThread, type ThreadOptions } from "./frame-thread.ts";

export class FramePool {
  readonly #options: ThreadOptions;
  #standby: FrameThread | undefined;
  #closed = false;

  /** Starts the thread that stands by. */
  constructor(options: ThreadOptions) {
    this.#options = options;
    this.#standby = new FrameThread(options);
  }

  /** A thread of one's own; the warm one if it is there. */
  take(): FrameThread {
    const standby = this.#standby;
    this.#standby = undefined;
    return standby?.alive ? standby : new FrameThread(this.#options);
  }

  /** Takes a thread back that has no frames waiting: it stands by, if none does. */
  async giveBack(thread: FrameThread): Promise<void> {
    if (this.#closed || this.#standby?.alive || !thread.alive) return thread.close();
    thread.wipe();
    this.#standby = thread;
  }

  /** Ends the thread that stands by, and every one that is given back from now on. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#standby?.close();
  }
}
