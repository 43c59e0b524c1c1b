import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatKey, generateRecipientKey, parseKey, parseKeyPair } from "../../host/keys/index.ts";
import { errorOf, hex, seededRandom } from "./support.ts";

const pair = generateRecipientKey(seededRandom("text"));
const publicLine = formatKey("public", pair.publicKey);
const secretLine = formatKey("secret", pair.secretKey);

describe("the text of a key", () => {
  test("is one line with its kind, and reads back", () => {
    expect(publicLine).toMatch(/^mapveil-public-1:[A-Za-z0-9_-]{48}$/);
    expect(secretLine).toMatch(/^mapveil-secret-1:[A-Za-z0-9_-]{48}$/);
    expect(parseKey("public", publicLine, "p")).toEqual(pair.publicKey);
    expect(parseKey("secret", secretLine, "p")).toEqual(pair.secretKey);
    expect(parseKeyPair(secretLine, "p")).toEqual(pair);
  });

  test("is what another implementation writes", () => {
    const key = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
    // Python: base64url of the key and hashlib.blake2b(prefix + key, digest_size=32)[:4]
    expect(formatKey("public", key)).toBe(
      "mapveil-public-1:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAjsD8u",
    );
  });

  test("may stand among comments, empty lines and Windows line ends", () => {
    const text = `# a comment\r\n\r\n  ${publicLine}  \r\n# another\r\n`;
    expect(parseKey("public", text, "p")).toEqual(pair.publicKey);
  });

  test("is refused with any one character of the key changed", () => {
    const body = publicLine.indexOf(":") + 1;
    const index = fc.integer({ min: body, max: publicLine.length - 1 });
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    fc.assert(
      fc.property(index, fc.constantFrom(...letters), (at, letter) => {
        fc.pre(publicLine[at] !== letter);
        const changed = publicLine.slice(0, at) + letter + publicLine.slice(at + 1);
        expect(() => parseKey("public", changed, "p")).toThrow(/checksum does not fit/);
      }),
    );
  });

  const cases: [what: string, kind: "public" | "secret", text: string, why: string][] = [
    [
      "a public key for opening",
      "secret",
      publicLine,
      "this is a public key; opening needs the secret one",
    ],
    [
      "a secret key for sealing",
      "public",
      secretLine,
      "this is a secret key; sealing needs the public one, and the secret one stays at home",
    ],
    [
      "a secret body under the public name",
      "public",
      secretLine.replace("secret", "public"),
      "the checksum does not fit, the line was cut or mistyped",
    ],
    ["no key", "public", "# only a comment\n", "it holds no key"],
    [
      "two keys",
      "public",
      `${publicLine}\n${publicLine}`,
      "it holds more than one line beside comments",
    ],
    [
      "another format",
      "secret",
      "# x\nssh-ed25519 AAAA",
      "line 2 does not begin with mapveil-secret-1:",
    ],
    [
      "a later version",
      "public",
      publicLine.replace("-1:", "-2:"),
      "line 1 does not begin with mapveil-public-1:",
    ],
    [
      "a line that was cut",
      "secret",
      secretLine.slice(0, -1),
      "line 1 must have 48 base64url characters behind the colon",
    ],
    [
      "a point of low order",
      "public",
      formatKey("public", new Uint8Array(32)),
      "it is a point of low order, whatever is sealed for it can be opened by anybody",
    ],
  ];
  test.each(cases)(
    "%s is refused, and the message repeats nothing of it",
    async (_, kind, text, why) => {
      const error = await errorOf(() => parseKey(kind, text, "k.txt"));
      expect(error.code).toBe("CONFIG");
      expect(error.message).toBe(`k.txt is not a usable ${kind} key: ${why}.`);
      expect(JSON.stringify(error.details)).not.toContain(secretLine.slice(20, 30));
    },
  );

  test("is only made of 32 bytes", async () => {
    expect(await errorOf(() => formatKey("secret", new Uint8Array(31)))).toMatchObject({
      code: "USAGE",
    });
  });

  test("of a secret key does not show the key in hexadecimal or of the public kind", () => {
    expect(secretLine).not.toContain(hex(pair.secretKey));
    expect(secretLine.slice(17)).not.toBe(publicLine.slice(17));
  });
});
