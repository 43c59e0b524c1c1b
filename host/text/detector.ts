/** What a detector is, and the usual way to make one: a pattern, and a look at what it found. */
import type { TextKind } from "./kinds.ts";

/** Characters [from, to) of a text. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Finds the values of one kind in a text that `plainText` made. */
export interface Detector {
  readonly kind: TextKind;
  find(text: string): readonly Span[];
}

/**
 * Looks closer at what a pattern found.
 * @returns whether all of it is a value, or which part
 */
export type Judge = (match: RegExpExecArray) => boolean | Span;

/**
 * Calls `judge` with every match of a pattern that has the flag g, and collects the values.
 * String.matchAll would do, but copies the pattern for each text.
 */
export function valuesOf(
  text: string,
  pattern: RegExp,
  judge: (match: RegExpExecArray) => boolean | Span | undefined,
): Span[] {
  const spans: Span[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const { index, 0: found } = match;
    const verdict = found !== "" && judge(match);
    if (verdict === true) spans.push({ from: index, to: index + found.length });
    else if (verdict) spans.push(verdict);
    if (found === "") pattern.lastIndex++;
  }
  return spans;
}

/**
 * A detector by a pattern with the flag g, and a judge of its matches. The patterns of this room have
 * bounds on every repetition that another one follows, so that the time is linear in the text's length.
 */
export function byPattern(kind: TextKind, pattern: RegExp, judge: Judge = () => true): Detector {
  return { kind, find: (text) => valuesOf(text, pattern, judge) };
}

/** Characters before a match, as many as a judge may want to see. */
export function before({ input, index }: RegExpExecArray, chars = 24): string {
  return input.slice(Math.max(0, index - chars), index);
}

/** Characters behind a match. */
export function behind({ input, index, 0: found }: RegExpExecArray, chars = 24): string {
  return input.slice(index + found.length, index + found.length + chars);
}
