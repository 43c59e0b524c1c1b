/** What `redact` looks for, as a closed list, and the marks that it leaves in the place of values. */

/**
 * Kinds of values. Where two claim the same characters, the one that stands first names them.
 */
export const TEXT_KINDS = [
  /** What lies beyond TEXT_CHARS_MAX, whatever it is. */
  "cut",
  /** Passwords, keys of Wi-Fi networks. */
  "secret",
  /** Tokens, cookies, UUIDs, hashes: what no person made up. */
  "token",
  /** What a URL says behind its "?" or before its "@". */
  "url",
  "email",
  /** Numbers of identity documents, bank accounts and cards. */
  "id",
  "imei",
  /** IMSI and ICCID. */
  "sim",
  "phone",
  "mac",
  "ip",
  /** Names of computers that tell one from another. */
  "host",
  "ssid",
  "position",
  "address",
  "birth",
  "gender",
  /** Names of people. */
  "name",
  /** What people are called by machines: users, nicknames, home folders. */
  "account",
  /** Serial numbers and numbers of robots. */
  "serial",
] as const;

export type TextKind = (typeof TEXT_KINDS)[number];

/** Stands in the place of a value: says what it was, and nothing of it, not even its length. */
export function markOf(kind: TextKind): string {
  return `[${kind}]`;
}

/** Finds marks, also such as stood in the text before. */
export const MARKS = new RegExp(`\\[(?:${TEXT_KINDS.join("|")})\\]`, "g");
