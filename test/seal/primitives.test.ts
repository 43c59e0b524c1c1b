import sodium from "libsodium-wrappers";
import { beforeAll, describe, expect, test } from "vitest";
import { BUILDS, hex, Primitives, Seeded, toHex } from "./module.ts";
import * as reference from "./reference.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const SUNSCREEN = Buffer.from(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);

describe.each(BUILDS)("primitives of the %s build", (build) => {
  let core: Primitives;
  beforeAll(async () => {
    await sodium.ready;
    core = await Primitives.compile(build);
  });

  test("ChaCha20 encrypts as RFC 8439 §2.4.2", () => {
    const nonce = hex("000000000000004a00000000");
    const sealed = core.chacha20(KEY, nonce, 1, SUNSCREEN);
    expect(toHex(sealed)).toBe(
      "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b" +
        "f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8" +
        "07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736" +
        "5af90bbf74a35be6b40b8eedf2785e42874d",
    );
  });

  test("HChaCha20 derives as draft-irtf-cfrg-xchacha-03 §2.2.1", () => {
    const subkey = core.hchacha20(KEY, hex("000000090000004a0000000031415927"));
    expect(toHex(subkey)).toBe("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
  });

  test("Poly1305 authenticates as RFC 8439 §2.5.2", () => {
    const key = hex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
    const tag = core.poly1305(key, Buffer.from("Cryptographic Forum Research Group"));
    expect(toHex(tag)).toBe("a8061dc1305136c6c22b8baf0c0127a9");
  });

  test("the AEAD seals as RFC 8439 §2.8.2 and opens it again", () => {
    const key = KEY.map((byte) => byte + 0x80);
    const nonce = hex("070000004041424344454647");
    const ad = hex("50515253c0c1c2c3c4c5c6c7");
    const sealed = core.aeadSeal(key, nonce, ad, SUNSCREEN);
    expect(toHex(sealed.slice(-16))).toBe("1ae10b594f09e26a7e902ecbd0600691");
    expect(toHex(sealed.slice(0, 16))).toBe("d31a8d34648e60db7b86afbc53ef7ec2");
    expect(core.aeadOpen(key, nonce, ad, sealed)).toEqual({
      ok: true,
      plain: new Uint8Array(SUNSCREEN),
    });
  });

  test("Poly1305 reduces at the edges of RFC 8439 appendix A.3", () => {
    const ones = "ff".repeat(16);
    const zero = "00".repeat(16);
    const two = `02${"00".repeat(15)}`;
    const one = `01${"00".repeat(15)}`;
    const cases = [
      [two + zero, ones, `03${"00".repeat(15)}`],
      [two + ones, two, `03${"00".repeat(15)}`],
      [one + zero, `${ones}f0${"ff".repeat(15)}11${"00".repeat(15)}`, `05${"00".repeat(15)}`],
      [one + zero, `${ones}fb${"fe".repeat(15)}${"01".repeat(16)}`, zero],
      [two + zero, `fd${"ff".repeat(15)}`, `fa${"ff".repeat(15)}`],
    ] as const;
    for (const [key, message, tag] of cases) {
      expect(toHex(core.poly1305(hex(key), hex(message)))).toBe(tag);
    }
  });

  test("ChaCha20 equals the reference at every length up to nine blocks", () => {
    const random = new Seeded(1);
    for (let bytes = 0; bytes <= 9 * 64; bytes++) {
      const [key, nonce, text] = [random.bytes(32), random.bytes(12), random.bytes(bytes)];
      const counter = random.below(2 ** 31);
      const expected = reference.chacha20(key, nonce, counter, text);
      expect(Buffer.compare(core.chacha20(key, nonce, counter, text), expected)).toBe(0);
    }
  });

  test("the block counter wraps as a 32 bit word, in the middle of a run of blocks too", () => {
    const random = new Seeded(2);
    const [key, nonce, text] = [random.bytes(32), random.bytes(12), random.bytes(1024)];
    for (let before = 0; before < 12; before++) {
      const counter = 2 ** 32 - before;
      const expected = reference.chacha20(key, nonce, counter, text);
      expect(Buffer.compare(core.chacha20(key, nonce, counter, text), expected)).toBe(0);
    }
  });

  test("Poly1305 equals the reference at every length, on random and on saturated input", () => {
    const random = new Seeded(3);
    for (let bytes = 0; bytes <= 700; bytes++) {
      const key = bytes % 3 === 0 ? new Uint8Array(32).fill(0xff) : random.bytes(32);
      const text = bytes % 2 === 0 ? new Uint8Array(bytes).fill(0xff) : random.bytes(bytes);
      const expected = reference.poly1305(key, text);
      expect(Buffer.compare(core.poly1305(key, text), expected)).toBe(0);
    }
  });

  test("HChaCha20 equals the reference", () => {
    const random = new Seeded(4);
    for (let i = 0; i < 200; i++) {
      const [key, nonce] = [random.bytes(32), random.bytes(16)];
      expect(core.hchacha20(key, nonce)).toEqual(reference.hchacha20(key, nonce));
    }
  });

  test('BLAKE2b hashes "abc" as RFC 7693 appendix A', () => {
    const digest = core.blake2b(64, Buffer.from("abc"), new Uint8Array(0));
    expect(toHex(digest)).toBe(
      "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1" +
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
    );
  });

  test("BLAKE2b equals libsodium for every length to 300, key and digest length", () => {
    const random = new Seeded(5);
    for (let bytes = 0; bytes <= 300; bytes++) {
      const text = random.bytes(bytes);
      const key = random.bytes(16 + (bytes % 49));
      const outBytes = 16 + (bytes % 49);
      const keyed = core.blake2b(outBytes, text, key);
      expect(Buffer.compare(keyed, sodium.crypto_generichash(outBytes, text, key))).toBe(0);
      const plain = core.blake2b(32, text, new Uint8Array(0));
      expect(Buffer.compare(plain, sodium.crypto_generichash(32, text, null))).toBe(0);
    }
  });
});
