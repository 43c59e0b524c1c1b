/** Check digits of numbers that people and their things have. All take digits alone, unless told. */

/** Luhn (ISO/IEC 7812-1 annex B): IMEI, ICCID, cards. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const value = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? 2 * value : value;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Sum of digits with weights; a missing weight is 0. */
function weighed(digits: string, weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * Number(digits[i]), 0);
}

const DAY = /^(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;

/** Chinese citizen's number, 18 characters (GB 11643: ISO 7064 MOD 11-2), with a day of birth inside. */
export function chineseId(number: string): boolean {
  const weights = Array.from({ length: 17 }, (_, i) => 2 ** (17 - i) % 11);
  const check = (12 - (weighed(number, weights) % 11)) % 11;
  return DAY.test(number.slice(6, 14)) && number.at(-1)!.toUpperCase() === "0123456789X"[check];
}

/** ISO 7064 MOD 97-10 of letters and digits, as IBAN has it (ISO 13616), its first four at the end. */
export function iban(number: string): boolean {
  const moved = number.slice(4) + number.slice(0, 4);
  let rest = 0;
  for (const sign of moved.toUpperCase()) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Number of a Hong Kong identity card, as "A1234563": one or two letters, seven of 0-9 and A. */
export function hongKongId(number: string): boolean {
  const signs = number.toUpperCase().padStart(9, " ");
  let sum = 0;
  for (let i = 0; i < 9; i++) {
    // A space before a single letter counts 36 (Immigration Department's scheme).
    sum += (9 - i) * (signs[i] === " " ? 36 : Number.parseInt(signs[i]!, 36));
  }
  return sum % 11 === 0;
}

/** Number of a Taiwanese identity card: a letter, of which each stands for two digits, and nine digits. */
export function taiwaneseId(number: string): boolean {
  const value = "ABCDEFGHJKLMNPQRSTUVXYWZIO".indexOf(number[0]!.toUpperCase()) + 10;
  const digits = `${value}${number.slice(1)}`;
  return weighed(digits, [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 === 0;
}

/** Spanish DNI or NIE: eight digits, or X, Y, Z and seven, and the letter of their rest by 23. */
export function spanishId(number: string): boolean {
  const upper = number.toUpperCase();
  const digits = upper.slice(0, -1).replace(/^[XYZ]/, (letter) => String("XYZ".indexOf(letter)));
  return "TRWAGMYFPDXBNJZSQVHLCKE"[Number(digits) % 23] === upper.at(-1);
}

/** Brazilian CPF: nine digits and two check digits. */
export function brazilianId(digits: string): boolean {
  if (/^(.)\1*$/.test(digits)) return false;
  const check = (length: number) => {
    const weights = Array.from({ length }, (_, i) => length + 1 - i);
    return ((weighed(digits, weights) * 10) % 11) % 10;
  };
  return check(9) === Number(digits[9]) && check(10) === Number(digits[10]);
}
