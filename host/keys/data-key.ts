/** Data keys: fresh for every artefact, sealed for its recipient, wiped after use. */
import { MapveilError } from "../core/errors.ts";
import { drawRandom, type RandomBytes, systemRandom } from "./random.ts";
import {
  assertKeyLength,
  KEY_BYTES,
  keyIdText,
  type RecipientKeyPair,
  recipientKeyId,
} from "./recipient-key.ts";
import { secretTaken } from "./secret-bytes.ts";
import sodium from "./sodium.ts";
import { wipe } from "./wipe.ts";

/** Length of a sealed data key: an ephemeral public key, a MAC and the key. */
export const SEALED_KEY_BYTES = KEY_BYTES + 16 + KEY_BYTES;

/**
 * Hands a fresh data key of 32 bytes to `fn` and wipes it when `fn` is done or has thrown. `fn` must
 * not let the array out; copies are its own to wipe.
 */
export function withDataKey<T>(
  fn: (dataKey: Uint8Array) => T,
  random: RandomBytes = systemRandom,
): T {
  const dataKey = drawRandom(random, KEY_BYTES);
  try {
    return fn(dataKey);
  } finally {
    wipe(dataKey);
  }
}

/** libsodium refuses a point of low order by itself, for which every exchange gives one result. */
function boxFor(publicKey: Uint8Array, seal: () => Uint8Array): Uint8Array {
  try {
    return seal();
  } catch (cause) {
    const id = keyIdText(recipientKeyId(publicKey));
    const message = `The public key ${id} is a point of low order: anybody could open what it seals.`;
    throw new MapveilError("CONFIG", message, {}, cause);
  }
}

/**
 * The data key (32 bytes) in a sealed box for a public key: 80 bytes that only the secret key
 * opens, and that crypto_box_seal_open of any libsodium opens.
 *
 * It is libsodium's crypto_box_seal spelled out, so that the ephemeral key comes from `random`:
 * ephemeral public key, then crypto_box under nonce = BLAKE2b-192(ephemeral key, public key).
 * Throws USAGE for a wrong length, CONFIG for a public key of low order.
 */
export function sealDataKey(
  dataKey: Uint8Array,
  publicKey: Uint8Array,
  random: RandomBytes = systemRandom,
): Uint8Array {
  assertKeyLength(dataKey, "A data key");
  assertKeyLength(publicKey, "A public key");
  const ephemeralSecret = drawRandom(random, KEY_BYTES);
  try {
    const ephemeralPublic = sodium.crypto_scalarmult_base(ephemeralSecret);
    const both = new Uint8Array(2 * KEY_BYTES);
    both.set(ephemeralPublic);
    both.set(publicKey, KEY_BYTES);
    const nonce = sodium.crypto_generichash(sodium.crypto_box_NONCEBYTES, both, null);
    const box = boxFor(publicKey, () =>
      sodium.crypto_box_easy(dataKey, nonce, publicKey, ephemeralSecret),
    );
    const sealed = new Uint8Array(SEALED_KEY_BYTES);
    sealed.set(ephemeralPublic);
    sealed.set(box, KEY_BYTES);
    return sealed;
  } finally {
    wipe(ephemeralSecret);
  }
}

/**
 * The data key (32 bytes) out of a sealed one (80 bytes); the caller wipes it. `keyId`, 8 bytes,
 * is whom the artefact says it is for, so that a wrong key is told from changed bytes. Throws
 * INTEGRITY if it was sealed for another key, changed or cut.
 */
export function openDataKey(
  sealed: Uint8Array,
  keyPair: RecipientKeyPair,
  keyId?: Uint8Array,
): Uint8Array {
  const fail = (why: string, cause?: unknown): never => {
    throw new MapveilError("INTEGRITY", `The data key cannot be opened: ${why}.`, {}, cause);
  };
  if (sealed.length !== SEALED_KEY_BYTES) {
    return fail(`it has ${sealed.length} bytes instead of ${SEALED_KEY_BYTES}`);
  }
  const own = keyIdText(recipientKeyId(keyPair.publicKey));
  if (keyId !== undefined && keyIdText(keyId) !== own) {
    return fail(`it was sealed for another key than ${own}`);
  }
  try {
    const { publicKey, secretKey } = keyPair;
    return secretTaken(sodium.crypto_box_seal_open(sealed, publicKey, secretKey));
  } catch (cause) {
    const why =
      keyId === undefined
        ? `it was sealed for another key than ${own}, or its bytes were changed`
        : `it names this key, ${own}, but its bytes were changed`;
    return fail(why, cause);
  }
}
