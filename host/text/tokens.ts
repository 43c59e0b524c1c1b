/** What machines made up to tell one thing from all others: tokens, hashes, UUIDs. */
import { byPattern, type Detector, type Span, valuesOf } from "./detector.ts";
import { isOfSoftware } from "./network.ts";

/** Share of neighbours that are of different classes: 0.65 in random base64, 0.3 in words. */
const CHANGES_MIN = 0.4;
/** Share of characters in three or more small letters in a row: 0.15 in random base64, 0.6 in words. */
const WORDS_MAX = 0.4;
const RANDOM_CHARS_MIN = 20;

function classOf(sign: string): number {
  if (/[a-z]/.test(sign)) return 0;
  if (/[A-Z]/.test(sign)) return 1;
  return /\d/.test(sign) ? 2 : 3;
}

/** Whether letters and digits change as in random bytes written as base64, and not as in words. */
function looksRandom(text: string): boolean {
  if (text.length < RANDOM_CHARS_MIN) return false;
  const classes = [...text].map(classOf);
  if (![0, 1].every((wanted) => classes.includes(wanted))) return false;
  const changes = classes.filter((own, i) => i > 0 && own !== classes[i - 1]).length;
  const inWords = text.match(/[a-z]{3,}/g)?.join("").length ?? 0;
  return changes / (text.length - 1) >= CHANGES_MIN && inWords / text.length <= WORDS_MAX;
}

/** Words between slashes, as in a path; base64 has a slash in 64 signs. */
const PATH = /(?:^|\/)[a-z][a-z_.-]{2,}(?:\/|$)/;

/** The parts of a run of signs that are random: all of it, or between the slashes of a path. */
function* randomParts({ index, 0: run }: RegExpExecArray): Generator<Span> {
  let from = index;
  for (const part of PATH.test(run) ? run.split("/") : [run]) {
    const signs = part.replace(/=+$/, "");
    // Names of things have many strokes; base64url has one in 32 signs of each kind.
    const strokes = signs.match(/[-_]/g)?.length ?? 0;
    if (strokes <= signs.length / 8 && looksRandom(signs)) yield { from, to: from + part.length };
    from += part.length + 1;
  }
}

/** base64 and base64url (RFC 4648) of 15 bytes or more. */
const RANDOM: Detector = {
  kind: "token",
  find: (text) => {
    const parts: Span[] = [];
    valuesOf(
      text,
      /(?<![0-9A-Za-z+/_=-])[0-9A-Za-z+/_-]{20,}={0,2}(?![0-9A-Za-z+/_-])/g,
      (match) => {
        if (!isOfSoftware(match)) parts.push(...randomParts(match));
        return false;
      },
    );
    return parts;
  },
};

export const TOKENS: readonly Detector[] = [
  // JSON Web Token (RFC 7519): its header is an object, so that it begins with eyJ.
  byPattern("token", /(?<![0-9A-Za-z_-])eyJ[0-9A-Za-z_-]{6,}(?:\.[0-9A-Za-z_-]*){0,4}/g),
  // UUID in the forms of RFC 9562, braces outside.
  byPattern(
    "token",
    /(?<![0-9A-Za-z])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])/g,
  ),
  // Android ID (16), UUID without signs (32), OpenUDID and SHA-1 (40), SHA-256 (64) and others.
  byPattern(
    "token",
    /(?<![0-9A-Za-z])[0-9A-Fa-f]{16,}(?![0-9A-Za-z])/g,
    (match) => /[A-Fa-f]/.test(match[0]) && !(match[0].length <= 40 && isOfSoftware(match)),
  ),
  byPattern("token", /(?<![0-9A-Za-z])0x[0-9A-Fa-f]{17,}(?![0-9A-Za-z])/g),
  // Tokens of services, by what they begin with.
  byPattern(
    "token",
    /(?<![0-9A-Za-z])(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|sk_live_|pk_live_|AKIA|ASIA|AIza|ya29\.|hf_|npm_|SG\.)[0-9A-Za-z_.-]{12,}/g,
    ([found]) => /\d/.test(found),
  ),
  RANDOM,
  // Authorization by scheme (RFC 9110, 11.6.2).
  byPattern(
    "token",
    /(?<=(?<![A-Za-z])(?:bearer|basic|digest)[ ]{1,4})[0-9A-Za-z+/_.~-]{8,}={0,2}/gi,
    ([found]) => /\d|=$/.test(found) || found.length >= 16,
  ),
];
