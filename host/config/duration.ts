/** Durations as people write them: a whole number and one unit, such as 500ms or 15m. */

/** Milliseconds and word of each unit. */
const UNITS = {
  ms: { ms: 1, word: "millisecond" },
  s: { ms: 1000, word: "second" },
  m: { ms: 60_000, word: "minute" },
  h: { ms: 3_600_000, word: "hour" },
  d: { ms: 86_400_000, word: "day" },
} as const;

const PATTERN = /^([1-9][0-9]{0,8})(ms|s|m|h|d)$/;

/** Longest duration: a year. */
const DURATION_MAX_MS = 365 * UNITS.d.ms;

/** The duration in milliseconds, 1 ms to 365 d, or null if `text` is not one. */
export function parseDuration(text: string): number | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const ms = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS].ms;
  return ms <= DURATION_MAX_MS ? ms : null;
}

/** A valid duration in words: "15 minutes". */
export function durationInWords(text: string): string {
  const match = PATTERN.exec(text);
  if (match === null) return text;
  const word = UNITS[match[2] as keyof typeof UNITS].word;
  return `${match[1]} ${word}${match[1] === "1" ? "" : "s"}`;
}
