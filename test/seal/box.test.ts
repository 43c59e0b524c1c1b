/** X25519 and the sealed box by themselves, against RFC 7748 and libsodium. */
import sodium from "libsodium-wrappers";
import { beforeAll, describe, expect, test } from "vitest";
import { BUILDS, hex, Primitives, Seeded, toHex } from "./module.ts";

const ITERATIONS = process.env.MAPVEIL_LONG === "1" ? 100_000 : 1_000;
const BASE = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));
const PRIME = (1n << 255n) - 19n;

/** A number as 32 bytes, the lowest first. */
const bytesOf = (number: bigint) =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn));

/** The points of order 1, 2, 4 and 8 of the curve and of its twist, in every form below 2^255. */
const LOW_ORDER = [
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  PRIME - 1n,
  PRIME,
  PRIME + 1n,
].map(bytesOf);

/** crypto_scalarmult, which throws where the result is zero. */
function expected(scalar: Uint8Array, point: Uint8Array): Uint8Array {
  try {
    return sodium.crypto_scalarmult(scalar, point);
  } catch {
    return new Uint8Array(32);
  }
}

describe.each(BUILDS)("the sealed box of the %s build", (build) => {
  let core: Primitives;
  beforeAll(async () => {
    await sodium.ready;
    core = await Primitives.compile(build);
  });

  test("X25519 multiplies as RFC 7748 §5.2", () => {
    const first = core.x25519(
      hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
      hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
    );
    expect(toHex(first)).toBe("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
    const second = core.x25519(
      hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
      hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"),
    );
    expect(toHex(second)).toBe("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
  });

  test("X25519 agrees on a key as RFC 7748 §6.1", () => {
    const alice = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const bob = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    const [ofAlice, ofBob] = [core.x25519(alice, BASE), core.x25519(bob, BASE)];
    expect(toHex(ofAlice)).toBe("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    expect(toHex(ofBob)).toBe("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
    expect(toHex(core.x25519(alice, ofBob))).toBe(shared);
    expect(toHex(core.x25519(bob, ofAlice))).toBe(shared);
  });

  test(`X25519 iterated ${ITERATIONS} times gives what RFC 7748 §5.2 and libsodium give`, () => {
    let scalar: Uint8Array = BASE;
    let point: Uint8Array = BASE;
    let theirs: Uint8Array = BASE;
    for (let i = 0; i < ITERATIONS; i++) {
      const next = core.x25519(scalar, point);
      theirs = expected(scalar, point);
      [scalar, point] = [next, scalar];
      if (i === 0) {
        const once = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079";
        expect(toHex(scalar)).toBe(once);
      }
      if (i === 999) {
        const thousand = "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51";
        expect(toHex(scalar)).toBe(thousand);
      }
    }
    expect(toHex(scalar)).toBe(toHex(theirs));
  });

  test("X25519 equals libsodium on random and on extreme scalars and points", () => {
    const random = new Seeded(51);
    // Numbers whose limbs are all ones or zeros, or that stand just around 0, p, 2p and 2^256.
    const extremes = [0n, PRIME, 2n * PRIME, 1n << 255n, (1n << 256n) - 1n, 0xffffffffn << 96n]
      .flatMap((edge) =>
        [-40n, -38n, -20n, -19n, -1n, 0n, 1n, 2n, 18n, 19n, 20n, 37n, 38n].map((d) => edge + d),
      )
      .filter((number) => number >= 0n && number < 1n << 256n)
      .map(bytesOf);
    const any = () =>
      random.below(2) ? extremes[random.below(extremes.length)]! : random.bytes(32);
    for (const point of extremes) {
      const scalar = random.bytes(32);
      expect(toHex(core.x25519(scalar, point))).toBe(toHex(expected(scalar, point)));
    }
    for (let i = 0; i < 300; i++) {
      const [scalar, point] = [any(), any()];
      expect(toHex(core.x25519(scalar, point))).toBe(toHex(expected(scalar, point)));
    }
  });

  test("libsodium opens what was sealed, and seals the same from the same secret", () => {
    const random = new Seeded(52);
    for (let i = 0; i < 50; i++) {
      const [message, secret] = [random.bytes(32), random.bytes(32)];
      const recipient = sodium.crypto_box_seed_keypair(random.bytes(32));
      const sealed = core.sealBox(message, recipient.publicKey, secret)!;
      const opened = sodium.crypto_box_seal_open(sealed, recipient.publicKey, recipient.privateKey);
      expect(toHex(opened)).toBe(toHex(message));
      const point = sodium.crypto_scalarmult_base(secret);
      const nonce = sodium.crypto_generichash(
        24,
        Uint8Array.from([...point, ...recipient.publicKey]),
        null,
      );
      const box = sodium.crypto_box_easy(message, nonce, recipient.publicKey, secret);
      expect(toHex(sealed)).toBe(toHex(point) + toHex(box));
    }
  });

  test("nothing is sealed for a point of low order, whatever its top bit", () => {
    const random = new Seeded(53);
    for (const point of LOW_ORDER) {
      for (const top of [0, 0x80]) {
        const given = point.slice();
        given[31]! |= top;
        const secret = random.bytes(32);
        expect(toHex(core.x25519(secret, given))).toBe("00".repeat(32));
        expect(core.sealBox(random.bytes(32), given, secret)).toBeUndefined();
      }
    }
  });
});
