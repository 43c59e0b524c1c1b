/** The seal written in C by hand, which the C made of the core is measured by: it seals the same bytes. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sodium from "libsodium-wrappers";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as abi from "../../assembly/abi.ts";
import { keyPairOf } from "../../host/keys/recipient-key.ts";
import { Core, Seeded, toHex } from "../seal/module.ts";

const SOURCES = fileURLToPath(new URL("./native/", import.meta.url));
const INCLUDE = fileURLToPath(new URL("../../host/embed/include/", import.meta.url));
const FILES = ["seal-check", "seal", "chacha20", "poly1305", "blake2b", "stream", "x25519", "box"];
const FLAGS =
  "-std=c99 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wstrict-prototypes -Werror -DMAPVEIL_PROFILE_WIDE";
/** Those of seal-check.c. */
const LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 1000, 4096, 65536, 77];
const ARTEFACTS = 3;

const gcc = spawnSync("gcc", ["--version"]).status === 0;
if (!gcc) {
  if (process.env.CI) throw new Error("gcc is missing: the seal in C cannot be tested");
  console.warn("SKIPPED: the seal in C is not compared; gcc is missing here");
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mapveil-native-seal-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the core makes of the story that seal-check.c plays. */
async function playCore(seeds: Uint8Array, recipient: Uint8Array): Promise<Buffer> {
  const core = await Core.load("baseline");
  core.seed.set(seeds);
  expect(core.exports.seed()).toBe(0);
  const out: Uint8Array[] = [core.seed.slice()];
  for (let artefact = 0; artefact < ARTEFACTS; artefact++) {
    core.seal.set(recipient, abi.SEAL_RECIPIENT);
    core.seal.set(
      Uint8Array.from({ length: 32 }, (_, i) => i + 100),
      abi.SEAL_POLICY_DIGEST,
    );
    core.seal.set(Uint8Array.of(artefact), abi.SEAL_EPOCH);
    expect(core.exports.seal_key()).toBe(0);
    expect(core.exports.seal_begin(abi.KIND_MAP)).toBe(abi.HEADER_BYTES);
    out.push(core.header.slice());
    for (const [m, bytes] of LENGTHS.entries()) {
      const text = Uint8Array.from({ length: bytes }, (_, i) =>
        m % 3 === 0 ? 255 : i * 7 + m + artefact,
      );
      core.plain.set(text);
      const tag = m + 1 === LENGTHS.length ? abi.TAG_FINAL : m % 2;
      const sealed = core.exports.seal_message(0, bytes, tag);
      expect(sealed).toBe(bytes + abi.MESSAGE_OVERHEAD);
      out.push(core.message.slice(0, sealed));
    }
  }
  return Buffer.concat(out);
}

test.skipIf(!gcc)("the seal in C seals what the core seals, byte for byte", async () => {
  await sodium.ready;
  const random = new Seeded(81);
  const [seeds, { publicKey }] = [random.bytes(abi.SEEDS_BYTES), keyPairOf(random.bytes(32))];
  const program = join(folder, "seal-check");
  const sources = FILES.map((name) => join(SOURCES, `${name}.c`));
  execFileSync("gcc", [...FLAGS.split(" "), `-I${INCLUDE}`, ...sources, "-o", program]);
  const input = Buffer.concat([seeds, publicKey]);
  const played = execFileSync(program, { input, maxBuffer: 1 << 20 });
  const expected = await playCore(seeds, publicKey);
  expect(played.length).toBe(expected.length + 32);
  expect(Buffer.compare(played.subarray(0, expected.length), expected)).toBe(0);
  // RFC 7748 §5.2, after a thousand iterations.
  expect(toHex(played.subarray(expected.length))).toBe(
    "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
  );
});
