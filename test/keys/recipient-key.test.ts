import sodium from "libsodium-wrappers";
import { describe, expect, test } from "vitest";
import { generateRecipientKey, keyIdText, recipientKeyId } from "../../host/keys/index.ts";
import { isWeakPublicKey, keyPairOf } from "../../host/keys/recipient-key.ts";
import { errorOf, hex, seededRandom } from "./support.ts";

await sodium.ready;

describe("a recipient's key pair", () => {
  test("is new at every call", () => {
    const [a, b] = [generateRecipientKey(), generateRecipientKey()];
    expect(hex(a.secretKey)).not.toBe(hex(b.secretKey));
    expect(hex(a.publicKey)).not.toBe(hex(b.publicKey));
  });

  test("comes from the injected randomness alone, and its halves belong together", () => {
    const pair = generateRecipientKey(seededRandom("a"));
    expect(pair).toEqual(generateRecipientKey(seededRandom("a")));
    expect(pair.publicKey).toEqual(sodium.crypto_scalarmult_base(pair.secretKey));
    expect(keyPairOf(pair.secretKey)).toEqual(pair);
  });

  test("is refused where the random source gives too little", async () => {
    const error = await errorOf(() => generateRecipientKey(() => new Uint8Array(31)));
    expect(error).toMatchObject({ code: "INTERNAL" });
  });

  test("has an id of 8 bytes that another implementation computes alike", () => {
    const publicKey = Uint8Array.from({ length: 32 }, (_, i) => i);
    const id = recipientKeyId(publicKey);
    // Python: hashlib.blake2b(bytes(range(32)), digest_size=32, key=b"mapveil.key-id.v1")
    expect(keyIdText(id)).toBe("1bf35617db0b5aa1");
    expect(id).toHaveLength(8);
    expect(id.buffer.byteLength).toBe(8);
  });

  test("has no id for a key of another length", async () => {
    const error = await errorOf(() => recipientKeyId(new Uint8Array(33)));
    expect(error).toMatchObject({
      code: "USAGE",
      message: "A public key must have 32 bytes, not 33.",
    });
  });

  test("is weak where its public key is a point of low order", () => {
    expect(isWeakPublicKey(new Uint8Array(32))).toBe(true);
    expect(isWeakPublicKey(new Uint8Array(32).fill(1, 0, 1))).toBe(true);
    expect(isWeakPublicKey(generateRecipientKey().publicKey)).toBe(false);
  });
});
