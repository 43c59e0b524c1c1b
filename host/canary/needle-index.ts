/**
 * All needles at once: one pass over the bytes, whatever the number of needles. Every needle hangs
 * under the hash of its first four bytes (Rabin and Karp 1987, of a fixed window); a bit set, which
 * fits into the second-level cache, tells for nearly every place that no needle begins there.
 */

/** Bytes of a needle that are hashed, so needles have at least as many. */
export const PREFIX_BYTES = 4;

const FILTER_BITS = 21;
const HEAD_BITS = 17;
/** 2^32 / golden ratio (Knuth, TAOCP 3, 6.4). */
const MULTIPLIER = 0x9e3779b1;

const hashOf = (prefix: number): number => Math.imul(prefix, MULTIPLIER) >>> (32 - FILTER_BITS);

export class NeedleIndex {
  readonly #needles: readonly Uint8Array[];
  readonly #filter = new Uint32Array(1 << (FILTER_BITS - 5));
  /** First needle of a chain, and the next one of each needle; -1 at the end. */
  readonly #heads = new Int32Array(1 << HEAD_BITS).fill(-1);
  readonly #next: Int32Array;

  /** @param needles each of at least PREFIX_BYTES bytes */
  constructor(needles: readonly Uint8Array[]) {
    this.#needles = needles;
    this.#next = new Int32Array(needles.length);
    for (const [i, bytes] of needles.entries()) {
      const prefix = (bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!;
      const hash = hashOf(prefix);
      this.#filter[hash >>> 5]! |= 1 << (hash & 31);
      const head = hash >>> (FILTER_BITS - HEAD_BITS);
      this.#next[i] = this.#heads[head]!;
      this.#heads[head] = i;
    }
  }

  /** Calls `found` for every needle at every place, in the order of the places. */
  scan(bytes: Uint8Array, found: (needle: number, offset: number) => void): void {
    const filter = this.#filter;
    const last = bytes.length - PREFIX_BYTES;
    if (last < 0) return;
    let prefix = (bytes[0]! << 16) | (bytes[1]! << 8) | bytes[2]!;
    for (let at = 0; at <= last; at++) {
      prefix = (prefix << 8) | bytes[at + 3]!;
      const hash = Math.imul(prefix, MULTIPLIER) >>> (32 - FILTER_BITS);
      if ((filter[hash >>> 5]! & (1 << (hash & 31))) !== 0) this.#verify(bytes, at, hash, found);
    }
  }

  #verify(
    bytes: Uint8Array,
    at: number,
    hash: number,
    found: (needle: number, offset: number) => void,
  ): void {
    let i = this.#heads[hash >>> (FILTER_BITS - HEAD_BITS)]!;
    for (; i >= 0; i = this.#next[i]!) {
      const needle = this.#needles[i]!;
      if (at + needle.length > bytes.length) continue;
      let k = 0;
      while (k < needle.length && bytes[at + k] === needle[k]) k++;
      if (k === needle.length) found(i, at);
    }
  }
}
