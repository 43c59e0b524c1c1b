/** One direction of one connection of the bad network: bytes wait until they are due. */
import type { Socket } from "node:net";

export type Direction = "up" | "down";

/** Bytes that may lie on the line; more than any window of the services, so that these are measured. */
const LINE_BYTES_MAX = 64 * 2 ** 20;

/** What a line is asked to do at the moment. */
export interface LineRules {
  /** Time from one end to the other. */
  readonly latencyMs: number;
  /** Bytes a second; 0 for no limit. */
  readonly bytesPerS: number;
  /** Whether bytes wait instead of passing. */
  readonly stalled: boolean;
  /** Hands bytes on that are due. */
  pass(direction: Direction, bytes: Buffer, to: Socket): void;
}

interface Piece {
  readonly bytes: Buffer;
  readonly dueMs: number;
}

export class Line {
  readonly #rules: LineRules;
  readonly #direction: Direction;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pieces: Piece[] = [];
  #waitingBytes = 0;
  #freeMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(rules: LineRules, direction: Direction, from: Socket, to: Socket) {
    this.#rules = rules;
    this.#direction = direction;
    this.#from = from;
    this.#to = to;
    from.on("data", (bytes: Buffer) => this.#take(bytes));
    from.on("end", () => this.#take(Buffer.alloc(0)));
    to.on("drain", () => this.pump());
  }

  #take(bytes: Buffer): void {
    const { latencyMs, bytesPerS } = this.#rules;
    const durationMs = bytesPerS > 0 ? (bytes.length / bytesPerS) * 1000 : 0;
    this.#freeMs = Math.max(performance.now(), this.#freeMs) + durationMs;
    this.#pieces.push({ bytes, dueMs: this.#freeMs + latencyMs });
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > LINE_BYTES_MAX) this.#from.pause();
    this.pump();
  }

  /** Lets go on what is due. */
  pump(): void {
    clearTimeout(this.#timer);
    while (this.#pieces.length > 0 && !this.#rules.stalled && !this.#to.writableNeedDrain) {
      const waitMs = this.#pieces[0]!.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.pump(), waitMs);
        return;
      }
      const { bytes } = this.#pieces.shift()!;
      this.#waitingBytes -= bytes.length;
      if (this.#waitingBytes <= LINE_BYTES_MAX / 2) this.#from.resume();
      if (bytes.length === 0) this.#to.end();
      else if (this.#to.writable) this.#rules.pass(this.#direction, bytes, this.#to);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
