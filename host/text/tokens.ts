/** What machines made up to tell one thing from all others: tokens, hashes, UUIDs. */
import { before, byPattern, type Detector } from "./detector.ts";
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

/** A path has many slashes; base64 has one in 64 signs. */
function isPath(text: string): boolean {
  return (text.match(/\//g)?.length ?? 0) > 1 + text.length / 16;
}

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
  byPattern(
    "token",
    /(?<![0-9A-Za-z+/_=-])[0-9A-Za-z+/_-]{20,}={0,2}(?![0-9A-Za-z+/_-])/g,
    (match) => {
      const [found] = match;
      return looksRandom(found.replace(/=+$/, "")) && !isPath(found) && !isOfSoftware(match);
    },
  ),
  // Authorization by scheme (RFC 9110, 11.6.2).
  byPattern(
    "token",
    /(?<=(?<![A-Za-z])(?:bearer|basic|digest)[ ]{1,4})[0-9A-Za-z+/_.~-]{8,}={0,2}/gi,
    (match) =>
      /\d|[A-Z].*[a-z].*[A-Z]/.test(match[0].slice(0, 64)) || /authoriz/i.test(before(match)),
  ),
];
