/** The peers of the seal suite: what they seal is sealed, and who is not installed is named. */
import { describe, expect, test } from "vitest";
import { npmPeer } from "../../bench/peers/npm.ts";
import { otherSealers, type Sealer, wrappersSealer } from "../../bench/peers/sealers.ts";

const KEY = new Uint8Array(32).fill(3);
const AD = new Uint8Array(32).fill(7);
const PACKAGES = 3;

const all = async () => [wrappersSealer(KEY, AD), ...(await otherSealers(KEY, AD)).sealers];

function sealed(sealer: Sealer, plain: Uint8Array): Uint8Array {
  const to = new Uint8Array(plain.length + 64);
  return to.slice(0, sealer.seal(plain, to));
}

describe("sealers", () => {
  test("seal messages that another implementation opens in their order", async () => {
    const plains = [0, 1, 64, 65_536].map((length) => new Uint8Array(length).fill(length));
    for (const sealer of await all()) {
      const messages = plains.map((plain) => sealed(sealer, plain));
      const opened = messages.map((message) => sealer.open(message));
      expect(opened.map((text) => Buffer.from(text).toString("hex"))).toEqual(
        plains.map((plain) => Buffer.from(plain).toString("hex")),
      );
    }
  });

  test("make messages of which no bit can be changed", async () => {
    for (const sealer of await all()) {
      const message = sealed(sealer, new Uint8Array(100));
      message[40]! ^= 1;
      expect(() => sealer.open(message), sealer.name).toThrow();
    }
  });

  test("are there, or named with what to do", async () => {
    const { sealers, missing } = await otherSealers(KEY, AD);
    // One more than the packages: Node's own.
    expect(sealers.length + missing.length).toBe(PACKAGES + 1);
    expect(await npmPeer("no-such-package" as "sodium-native")).toEqual({
      name: "no-such-package",
      reason: "not installed: run bench/peers/setup.sh",
    });
  });
});
