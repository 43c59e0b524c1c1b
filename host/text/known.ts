/** Finds values that the caller knows. */
import { byPattern, type Detector } from "./detector.ts";
import type { TextKind } from "./kinds.ts";
import { plainText } from "./plain.ts";

/** Known values that count, and the length of each; more would make the time depend on their number. */
const KNOWN_MAX = 64;
const CHARS_MAX = 128;

/** Signs between the words of a value may be others in a text, or none. */
const BETWEEN = /[\s_.:-]+/;

function escapeWord(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function patternOf(value: string): string | undefined {
  const plain = plainText(value.slice(0, CHARS_MAX)).text.trim();
  if ([...plain].length < 2) return undefined;
  const words = plain.split(BETWEEN).filter((word) => word !== "");
  if (words.length === 0) return undefined;
  const body = words.map((word) => escapeWord(word)).join("[\\s_.:-]?");
  // A Latin word must stand alone: "Li" is not in "Lidar". Han characters have no such bounds.
  const begins = /^[\p{Script=Latin}\d]/u.test(plain) ? "(?<![\\p{Script=Latin}\\d])" : "";
  const ends = /[\p{Script=Latin}\d]$/u.test(plain) ? "(?![\\p{Script=Latin}\\d])" : "";
  return begins + body + ends;
}

/** Detectors of known values, one for each kind of them. */
export function knownValues(
  known: readonly { readonly kind: TextKind; readonly value: string }[],
): Detector[] {
  const byKind = new Map<TextKind, string[]>();
  for (const { kind, value } of known.slice(0, KNOWN_MAX)) {
    const pattern = patternOf(value);
    if (pattern !== undefined) byKind.set(kind, [...(byKind.get(kind) ?? []), pattern]);
  }
  return [...byKind].map(([kind, patterns]) =>
    byPattern(kind, new RegExp(patterns.join("|"), "giu")),
  );
}
