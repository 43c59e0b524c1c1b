/**
 * What else seals in Node, each behind the same two calls. XChaCha20-Poly1305 or secretstream where a
 * package has it; where the nonce has but 12 bytes, the name says so.
 */
import { createCipheriv } from "node:crypto";
import sodium from "libsodium-wrappers";
import { MESSAGE_OVERHEAD, TAG_MESSAGE } from "../../assembly/abi.ts";
import type { MissingPeer } from "../report/report.ts";
import { type ChainsafeChacha, type NobleChacha, npmPeer, type SodiumNative } from "./npm.ts";

await sodium.ready;

/** Seals one message after the other under one key, each with the same associated data. */
export interface Sealer {
  readonly name: string;
  /** Seals `plain` to the front of `to`; returns the bytes of the message. */
  seal(plain: Uint8Array, to: Uint8Array): number;
  /** The text of the next message, opened by another implementation, in the order of sealing. */
  open(message: Uint8Array): Uint8Array;
}

const MAC_BYTES = 16;
const STREAM_HEADER_BYTES = 24;
const SHORT_NONCE_BYTES = 12;
const LONG_NONCE_BYTES = 24;

/** Nonces of a counter. */
class Nonces {
  readonly #nonce: Uint8Array;
  readonly #view: DataView;
  #next = 0;

  constructor(bytes: number) {
    this.#nonce = new Uint8Array(bytes);
    this.#view = new DataView(this.#nonce.buffer);
  }

  /** Valid until the next one is asked for. */
  next(): Uint8Array {
    this.#view.setUint32(0, this.#next++ >>> 0, true);
    return this.#nonce;
  }
}

/** libsodium-wrappers opens what another implementation sealed as a stream. */
function streamOpener(key: Uint8Array, header: Uint8Array, ad: Uint8Array) {
  const state = sodium.crypto_secretstream_xchacha20poly1305_init_pull(header, key);
  return (message: Uint8Array): Uint8Array => {
    const opened = sodium.crypto_secretstream_xchacha20poly1305_pull(state, message, ad);
    if (!opened) throw new Error("libsodium-wrappers refuses the message");
    return opened.message;
  };
}

/** libsodium compiled to WebAssembly, as its wrappers offer it: a message is a new array. */
export function wrappersSealer(key: Uint8Array, ad: Uint8Array): Sealer {
  const { state, header } = sodium.crypto_secretstream_xchacha20poly1305_init_push(key);
  return {
    name: "libsodium-wrappers",
    seal(plain, to) {
      const message = sodium.crypto_secretstream_xchacha20poly1305_push(
        state,
        plain,
        ad,
        TAG_MESSAGE,
      );
      to.set(message);
      return message.length;
    },
    open: streamOpener(key, header, ad),
  };
}

function sodiumNativeSealer(native: SodiumNative, key: Uint8Array, ad: Uint8Array): Sealer {
  const state = Buffer.alloc(native.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  const header = Buffer.alloc(STREAM_HEADER_BYTES);
  native.crypto_secretstream_xchacha20poly1305_init_push(state, header, Buffer.from(key));
  return {
    name: "sodium-native",
    seal(plain, to) {
      const message = to.subarray(0, plain.length + MESSAGE_OVERHEAD);
      return native.crypto_secretstream_xchacha20poly1305_push(
        state,
        message,
        plain,
        ad,
        TAG_MESSAGE,
      );
    },
    open: streamOpener(key, header, ad),
  };
}

function nobleSealer(noble: NobleChacha, key: Uint8Array, ad: Uint8Array): Sealer {
  const [sealing, opening] = [new Nonces(LONG_NONCE_BYTES), new Nonces(LONG_NONCE_BYTES)];
  return {
    name: "@noble/ciphers",
    seal(plain, to) {
      const message = to.subarray(0, plain.length + MAC_BYTES);
      noble.xchacha20poly1305(key, sealing.next(), ad).encrypt(plain, message);
      return message.length;
    },
    open: (message) =>
      sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, message, ad, opening.next(), key),
  };
}

/** With a nonce of 12 bytes: what the opener of two sealers is. */
function shortNonceOpener(key: Uint8Array, ad: Uint8Array) {
  const nonces = new Nonces(SHORT_NONCE_BYTES);
  return (message: Uint8Array) =>
    sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, message, ad, nonces.next(), key);
}

function chainsafeSealer(chainsafe: ChainsafeChacha, key: Uint8Array, ad: Uint8Array): Sealer {
  const cipher = new chainsafe.ChaCha20Poly1305(chainsafe.newInstance());
  const nonces = new Nonces(SHORT_NONCE_BYTES);
  return {
    name: "@chainsafe/as-chacha20poly1305 (12 byte nonce)",
    seal(plain, to) {
      const message = to.subarray(0, plain.length + MAC_BYTES);
      cipher.seal(key, nonces.next(), plain, ad, message);
      return message.length;
    },
    open: shortNonceOpener(key, ad),
  };
}

/** OpenSSL, as Node has it built in. */
function nodeSealer(key: Uint8Array, ad: Uint8Array): Sealer {
  const nonces = new Nonces(SHORT_NONCE_BYTES);
  return {
    name: "node:crypto (12 byte nonce)",
    seal(plain, to) {
      const options = { authTagLength: MAC_BYTES };
      const cipher = createCipheriv("chacha20-poly1305", key, nonces.next(), options);
      cipher.setAAD(ad, { plaintextLength: plain.length });
      to.set(cipher.update(plain));
      cipher.final();
      to.set(cipher.getAuthTag(), plain.length);
      return plain.length + MAC_BYTES;
    },
    open: shortNonceOpener(key, ad),
  };
}

/** Every sealer of this process but the core and libsodium-wrappers, and those that are missing. */
export async function otherSealers(
  key: Uint8Array,
  ad: Uint8Array,
): Promise<{ sealers: Sealer[]; missing: MissingPeer[] }> {
  const native = await npmPeer("sodium-native");
  const noble = await npmPeer("@noble/ciphers/chacha.js");
  const chainsafe = await npmPeer("@chainsafe/as-chacha20poly1305");
  const found = [
    "reason" in native ? native : sodiumNativeSealer(native, key, ad),
    "reason" in noble ? noble : nobleSealer(noble, key, ad),
    "reason" in chainsafe ? chainsafe : chainsafeSealer(chainsafe, key, ad),
    nodeSealer(key, ad),
  ];
  return {
    sealers: found.filter((peer) => "seal" in peer),
    missing: found.filter((peer) => "reason" in peer),
  };
}
