/** What holds for every text that was redacted, and pieces to make texts of. */
import { expect } from "vitest";
import { redact, TEXT_KINDS } from "../../host/text/index.ts";
import { markOf } from "../../host/text/kinds.ts";
import { corpus } from "./corpus.ts";
import { HOSTILE } from "./hostile.ts";
import { HARMLESS_TEMPLATES, TEMPLATES } from "./templates.ts";

/** Texts with values, texts without, cut forms, marks. */
export const PIECES: readonly string[] = [
  ...corpus([...TEMPLATES, ...HARMLESS_TEMPLATES], 5, 1).map(({ text }) => text),
  ...HOSTILE.slice(0, 150).map(({ make }) => make(12)),
  ...TEXT_KINDS.map(markOf),
];

/** Redacting again changes nothing; marks stand in the place of values, and all else is as it was. */
export function checkRedaction(given: string): void {
  const { text, found } = redact(given);
  expect(redact(text).text).toBe(text);
  let rebuilt = "";
  let at = 0;
  for (const { kind, from, to } of found) {
    expect(from).toBeGreaterThanOrEqual(at);
    rebuilt += given.slice(at, from) + markOf(kind);
    at = to;
  }
  expect(rebuilt + given.slice(at)).toBe(text);
}
