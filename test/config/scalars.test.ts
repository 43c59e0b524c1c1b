/** Durations, sizes and addresses: what is understood, and what is not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationInWords, parseDuration, parseHostPort } from "../../host/config/index.ts";
import { parseSize } from "../../host/config/size.ts";
import { suggest } from "../../host/config/suggest.ts";

describe("durations", () => {
  test.each([
    ["1ms", 1],
    ["500ms", 500],
    ["10s", 10_000],
    ["15m", 900_000],
    ["1h", 3_600_000],
    ["365d", 31_536_000_000],
  ])("%s is %d ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each([
    "",
    "0s",
    "10",
    "s",
    "-1s",
    "1.5h",
    "01s",
    "1 s",
    "366d",
    "8761h",
    "1S",
    "1s1m",
    "١s",
  ])("%j is none", (text) => expect(parseDuration(text)).toBeNull());

  test("in words", () => {
    expect(durationInWords("1d")).toBe("1 day");
    expect(durationInWords("500ms")).toBe("500 milliseconds");
  });
});

describe("sizes", () => {
  test.each([
    ["1B", 1],
    ["256KiB", 262_144],
    ["1GiB", 2 ** 30],
    ["8191TiB", 8191 * 2 ** 40],
  ])("%s is %d bytes", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(["", "0B", "1", "1KB", "1kib", "1.5GiB", "8192TiB", "999999999TiB", "-1B", "1 GiB"])(
    "%j is none",
    (text) => expect(parseSize(text)).toBeNull(),
  );
});

describe("host and port", () => {
  test.each([
    ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
    ["receiver.example.com:65535", { host: "receiver.example.com", port: 65_535 }],
    ["[::1]:7443", { host: "::1", port: 7443 }],
  ])("%s", (text, parts) => expect(parseHostPort(text)).toEqual(parts));

  test.each([
    "localhost",
    "localhost:",
    ":80",
    "::1:80",
    "[::1]",
    "[localhost]:80",
    "a:65536",
    "a b:1",
    "a/b:1",
    "http://a:1",
    "-a:1",
    `${"a".repeat(254)}:1`,
  ])("%j is neither", (text) => expect(parseHostPort(text)).toBeNull());

  test("whatever is understood can be written again", () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 0, max: 65_535 }), (host, port) => {
        expect(parseHostPort(`[${host}]:${port}`)).toEqual({ host, port });
      }),
    );
  });
});

describe("suggestions", () => {
  test("name what is near and nothing else", () => {
    expect(suggest("qouta", ["quota", "max_age"])).toBe("quota");
    expect(suggest("MAX-AGE", ["quota", "max_age"])).toBe("max_age");
    expect(suggest("colour", ["quota", "max_age"])).toBeNull();
    expect(suggest("q".repeat(65), ["quota"])).toBeNull();
  });
});
