/** Memory for secrets that can be wiped for good. */

/**
 * `count` bytes of zeros outside of V8's heap. Arrays of up to 64 bytes are inside of it otherwise, where
 * the collector moves them about and leaves what they held behind.
 */
export function secretBytes(count: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(count));
}

/** A copy of bytes, in such memory. */
export function secretCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = secretBytes(bytes.length);
  copy.set(bytes);
  return copy;
}

/** The same, of bytes that are wiped: those that libsodium gave. */
export function secretTaken(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = secretCopy(bytes);
  bytes.fill(0);
  return copy;
}
