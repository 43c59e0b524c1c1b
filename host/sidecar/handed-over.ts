/** Bytes that can be handed to a thread without being copied. */

/**
 * The bytes themselves if they alone fill most of the memory that they lie in, else a copy. Small
 * buffers of Node share their memory with strangers: to hand that over would empty those as well.
 */
export function handedOver(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  const own =
    buffer instanceof ArrayBuffer &&
    buffer.byteLength > 4 * Buffer.poolSize &&
    bytes.byteLength * 2 > buffer.byteLength;
  return own ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
}
