/**
 * Takes the bytes of a stream apart into messages, as gRPC frames them: a flag, the length as u32 big
 * endian, the message. Every piece is copied to its place as it comes, while it is in the cache, and
 * zeroed: what a robot measured stands in one place, which whoever is done with it gives back.
 */
const HEADER_BYTES = 5;
/** Pieces of memory that wait for a message, and the least bytes of one: small ones are cheap to make. */
const SPARE_MAX = 4;
const SPARE_BYTES_MIN = 64 * 1024;

export class MessageDecoder {
  readonly #maxBytes: number;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  /** The message that is being read, with its header. */
  #message: Buffer = this.#header;
  #filled = 0;
  readonly #spare: ArrayBuffer[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The messages that end in this piece, each with its header and in memory of its own. The piece is
   * zeros afterwards.
   * @throws Error for a message that is too large, worded as grpc-js does
   */
  write(piece: Uint8Array): Buffer[] {
    const done: Buffer[] = [];
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + this.#message.length - this.#filled);
      this.#message.set(part, this.#filled);
      part.fill(0);
      this.#filled += part.length;
      at += part.length;
      if (this.#message === this.#header && this.#filled === HEADER_BYTES) this.#begin();
      if (this.#message !== this.#header && this.#filled === this.#message.length) {
        done.push(this.#message);
        this.#message = this.#header;
        this.#filled = 0;
      }
    }
    return done;
  }

  /** Zeroes memory, which nobody else must use any more, and takes it for a later message. */
  giveBack(memory: ArrayBuffer): void {
    new Uint8Array(memory).fill(0);
    if (memory.byteLength < SPARE_BYTES_MIN) return;
    this.#spare.push(memory);
    if (this.#spare.length > SPARE_MAX) this.#spare.shift();
  }

  /** Spare memory is taken if the message fills more than half of it. */
  #memoryOf(bytes: number): Buffer {
    const fits = ({ byteLength }: ArrayBuffer) => byteLength >= bytes && byteLength < 2 * bytes;
    const found = this.#spare.findIndex(fits);
    // Never a part of what Node shares among small buffers: that could not be given back.
    if (found < 0) return Buffer.from(new ArrayBuffer(bytes));
    return Buffer.from(this.#spare.splice(found, 1)[0]!, 0, bytes);
  }

  #begin(): void {
    const bytes = this.#header.readUInt32BE(1);
    if (bytes > this.#maxBytes) {
      throw new Error(`Received message larger than max (${bytes} vs ${this.#maxBytes})`);
    }
    // Memory that no byte was written to costs nothing yet: a length alone does not take it up.
    this.#message = this.#memoryOf(HEADER_BYTES + bytes);
    this.#message.set(this.#header);
  }
}
