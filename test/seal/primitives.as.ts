/**
 * Entry of a test module: the parts of the seal by themselves, which the core does not export.
 *
 * Callers put their bytes anywhere between SCRATCH_PTR and SCRATCH_PTR + SCRATCH_BYTES.
 */
import { INPUT_BYTES, INPUT_PTR } from "../../assembly/memory.ts";
import { blake2b } from "../../assembly/seal/blake2b.ts";
import { sealBox } from "../../assembly/seal/box.ts";
import { chachaInit, chachaNext, chachaXor, hchacha20 } from "../../assembly/seal/chacha20.ts";
import { equal } from "../../assembly/seal/equal.ts";
import { polyFinish, polyInit, polyPadded } from "../../assembly/seal/poly1305.ts";
import { streamInit, streamPull, streamPush } from "../../assembly/seal/secretstream.ts";
import {
  CHACHA_BLOCK,
  COMPUTED_MAC,
  MAC_TAIL,
  STREAM_KEY,
  STREAM_NONCE,
} from "../../assembly/seal/state.ts";
import { x25519 } from "../../assembly/seal/x25519.ts";

export const SCRATCH_PTR: u32 = INPUT_PTR;
export const SCRATCH_BYTES: u32 = INPUT_BYTES;
export const STREAM_KEY_PTR: u32 = STREAM_KEY;
export const STREAM_NONCE_PTR: u32 = STREAM_NONCE;

export { blake2b, hchacha20, sealBox, streamInit, streamPull, streamPush, x25519 };

export function chacha20(dst: u32, src: u32, bytes: u32, key: u32, nonce: u32, counter: u32): void {
  chachaInit(key, nonce, counter);
  chachaXor(dst, src, bytes);
}

export function poly1305(out: u32, src: u32, bytes: u32, key: u32): void {
  polyInit(key);
  polyFinish(src, bytes, out);
}

/** AEAD of RFC 8439 §2.8 with a 12 byte nonce; writes bytes + 16. */
export function aeadSeal(
  dst: u32,
  src: u32,
  bytes: u32,
  ad: u32,
  adBytes: u32,
  key: u32,
  nonce: u32,
): void {
  aeadBegin(ad, adBytes, key, nonce);
  chachaXor(dst, src, bytes);
  aeadMac(dst, bytes, adBytes, dst + bytes);
}

/** Opens bytes + 16 at src; returns 0, or -1 without a byte written to dst. */
export function aeadOpen(
  dst: u32,
  src: u32,
  bytes: u32,
  ad: u32,
  adBytes: u32,
  key: u32,
  nonce: u32,
): i32 {
  aeadBegin(ad, adBytes, key, nonce);
  aeadMac(src, bytes, adBytes, COMPUTED_MAC);
  if (!equal(COMPUTED_MAC, src + bytes, 16)) return -1;
  chachaXor(dst, src, bytes);
  return 0;
}

function aeadBegin(ad: u32, adBytes: u32, key: u32, nonce: u32): void {
  chachaInit(key, nonce, 0);
  chachaNext(CHACHA_BLOCK);
  polyInit(CHACHA_BLOCK);
  polyPadded(ad, adBytes);
}

function aeadMac(text: u32, bytes: u32, adBytes: u32, out: u32): void {
  polyPadded(text, bytes);
  store<u64>(MAC_TAIL, adBytes);
  store<u64>(MAC_TAIL, bytes, 8);
  polyFinish(MAC_TAIL, 16, out);
}
