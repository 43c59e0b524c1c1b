/** Durations as a policy writes them: a whole number and one unit, such as 15m. */

const NS_PER_S = 1_000_000_000n;

/** Seconds and word of each unit. */
const UNITS = {
  s: { seconds: 1n, word: "second" },
  m: { seconds: 60n, word: "minute" },
  h: { seconds: 3600n, word: "hour" },
  d: { seconds: 86_400n, word: "day" },
} as const;

export const DURATION_PATTERN = /^([1-9][0-9]{0,8})([smhd])$/;

/** Longest duration: a year, in nanoseconds. */
export const DURATION_MAX_NS = 365n * UNITS.d.seconds * NS_PER_S;

/** The duration in nanoseconds, 1 s .. 365 d, or null if `text` is not one. */
export function parseDuration(text: string): bigint | null {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return null;
  const ns = BigInt(match[1]!) * UNITS[match[2] as keyof typeof UNITS].seconds * NS_PER_S;
  return ns <= DURATION_MAX_NS ? ns : null;
}

/** A valid duration in words: "15 minutes". */
export function durationInWords(text: string): string {
  const match = DURATION_PATTERN.exec(text);
  if (match === null) return text;
  const word = UNITS[match[2] as keyof typeof UNITS].word;
  return `${match[1]} ${word}${match[1] === "1" ? "" : "s"}`;
}
