/**
 * Peers from npm that only the bench needs. They are installed in this folder by setup.sh, so that
 * the project's own installation stays small; one that is not there is named, not fatal.
 */
import type { MissingPeer } from "../report/report.ts";

/** sodium-native: libsodium as a native addon; the part that is timed. */
export interface SodiumNative {
  readonly crypto_secretstream_xchacha20poly1305_STATEBYTES: number;
  /** Fills `state` and the 24 bytes of `header`. */
  crypto_secretstream_xchacha20poly1305_init_push(
    state: Uint8Array,
    header: Uint8Array,
    key: Uint8Array,
  ): void;
  /** Fills `message`; returns its length. */
  crypto_secretstream_xchacha20poly1305_push(
    state: Uint8Array,
    message: Uint8Array,
    plain: Uint8Array,
    ad: Uint8Array,
    tag: number,
  ): number;
}

/** @noble/ciphers/chacha.js: plain JavaScript. */
export interface NobleChacha {
  xchacha20poly1305(
    key: Uint8Array,
    nonce: Uint8Array,
    ad: Uint8Array,
  ): { encrypt(plain: Uint8Array, output: Uint8Array): Uint8Array };
}

/** @chainsafe/as-chacha20poly1305: AssemblyScript; a nonce of 12 bytes, at most 32 of `ad`. */
export interface ChainsafeChacha {
  newInstance(): object;
  ChaCha20Poly1305: new (
    instance: object,
  ) => {
    seal(
      key: Uint8Array,
      nonce: Uint8Array,
      plain: Uint8Array,
      ad: Uint8Array,
      to: Uint8Array,
    ): Uint8Array;
  };
}

/** What can be imported, and its package. */
interface Peers {
  "sodium-native": SodiumNative;
  "@noble/ciphers/chacha.js": NobleChacha;
  "@chainsafe/as-chacha20poly1305": ChainsafeChacha;
}

/** A peer's module, or why there is none. */
export async function npmPeer<Name extends keyof Peers>(
  name: Name,
): Promise<Peers[Name] | MissingPeer> {
  // Not a literal: the compiler must not look for what may be absent.
  const specifier: string = name;
  try {
    const module = (await import(specifier)) as Peers[Name] & { default?: Peers[Name] };
    return module.default ?? module;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === "ERR_MODULE_NOT_FOUND"
        ? "not installed"
        : `does not load: ${message.split("\n")[0]}`;
    return { name: specifier, reason: `${why}: run bench/peers/setup.sh` };
  }
}
