/**
 * The pages of an E57 file (ASTM E2807-11, section 9.3): each ends with a checksum of its bytes, which
 * stands in the middle of whatever goes on over it. Offsets in the file count checksums, lengths do not.
 */
import type { ByteFile } from "./byte-file.ts";
import { badInput } from "./input-errors.ts";

const CHECKSUM_BYTES = 4;
/** The standard has 1,024 and no other. */
export const PAGE_BYTES = 1024;
const CONTENT_BYTES = PAGE_BYTES - CHECKSUM_BYTES;
/** Pages that are read at a time. */
const BLOCK_PAGES = 256;

/** Bytes of the file from one place on, without the checksums, which are looked at. */
export class E57Stream {
  readonly #file: ByteFile;
  /** Where the next page begins. */
  #page: number;
  #buffer: Uint8Array = new Uint8Array(0);
  #at = 0;
  #skip: number;

  /** BAD_INPUT for an offset that is in no content of a page. */
  constructor(file: ByteFile, offset: number) {
    this.#skip = offset % PAGE_BYTES;
    if (!(offset >= 0 && offset < file.size) || this.#skip >= CONTENT_BYTES) {
      const text = "an offset in it leads to no content of a page: it is damaged; export it again.";
      throw badInput(file.path, text);
    }
    this.#file = file;
    this.#page = offset - this.#skip;
  }

  /** The next `length` bytes; valid until the next call. `what` names them in the error. */
  async take(length: number, what: string): Promise<Uint8Array> {
    while (this.#buffer.length - this.#at < length) await this.#more(length, what);
    const bytes = this.#buffer.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  async #more(length: number, what: string): Promise<void> {
    const file = this.#file;
    const left = Math.floor((file.size - this.#page) / PAGE_BYTES);
    const kept = this.#buffer.subarray(this.#at);
    // Compared before any memory is taken, so that a lying length costs nothing.
    if (left * CONTENT_BYTES < length - kept.length) {
      const text = `${what} should have ${length} bytes, but the file ends before: it is cut short; copy or export it again.`;
      throw badInput(file.path, text, { offset: this.#page });
    }
    const pages = Math.min(left, BLOCK_PAGES);
    const block = await file.read(this.#page, pages * PAGE_BYTES);
    const joined = new Uint8Array(kept.length + pages * CONTENT_BYTES);
    joined.set(kept);
    for (let i = 0; i < pages; i++) {
      const page = block.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES);
      this.#check(page, this.#page + i * PAGE_BYTES);
      joined.set(page.subarray(0, CONTENT_BYTES), kept.length + i * CONTENT_BYTES);
    }
    this.#page += pages * PAGE_BYTES;
    this.#buffer = joined;
    this.#at = this.#skip;
    this.#skip = 0;
  }

  #check(page: Uint8Array, offset: number): void {
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    if (crc32c(page.subarray(0, CONTENT_BYTES)) === view.getUint32(CONTENT_BYTES)) return;
    const text = `the checksum of the page at offset ${offset} is wrong: the file is damaged; copy it again.`;
    throw badInput(this.#file.path, text, { offset });
  }
}

/** CRC-32C (RFC 3720, appendix B.4). */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}
