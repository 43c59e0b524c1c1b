/**
 * Sealing against libsodium-wrappers: secretstream messages of 64 KiB under the same associated data,
 * from bytes in the heap of JavaScript to sealed bytes there. Ours pays for its copies in and out, as
 * libsodium-wrappers does; "in place" is without the copy in, as a tile is sealed.
 */
import { createCipheriv } from "node:crypto";
import sodium from "libsodium-wrappers";
import { HEADER_STREAM, MESSAGE_BYTES, TAG_FINAL, TAG_MESSAGE } from "../../assembly/abi.ts";
import { VARIANTS } from "../inputs/frames.ts";
import { bytes } from "../inputs/random.ts";
import { type Context, paceOf } from "../measure/context.ts";
import { putMessages, RawCore, sealedBytesOf } from "../measure/core-driver.ts";
import { type Contender, race, ratioOf, type Timing } from "../measure/race.ts";
import { atLeast, type Gate, milliseconds, type Suite, times, verdict } from "../report/report.ts";

await sodium.ready;

const GATE = 2.5;
const SIZES = [
  { label: "64 KiB", size: 65_536, repeats: 16 },
  { label: "1 MiB", size: 2 ** 20, repeats: 1 },
];
/** Beside the sizes that are timed: none, around a block, around a message. */
const VERIFIED = [0, 1, 63, 64, 65, 4096, 65_535, 65_536, 65_537, 200_001, 2 ** 20];

let keys = 0;
/** A data key that was not used before. */
const freshKeys = () => ({ dataKey: bytes(32, ++keys), streamHeader: bytes(24, 9000 + keys) });

function messagesIn(sealed: Uint8Array): Uint8Array[] {
  const view = new DataView(sealed.buffer, sealed.byteOffset, sealed.length);
  const messages: Uint8Array[] = [];
  for (let at = 0; at < sealed.length; ) {
    const length = view.getUint32(at, true);
    messages.push(sealed.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
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
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(stream, start.dataKey);
  const parts = messagesIn(out).map((message) => {
    const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, ad);
    if (!opened) throw new Error(`seal: libsodium refuses ${plain.length} bytes of the core`);
    return opened;
  });
  const same = Buffer.compare(Buffer.concat(parts.map((part) => part.message)), plain) === 0;
  if (!same || parts.at(-1)!.tag !== TAG_FINAL)
    throw new Error("seal: libsodium opens other bytes");
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
  if (opened !== plain.length || Buffer.compare(core.copyPlain(opened), plain) !== 0) {
    throw new Error("seal: the core opens other bytes than libsodium sealed");
  }
}

/** One plaintext of `size` bytes, `repeats` times a sample, so that a sample is not too short. */
function contenders(core: RawCore, size: number, repeats: number): Contender[] {
  const plains = Array.from({ length: VARIANTS }, (_, i) => bytes(size, 100 + i));
  const out = new Uint8Array(sealedBytesOf(size));
  const start = freshKeys();
  const ad = sodium.crypto_generichash(32, core.beginSeal(start), null);
  const { state } = sodium.crypto_secretstream_xchacha20poly1305_init_push(start.dataKey);
  const nonce = Buffer.alloc(12);
  const seal = (offset: number, length: number, tag: number) =>
    core.borrowMessage(offset, length, tag);
  const repeated = (fn: (plain: Uint8Array) => void) => (turn: number) => {
    for (let k = 0; k < repeats; k++) fn(plains[(turn + k) % VARIANTS]!);
  };
  const copied = repeated((plain) => {
    core.putPlain(plain);
    putMessages(size, TAG_MESSAGE, out, seal);
  });
  const inPlace = repeated(() => putMessages(size, TAG_MESSAGE, out, seal));
  const wrappers = repeated((plain) => {
    putMessages(size, TAG_MESSAGE, out, (offset, length, tag) =>
      sodium.crypto_secretstream_xchacha20poly1305_push(
        state,
        plain.subarray(offset, offset + length),
        ad,
        tag,
      ),
    );
  });
  const openssl = repeated((plain) => {
    for (let at = 0; at < size; at += MESSAGE_BYTES) {
      nonce.writeUInt32LE((nonce.readUInt32LE(0) + 1) >>> 0, 0);
      const cipher = createCipheriv("chacha20-poly1305", start.dataKey, nonce, {
        authTagLength: 16,
      });
      cipher.setAAD(ad, { plaintextLength: Math.min(MESSAGE_BYTES, size - at) });
      out.set(cipher.update(plain.subarray(at, at + MESSAGE_BYTES)), at);
      cipher.final();
      out.set(cipher.getAuthTag(), at);
    }
  });
  return [
    { name: "core", run: copied },
    { name: "core, in place", run: inPlace },
    { name: "libsodium-wrappers", run: wrappers },
    { name: "node:crypto chacha20-poly1305", run: openssl },
  ];
}

interface Result {
  readonly label: string;
  readonly bytes: number;
  readonly timing: Timing;
  readonly ratio: number;
  readonly gate: Gate | undefined;
}

export async function sealSuite(context: Context): Promise<Suite> {
  const core = new RawCore();
  for (const size of VERIFIED) {
    verifyOurs(core, bytes(size, size + 1));
    verifyTheirs(core, bytes(size, size + 2));
  }
  const results: Result[] = [];
  for (const { label, size, repeats } of SIZES) {
    const timings = await race(contenders(core, size, repeats), paceOf(context, 16));
    const peer = timings[2]!;
    for (const [i, timing] of timings.entries()) {
      const ratio = ratioOf(peer, timing);
      const gate = i === 1 ? atLeast(`seal ${label}`, ratio, GATE) : undefined;
      const name = `${label}, ${timing.name}`;
      results.push({ label: name, bytes: size * repeats, timing, ratio, gate });
    }
  }
  return {
    name: "seal",
    title: "secretstream in messages of 64 KiB, against libsodium-wrappers",
    columns: ["plaintext, by", "p50 ms/MiB", "p99 ms/MiB", "GB/s", "ratio", `gate ${GATE}x`],
    rows: results.map(({ label, bytes: size, timing, ratio, gate }) => [
      label,
      milliseconds((timing.p50 * 2 ** 20) / size),
      milliseconds((timing.p99 * 2 ** 20) / size),
      (size / timing.p50 / 1e6).toFixed(2),
      times(ratio),
      verdict(gate),
    ]),
    notes: [
      "Verified: libsodium opens what the core seals and the other way round, 11 lengths.",
      "node:crypto is native code with another nonce (12 bytes): information, no peer.",
    ],
    gates: results.flatMap(({ gate }) => (gate ? [gate] : [])),
    figures: [],
    plots: [],
    missing: [],
    data: results.map(({ label, bytes: size, timing, ratio }) => ({ label, size, timing, ratio })),
  };
}
