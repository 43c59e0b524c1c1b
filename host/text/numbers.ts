/** Numbers with a fixed length and, mostly, a check digit: of telephones, SIM cards, documents, accounts. */
import {
  brazilianId,
  chineseId,
  hongKongId,
  iban,
  luhn,
  spanishId,
  taiwaneseId,
} from "./check-digits.ts";
import { byPattern, type Detector, type Judge, type Span } from "./detector.ts";

/** Accepts what has the check digit, whatever stands between its signs. */
const checked =
  (isValid: (number: string) => boolean): Judge =>
  ([found]) =>
    isValid(found.replaceAll(/[^0-9A-Za-z]/g, ""));

/**
 * IMEI: 15 digits with a Luhn digit (3GPP TS 23.003, 6.2.1), in one piece or as printed on a box.
 * Of other numbers of 15 digits one in ten is taken for one.
 */
const IMEI = byPattern(
  "imei",
  /(?<!\d|\d\.)(?:\d{15}|\d{2}([-/ ])\d{6}\1\d{6}\1\d|\d{6}([-/ ])\d{2}\2\d{6}\2\d|\d{8}([-/ ])\d{6}\3\d)(?!\d|\.\d)/g,
  checked((digits) => luhn(digits) && !/^0+$/.test(digits)),
);

/** IMSI of Chinese networks: country 460 and its networks (ITU-T E.212); of others by key alone. */
const IMSI = byPattern("sim", /(?<!\d|\d\.)460(?:0\d|1[0-5]|20)\d{10}(?!\d|\.\d)/g);

/** ICCID (ITU-T E.118): 89, 19 digits with a Luhn digit or 20; Chinese ones begin with 8986. */
const ICCID = byPattern(
  "sim",
  /(?<!\d|\d\.)89\d{17,18}(?!\d|\.\d)/g,
  ([found]) =>
    luhn(found) || (found.length === 20 && luhn(found.slice(0, 19))) || /^8986/.test(found),
);

const CHINESE_ID = byPattern(
  "id",
  /(?<!\d|\d\.)[1-9]\d{5}([ -]?)\d{8}\1\d{3}[\dXx](?![0-9A-Za-z])/g,
  checked(chineseId),
);

/** Payment cards: 16 digits, or 19 of UnionPay, by the first digits of their networks (ISO/IEC 7812). */
const CARD = byPattern(
  "id",
  /(?<!\d|\d[.])(?:(?:4\d{3}|5[1-5]\d\d|2[2-7]\d\d|35\d\d|6[025]\d\d)([ -]?)\d{4}\1\d{4}\1\d{4}|62\d{17}|3[47]\d\d([ -])\d{6}\2\d{5})(?!\d|\.\d)/g,
  checked(luhn),
);

/** Lengths of IBANs by country (ISO 13616 registry), of those that have most of them. */
const IBAN_LENGTHS: Readonly<Record<string, number>> = {
  ...{ AD: 24, AE: 23, AT: 20, BE: 16, BG: 22, BR: 29, CH: 21, CY: 28, CZ: 24, DE: 22, DK: 18 },
  ...{ EE: 20, ES: 24, FI: 18, FR: 27, GB: 22, GR: 27, HR: 21, HU: 28, IE: 22, IL: 23, IS: 26 },
  ...{ IT: 27, LI: 21, LT: 20, LU: 20, LV: 21, MC: 27, MT: 31, NL: 18, NO: 15, PL: 28, PT: 25 },
  ...{ RO: 24, RS: 22, SA: 24, SE: 24, SI: 19, SK: 24, SM: 27, TR: 26, UA: 29 },
};

/** Collects the letters and digits of an IBAN, which are printed in groups of four. */
function ibanAt({ input, index }: RegExpExecArray): false | Span {
  const length = IBAN_LENGTHS[input.slice(index, index + 2).toUpperCase()] ?? 0;
  let number = "";
  let to = index;
  for (; number.length < length && to < index + 2 * length; to++) {
    const sign = input[to] ?? "";
    if (/^[0-9A-Za-z]$/.test(sign)) number += sign;
    else if (!/^[ -]$/.test(sign)) return false;
  }
  const isWhole = number.length === length && !/[0-9A-Za-z]/.test(input[to] ?? "");
  return isWhole && length > 0 && iban(number) && { from: index, to };
}

const IBAN = byPattern("id", /(?<![0-9A-Za-z])[A-Za-z]{2}\d\d(?=[ -]?[0-9A-Za-z])/g, ibanAt);

const LETTERED: readonly Detector[] = [
  byPattern("id", /(?<![0-9A-Za-z])[A-Z]{1,2}\d{6}\([\dA]\)/g, checked(hongKongId)),
  byPattern("id", /(?<![0-9A-Za-z])[A-Z][1289]\d{8}(?![0-9A-Za-z])/g, checked(taiwaneseId)),
  byPattern(
    "id",
    /(?<![0-9A-Za-z.])(?:\d{8}|[XYZ]-?\d{7})-?[A-Z](?![0-9A-Za-z])/g,
    checked(spanishId),
  ),
  byPattern("id", /(?<![\d.])\d{3}\.\d{3}\.\d{3}-\d\d(?!\d)/g, checked(brazilianId)),
  // Social security number of the USA: no check digit, but a form that little else has.
  byPattern(
    "id",
    /(?<![0-9A-Za-z.-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![0-9A-Za-z]|-\d)/g,
  ),
];

export const NUMBERS: readonly Detector[] = [
  ...[CHINESE_ID, CARD, IBAN, ...LETTERED],
  ...[IMEI, IMSI, ICCID],
];
