/** Values as they are found in the world, but of nobody: seeded, with the check digits they must have. */
import { between, pick, type Uniform } from "../scenes/random.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
/** Common characters of Chinese that no text of Mapveil itself uses in such an order. */
const HAN = "岚槿澜桉骁珂澍霖琮煜钰婕晗梓炜铭昱筠璟沅漪蓁芷韬珩琬翊曦桐枫";

/** That many characters of an alphabet. */
export function characters(next: Uniform, alphabet: string, count: number): string {
  const all = [...alphabet];
  return Array.from({ length: count }, () => pick(next, all)).join("");
}

export const digits = (next: Uniform, count: number): string =>
  characters(next, "123456789", 1) + characters(next, "0123456789", count - 1);

/** Lower-case hexadecimal with a letter in it, so that it is never taken for a decimal number. */
export const hex = (next: Uniform, count: number): string =>
  `${characters(next, "89abcdef", 1) + characters(next, "0123456789abcdef", count - 2)}c`;

export const letters = (next: Uniform, count: number): string => characters(next, LETTERS, count);

/** Letters and digits of both cases, none of which makes a word. */
export const mixed = (next: Uniform, count: number): string =>
  Array.from(
    { length: Math.ceil(count / 2) },
    () => pick(next, [..."QXZJKVWqxzjkvw"]) + pick(next, [..."0123456789"]),
  )
    .join("")
    .slice(0, count);

export const han = (next: Uniform, count: number): string => characters(next, HAN, count);

/** A word that can be spoken, and is none: as long as a name, never the same twice. */
export function name(next: Uniform): string {
  const syllable = () => characters(next, "bdfgkmprtvz", 1) + characters(next, "aiouyå", 1);
  const word = Array.from({ length: 5 }, syllable).join("");
  return word[0]!.toUpperCase() + word.slice(1);
}

/** A whole number of `low` to `high`, padded with zeros. */
export const padded = (next: Uniform, low: number, high: number, width: number): string =>
  String(Math.floor(between(next, low, high + 1))).padStart(width, "0");

/** The digits and their check digit (Luhn, ISO/IEC 7812-1, annex B). */
export function withLuhn(body: string): string {
  const sum = [...body].toReversed().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

/** Seventeen digits of a Chinese identity number and their check digit (GB 11643-1999, MOD 11-2). */
export function withIdentityCheck(body: string): string {
  const sum = [...body].reduce(
    (total, digit, i) => total + Number(digit) * (2 ** (17 - i) % 11),
    0,
  );
  return `${body}${"10X98765432"[sum % 11]}`;
}

/** A real number with so many decimals that nobody writes it by chance. */
export const real = (next: Uniform, low: number, high: number, decimals: number): number =>
  Number(between(next, low, high).toFixed(decimals));

/** Bytes of a colon-separated address, locally administered and no group address (IEEE 802, 8.2). */
export function macAddress(next: Uniform): string {
  const rest = Array.from({ length: 5 }, () => padded(next, 16, 254, 1));
  return ["b6", ...rest.map((byte) => Number(byte).toString(16))].join(":");
}
