/**
 * Redacts free text: values that tell who, where or which become marks, and the sentence around them
 * stays readable. It finds what has a form or stands behind its name; of people in the middle of a
 * sentence only those with a title or a common given name, and those that it is told.
 */

import type { Detector, Span } from "./detector.ts";
import { DETECTORS } from "./detectors.ts";
import { MARKS, markOf, TEXT_KINDS, type TextKind } from "./kinds.ts";
import { knownValues } from "./known.ts";
import { plainText } from "./plain.ts";

/** Longest text that is read, UTF-16 code units; what lies beyond becomes the mark [cut]. */
export const TEXT_CHARS_MAX = 1 << 20;

/** Redacting changes what values stand beside; after so many rounds of that, nothing is kept. */
const ROUNDS_MAX = 8;

/** A value that the caller knows, as the name of the owner or the number of the robot. */
export interface KnownValue {
  readonly kind: TextKind;
  /** Of two characters or more; found as a whole word, in upper and lower case. */
  readonly value: string;
}

export interface RedactOptions {
  /** Values to be found beside those that have a form; the first KNOWN_MAX count. */
  readonly known?: readonly KnownValue[];
}

/** What was redacted: characters [from, to) of the text as it was given. */
export interface Found extends Span {
  readonly kind: TextKind;
}

export interface Redacted {
  /** The text with marks in the place of values; redacting it again changes nothing. */
  readonly text: string;
  /** In the order of the text, none over another. They hold no values. */
  readonly found: readonly Found[];
}

const RANK = new Map(TEXT_KINDS.map((kind, rank) => [kind, rank]));

/** Of spans that touch the same characters one is made, named by the kind that stands first. */
function merge(spans: Found[]): Found[] {
  spans.sort((a, b) => a.from - b.from || a.to - b.to);
  const merged: Found[] = [];
  for (const span of spans) {
    const last = merged.at(-1);
    if (last === undefined || span.from >= last.to) merged.push(span);
    else {
      const kind = RANK.get(span.kind)! < RANK.get(last.kind)! ? span.kind : last.kind;
      merged[merged.length - 1] = { kind, from: last.from, to: Math.max(last.to, span.to) };
    }
  }
  return merged;
}

/** Spans of values in a text; marks in it are whole or not touched, and alone they are no values. */
function detect(text: string, detectors: readonly Detector[]): Found[] {
  if (text.length > TEXT_CHARS_MAX) {
    return [{ kind: "cut", from: TEXT_CHARS_MAX - markOf("cut").length, to: text.length }];
  }
  const plain = plainText(text);
  const spans: Found[] = [];
  for (const { kind, find } of detectors) {
    for (const { from, to } of find(plain.text)) {
      if (to > from) spans.push({ kind, from: plain.from(from), to: plain.to(to - 1) });
    }
  }
  return spans;
}

/** Widens spans over the marks that they touch; drops those that are nothing but marks. */
function aroundMarks(text: string, spans: readonly Found[]): Found[] {
  if (spans.length === 0) return [];
  const marks = [...text.matchAll(MARKS)].map(({ index, 0: mark }) => ({
    from: index,
    to: index + mark.length,
  }));
  if (marks.length === 0) return merge([...spans]);
  const kept: Found[] = [];
  let first = 0;
  for (const span of merge([...spans])) {
    while (first < marks.length && marks[first]!.to <= span.from) first++;
    let { from, to } = span;
    let covered = 0;
    for (let i = first; i < marks.length && marks[i]!.from < span.to; i++) {
      from = Math.min(from, marks[i]!.from);
      to = Math.max(to, marks[i]!.to);
      covered += marks[i]!.to - marks[i]!.from;
    }
    if (covered < to - from) kept.push({ kind: span.kind, from, to });
  }
  return merge(kept);
}

/** The text with marks in the place of spans. */
function render(text: string, found: readonly Found[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { kind, from, to } of found) {
    parts.push(text.slice(at, from), markOf(kind));
    at = to;
  }
  parts.push(text.slice(at));
  return parts.join("");
}

/** Spans of a rendered text, as spans of the text that it was rendered of. */
function backToSource(spans: readonly Found[], found: readonly Found[]): Found[] {
  const back: Found[] = [];
  let next = 0;
  // How far the rendered text runs behind the source, before the mark of found[next].
  let lag = 0;
  const place = (at: number, isEnd: boolean): number => {
    for (; next < found.length; next++) {
      const { kind, from, to } = found[next]!;
      const start = from - lag;
      const end = start + markOf(kind).length;
      if (at <= start) break;
      if (at < end) return isEnd ? to : from;
      lag = to - end;
    }
    return at + lag;
  };
  for (const { kind, from, to } of spans) {
    const start = place(from, false);
    back.push({ kind, from: start, to: place(to, true) });
  }
  return back;
}

/**
 * Redacts a text; linear in its length, which is bounded by TEXT_CHARS_MAX. Never throws.
 *
 * Values of a strict form or with a check digit are found wherever they stand, others behind their names
 * ("ssid=", "密码："). Look-alikes of digits and letters are read as what they look like.
 */
export function redact(text: string, options: RedactOptions = {}): Redacted {
  const { known = [] } = options;
  const detectors = known.length === 0 ? DETECTORS : [...DETECTORS, ...knownValues(known)];
  let found: Found[] = [];
  let current = text;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const spans = aroundMarks(current, detect(current, detectors));
    if (spans.length === 0) return { text: current, found };
    found = merge([...found, ...backToSource(spans, found)]);
    current = render(text, found);
  }
  return { text: markOf("cut"), found: [{ kind: "cut", from: 0, to: text.length }] };
}
