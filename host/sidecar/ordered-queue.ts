/** Results in the order in which their work was begun, however long each takes. */

export class OrderedQueue<T> implements AsyncIterable<T> {
  readonly #most: number;
  readonly #results: Promise<T>[] = [];
  #ended = false;
  #abandoned = false;
  /** Whoever waits for a change. */
  #waiting: (() => void)[] = [];

  /** Has room for `most` results that were not taken yet. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Puts a result at the end; resolves when there is room for another, or nobody takes them any more. */
  async put(result: Promise<T>): Promise<void> {
    if (!this.#abandoned) this.#results.push(result);
    this.#change();
    while (this.#results.length >= this.#most && !this.#abandoned) await this.#changed();
  }

  /** No further result comes. */
  end(): void {
    this.#ended = true;
    this.#change();
  }

  /** Nobody takes results any more: what waits is forgotten, and nobody waits for room. */
  abandon(): void {
    this.#abandoned = true;
    this.#results.length = 0;
    this.#change();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const first = this.#results[0];
      if (first !== undefined) {
        const result = await first;
        this.#results.shift();
        this.#change();
        yield result;
      } else if (this.#ended) return;
      else await this.#changed();
    }
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #change(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
