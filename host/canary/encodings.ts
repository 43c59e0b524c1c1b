/** The twelve ways in which an identifier is planted. */
import type { Identifier } from "./identifier.ts";

export const ENCODINGS = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "hex",
  "HEX with separators",
  "base64",
  "base64url",
  "URL",
  "BCD",
  "integer",
  "float",
  "split",
] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** Pieces that a split value is cut into, and the longest that a piece gets. */
const PIECES_MAX = 4;
const PIECE_CHARACTERS = 14;

/** The text of a value, as programs print it. */
export const textOf = (value: Identifier["value"]): string => String(value);

function swappedNibbles(digits: string): Buffer {
  const packed = Buffer.from(digits.length % 2 === 0 ? digits : `${digits}f`, "hex");
  return packed.map((byte) => ((byte & 15) << 4) | (byte >> 4)) as Buffer;
}

/** A whole number in the narrowest of 40, 48 and 64 bits; undefined for what is none. */
function integer(value: Identifier["value"]): Buffer | undefined {
  const text = textOf(value).replaceAll(/[:-]/g, "");
  const isAddress = typeof value === "string" && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(value);
  if (!isAddress && !/^[1-9][0-9]{4,18}$/.test(text)) return undefined;
  const number = BigInt(isAddress ? `0x${text}` : text);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(number);
  if (number < 1n << 40n) return bytes.subarray(0, 5);
  return number < 1n << 48n ? bytes.subarray(0, 6) : bytes;
}

/** A double; a value that is no number has none. */
function float(value: Identifier["value"]): Buffer | undefined {
  const number = Number(value);
  if (!Number.isFinite(number)) return undefined;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(number);
  return bytes;
}

/** The pieces of a value that is cut over fields, each long enough to be found; undefined if it is short. */
export function piecesOf(text: string): string[] | undefined {
  const all = [...text];
  const pieces = Math.min(PIECES_MAX, Math.floor(all.length / PIECE_CHARACTERS));
  if (pieces < 2) return undefined;
  const size = Math.ceil(all.length / pieces);
  return Array.from({ length: pieces }, (_, i) => all.slice(i * size, (i + 1) * size).join(""));
}

/** The bytes of a value; undefined where the class has no such form. Split values have none of their own. */
export function encoded(value: Identifier["value"], encoding: Encoding): Uint8Array | undefined {
  const text = textOf(value);
  const bytes = Buffer.from(text, "utf8");
  switch (encoding) {
    case "utf-8":
      return bytes;
    case "utf-16le":
      return Buffer.from(text, "utf16le");
    case "utf-16be":
      return Buffer.from(text, "utf16le").swap16();
    case "hex":
      return Buffer.from(bytes.toString("hex"));
    case "HEX with separators":
      return Buffer.from(
        bytes
          .toString("hex")
          .toUpperCase()
          .replaceAll(/..(?=.)/g, "$&:"),
      );
    case "base64":
    case "base64url":
      return Buffer.from(bytes.toString(encoding));
    case "URL":
      return Buffer.from(encodeURIComponent(text));
    case "BCD":
      return /^[0-9]{10,}$/.test(text) ? swappedNibbles(text) : undefined;
    case "integer":
      return integer(value);
    case "float":
      return float(value);
    case "split":
      return undefined;
  }
}
