/**
 * What a careful developer puts together from npm today for the same job: the plain JavaScript grid,
 * draco3d at its fastest, and libsodium-wrappers for a data key in a sealed box and a secretstream in
 * messages of 64 KiB. It strips nothing, counts nothing and pads nothing: less work than ours.
 */
import sodium from "libsodium-wrappers";
import { MESSAGE_BYTES, TAG_FINAL, TAG_MESSAGE } from "../../assembly/abi.ts";
import type { Frame } from "../../host/core/frame.ts";
import { floatsOf } from "../inputs/frames.ts";
import { dracoDecode, dracoEncode } from "./draco.ts";
import { JsVoxelGrid } from "./js-voxel-grid.ts";

await sodium.ready;

const FASTEST = 10;
const SEALED_KEY_BYTES = 80;
const STREAM_HEADER_BYTES = 24;
const LENGTH_BYTES = 4;
const OVERHEAD = sodium.crypto_secretstream_xchacha20poly1305_ABYTES + LENGTH_BYTES;

export class NodeChain {
  readonly #grid: JsVoxelGrid;
  readonly #cells: Int32Array;
  readonly #recipient: Uint8Array;
  readonly #leaf: number;

  /** Room for frames of so many slots. */
  constructor(slots: number, leafM: number, recipient: Uint8Array) {
    this.#grid = new JsVoxelGrid(slots);
    this.#cells = new Int32Array(3 * slots);
    this.#recipient = recipient;
    this.#leaf = leafM;
  }

  /** Raw points to sealed bytes: sealed key, stream header, then messages with their lengths. */
  run(frame: Frame): Uint8Array {
    const { floats, stride } = floatsOf(frame);
    const voxels = this.#grid.addCells(floats, stride, frame.count, this.#leaf);
    this.#grid.copyShifted(voxels, this.#cells);
    const { bytes } = dracoEncode(this.#cells.subarray(0, 3 * voxels), FASTEST, true);
    return this.#seal(bytes!);
  }

  #seal(plain: Uint8Array): Uint8Array {
    const key = sodium.crypto_secretstream_xchacha20poly1305_keygen();
    const sealedKey = sodium.crypto_box_seal(key, this.#recipient);
    const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
    const messages = Math.ceil(plain.length / MESSAGE_BYTES);
    const prefix = SEALED_KEY_BYTES + STREAM_HEADER_BYTES;
    const out = new Uint8Array(prefix + plain.length + messages * OVERHEAD);
    out.set(sealedKey);
    out.set(header, SEALED_KEY_BYTES);
    const ad = out.slice(0, prefix);
    const view = new DataView(out.buffer);
    for (let from = 0, at = prefix; from < plain.length; from += MESSAGE_BYTES) {
      const part = plain.subarray(from, from + MESSAGE_BYTES);
      const tag = from + part.length === plain.length ? TAG_FINAL : TAG_MESSAGE;
      const message = sodium.crypto_secretstream_xchacha20poly1305_push(state, part, ad, tag);
      view.setUint32(at, message.length, true);
      out.set(message, at + LENGTH_BYTES);
      at += LENGTH_BYTES + message.length;
    }
    return out;
  }
}

/** Opens what NodeChain.run() made; returns its cells, from 0 on each axis. */
export function openChain(
  sealed: Uint8Array,
  keys: { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array },
): Int32Array {
  const prefix = SEALED_KEY_BYTES + STREAM_HEADER_BYTES;
  const key = sodium.crypto_box_seal_open(
    sealed.subarray(0, SEALED_KEY_BYTES),
    keys.publicKey,
    keys.secretKey,
  );
  const header = sealed.subarray(SEALED_KEY_BYTES, prefix);
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
  const view = new DataView(sealed.buffer, sealed.byteOffset);
  const parts: Uint8Array[] = [];
  for (let at = prefix; at < sealed.length; ) {
    const length = view.getUint32(at, true);
    const message = sealed.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + length);
    const ad = sealed.subarray(0, prefix);
    const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, ad);
    if (!opened) throw new Error("the chain's message does not open");
    parts.push(opened.message);
    at += LENGTH_BYTES + length;
  }
  return dracoDecode(Uint8Array.from(Buffer.concat(parts)));
}
