/** How many characters of values are covered, and how many others are. */
import { redact } from "../../host/text/index.ts";
import type { Labelled } from "./corpus.ts";

export interface Score {
  /** Values, and those of which every letter and digit is covered. */
  values: number;
  covered: number;
}

export interface Figures {
  /** By language, the name of the value, and whether it stands behind a key: "zh account keyed". */
  readonly scores: Map<string, Score>;
  /** Characters that were redacted, and those of them that are of no value. */
  readonly redactedChars: number;
  readonly wrongChars: number;
  /** What went wrong, as "template: text" for values and "+ text" for what is none. */
  readonly misses: string[];
  readonly excess: string[];
}

const COUNTS = /[\p{L}\p{N}]/u;

export function measure(texts: readonly Labelled[]): Figures {
  const scores = new Map<string, Score>();
  const misses: string[] = [];
  const excess: string[] = [];
  let redactedChars = 0;
  let wrongChars = 0;
  for (const { language, template, text, values } of texts) {
    const { found } = redact(text);
    const covered = new Uint8Array(text.length);
    const wanted = new Uint8Array(text.length);
    for (const { from, to } of found) covered.fill(1, from, to);
    for (const { name, isKeyed, from, to } of values) {
      wanted.fill(1, from, to);
      const key = `${language} ${name} ${isKeyed ? "keyed" : "bare"}`;
      const score = scores.get(key) ?? { values: 0, covered: 0 };
      scores.set(key, score);
      score.values++;
      // Signs around and between may stay; no letter and no digit may.
      const isCovered = [...text.slice(from, to)].length > 0 && isWhole(text, covered, from, to);
      if (isCovered) score.covered++;
      else misses.push(`${name} in ${template}: ${text}`);
    }
    let wrong = 0;
    for (let i = 0; i < text.length; i++) {
      if (covered[i] === 0) continue;
      redactedChars++;
      if (wanted[i] === 0) wrong++;
    }
    if (wrong > 0) excess.push(`${wrong} of ${template}: ${redact(text).text}`);
    wrongChars += wrong;
  }
  return { scores, redactedChars, wrongChars, misses, excess };
}

function isWhole(text: string, covered: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (covered[i] === 0 && COUNTS.test(text[i]!)) return false;
  return true;
}
