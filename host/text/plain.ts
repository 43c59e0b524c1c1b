/**
 * One spelling of what looks alike: full-width and other digits, letters of other alphabets, dashes and
 * quotes become their ASCII forms, what cannot be seen goes; every character knows where it stood.
 */

/** A text in its plain form. */
export interface PlainText {
  readonly text: string;
  /** Where the character at `at` of the plain form begins and ends in the text that it was made of. */
  from(at: number): number;
  to(at: number): number;
}

/** Cyrillic and Greek letters that look like the Latin ones below them (Unicode TR39, confusables). */
const LOOK_ALIKES = "авеікмнорстухАВЕІЅЈКМНОРСТУХЅѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";
const LATIN_FORMS = "abeikmhopctyxABEISJKMHOPCTYXSsjABEZHIKMNOPTYXo";

/** Signs that NFKC leaves as they are though people type them for the ASCII ones. */
const SIGNS: readonly (readonly [string, string])[] = [
  ["‐‑‒–—―−﹣－", "-"],
  ["“”„‟「」『』", '"'],
  ["‘’‚‛´", "'"],
  ["∶꞉", ":"],
  // Signs of Chinese sentences end values that ASCII commas may stand in.
  ...[..."，；！？"].map((sign) => [sign, sign] as const),
];

const FORMS = new Map<string, string>([
  ...[...LOOK_ALIKES].map((sign, i) => [sign, LATIN_FORMS[i]!] as const),
  ...SIGNS.flatMap(([signs, form]) => [...signs].map((sign) => [sign, form] as const)),
]);

const IS_ASCII = /^[\0-\x7f]*$/;
/** Format characters (zero-width space, byte order mark, direction) and variation selectors. */
const UNSEEN = /^(?:\p{Default_Ignorable_Code_Point}|\p{Cf})$/u;
const DIGIT = /^\p{Nd}$/u;

/** Value of a decimal digit of any script: each has ten in a row, from 0 to 9. */
function digitValue(digit: string): number {
  const code = digit.codePointAt(0)!;
  let start = code;
  while (DIGIT.test(String.fromCodePoint(start - 1))) start--;
  return (code - start) % 10;
}

/** Few characters are met again and again; some thousand forms are no burden. */
const known = new Map<string, string>();
const KNOWN_MAX = 4096;

function formOf(sign: string): string {
  const early = known.get(sign);
  if (early !== undefined) return early;
  let form = FORMS.get(sign) ?? "";
  if (form === "" && !UNSEEN.test(sign)) {
    form = DIGIT.test(sign) ? String(digitValue(sign)) : sign.normalize("NFKC");
    form = [...form].map((part) => FORMS.get(part) ?? part).join("");
  }
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(sign, form);
  return form;
}

/** The plain form of a text; its length may differ. */
export function plainText(text: string): PlainText {
  if (IS_ASCII.test(text)) return { text, from: (at) => at, to: (at) => at + 1 };
  const parts: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  let at = 0;
  for (const sign of text) {
    const form = sign < "\x80" ? sign : formOf(sign);
    for (let i = 0; i < form.length; i++) {
      starts.push(at);
      ends.push(at + sign.length);
    }
    parts.push(form);
    at += sign.length;
  }
  return { text: parts.join(""), from: (i) => starts[i]!, to: (i) => ends[i]! };
}
