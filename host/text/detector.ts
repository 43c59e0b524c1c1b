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
  find(text: string): Iterable<Span>;
}

/**
 * Looks closer at what a pattern found.
 * @returns whether all of it is a value, or which part
 */
export type Judge = (match: RegExpExecArray) => boolean | Span;

/**
 * A detector by a pattern with the flag g, and a judge of its matches. The patterns of this room have
 * bounds on every repetition that another one follows, so that the time is linear in the text's length.
 */
export function byPattern(kind: TextKind, pattern: RegExp, judge: Judge = () => true): Detector {
  return {
    kind,
    *find(text) {
      for (const match of text.matchAll(pattern)) {
        const verdict = judge(match);
        if (verdict === true) yield { from: match.index, to: match.index + match[0].length };
        else if (verdict !== false) yield verdict;
      }
    },
  };
}

/** Characters before a match, as many as a judge may want to see. */
export function before({ input, index }: RegExpExecArray, chars = 24): string {
  return input.slice(Math.max(0, index - chars), index);
}

/** Characters behind a match. */
export function behind({ input, index, 0: found }: RegExpExecArray, chars = 24): string {
  return input.slice(index + found.length, index + found.length + chars);
}
