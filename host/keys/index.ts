/** Recipient keys and data keys. Robots hold public keys only. */

export { fromBase64url, toBase64url } from "./base64url.ts";
export { openDataKey, SEALED_KEY_BYTES, sealDataKey, withDataKey } from "./data-key.ts";
export { readPublicKey, readSecretKey, type WrittenKeyPair, writeKeyPair } from "./key-file.ts";
export { formatKey, type KeyKind, parseKey, parseKeyPair } from "./key-text.ts";
export { drawRandom, type RandomBytes, systemRandom } from "./random.ts";
export {
  generateRecipientKey,
  KEY_BYTES,
  KEY_ID_BYTES,
  keyIdText,
  type RecipientKeyPair,
  recipientKeyId,
} from "./recipient-key.ts";
export { epochStartMs, type NameScope, RobotKeys } from "./robot-keys.ts";
export { secretBytes } from "./secret-bytes.ts";
export { wipe } from "./wipe.ts";
