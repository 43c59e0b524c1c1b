import sodium from "libsodium-wrappers";
import { beforeAll, describe, expect, test } from "vitest";
import { TAG_FINAL, TAG_MESSAGE, TAG_PUSH, TAG_REKEY } from "../../assembly/abi.ts";
import { BUILDS, Primitives, Seeded } from "./module.ts";

const TAGS = [TAG_MESSAGE, TAG_PUSH, TAG_REKEY, TAG_FINAL];
/** Every length over more than three pieces of 256, then the neighbourhood of the largest message. */
const LENGTHS = [
  ...Array.from({ length: 1025 }, (_, bytes) => bytes),
  ...[4095, 4096, 4097, 16383, 65535 - 256, 65519, 65520, 65521, 65535, 65536],
];

/** What libsodium-wrappers does not tell: its heap, and the state in it {key, nonce, pad}. */
const heap = () => (sodium as unknown as { libsodium: { HEAPU8: Uint8Array } }).libsodium.HEAPU8;
const address = (state: unknown) => state as number;

describe.each(BUILDS)("secretstream of the %s build", (build) => {
  let core: Primitives;
  beforeAll(async () => {
    await sodium.ready;
    core = await Primitives.compile(build);
  });

  test("libsodium opens what the core seals, at every length, with any tag", () => {
    const random = new Seeded(11);
    const [key, header] = [random.bytes(32), random.bytes(24)];
    const theirs = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
    core.streamInit(key, header);
    for (const bytes of LENGTHS) {
      const [plain, ad] = [random.bytes(bytes), random.bytes(random.below(70))];
      const tag = TAGS[random.below(4)]!;
      const sealed = core.streamPush(plain, ad, tag);
      const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(theirs, sealed, ad);
      if (!opened) throw new Error(`libsodium refused ${bytes} bytes`);
      expect(opened.tag).toBe(tag);
      expect(Buffer.compare(opened.message, plain)).toBe(0);
    }
  });

  test("the core opens what libsodium seals, at every length, with any tag", () => {
    const random = new Seeded(12);
    const key = random.bytes(32);
    const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
    core.streamInit(key, header);
    for (const bytes of LENGTHS) {
      const [plain, ad] = [random.bytes(bytes), random.bytes(random.below(70))];
      const tag = TAGS[random.below(4)]!;
      const sealed = sodium.crypto_secretstream_xchacha20poly1305_push(state, plain, ad, tag);
      const opened = core.streamPull(sealed, ad);
      expect(opened.tag).toBe(tag);
      expect(Buffer.compare(opened.plain, plain)).toBe(0);
    }
  });

  test("keeps in step over a rekey, which replaces the key", () => {
    const random = new Seeded(13);
    const key = random.bytes(32);
    const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
    core.streamInit(key, header);
    const at = core.exports.STREAM_KEY_PTR.value;
    for (const tag of [TAG_MESSAGE, TAG_REKEY, TAG_MESSAGE, TAG_REKEY, TAG_REKEY, TAG_FINAL]) {
      const before = core.memory.slice(at, at + 32);
      const plain = random.bytes(100);
      const sealed = sodium.crypto_secretstream_xchacha20poly1305_push(state, plain, null, tag);
      expect(core.streamPull(sealed, new Uint8Array(0))).toEqual({ tag, plain });
      const kept = Buffer.compare(core.memory.subarray(at, at + 32), before) === 0;
      expect(kept).toBe(tag === TAG_MESSAGE);
    }
  });

  test("rekeys where the message counter wraps, as libsodium does", () => {
    const random = new Seeded(14);
    const key = random.bytes(32);
    const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
    core.streamInit(key, header);
    heap().fill(0xff, address(state) + 32, address(state) + 36);
    const nonce = core.exports.STREAM_NONCE_PTR.value;
    core.memory.fill(0xff, nonce, nonce + 4);
    for (let i = 0; i < 3; i++) {
      const plain = random.bytes(300);
      const sealed = sodium.crypto_secretstream_xchacha20poly1305_push(state, plain, null, 0);
      expect(core.streamPull(sealed, new Uint8Array(0))).toEqual({ tag: 0, plain });
      expect(new DataView(core.memory.buffer).getUint32(nonce, true)).toBe(i + 1);
    }
  });

  test("a tag that libsodium does not define is refused", () => {
    const random = new Seeded(15);
    const [key, header, plain] = [random.bytes(32), random.bytes(24), random.bytes(50)];
    for (const tag of [4, 0x83, 0xff]) {
      core.streamInit(key, header);
      const sealed = core.streamPush(plain, new Uint8Array(0), tag);
      core.streamInit(key, header);
      const opened = core.streamPull(sealed, new Uint8Array(0));
      expect(opened.tag).toBe(-1);
      expect(opened.plain.every((byte) => byte === 0xee)).toBe(true);
    }
  });
});

test("both builds seal to the same bytes", async () => {
  const [baseline, simd] = [await Primitives.compile("baseline"), await Primitives.compile("simd")];
  const random = new Seeded(16);
  const [key, header] = [random.bytes(32), random.bytes(24)];
  baseline.streamInit(key, header);
  simd.streamInit(key, header);
  for (const bytes of LENGTHS) {
    const [plain, ad] = [random.bytes(bytes), random.bytes(random.below(70))];
    const sealed = baseline.streamPush(plain, ad, TAG_PUSH);
    expect(Buffer.compare(simd.streamPush(plain, ad, TAG_PUSH), sealed)).toBe(0);
  }
});
