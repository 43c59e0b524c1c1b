/** Lines on their way to a stream whose reader may be slow: bounded, and never waited for. */
import type { Writable } from "node:stream";

/** Bytes that may wait. */
const QUEUE_BYTES_MAX = 1024 * 1024;

export class LineQueue {
  readonly #stream: Writable;
  readonly #onLost: (lines: number) => void;
  #lost = 0;

  /** `onLost` is told how many lines were left out, when there is room again. */
  constructor(stream: Writable, onLost: (lines: number) => void) {
    this.#stream = stream;
    this.#onLost = onLost;
  }

  /** Hands the line to the stream, or leaves it out if too much waits already. */
  write(line: string): void {
    if (this.#stream.destroyed || this.#stream.writableLength + line.length > QUEUE_BYTES_MAX) {
      this.#lost++;
      return;
    }
    if (this.#lost > 0) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#onLost(lost);
    }
    this.#stream.write(line);
  }

  /** Resolves when nothing waits any more, after `timeoutMs` at the latest. Never rejects. */
  flush(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stream.destroyed) return resolve();
      const timer = setTimeout(resolve, timeoutMs);
      this.#stream.write("", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
