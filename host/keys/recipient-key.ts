/** The X25519 key pair of a recipient, who alone can open what is sealed for it. */
import { MapveilError } from "../core/errors.ts";
import { drawRandom, type RandomBytes, systemRandom } from "./random.ts";
import { secretCopy } from "./secret-bytes.ts";
import sodium from "./sodium.ts";

/** Length of a public key, a secret key and a data key, in bytes. */
export const KEY_BYTES = 32;
/** Length of a recipient's key id, in bytes. */
export const KEY_ID_BYTES = 8;

/** Its own BLAKE2b key keeps ids apart from every other hash of a public key. */
const KEY_ID_CONTEXT = new TextEncoder().encode("mapveil.key-id.v1");

export interface RecipientKeyPair {
  /** 32 bytes, an X25519 point; may be given to anybody. */
  readonly publicKey: Uint8Array;
  /** 32 bytes; stays with the recipient and never comes onto a robot. */
  readonly secretKey: Uint8Array;
}

/** Throws USAGE unless `key` has 32 bytes. */
export function assertKeyLength(key: Uint8Array, what: string): void {
  if (key.length === KEY_BYTES) return;
  throw new MapveilError("USAGE", `${what} must have ${KEY_BYTES} bytes, not ${key.length}.`);
}

/** The pair that a secret key of 32 bytes belongs to; the secret key is copied. */
export function keyPairOf(secretKey: Uint8Array): RecipientKeyPair {
  assertKeyLength(secretKey, "A secret key");
  return { publicKey: sodium.crypto_scalarmult_base(secretKey), secretKey: secretCopy(secretKey) };
}

/** A fresh pair; `random` must be unpredictable outside of tests. */
export function generateRecipientKey(random: RandomBytes = systemRandom): RecipientKeyPair {
  const secretKey = drawRandom(random, KEY_BYTES);
  return { publicKey: sodium.crypto_scalarmult_base(secretKey), secretKey };
}

/**
 * Whether anything sealed for this point would be readable by everybody: true for the few points
 * of low order, with which every X25519 exchange gives the same result.
 */
export function isWeakPublicKey(publicKey: Uint8Array): boolean {
  try {
    sodium.crypto_scalarmult(new Uint8Array(KEY_BYTES).fill(1), publicKey);
    return false;
  } catch {
    return true;
  }
}

/**
 * The 8 bytes by which artefacts name their recipient: the first 8 of BLAKE2b-256 of the public
 * key, keyed with "mapveil.key-id.v1". (BLAKE2b in libsodium gives no fewer than 16 bytes, and a
 * shorter BLAKE2b is not a prefix of a longer one, so 256 bits and a prefix is the whole rule.)
 * Names a key, does not authenticate it: 64 bits can be made to collide on purpose.
 */
export function recipientKeyId(publicKey: Uint8Array): Uint8Array {
  assertKeyLength(publicKey, "A public key");
  return sodium.crypto_generichash(32, publicKey, KEY_ID_CONTEXT).slice(0, KEY_ID_BYTES);
}

/** A key id as people see it: 16 hexadecimal digits. */
export function keyIdText(keyId: Uint8Array): string {
  return Buffer.from(keyId).toString("hex");
}
