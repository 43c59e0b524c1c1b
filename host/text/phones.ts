/** Telephone numbers: international ones, Chinese ones, and national ones in their usual groups. */
import { createRequire } from "node:module";
import { before, byPattern, type Detector } from "./detector.ts";

type Library = typeof import("libphonenumber-js/min");
let library: Library | undefined;

/**
 * Whether the numbering plan of its country has such a number: of other numbers with a plus sign, as
 * offsets of clocks, one in five passes. The plans are loaded when they are asked for the first time (some
 * 50 ms), for few texts have such a number.
 */
function isInPlan(number: string): boolean {
  library ??= createRequire(import.meta.url)("libphonenumber-js/min") as Library;
  return library.parsePhoneNumberFromString(number)?.isValid() === true;
}

/** Groups of digits after a plus sign; the numbering plans are asked. */
const INTERNATIONAL = byPattern(
  "phone",
  /(?<![0-9A-Za-z+.])(?:\+|00)[ ]?\d{1,3}(?:[ ./-]{0,2}\(?\d{1,5}\)?){1,6}(?![0-9]|\.\d)/g,
  ({ 0: found, index }) => {
    const isPhone =
      found.replaceAll(/\D/g, "").length >= 8 &&
      !/^00(?!86)\d+$/.test(found) &&
      isInPlan(found.replace(/^00/, "+"));
    // A bracket that closes is the sentence's, unless one opens in the number.
    const length = found.includes("(") ? found.length : found.replace(/\)$/, "").length;
    return isPhone && { from: index, to: index + length };
  },
);

/** Mobile numbers have 11 digits, of which the first is 1 and the second 3 to 9. */
const CHINESE_MOBILE = byPattern(
  "phone",
  /(?<!\d|\d[.-])(?:\+?86[ -]?)?1[3-9]\d([ -]?)\d{4}\1\d{4}(?![0-9A-Za-z]|\.\d|-\d)/g,
);

/** Area code and number, service numbers of companies. */
const CHINESE_FIXED = byPattern(
  "phone",
  /(?<!\d|\d[.-])(?:\(0\d{2,3}\)[ -]?|0(?:10|2\d|[3-9]\d\d)-)[2-8]\d{6,7}(?:-\d{1,5}|转\d{1,5})?(?!\d|\.\d|-\d)|(?<!\d|\d[.-])[48]00-?\d{3}-?\d{4}(?!\d|\.\d|-\d)/g,
  ([found]) => /^[^48]/.test(found) || found.includes("-"),
);

const NATIONAL = byPattern(
  "phone",
  // North America; trunk prefix and area code in brackets or with a stroke or spaces, as in Europe and Japan.
  /(?<![0-9A-Za-z(.+-])(?:(?:1[-. ])?\([2-9]\d\d\)[ -]?\d{3}[-. ]\d{4}|(?:1[-. ])?[2-9]\d\d([-.])\d{3}\1\d{4}|\(0\d{1,5}\)[ -]?\d{2,5}(?:[ -]?\d{2,5}){1,3}|0\d{2,4}[/ -]\d{3,8}(?:[ -]\d{2,5}){0,3}|0\d(?:([ .-])\d\d)(?:\2\d\d){3})(?![0-9]|[.-]\d)/g,
  (match) => match[0].replaceAll(/\D/g, "").length >= 9 && !/[\d/][-.]$/.test(before(match)),
);

export const PHONES: readonly Detector[] = [CHINESE_MOBILE, INTERNATIONAL, CHINESE_FIXED, NATIONAL];
