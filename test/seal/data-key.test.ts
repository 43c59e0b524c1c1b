/** Seeds and the keys that are drawn from them, through the exports of the core. */
import sodium from "libsodium-wrappers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { keyPairOf, type RecipientKeyPair, recipientKeyId } from "../../host/keys/recipient-key.ts";
import { seal } from "./artefact.ts";
import { BUILDS, Core, Seeded, toHex } from "./module.ts";
import { chacha20 } from "./reference.ts";

const CONTEXT = Buffer.from("mapveil.seed.v1");
const NO_BYTES = new Uint8Array(32);

/** What the core makes of its `count`th seed: its state, and the next stored seed. */
function derive(stored: Uint8Array, fresh: Uint8Array, count: number) {
  const input = Uint8Array.from([...stored, ...fresh, count, 0, 0, 0]);
  const both = sodium.crypto_generichash(64, input, CONTEXT);
  return { state: both.slice(0, 32), next: both.slice(32) };
}

/** What the core draws from a state, and the state behind it. */
function drawFrom(state: Uint8Array) {
  const stream = chacha20(state, new Uint8Array(12), 0, new Uint8Array(128));
  return {
    next: stream.slice(0, 32),
    dataKey: stream.slice(32, 64),
    secret: stream.slice(64, 96),
    streamHeader: stream.slice(96, 120),
  };
}

/** crypto_box_seal with a given ephemeral secret. */
function sealedFor(recipient: Uint8Array, { dataKey, secret }: ReturnType<typeof drawFrom>) {
  const point = sodium.crypto_scalarmult_base(secret);
  const nonce = sodium.crypto_generichash(24, Uint8Array.from([...point, ...recipient]), null);
  const box = sodium.crypto_box_easy(dataKey, nonce, recipient, secret);
  return Uint8Array.from([...point, ...box]);
}

function putSeed(core: Core, stored: Uint8Array, fresh: Uint8Array = NO_BYTES): number {
  core.seed.set(stored, abi.SEEDS_STORED);
  core.seed.set(fresh, abi.SEEDS_FRESH);
  return core.exports.seed();
}

function drawKey(core: Core, recipient: Uint8Array): number {
  core.seal.set(recipient, abi.SEAL_RECIPIENT);
  return core.exports.seal_key();
}

const field = (core: Core, at: number, bytes: number) => core.seal.slice(at, at + bytes);
const dataKeyOf = (core: Core) => field(core, abi.SEAL_DATA_KEY, 32);
const nextSeed = (core: Core) => core.seed.slice(abi.SEEDS_STORED, abi.SEEDS_STORED + 32);

/** Pages that are not all zeros: few of the memory's 40,960, and searched much sooner than it. */
function writtenPages(core: Core): Uint8Array[] {
  const pages = [];
  const words = new BigUint64Array(core.memory.buffer);
  for (let word = 0; word < words.length; word += 512) {
    const page = words.subarray(word, word + 512);
    if (page.some((one) => one !== 0n)) pages.push(new Uint8Array(page.buffer, word * 8, 4096));
  }
  return pages;
}

/** Names of the secrets of which any eight bytes stand anywhere in the memory. */
function leaks(core: Core, secrets: Record<string, Uint8Array>): string[] {
  const memory = Buffer.concat(writtenPages(core));
  const stands = (secret: Uint8Array) => {
    for (let at = 0; at + 8 <= secret.length; at++) {
      if (memory.includes(Buffer.from(secret.subarray(at, at + 8)))) return true;
    }
    return false;
  };
  return Object.keys(secrets).filter((name) => stands(secrets[name]!));
}

