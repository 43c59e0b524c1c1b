import { describe, expect, test } from "vitest";
import { KIND_FRAME, SEAL_DATA_KEY } from "../../assembly/abi.ts";
import { seal } from "./artefact.ts";
import { BUILDS, Core, type Material, Seeded } from "./module.ts";
import { chacha20Block, hchacha20 } from "./reference.ts";

const WINDOW = 8;

/** Every run of eight bytes of a secret, under the secret's name. */
function windows(secrets: Record<string, Uint8Array>): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, secret] of Object.entries(secrets)) {
    for (let at = 0; at + WINDOW <= secret.length; at++) {
      found.set(Buffer.from(secret.subarray(at, at + WINDOW)).toString("latin1"), name);
    }
  }
  return found;
}

/** Names of the secrets of which any eight bytes stand in memory outside PLAIN and MESSAGE. */
function leaks(core: Core, secrets: Record<string, Uint8Array>): string[] {
  const wanted = windows(secrets);
  const words = new Uint32Array(core.memory.buffer);
  const bytes = Buffer.from(core.memory.buffer);
  const skipped = [core.plain, core.message].map(
    ({ byteOffset, length }) => [byteOffset, byteOffset + length] as const,
  );
  const names = new Set<string>();
  for (let word = 0; word < words.length; word++) {
    if (words[word] === 0) continue;
    for (let at = Math.max(0, word * 4 - WINDOW + 1); at < word * 4 + 4; at++) {
      if (skipped.some(([from, to]) => at >= from && at < to)) continue;
      const name = wanted.get(bytes.toString("latin1", at, at + WINDOW));
      if (name) names.add(name);
    }
  }
  return [...names].sort();
}

/** What a stream knows from its data key and header. */
function secretsOf({ dataKey, streamHeader }: Material, plain: Uint8Array) {
  const streamKey = hchacha20(dataKey, streamHeader.subarray(0, 16));
  const nonce = Uint8Array.from([1, 0, 0, 0, ...streamHeader.subarray(16)]);
  const firstMacKey = chacha20Block(streamKey, nonce, 0).slice(0, 32);
  const keyStream = Buffer.concat(
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((counter) => chacha20Block(streamKey, nonce, counter)),
  );
  return { dataKey, streamKey, firstMacKey, keyStream, plain };
}

describe.each(BUILDS)("secrets in the memory of the %s build", (build) => {
  test("wipe() leaves nothing of a stream that is being sealed", async () => {
    const core = await Core.load(build);
    const random = new Seeded(31);
    const [material, plain] = [random.material(), random.bytes(700)];
    const secrets = secretsOf(material, plain);
    core.putMaterial(material);
    expect(leaks(core, secrets)).toEqual(["dataKey"]);
    core.exports.seal_begin(KIND_FRAME);
    expect(leaks(core, secrets)).toEqual(["streamKey"]);
    core.plain.set(plain);
    core.exports.seal_message(0, plain.length, 0);
    expect(leaks(core, secrets)).toEqual(["streamKey"]);
    expect(core.exports.wipe()).toBe(0);
    expect(leaks(core, secrets)).toEqual([]);
  });

  test("wipe() leaves nothing of a stream that is being opened, or of a key never taken", async () => {
    const core = await Core.load(build);
    const random = new Seeded(32);
    const [material, plain] = [random.material(), random.bytes(700)];
    const secrets = secretsOf(material, plain);
    const { header, messages } = seal(core, material, KIND_FRAME, plain, 500);
    expect(leaks(core, secrets)).toEqual([]);
    core.header.set(header);
    core.seal.set(material.dataKey, SEAL_DATA_KEY);
    expect(core.exports.open_begin(header.length)).toBe(KIND_FRAME);
    core.message.set(messages[0]!);
    expect(core.exports.open_message(messages[0]!.length, 0)).toBe(500);
    core.seal.set(material.dataKey, SEAL_DATA_KEY);
    expect(leaks(core, secrets)).toEqual(expect.arrayContaining(["dataKey", "streamKey"]));
    core.exports.wipe();
    expect(leaks(core, secrets)).toEqual([]);
  });

  test("a refused message wipes by itself", async () => {
    const core = await Core.load(build);
    const random = new Seeded(33);
    const [material, plain] = [random.material(), random.bytes(700)];
    const { header, messages } = seal(core, material, KIND_FRAME, plain, 700);
    core.header.set(header);
    core.seal.set(material.dataKey, SEAL_DATA_KEY);
    core.exports.open_begin(header.length);
    core.message.set(messages[0]!);
    core.message[100]! ^= 1;
    expect(core.exports.open_message(messages[0]!.length, 0)).toBeLessThan(0);
    expect(leaks(core, secretsOf(material, plain))).toEqual([]);
  });
});
