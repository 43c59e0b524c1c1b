/**
 * Verification of everything that the seal suite times: each entrant seals texts of all lengths that
 * matter, and another implementation opens them.
 */
import sodium from "libsodium-wrappers";
import { HEADER_STREAM, MESSAGE_BYTES, TAG_FINAL } from "../../assembly/abi.ts";
import { LENGTH_BYTES } from "../../host/veil/messages.ts";
import { bytes } from "../inputs/random.ts";
import { putMessages, type RawCore, sealedBytesOf } from "../measure/core-driver.ts";
import type { NativePeer } from "../peers/native.ts";
import type { Sealer } from "../peers/sealers.ts";

await sodium.ready;

/** Beside the sizes that are timed: none, around a block, around a message. */
const LENGTHS = [0, 1, 63, 64, 65, 4096, 65_535, 65_536, 65_537, 200_001, 2 ** 20];
/** What the native peer writes before its messages: the key, and the header of the stream. */
const NATIVE_KEY_BYTES = 32;
const NATIVE_PREFIX_BYTES = 56;
const NATIVE_AD = new Uint8Array(32).fill(7);

let keys = 0;
/** A data key that was not used before. */
export const freshKeys = () => ({
  dataKey: bytes(32, ++keys),
  streamHeader: bytes(24, 9000 + keys),
});

function messagesIn(sealed: Uint8Array): Uint8Array[] {
  const view = new DataView(sealed.buffer, sealed.byteOffset, sealed.length);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < sealed.length; ) {
    const length = view.getUint32(at, true);
    messages.push(sealed.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length));
    at += LENGTH_BYTES + length;
  }
  return messages;
}

function assertSame(opened: Uint8Array, plain: Uint8Array, by: string): void {
  if (Buffer.compare(opened, plain) === 0) return;
  throw new Error(`seal: what ${by} sealed opens to other bytes (${plain.length} bytes)`);
}

/** libsodium opens a stream; returns the text and the last tag. */
function openStream(sealed: Uint8Array, key: Uint8Array, header: Uint8Array, ad: Uint8Array) {
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
  let tag = -1;
  const parts = messagesIn(sealed).map((message) => {
    const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, ad);
    if (!opened) throw new Error(`seal: libsodium refuses a message of ${message.length} bytes`);
    tag = opened.tag;
    return opened.message;
  });
  return { plain: Buffer.concat(parts), tag };
}

/** libsodium opens what the core sealed. */
function verifyOurs(core: RawCore, plain: Uint8Array): void {
  const start = freshKeys();
  const header = core.beginSeal(start);
  const ad = sodium.crypto_generichash(32, header, null);
  const out = new Uint8Array(sealedBytesOf(plain.length));
  core.putPlain(plain);
  putMessages(plain.length, TAG_FINAL, out, (offset, length, tag) =>
    core.borrowMessage(offset, length, tag),
  );
  const stream = header.subarray(HEADER_STREAM, HEADER_STREAM + 24);
  const opened = openStream(out, start.dataKey, stream, ad);
  assertSame(opened.plain, plain, "the core");
  if (opened.tag !== TAG_FINAL) throw new Error("seal: the stream of the core has no end");
}

/** The core opens what libsodium sealed. */
function verifyTheirs(core: RawCore, plain: Uint8Array): void {
  const { dataKey } = freshKeys();
  const { state, header: streamHeader } =
    sodium.crypto_secretstream_xchacha20poly1305_init_push(dataKey);
  const header = core.beginSeal({ dataKey, streamHeader });
  const ad = sodium.crypto_generichash(32, header, null);
  const out = new Uint8Array(sealedBytesOf(plain.length));
  putMessages(plain.length, TAG_FINAL, out, (offset, length, tag) =>
    sodium.crypto_secretstream_xchacha20poly1305_push(
      state,
      plain.subarray(offset, offset + length),
      ad,
      tag,
    ),
  );
  core.beginOpen(header, dataKey);
  let opened = 0;
  for (const message of messagesIn(out)) opened += core.openMessage(message, opened);
  assertSame(core.copyPlain(opened), plain, "libsodium-wrappers");
}

/** Seals `plain` in messages of 64 KiB; returns the bytes written. */
export function sealAll(sealer: Sealer, plain: Uint8Array, out: Uint8Array): number {
  const view = new DataView(out.buffer);
  let at = 0;
  for (let offset = 0; offset === 0 || offset < plain.length; offset += MESSAGE_BYTES) {
    const part = plain.subarray(offset, offset + MESSAGE_BYTES);
    const length = sealer.seal(part, out.subarray(at + LENGTH_BYTES));
    view.setUint32(at, length, true);
    at += LENGTH_BYTES + length;
  }
  return at;
}

/** Another implementation opens what the sealer sealed. */
function verifySealer(sealer: Sealer, plain: Uint8Array): void {
  const out = new Uint8Array(sealedBytesOf(plain.length));
  const sealed = out.subarray(0, sealAll(sealer, plain, out));
  const parts = messagesIn(sealed).map((message) => sealer.open(message));
  assertSame(Buffer.concat(parts), plain, sealer.name);
}

/** libsodium compiled to WebAssembly opens what the one of the system sealed. */
async function verifyNative(native: NativePeer, plains: readonly Uint8Array[]): Promise<void> {
  await native.load(plains);
  for (const [i, plain] of plains.entries()) {
    const output = await native.output("secretstream", [MESSAGE_BYTES], i);
    const [key, header] = [
      output.subarray(0, NATIVE_KEY_BYTES),
      output.subarray(NATIVE_KEY_BYTES, NATIVE_PREFIX_BYTES),
    ];
    const messages = output.subarray(NATIVE_PREFIX_BYTES);
    assertSame(openStream(messages, key, header, NATIVE_AD).plain, plain, native.name);
  }
}

/** Who is verified and timed. */
export interface Entrants {
  readonly simd: RawCore;
  readonly baseline: RawCore;
  readonly sealers: readonly Sealer[];
  readonly native: NativePeer | undefined;
}

/** Every entrant on every length; a difference throws. */
export async function verify({ simd, baseline, sealers, native }: Entrants): Promise<void> {
  for (const size of LENGTHS) {
    for (const core of [simd, baseline]) {
      verifyOurs(core, bytes(size, size + 1));
      verifyTheirs(core, bytes(size, size + 2));
    }
    for (const sealer of sealers) verifySealer(sealer, bytes(size, size + 3));
  }
  if (native)
    await verifyNative(
      native,
      LENGTHS.map((size) => bytes(size, size + 4)),
    );
}
