/** Reads a file front to back in large blocks and hands out views: memory is one block or record. */
import type { ByteFile } from "./byte-file.ts";
import { badInput } from "./input-errors.ts";

const BLOCK_BYTES = 1 << 18;

export class ForwardReader {
  readonly #file: ByteFile;
  #buffer: Uint8Array = new Uint8Array(0);
  #bufferStart = 0;
  #offset = 0;

  constructor(file: ByteFile) {
    this.#file = file;
  }

  /** Offset in the file of the next byte. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes from here to the end of the file. */
  get remaining(): number {
    return this.#file.size - this.#offset;
  }

  /**
   * The next `length` bytes, as a view that is valid until the next call. `what` names them in the
   * error. BAD_INPUT if the file ends before; nothing is allocated in that case.
   */
  async borrow(length: number, what: string): Promise<Uint8Array> {
    if (length > this.remaining) {
      throw badInput(
        this.#file.path,
        `${what} at offset ${this.#offset} should have ${length} bytes but the file has ` +
          `${this.remaining} left: it is cut short or damaged; copy or record it again.`,
        { offset: this.#offset },
      );
    }
    let start = this.#offset - this.#bufferStart;
    if (start + length > this.#buffer.length) {
      const size = Math.min(Math.max(length, BLOCK_BYTES), this.remaining);
      this.#buffer = new Uint8Array(size);
      this.#bufferStart = this.#offset;
      await this.#file.readInto(this.#buffer, this.#offset);
      start = 0;
    }
    this.#offset += length;
    return this.#buffer.subarray(start, start + length);
  }

  /** Moves on without reading. BAD_INPUT if the file ends before. */
  skip(length: number, what: string): void {
    if (length > this.remaining) {
      throw badInput(
        this.#file.path,
        `${what} at offset ${this.#offset} should have ${length} bytes but the file has ` +
          `${this.remaining} left: it is cut short or damaged; copy or record it again.`,
        { offset: this.#offset },
      );
    }
    this.#offset += length;
    // A skip behind the buffer makes the next borrow read anew; within it, the buffer stays.
    if (this.#offset - this.#bufferStart > this.#buffer.length) {
      this.#buffer = new Uint8Array(0);
      this.#bufferStart = this.#offset;
    }
  }
}
