/**
 * Keys as one line of text: `mapveil-public-1:` or `mapveil-secret-1:`, then base64url of the 32
 * bytes of the key and a checksum of 4, which catches a line that was cut or mistyped.
 */
import sodium from "libsodium-wrappers";
import { type ErrorDetails, MapveilError } from "../core/errors.ts";
import { assertKeyLength, isWeakPublicKey, KEY_BYTES, keyPairOf } from "./recipient-key.ts";
import { wipe } from "./wipe.ts";

await sodium.ready;

export type KeyKind = "public" | "secret";

const PREFIXES: Readonly<Record<KeyKind, string>> = {
  public: "mapveil-public-1:",
  secret: "mapveil-secret-1:",
};
const CHECKSUM_BYTES = 4;
/** Characters of base64url for key and checksum; 36 bytes need no padding. */
const BODY = /^[A-Za-z0-9_-]{48}$/;

/** The first 4 bytes of BLAKE2b-256 of the prefix and the key, so that kinds do not mix. */
function checksum(kind: KeyKind, key: Uint8Array): Uint8Array {
  const prefix = new TextEncoder().encode(PREFIXES[kind]);
  const hashed = new Uint8Array(prefix.length + key.length);
  hashed.set(prefix);
  hashed.set(key, prefix.length);
  const sum = sodium.crypto_generichash(32, hashed, null).slice(0, CHECKSUM_BYTES);
  wipe(hashed);
  return sum;
}

/** The line of a key of 32 bytes, without a line end. The line of a secret key is a secret. */
export function formatKey(kind: KeyKind, key: Uint8Array): string {
  assertKeyLength(key, `A ${kind} key`);
  const bytes = Buffer.alloc(KEY_BYTES + CHECKSUM_BYTES);
  bytes.set(key);
  bytes.set(checksum(kind, key), KEY_BYTES);
  const text = PREFIXES[kind] + bytes.toString("base64url");
  wipe(bytes);
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

/** The one line that is neither empty nor a comment, or the reason why there is none. */
function keyLine(text: string): { line: string; number: number } | string {
  const lines = text
    .split(/\r?\n/)
    .map((line, i) => ({ line: line.trim(), number: i + 1 }))
    .filter(({ line }) => line !== "" && !line.startsWith("#"));
  if (lines.length === 0) return "it holds no key";
  return lines.length === 1 ? lines[0]! : "it holds more than one line beside comments";
}

/**
 * The 32 bytes of a key from its line; lines that begin with # and empty ones are skipped. `where`
 * is the file, or what the text is, for messages, which never repeat any of the text. Throws
 * CONFIG for text of another kind, form or checksum, and for a public key of low order.
 */
export function parseKey(kind: KeyKind, text: string, where: string): Uint8Array {
  const fail = (why: string, details: ErrorDetails = {}): never => {
    const message = `${where} is not a usable ${kind} key: ${why}.`;
    throw new MapveilError("CONFIG", message, { file: where, ...details });
  };
  const found = keyLine(text);
  if (typeof found === "string") return fail(found);
  const { line, number } = found;
  const other: KeyKind = kind === "public" ? "secret" : "public";
  if (line.startsWith(PREFIXES[other])) return fail(WRONG_KIND[kind], { line: number });
  if (!line.startsWith(PREFIXES[kind])) {
    return fail(`line ${number} does not begin with ${PREFIXES[kind]}`, { line: number });
  }
  const body = line.slice(PREFIXES[kind].length);
  if (!BODY.test(body)) {
    return fail(`line ${number} must have 48 base64url characters behind the colon`, {
      line: number,
    });
  }
  const bytes = Buffer.from(body, "base64url");
  const key = new Uint8Array(bytes.subarray(0, KEY_BYTES));
  const isIntact = sodium.memcmp(checksum(kind, key), bytes.subarray(KEY_BYTES));
  wipe(bytes);
  if (isIntact && !(kind === "public" && isWeakPublicKey(key))) return key;
  wipe(key);
  return isIntact
    ? fail("it is a point of low order, whatever is sealed for it can be opened by anybody")
    : fail("the checksum does not fit, the line was cut or mistyped", { line: number });
}

/** The pair of a secret key's text. Throws like parseKey. */
export function parseKeyPair(text: string, where: string) {
  const secretKey = parseKey("secret", text, where);
  const pair = keyPairOf(secretKey);
  wipe(secretKey);
  return pair;
}
