/** The seal of the micro profile, whose Poly1305 is another: what it seals opens with libsodium. */
import sodium from "libsodium-wrappers";
import { beforeAll, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { keyPairOf } from "../../host/keys/recipient-key.ts";
import { Core, hex, MICRO_BUILDS, Seeded, toHex } from "./module.ts";

const MESSAGE_BYTES = 1024;

describe.each(MICRO_BUILDS)("the seal of the %s build", (build) => {
  beforeAll(() => sodium.ready);

  test("libsodium opens its messages of every length, on random and on saturated text", async () => {
    const core = await Core.load(build);
    const random = new Seeded(71);
    const material = random.material();
    core.putMaterial(material);
    expect(core.exports.seal_begin(abi.KIND_FRAME)).toBe(abi.HEADER_BYTES);
    const ad = sodium.crypto_generichash(32, core.header.slice(), null);
    const { dataKey, streamHeader } = material;
    const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(streamHeader, dataKey);
    for (let bytes = 0; bytes <= MESSAGE_BYTES; bytes++) {
      const plain = bytes % 3 === 0 ? new Uint8Array(bytes).fill(0xff) : random.bytes(bytes);
      const offset = random.below(7);
      core.plain.set(plain, offset);
      const tag = bytes === MESSAGE_BYTES ? abi.TAG_FINAL : bytes % 2;
      const sealed = core.exports.seal_message(offset, bytes, tag);
      expect(sealed).toBe(bytes + abi.MESSAGE_OVERHEAD);
      const message = core.message.slice(0, sealed);
      const pulled = sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, ad);
      if (!pulled) throw new Error(`libsodium refused the message of ${bytes} bytes`);
      expect(Buffer.compare(pulled.message, plain)).toBe(0);
      expect(pulled.tag).toBe(tag);
    }
    expect(core.exports.seal_message(0, 0, abi.TAG_FINAL)).toBe(abi.E_STATE);
  });

  test("it draws the keys that the wide profile draws", async () => {
    const random = new Seeded(72);
    const [seeds, { publicKey }] = [random.bytes(abi.SEEDS_BYTES), keyPairOf(random.bytes(32))];
    const [core, wide] = [await Core.load(build), await Core.load("baseline")];
    for (const one of [core, wide]) {
      one.seed.set(seeds);
      expect(one.exports.seed()).toBe(0);
    }
    expect(toHex(core.seed)).toBe(toHex(wide.seed));
    for (let i = 0; i < 5; i++) {
      for (const one of [core, wide]) {
        one.seal.set(publicKey, abi.SEAL_RECIPIENT);
        expect(one.exports.seal_key()).toBe(0);
      }
      expect(toHex(core.seal)).toBe(toHex(wide.seal));
    }
  });

  test("its self-test passes, and fails where one known answer is damaged", async () => {
    const core = await Core.load(build);
    for (const answer of ["7c5019d1a551d18a", "f487a11c108e5e65"]) {
      expect(core.exports.selftest()).toBe(0);
      const at = Buffer.from(core.memory.buffer).lastIndexOf(hex(answer));
      expect(at).toBeGreaterThan(0);
      core.memory[at]! ^= 1;
      expect(core.exports.selftest()).toBe(abi.E_SELFTEST);
      core.memory[at]! ^= 1;
    }
  });
});
