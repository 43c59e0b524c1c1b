/** BLAKE2b-256, as the wire contract names it for artefacts. */
import sodium from "libsodium-wrappers";

await sodium.ready;

/** BLAKE2b-256 of `bytes`, 32 bytes. */
export function digestOf(bytes: Uint8Array): Uint8Array {
  return sodium.crypto_generichash(32, bytes, null);
}

/** Whether `bytes` have this digest. */
export function hasDigest(bytes: Uint8Array, digest: Uint8Array): boolean {
  return Buffer.compare(digestOf(bytes), digest) === 0;
}
