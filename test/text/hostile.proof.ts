/** Hostile texts, long ones: redacting is linear in time, changes nothing twice, and never throws. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { redact } from "../../host/text/index.ts";
import { TEXT_CHARS_MAX } from "../../host/text/redact.ts";
import { HOSTILE } from "./hostile.ts";
import { checkRedaction, PIECES } from "./invariants.ts";

const MIB = 1 << 20;

/** The shortest of some runs: what else the machine does can only add to it. */
function shortestMs(text: string, runs: number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    redact(text);
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}

/** Linear is 8, in up to four times the rounds 32; quadratic is 64. */
const RATIO_MAX = 40;

test("eight times the text takes not nearly 64 times the time", () => {
  const slow: string[] = [];
  for (const { name, make } of HOSTILE) {
    const [short, long] = [make(1 << 10), make(1 << 13)];
    let ratio = Number.POSITIVE_INFINITY;
    // A pause of the machine is no property of the text: it is asked again.
    for (let attempt = 0; attempt < 4 && ratio > RATIO_MAX; attempt++) {
      // Times below a millisecond are those of the call.
      ratio = shortestMs(long, 2) / Math.max(1, shortestMs(short, 3));
    }
    if (ratio > RATIO_MAX) slow.push(`${name}: ${ratio.toFixed(1)}`);
  }
  expect(slow).toEqual([]);
});

test("1 MiB of the worst takes no more than 40 times a sixteenth of it", () => {
  const worst = HOSTILE.map((text) => ({ ...text, ms: shortestMs(text.make(1 << 12), 1) }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 2);
  for (const { name, make } of worst) {
    const [part, whole] = [shortestMs(make(MIB / 16), 1), shortestMs(make(MIB), 1)];
    console.log(`${name}: 64 KiB ${part.toFixed(0)} ms, 1 MiB ${whole.toFixed(0)} ms`);
    expect(whole / part, name).toBeLessThan(40);
  }
});

test("what was redacted has nothing left to redact, in 2000 mixed texts", () => {
  const text = fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: "binary", maxLength: 6 })), {
      maxLength: 5,
    })
    .map((parts) => parts.join(""));
  fc.assert(fc.property(text, checkRedaction), { numRuns: 2000, seed: 11 });
});

test("a text that is too long is cut, and stays cut", () => {
  const { text, found } = redact(`${"word ".repeat(TEXT_CHARS_MAX / 5)} secret`);
  expect(text.length).toBeLessThanOrEqual(TEXT_CHARS_MAX);
  expect(text.endsWith("[cut]")).toBe(true);
  expect(found.map(({ kind }) => kind)).toEqual(["cut"]);
  expect(redact(text).text).toBe(text);
});