describe.each(BUILDS)("seed() and seal_key() of the %s build", (build) => {
  let core: Core;
  let random: Seeded;
  let recipient: RecipientKeyPair;
  beforeAll(() => sodium.ready);
  beforeEach(async () => {
    core = await Core.load(build);
    random = new Seeded(61);
    recipient = keyPairOf(random.bytes(32));
  });

  test("derive as documented, and seal as libsodium does", () => {
    const [stored, fresh] = [random.bytes(32), random.bytes(32)];
    expect(putSeed(core, stored, fresh)).toBe(0);
    let { state, next } = derive(stored, fresh, 1);
    expect(toHex(core.seed)).toBe(toHex(next) + "00".repeat(32));
    for (let i = 0; i < 3; i++) {
      const [digest, epoch] = [random.bytes(32), random.bytes(8)];
      core.seal.set(digest, abi.SEAL_POLICY_DIGEST);
      core.seal.set(epoch, abi.SEAL_EPOCH);
      expect(drawKey(core, recipient.publicKey)).toBe(0);
      const drawn = drawFrom(state);
      state = drawn.next;
      const expected = new Uint8Array(abi.SEAL_BYTES);
      expected.set(drawn.dataKey, abi.SEAL_DATA_KEY);
      expected.set(drawn.streamHeader, abi.SEAL_STREAM_HEADER);
      expected.set(recipientKeyId(recipient.publicKey), abi.SEAL_KEY_ID);
      expected.set(sealedFor(recipient.publicKey, drawn), abi.SEAL_SEALED_KEY);
      expected.set(digest, abi.SEAL_POLICY_DIGEST);
      expected.set(epoch, abi.SEAL_EPOCH);
      expected.set(recipient.publicKey, abi.SEAL_RECIPIENT);
      expect(toHex(core.seal)).toBe(toHex(expected));
    }
    // The count is the second seed's; the stored one is what the first left.
    const second = nextSeed(core);
    expect(core.exports.seed()).toBe(0);
    ({ state, next } = derive(second, NO_BYTES, 2));
    expect(toHex(nextSeed(core))).toBe(toHex(next));
    expect(drawKey(core, recipient.publicKey)).toBe(0);
    expect(toHex(dataKeyOf(core))).toBe(toHex(drawFrom(state).dataKey));
  });

  test("make an artefact that the recipient opens with libsodium alone", () => {
    putSeed(core, random.bytes(32));
    expect(drawKey(core, recipient.publicKey)).toBe(0);
    expect(core.exports.seal_begin(abi.KIND_FRAME)).toBe(abi.HEADER_BYTES);
    const header = core.header.slice();
    const plain = random.bytes(1000);
    core.plain.set(plain);
    const bytes = core.exports.seal_message(0, plain.length, abi.TAG_FINAL);
    const sealedKey = header.slice(abi.HEADER_SEALED_KEY, abi.HEADER_SEALED_KEY + 80);
    const dataKey = sodium.crypto_box_seal_open(
      sealedKey,
      recipient.publicKey,
      recipient.secretKey,
    );
    const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(
      header.slice(abi.HEADER_STREAM, abi.HEADER_STREAM + 24),
      dataKey,
    );
    const pulled = sodium.crypto_secretstream_xchacha20poly1305_pull(
      state,
      core.message.slice(0, bytes),
      sodium.crypto_generichash(32, header, null),
    );
    if (!pulled) throw new Error("libsodium refused the message");
    expect(toHex(pulled.message)).toBe(toHex(plain));
    expect(pulled.tag).toBe(abi.TAG_FINAL);
  });

  test("a missing seed is refused, and one that was taken last, after a wipe too", () => {
    expect(putSeed(core, NO_BYTES, random.bytes(32))).toBe(abi.E_ARG);
    expect(drawKey(core, recipient.publicKey)).toBe(abi.E_STATE);
    const stored = random.bytes(32);
    expect(putSeed(core, stored)).toBe(0);
    const next = nextSeed(core);
    expect(putSeed(core, stored, random.bytes(32))).toBe(abi.E_NONCE);
    expect(toHex(core.seed)).toBe("00".repeat(abi.SEEDS_BYTES));
    // A refused seed leaves the one that was taken.
    expect(drawKey(core, recipient.publicKey)).toBe(0);
    core.exports.wipe();
    expect(drawKey(core, recipient.publicKey)).toBe(abi.E_STATE);
    expect(putSeed(core, stored)).toBe(abi.E_NONCE);
    expect(drawKey(core, recipient.publicKey)).toBe(abi.E_STATE);
    expect(putSeed(core, next)).toBe(0);
    expect(drawKey(core, recipient.publicKey)).toBe(0);
  });

  test("no key, header or secret repeats: from draw to draw, seed to seed, start to start", async () => {
    const seen = new Set<string>();
    const drawn = (from: Core) => {
      expect(drawKey(from, recipient.publicKey)).toBe(0);
      for (const [at, bytes] of [
        [abi.SEAL_DATA_KEY, 32],
        [abi.SEAL_STREAM_HEADER, 24],
        [abi.SEAL_SEALED_KEY, 32],
      ] as const) {
        seen.add(toHex(field(from, at, bytes)));
      }
    };
    const [first, other] = [random.bytes(32), random.bytes(32)];
    let starts = 0;
    let stored = first;
    for (; starts < 5; starts++) {
      const started = await Core.load(build);
      expect(putSeed(started, stored)).toBe(0);
      stored = nextSeed(started);
      for (let i = 0; i < 20; i++) drawn(started);
    }
    // Even a host that offers two old seeds in turn meets no key again before it starts anew.
    for (let i = 0; i < 10; i++) {
      expect(putSeed(core, i % 2 ? other : first)).toBe(0);
      drawn(core);
      core.exports.wipe();
    }
    // The very first of these is what the first start drew: the same seed, and no fresh bytes.
    expect(seen.size).toBe(3 * (20 * starts + 10 - 1));
  });

  test("fresh bytes alone make another seed, and another state", async () => {
    const stored = random.bytes(32);
    const results = [];
    for (const fresh of [NO_BYTES, random.bytes(32), random.bytes(32)]) {
      const started = await Core.load(build);
      expect(putSeed(started, stored, fresh)).toBe(0);
      const next = toHex(nextSeed(started));
      drawKey(started, recipient.publicKey);
      results.push(next, toHex(dataKeyOf(started)));
    }
    expect(new Set(results).size).toBe(6);
  });

  test("a missing recipient, or one of low order, is refused and leaves no key", () => {
    putSeed(core, random.bytes(32));
    const one = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0));
    for (const point of [NO_BYTES, one]) {
      core.seal.set(random.bytes(32), abi.SEAL_DATA_KEY);
      expect(drawKey(core, point)).toBe(abi.E_ARG);
      expect(toHex(core.seal)).toBe("00".repeat(abi.SEAL_BYTES));
      expect(core.exports.seal_begin(abi.KIND_FRAME)).toBe(abi.E_ARG);
    }
    expect(drawKey(core, recipient.publicKey)).toBe(0);
  });

  test("the seed outlives artefacts and refusals", () => {
    putSeed(core, random.bytes(32));
    seal(core, random.material(), abi.KIND_FRAME, random.bytes(100), 60);
    expect(drawKey(core, recipient.publicKey)).toBe(0);
    expect(core.exports.seal_begin(0)).toBe(abi.E_ARG);
    expect(core.exports.open_begin(0)).toBe(abi.E_FORMAT);
    expect(drawKey(core, recipient.publicKey)).toBe(0);
  });

  test("an artefact that is being sealed goes on while the next key is drawn", async () => {
    const [material, plain] = [random.material(), random.bytes(200)];
    const alone = seal(await Core.load(build), material, abi.KIND_FRAME, plain, 100);
    putSeed(core, random.bytes(32));
    core.putMaterial(material);
    core.exports.seal_begin(abi.KIND_FRAME);
    core.plain.set(plain);
    for (const [i, tag] of [abi.TAG_MESSAGE, abi.TAG_FINAL].entries()) {
      drawKey(core, recipient.publicKey);
      const bytes = core.exports.seal_message(100 * i, 100, tag);
      expect(toHex(core.message.slice(0, bytes))).toBe(toHex(alone.messages[i]!));
    }
  });

  test("nothing of a seed, a state or a drawn byte stands where it is not needed", () => {
    const [stored, fresh] = [random.bytes(32), random.bytes(32)];
    const { state, next } = derive(stored, fresh, 1);
    const { next: second, dataKey, secret, streamHeader } = drawFrom(state);
    const shared = sodium.crypto_scalarmult(secret, recipient.publicKey);
    const boxKey = sodium.crypto_box_beforenm(recipient.publicKey, secret);
    const clamped = secret.slice();
    clamped[0]! &= 248;
    clamped[31]! = (clamped[31]! & 127) | 64;
    const once = { stored, fresh, state, secret, clamped, shared, boxKey };
    const secrets = { ...once, next, second, dataKey, streamHeader };
    putSeed(core, stored, fresh);
    expect(leaks(core, secrets)).toEqual(["state", "next"]);
    core.seed.fill(0);
    drawKey(core, recipient.publicKey);
    expect(leaks(core, secrets)).toEqual(["second", "dataKey", "streamHeader"]);
    core.exports.wipe();
    expect(leaks(core, secrets)).toEqual([]);
    putSeed(core, next);
    core.exports.wipe();
    expect(leaks(core, { ...secrets, ...derive(next, NO_BYTES, 2) })).toEqual([]);
  });

  test("the self-test knows the sealed key of a seed of 0, 1, 2, ... as libsodium gives it", () => {
    const pattern = Uint8Array.from({ length: 64 }, (_, i) => i);
    const point = pattern.slice(32);
    const drawn = drawFrom(pattern.slice(0, 32));
    const region = new Uint8Array(abi.SEAL_BYTES);
    region.set(drawn.dataKey, abi.SEAL_DATA_KEY);
    region.set(drawn.streamHeader, abi.SEAL_STREAM_HEADER);
    region.set(recipientKeyId(point), abi.SEAL_KEY_ID);
    region.set(sealedFor(point, drawn), abi.SEAL_SEALED_KEY);
    region.set(point, abi.SEAL_RECIPIENT);
    const answer = sodium.crypto_generichash(32, region, null);
    expect(Buffer.from(core.memory.buffer).includes(Buffer.from(answer)), toHex(answer)).toBe(true);
  });
});
