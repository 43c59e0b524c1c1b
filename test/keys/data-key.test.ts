import fc from "fast-check";
import sodium from "libsodium-wrappers";
import { describe, expect, test } from "vitest";
import {
  generateRecipientKey,
  keyIdText,
  openDataKey,
  recipientKeyId,
  SEALED_KEY_BYTES,
  sealDataKey,
  withDataKey,
} from "../../host/keys/index.ts";
import { errorOf, hex, seededRandom } from "./support.ts";

await sodium.ready;

const pair = generateRecipientKey(seededRandom("recipient"));
const other = generateRecipientKey(seededRandom("other"));
const dataKey = seededRandom("data")(32);

describe("a sealed data key", () => {
  test("has 80 bytes, as libsodium says, and opens to the same key", () => {
    const sealed = sealDataKey(dataKey, pair.publicKey);
    expect(sealed).toHaveLength(80);
    expect(SEALED_KEY_BYTES).toBe(32 + sodium.crypto_box_SEALBYTES);
    expect(openDataKey(sealed, pair, recipientKeyId(pair.publicKey))).toEqual(dataKey);
  });

  test("is opened by libsodium, and one that libsodium sealed opens here", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        const sealed = sealDataKey(key, pair.publicKey);
        expect(
          new Uint8Array(sodium.crypto_box_seal_open(sealed, pair.publicKey, pair.secretKey)),
        ).toEqual(new Uint8Array(key));
        const theirs = sodium.crypto_box_seal(key, pair.publicKey);
        expect(hex(openDataKey(theirs, pair))).toBe(hex(key));
      }),
    );
  });

  test("is another one at every call, and the same one for the same randomness", () => {
    const sealed = () => hex(sealDataKey(dataKey, pair.publicKey));
    const seeded = () => hex(sealDataKey(dataKey, pair.publicKey, seededRandom("s")));
    expect(sealed()).not.toBe(sealed());
    expect(seeded()).toBe(seeded());
  });

  test("leaves no ephemeral secret behind", () => {
    const random = seededRandom("ephemeral");
    sealDataKey(dataKey, pair.publicKey, random);
    expect(random.given).toEqual([new Uint8Array(32)]);
  });

  test("is refused with any one byte changed", () => {
    const sealed = sealDataKey(dataKey, pair.publicKey, seededRandom("s"));
    const id = recipientKeyId(pair.publicKey);
    for (let i = 0; i < sealed.length; i++) {
      const changed = sealed.slice();
      changed[i]! ^= 1;
      expect(() => openDataKey(changed, pair, id)).toThrow(/but its bytes were changed/);
    }
  });

  test("for another key says which one was tried", async () => {
    const sealed = sealDataKey(dataKey, other.publicKey);
    const otherId = recipientKeyId(other.publicKey);
    const own = keyIdText(recipientKeyId(pair.publicKey));
    const error = await errorOf(() => openDataKey(sealed, pair, otherId));
    expect(error.code).toBe("INTEGRITY");
    expect(error.message).toBe(
      `The data key cannot be opened: it was sealed for another key than ${own}.`,
    );
    const unnamed = await errorOf(() => openDataKey(sealed, pair));
    expect(unnamed.code).toBe("INTEGRITY");
    expect(unnamed.message).toContain(
      `sealed for another key than ${own}, or its bytes were changed`,
    );
  });

  test.each([0, 79, 81])("of %i bytes is refused", async (length) => {
    const error = await errorOf(() => openDataKey(new Uint8Array(length), pair));
    expect(error.code).toBe("INTEGRITY");
    expect(error.message).toContain(`it has ${length} bytes instead of 80`);
  });

  test("is not made for wrong lengths or for a key that everybody could open", async () => {
    const seal = (key: Uint8Array, to: Uint8Array) => errorOf(() => sealDataKey(key, to));
    expect(await seal(new Uint8Array(31), pair.publicKey)).toMatchObject({ code: "USAGE" });
    expect(await seal(dataKey, new Uint8Array(31))).toMatchObject({ code: "USAGE" });
    expect(await seal(dataKey, new Uint8Array(32))).toMatchObject({ code: "CONFIG" });
  });
});

describe("a data key that is lent", () => {
  test("is 32 fresh bytes while the work runs, and zero afterwards", async () => {
    let lent = new Uint8Array();
    const result = withDataKey((key) => {
      lent = key as Uint8Array<ArrayBuffer>;
      expect(hex(key)).not.toBe("00".repeat(32));
      return hex(key);
    });
    expect(result).toHaveLength(64);
    expect(lent).toEqual(new Uint8Array(32));
    expect(withDataKey(hex)).not.toBe(result);
  });

  test("is wiped where the work throws, and the error comes through", async () => {
    const fail = () => {
      throw new Error("work");
    };
    const random = seededRandom("fail");
    expect((await errorOf(async () => withDataKey(fail, random))).message).toBe("work");
    expect(random.given).toEqual([new Uint8Array(32)]);
  });
});
