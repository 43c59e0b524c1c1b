/** How programs write text: character sets, bytes as other text, and what a text is the name of. */
import { bothEnds, type Needle, textNeedle } from "./identifier.ts";
import { binaryIntegers, digitForms } from "./number-forms.ts";

/** Fewer digits in BCD are bytes as they occur anywhere. */
const BCD_DIGITS_MIN = 10;

/** Pieces of a value that are searched: bytes, and bits of information, that say no chance is at work. */
const PART_BYTES_MIN = 6;
const PART_BITS_MIN = 36;

/** The text, its bytes written as other text, and the number or address that it writes. */
export function textForms(text: string): Needle[] {
  const bytes = Buffer.from(text, "utf8");
  return [
    textNeedle("utf-8", text),
    { encoding: "utf-16le", bytes: Buffer.from(text, "utf16le") },
    { encoding: "utf-16be", bytes: Buffer.from(text, "utf16le").swap16() },
    ...hexForms(bytes),
    ...base64Forms(bytes),
    ...escapedForms(text, bytes),
    ...numberForms(text),
    ...addressForms(text),
    ...rawForms(text),
  ];
}

/** The number that a text writes, a telephone number in its international form (E.164) too. */
function numberForms(text: string): Needle[] {
  const digits = text.replace(/^\+/, "");
  if (!/^[0-9]+$/.test(digits)) return [];
  return [
    ...(/^[1-9][0-9]{4,18}$/.test(digits) ? binaryIntegers(BigInt(digits)) : []),
    ...(digits.length >= BCD_DIGITS_MIN ? digitForms(digits) : []),
  ];
}

function hexForms(bytes: Buffer): Needle[] {
  const hex = bytes.toString("hex");
  return ["", ":", "-", " "].flatMap((separator) => {
    const text = hex.replaceAll(/(..)(?=.)/g, `$1${separator}`);
    const suffix = separator === "" ? "" : ` with "${separator}"`;
    return [textNeedle(`hex${suffix}`, text), textNeedle(`HEX${suffix}`, text.toUpperCase())];
  });
}

/** Base64 wherever in a base64 text the bytes may begin: a group of four holds three bytes. */
function base64Forms(bytes: Buffer): Needle[] {
  return (["base64", "base64url"] as const).flatMap((alphabet) =>
    [0, 1, 2].map((phase) => {
      const padded = Buffer.concat([Buffer.alloc(phase), bytes]);
      // Characters that also depend on the bytes before or behind are left out.
      const from = Math.ceil((phase * 8) / 6);
      const to = Math.floor((padded.length * 8) / 6);
      const text = padded.toString(alphabet).slice(from, to);
      return textNeedle(`${alphabet}, phase ${phase}`, text);
    }),
  );
}

/** As in a URL (RFC 3986, with either case of its hexadecimal), in a form, and in JSON as ASCII. */
function escapedForms(text: string, bytes: Buffer): Needle[] {
  const url = encodeURIComponent(bytes.toString("utf8"));
  const lower = url.replaceAll(/%../g, (code) => code.toLowerCase());
  const every = bytes.toString("hex").replaceAll(/../g, (byte) => `%${byte}`);
  const json = text.replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [
    textNeedle("URL", url),
    textNeedle("URL, lower case", lower),
    textNeedle("URL, every byte", every),
    textNeedle("URL, EVERY BYTE", every.toUpperCase()),
    textNeedle("form", url.replaceAll("%20", "+")),
    textNeedle("JSON", json),
  ];
}

/** The bytes of an IPv4, IPv6 or MAC address and its other spellings; nothing for other texts. */
function addressForms(text: string): Needle[] {
  if (/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text)) return macForms(text);
  const parts = text.split(".").map(Number);
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text) && parts.every((part) => part < 256)) {
    // Loopback and unspecified addresses name no device, and their few bits are everywhere.
    return parts[0] === 127 || parts[0] === 0
      ? []
      : orders("address bytes", Uint8Array.from(parts));
  }
  return /^[0-9a-f:]*::?[0-9a-f:]+$/i.test(text) ? ipv6Forms(text) : [];
}

const orders = (encoding: string, bytes: Uint8Array): Needle[] => [
  { encoding, bytes },
  { encoding: `${encoding}, reversed`, bytes: bytes.toReversed() },
];

