/** base64url (RFC 4648, section 5) without padding from bytes to bytes: no string keeps a secret. */
import { secretBytes } from "./secret-bytes.ts";

const LETTERS = new TextEncoder().encode(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
);
const NONE = 255;
const VALUES = new Uint8Array(256).fill(NONE);
for (const [value, letter] of LETTERS.entries()) VALUES[letter] = value;

/** The letters of bytes, in ASCII. */
export function toBase64url(bytes: Uint8Array): Uint8Array {
  const letters = secretBytes(Math.ceil((bytes.length * 4) / 3));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    for (held += 8; held >= 6; ) {
      held -= 6;
      letters[at++] = LETTERS[(bits >>> held) & 63]!;
    }
  }
  if (held > 0) letters[at] = LETTERS[(bits << (6 - held)) & 63]!;
  return letters;
}

/** The bytes of letters; undefined if one is none of the 64. Bits behind the last whole byte are not read. */
export function fromBase64url(letters: Uint8Array): Uint8Array | undefined {
  const bytes = secretBytes(Math.floor((letters.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of letters) {
    const value = VALUES[letter]!;
    if (value === NONE) {
      bytes.fill(0);
      return undefined;
    }
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = bits >>> held;
  }
  return bytes;
}
