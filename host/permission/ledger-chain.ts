/** The chain of hashes and signatures that makes every change of a ledger show. */
import sodium from "libsodium-wrappers";
import type { RobotKeys } from "../keys/index.ts";
import type { LedgerEvent } from "./types.ts";

await sodium.ready;

const HASH_BYTES = 32;
export const SIGNATURE_BYTES = 64;
/** Stands before the first entry. */
export const NO_HASH = new Uint8Array(HASH_BYTES);

const encoder = new TextEncoder();
const ENTRY_CONTEXT = encoder.encode("mapveil.ledger.v1");

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** BLAKE2b-256 of the hash before it and the entry's text. */
export function entryHash(previousHash: Uint8Array, entry: string): Uint8Array {
  const hashed = Buffer.concat([previousHash, encoder.encode(entry)]);
  return sodium.crypto_generichash(HASH_BYTES, hashed, null);
}

/** Whether Ed25519 `signature` is that of `bytes`; false for any of the wrong length. */
export function isSignedBy(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array) {
  if (signature.length !== SIGNATURE_BYTES) return false;
  return sodium.crypto_sign_verify_detached(signature, bytes, publicKey);
}

/** Signs the text of the next entry. */
export function signEntry(
  keys: RobotKeys,
  epoch: number,
  previousHash: Uint8Array,
  entry: string,
): LedgerEvent {
  const hash = entryHash(previousHash, entry);
  const signature = keys.sign(Buffer.concat([ENTRY_CONTEXT, hash]));
  return { epoch: BigInt(epoch), entry, previousHash, hash, signature };
}

/** Whether the robot of `publicKey` signed this hash of an entry. */
export const isSignedEntry = (publicKey: Uint8Array, hash: Uint8Array, signature: Uint8Array) =>
  isSignedBy(publicKey, Buffer.concat([ENTRY_CONTEXT, hash]), signature);
