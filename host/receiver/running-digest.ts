/** BLAKE2b-256 over bytes that come in pieces. */
import sodium from "libsodium-wrappers";

await sodium.ready;

export const DIGEST_BYTES = 32;

export class RunningDigest {
  #state: ReturnType<typeof sodium.crypto_generichash_init> | undefined =
    sodium.crypto_generichash_init(null, DIGEST_BYTES);

  update(bytes: Uint8Array): void {
    if (this.#state !== undefined) sodium.crypto_generichash_update(this.#state, bytes);
  }

  /** The digest of all that came, once; also frees the memory, so that each one must end with it. */
  finish(): Uint8Array {
    const state = this.#state;
    if (state === undefined) return new Uint8Array();
    this.#state = undefined;
    return sodium.crypto_generichash_final(state, DIGEST_BYTES);
  }
}
