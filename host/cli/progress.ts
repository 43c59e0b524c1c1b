/** How far a long command is: one line that is rewritten for a person, a line every 10 s for a log. */
import type { CliIo } from "./io.ts";

const TTY_MS = 100;
const LOG_MS = 10_000;

export class Progress {
  readonly #io: CliIo;
  readonly #startMs: number;
  #lastMs: number;
  #isShown = false;

  constructor(io: CliIo) {
    this.#io = io;
    this.#startMs = performance.now();
    this.#lastMs = this.#startMs;
  }

  /** Says `frames` done and `done` of `total` bytes read, unless it was said just now. */
  update(frames: number, done: number, total: number): void {
    this.share(`${frames} frames`, total > 0 ? done / total : 0);
  }

  /** Says what is done, and which share of all; 0 to 1. */
  share(what: string, share: number): void {
    const now = performance.now();
    if (now - this.#lastMs < (this.#io.isTTY ? TTY_MS : LOG_MS)) return;
    this.#lastMs = now;
    const percent = Math.min(100, Math.floor(100 * share));
    const seconds = Math.round((now - this.#startMs) / 1000);
    const text = `${what}, ${percent} % done, ${seconds} s`;
    this.#io.stderr.write(this.#io.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
    this.#isShown = this.#io.isTTY;
  }

  /** Takes the line away again. */
  end(): void {
    if (this.#isShown) this.#io.stderr.write("\r\x1b[K");
    this.#isShown = false;
  }
}
