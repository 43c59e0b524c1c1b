/**
 * Keys as one line of text: `mapveil-public-1:` or `mapveil-secret-1:`, then base64url of the 32
 * bytes of the key and a checksum of 4, which catches a line that was cut or mistyped.
 */
import { type ErrorDetails, MapveilError } from "../core/errors.ts";
import { fromBase64url, toBase64url } from "./base64url.ts";
import { beginsWith, keyLines } from "./key-line.ts";
import { assertKeyLength, isWeakPublicKey, KEY_BYTES, keyPairOf } from "./recipient-key.ts";
import { secretBytes, secretCopy } from "./secret-bytes.ts";
import sodium from "./sodium.ts";
import { wipe } from "./wipe.ts";

export type KeyKind = "public" | "secret";

const PREFIXES: Readonly<Record<KeyKind, string>> = {
  public: "mapveil-public-1:",
  secret: "mapveil-secret-1:",
};
const CHECKSUM_BYTES = 4;
/** Characters of base64url for key and checksum; 36 bytes need no padding. */
const BODY_CHARS = 48;

const encoder = new TextEncoder();
const prefixOf = (kind: KeyKind) => encoder.encode(PREFIXES[kind]);

/** The first 4 bytes of BLAKE2b-256 of the prefix and the key, so that kinds do not mix. */
function checksum(kind: KeyKind, key: Uint8Array): Uint8Array {
  const prefix = prefixOf(kind);
  const hashed = secretBytes(prefix.length + key.length);
  hashed.set(prefix);
  hashed.set(key, prefix.length);
  const sum = sodium.crypto_generichash(32, hashed, null).slice(0, CHECKSUM_BYTES);
  wipe(hashed);
  return sum;
}

/** The line of a key of 32 bytes in ASCII, without a line end; that of a secret key is to be wiped. */
export function keyLineOf(kind: KeyKind, key: Uint8Array): Uint8Array {
  assertKeyLength(key, `A ${kind} key`);
  const bytes = secretBytes(KEY_BYTES + CHECKSUM_BYTES);
  bytes.set(key);
  bytes.set(checksum(kind, key), KEY_BYTES);
  const body = toBase64url(bytes);
  const prefix = prefixOf(kind);
  const line = secretBytes(prefix.length + body.length);
  line.set(prefix);
  line.set(body, prefix.length);
  wipe(bytes, body);
  return line;
}

/**
 * The line of a key of 32 bytes, without a line end. The line of a secret key is a secret, and a string
 * cannot be wiped: on a robot there is none.
 */
export function formatKey(kind: KeyKind, key: Uint8Array): string {
  const line = keyLineOf(kind, key);
  const text = new TextDecoder().decode(line);
  wipe(line);
  return text;
}

/** Whether `text` is a key line rather than, say, a path. */
export function looksLikeKey(text: string): boolean {
  return /^mapveil-[a-z]+-[0-9]+:/.test(text.trimStart());
}

const WRONG_KIND: Readonly<Record<KeyKind, string>> = {
  public: "this is a secret key; sealing needs the public one, and the secret one stays at home",
  secret: "this is a public key; opening needs the secret one",
};

/**
 * The 32 bytes of a key from its line; lines that begin with # and empty ones are skipped. `where`
 * is the file, or what the text is, for messages, which never repeat any of the text. Throws
 * CONFIG for text of another kind, form or checksum, and for a public key of low order.
 */
export function parseKey(kind: KeyKind, text: string | Uint8Array, where: string): Uint8Array {
  const fail = (why: string, details: ErrorDetails = {}): never => {
    const message = `${where} is not a usable ${kind} key: ${why}.`;
    throw new MapveilError("CONFIG", message, { file: where, ...details });
  };
  const [found, ...more] = keyLines(typeof text === "string" ? encoder.encode(text) : text);
  if (found === undefined) return fail("it holds no key");
  if (more.length > 0) return fail("it holds more than one line beside comments");
  const { line, number } = found;
  const other: KeyKind = kind === "public" ? "secret" : "public";
  if (beginsWith(line, prefixOf(other))) return fail(WRONG_KIND[kind], { line: number });
  if (!beginsWith(line, prefixOf(kind))) {
    return fail(`line ${number} does not begin with ${PREFIXES[kind]}`, { line: number });
  }
  const body = line.subarray(PREFIXES[kind].length);
  const bytes = body.length === BODY_CHARS ? fromBase64url(body) : undefined;
  if (bytes === undefined) {
    return fail(`line ${number} must have 48 base64url characters behind the colon`, {
      line: number,
    });
  }
  const key = secretCopy(bytes.subarray(0, KEY_BYTES));
  const isIntact = sodium.memcmp(checksum(kind, key), bytes.subarray(KEY_BYTES));
  wipe(bytes);
  if (isIntact && !(kind === "public" && isWeakPublicKey(key))) return key;
  wipe(key);
  return isIntact
    ? fail("it is a point of low order, whatever is sealed for it can be opened by anybody")
    : fail("the checksum does not fit, the line was cut or mistyped", { line: number });
}

/** The pair of a secret key's text. Throws like parseKey. */
export function parseKeyPair(text: string | Uint8Array, where: string) {
  const secretKey = parseKey("secret", text, where);
  const pair = keyPairOf(secretKey);
  wipe(secretKey);
  return pair;
}
