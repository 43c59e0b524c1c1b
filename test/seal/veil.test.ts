import sodium from "libsodium-wrappers";
import { beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { open, seal, toFile } from "./artefact.ts";
import { BUILDS, Core, hex, Seeded } from "./module.ts";

const COMMITMENT_KEY = "mapveil.key-commitment.v1";
/** Values at which unsigned and signed arithmetic, or a sum of two, could go wrong. */
const EXTREMES = [0, 1, -1, 16, 17, 65536, 65537, 65553, 65554, 0x7fffffff, -0x80000000, -65536];

describe.each(BUILDS)("artefacts of the %s build", (build) => {
  let core: Core;
  let random: Seeded;
  beforeEach(async () => {
    await sodium.ready;
    core = await Core.load(build);
    random = new Seeded(41);
  });

  test("libsodium opens an artefact from the recipient's secret key alone", () => {
    const recipient = sodium.crypto_box_keypair();
    const material = random.material();
    material.sealedKey = sodium.crypto_box_seal(material.dataKey, recipient.publicKey);
    const plain = random.bytes(3 * 65536 - 5);
    const { header, messages } = seal(core, material, abi.KIND_GRID, plain, 65536);

    const field = (at: number, bytes: number) => header.slice(at, at + bytes);
    const dataKey = sodium.crypto_box_seal_open(
      field(abi.HEADER_SEALED_KEY, 80),
      recipient.publicKey,
      recipient.privateKey,
    );
    expect(sodium.crypto_generichash(32, dataKey, COMMITMENT_KEY)).toEqual(
      field(abi.HEADER_COMMITMENT, 32),
    );
    const ad = sodium.crypto_generichash(32, header, null);
    const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(
      field(abi.HEADER_STREAM, 24),
      dataKey,
    );
    const opened = messages.map((message) => {
      const one = sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, ad);
      if (!one) throw new Error("libsodium refused a message");
      return one;
    });
    expect(opened.map(({ tag }) => tag)).toEqual([0, 0, abi.TAG_FINAL]);
    expect(Buffer.compare(Buffer.concat(opened.map(({ message }) => message)), plain)).toBe(0);
  });

  test("the header says what the host gave, at the documented places", () => {
    const material = { ...random.material(), epoch: 0x0102030405060708n };
    const { header } = seal(core, material, abi.KIND_PATH, random.bytes(10), 10);
    expect(header.length).toBe(194);
    expect(header.slice(0, 10)).toEqual(hex("4d5645494c01 01 04 c200"));
    expect(header.slice(10, 18)).toEqual(material.keyId);
    expect(header.slice(18, 98)).toEqual(material.sealedKey);
    expect(header.slice(98, 122)).toEqual(material.streamHeader);
    expect(header.slice(154, 186)).toEqual(material.policyDigest);
    expect(header.slice(186)).toEqual(hex("0807060504030201"));
  });

  test("opens what it sealed, in messages of any size, and tells the last tag", () => {
    for (const [bytes, chunk] of [
      [1, 1],
      [5000, 999],
      [200_000, 65536],
    ] as const) {
      const [material, plain] = [random.material(), random.bytes(bytes)];
      const file = toFile(seal(core, material, abi.KIND_FRAME, plain, chunk));
      core.plain.fill(0, 0, plain.length);
      const opened = open(core, material.dataKey, file, chunk);
      expect(opened).toEqual({ status: abi.KIND_FRAME, verified: plain.length });
      expect(Buffer.compare(core.plain.subarray(0, plain.length), plain)).toBe(0);
    }
  });

  test("key material is wiped whatever seal_begin and open_begin return", () => {
    const { seal_begin, open_begin } = core.exports;
    for (const begin of [() => seal_begin(0), () => seal_begin(1), () => open_begin(194)]) {
      core.putMaterial(random.material());
      expect(core.seal.some((byte) => byte !== 0)).toBe(true);
      begin();
      expect(core.seal.every((byte) => byte === 0)).toBe(true);
    }
  });

  test("seal_begin refuses unknown kinds, a missing key or stream header, and a key that was used", () => {
    const { seal_begin, seal_message, wipe } = core.exports;
    const material = random.material();
    const begin = (kind: number) => {
      core.putMaterial(material);
      return seal_begin(kind);
    };
    for (const kind of [0, 5, -1, 257]) expect(begin(kind)).toBe(abi.E_ARG);
    expect(begin(abi.KIND_MAP)).toBe(abi.HEADER_BYTES);
    expect(begin(abi.KIND_MAP)).toBe(abi.E_NONCE);
    expect(seal_message(0, 10, 0)).toBe(abi.E_STATE);
    wipe();
    expect(begin(abi.KIND_MAP)).toBe(abi.E_NONCE);
    expect(seal_begin(abi.KIND_MAP)).toBe(abi.E_ARG);
    material.dataKey = random.bytes(32);
    const { streamHeader } = material;
    material.streamHeader = new Uint8Array(24);
    expect(begin(abi.KIND_MAP)).toBe(abi.E_ARG);
    material.streamHeader = streamHeader;
    expect(begin(abi.KIND_MAP)).toBe(abi.HEADER_BYTES);
  });

  test("seal_message keeps to its bounds, tags and order", () => {
    const { seal_begin, seal_message } = core.exports;
    const end = core.plain.length;
    expect(seal_message(0, 1, 0)).toBe(abi.E_STATE);
    core.putMaterial(random.material());
    seal_begin(abi.KIND_FRAME);
    for (const tag of [abi.TAG_REKEY, 4, 255, -1]) {
      expect(seal_message(0, 1, tag)).toBe(abi.E_ARG);
    }
    for (const [offset, bytes] of [
      [0, 65537],
      [0, -1],
      [-1, 1],
      [-1, 2],
      [end, 1],
      [end - 9, 10],
    ]) {
      expect(seal_message(offset!, bytes!, 0)).toBe(abi.E_SIZE);
    }
    expect(seal_message(end, 0, abi.TAG_PUSH)).toBe(17);
    expect(seal_message(end - 10, 10, abi.TAG_MESSAGE)).toBe(27);
    expect(seal_message(0, 65536, abi.TAG_FINAL)).toBe(65553);
    expect(seal_message(0, 1, abi.TAG_MESSAGE)).toBe(abi.E_STATE);
  });

  test("open_begin checks the form first, then the commitment", () => {
    const { open_begin, open_message, open_tag } = core.exports;
    const material = random.material();
    const { header } = seal(core, material, abi.KIND_MAP, random.bytes(10), 10);
    const begin = (change: (header: Uint8Array) => void, key: Uint8Array, bytes = 194) => {
      core.header.set(header);
      change(core.header);
      core.seal.set(key, abi.SEAL_DATA_KEY);
      return open_begin(bytes);
    };
    const wrong = random.bytes(32);
    for (const bytes of [0, 193, 195, -1]) {
      expect(begin(() => {}, wrong, bytes)).toBe(abi.E_FORMAT);
    }
    for (let at = 0; at < 10; at++) {
      const damaged = (target: Uint8Array) => {
        target[at]! ^= 0x40;
      };
      expect(begin(damaged, wrong)).toBe(abi.E_FORMAT);
      expect(begin(damaged, material.dataKey)).toBe(abi.E_FORMAT);
    }
    expect(begin(() => {}, wrong)).toBe(abi.E_AUTH);
    expect(open_message(27, 0)).toBe(abi.E_STATE);
    const zeros = new Uint8Array(32);
    const ofZeros = sodium.crypto_generichash(32, zeros, COMMITMENT_KEY);
    expect(begin((h) => h.set(ofZeros, abi.HEADER_COMMITMENT), zeros)).toBe(abi.E_AUTH);
    expect(begin(() => {}, material.dataKey)).toBe(abi.KIND_MAP);
    expect(open_tag()).toBe(abi.E_STATE);
  });

  test("open_message refuses impossible lengths and anything after a refusal or FINAL", () => {
    const { open_begin, open_message, open_tag } = core.exports;
    const [material, plain] = [random.material(), random.bytes(100)];
    const { header, messages } = seal(core, material, abi.KIND_MAP, plain, 60);
    const begin = () => {
      core.header.set(header);
      core.seal.set(material.dataKey, abi.SEAL_DATA_KEY);
      expect(open_begin(header.length)).toBe(abi.KIND_MAP);
      core.message.set(messages[0]!);
    };
    for (const bytes of [0, 16, 65554, -1]) {
      begin();
      expect(open_message(bytes, 0)).toBe(abi.E_FORMAT);
      expect(open_message(77, 0)).toBe(abi.E_STATE);
      expect(open_tag()).toBe(abi.E_STATE);
    }
    begin();
    for (const offset of [core.plain.length - 59, core.plain.length, -1, -60]) {
      expect(open_message(77, offset)).toBe(abi.E_SIZE);
    }
    expect(open_message(77, core.plain.length - 60)).toBe(60);
    expect(open_tag()).toBe(abi.TAG_MESSAGE);
    core.message.set(messages[1]!);
    expect(open_message(57, 60)).toBe(40);
    expect(open_tag()).toBe(abi.TAG_FINAL);
    expect(open_message(57, 60)).toBe(abi.E_STATE);
    expect(open_tag()).toBe(abi.TAG_FINAL);
  });

  test("no argument traps, in any order of calls", () => {
    const { seal_begin, seal_message, open_begin, open_message, open_tag, wipe } = core.exports;
    const any = () => EXTREMES[random.below(EXTREMES.length)]!;
    const calls = [
      () => {
        core.putMaterial(random.material());
        return seal_begin(random.below(6));
      },
      () => seal_message(any(), any(), random.below(5)),
      () => open_begin(random.below(2) ? 194 : any()),
      () => open_message(any(), any()),
      () => open_tag(),
      () => wipe(),
    ];
    for (let i = 0; i < 5000; i++) {
      const status = calls[random.below(calls.length)]!();
      expect(Number.isInteger(status) && status >= abi.E_SELFTEST && status <= 65553).toBe(true);
    }
  });

  test("the self-test passes, and fails where one known answer is damaged", () => {
    expect(core.exports.selftest()).toBe(0);
    const answers = [
      "7c5019d1a551d18a", // secretstream
      "f487a11c108e5e65", // data key: X25519, sealed box, draw
    ];
    for (const answer of answers) {
      const at = Buffer.from(core.memory.buffer).lastIndexOf(hex(answer));
      expect(at).toBeGreaterThan(0);
      core.memory[at]! ^= 1;
      expect(core.exports.selftest()).toBe(abi.E_SELFTEST);
      core.memory[at]! ^= 1;
    }
    expect(core.exports.selftest()).toBe(0);
  });
});

test("both builds make the same artefact", async () => {
  const random = new Seeded(42);
  const [material, plain] = [random.material(), random.bytes(100_000)];
  const files = BUILDS.map(async (build) =>
    toFile(seal(await Core.load(build), material, abi.KIND_MAP, plain, 65536)),
  );
  expect(Buffer.compare(await files[0]!, await files[1]!)).toBe(0);
});