function macForms(text: string): Needle[] {
  const hex = text.replaceAll(/[:-]/g, "").toLowerCase();
  const spellings = [
    hex,
    hex.replaceAll(/..(?=.)/g, "$&:"),
    hex.replaceAll(/..(?=.)/g, "$&-"),
    hex.replaceAll(/....(?=.)/g, "$&."),
  ];
  return [
    ...orders("address bytes", Buffer.from(hex, "hex")),
    ...spellings.flatMap((spelling) => [
      textNeedle("MAC address", spelling),
      textNeedle("MAC address", spelling.toUpperCase()),
    ]),
  ];
}

function ipv6Forms(text: string): Needle[] {
  const [head = "", tail] = text.split("::");
  const groups = (half: string) => (half === "" ? [] : half.split(":"));
  const [before, behind] = [groups(head), groups(tail ?? "")];
  const zeros = 8 - before.length - behind.length;
  if (tail === undefined ? zeros !== 0 : zeros < 1) return [];
  const all = [...before, ...Array<string>(zeros).fill("0"), ...behind];
  if (all.some((group) => group.length > 4)) return [];
  const full = all.map((group) => group.padStart(4, "0"));
  return [
    ...orders("address bytes", Buffer.from(full.join(""), "hex")),
    textNeedle("IPv6 address, in full", full.join(":")),
    textNeedle("IPv6 address, without ::", all.map((group) => group.toLowerCase()).join(":")),
  ];
}

/** Bytes that a text of hexadecimal digits names: a UUID, in both orders of its fields, or an id. */
function rawForms(text: string): Needle[] {
  const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
  const hex = isUuid ? text.replaceAll("-", "") : text;
  if (!isUuid && !(/^([0-9a-f]{2}){8,}$/i.test(hex) && /[a-f]/i.test(hex))) return [];
  const bytes = Buffer.from(hex, "hex");
  const needles = [...bothEnds("raw bytes ", bytes), ...base64Forms(bytes)];
  for (const spelling of [hex, text]) {
    needles.push(textNeedle("id in lower case", spelling.toLowerCase()));
    needles.push(textNeedle("id in upper case", spelling.toUpperCase()));
  }
  if (isUuid) {
    // The first three fields as little-endian numbers, as a GUID is stored (MS-DTYP 2.3.4).
    const parts = [bytes.subarray(0, 4), bytes.subarray(4, 6), bytes.subarray(6, 8)];
    const guid = Buffer.concat([...parts.map((part) => part.toReversed()), bytes.subarray(8)]);
    needles.push({ encoding: "raw bytes, GUID", bytes: guid });
  }
  return needles;
}

/** Bits of a letter or digit in a piece, by what else is in it. */
function bitsPerCharacter(part: string): number {
  const [hasDigits, hasLetters] = [/[0-9]/.test(part), /[a-z]/i.test(part)];
  if (!hasLetters) return Math.log2(10);
  if (!hasDigits) return Math.log2(26);
  return /^[^g-z]*$/i.test(part) ? 4 : 6;
}

/** Bits that a piece carries at most: its signs and spaces are those of any text. */
function bitsOf(part: string): number {
  const each = bitsPerCharacter(part);
  let bits = 0;
  for (const character of part) {
    if (/[0-9a-z]/i.test(character)) bits += each;
    else if (character > "\x7e") bits += 8 * Buffer.byteLength(character);
  }
  return bits;
}

/**
 * Every piece of the words of a text that says enough to be no chance: of digits 11, of letters 8, of
 * both 6, of Chinese 2. A value that is cut over several fields is found while one of them holds that
 * much of a word of it.
 */
export function partsOf(text: string): Needle[] {
  return text.split(/\s+/).flatMap((word) => partsOfWord(word, text));
}

function partsOfWord(word: string, text: string): Needle[] {
  const characters = [...word];
  const parts: Needle[] = [];
  for (let from = 0; from < characters.length; from++) {
    for (let to = from + 1; to <= characters.length; to++) {
      const part = characters.slice(from, to).join("");
      const bytes = Buffer.byteLength(part);
      if (bytes < PART_BYTES_MIN || bitsOf(part) < PART_BITS_MIN) continue;
      if (part !== text) parts.push({ ...textNeedle("part", part), isPart: true });
      break;
    }
  }
  return parts;
}
