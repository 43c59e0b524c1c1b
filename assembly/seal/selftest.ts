/**
 * Known answers of the seal, on the machine that runs it: a broken engine or a damaged module must
 * not seal. Two of them hold every part: BLAKE2b, HChaCha20, ChaCha20 and Poly1305 are in the
 * message, X25519, Salsa20 and the draw in the data key.
 *
 * Keys and texts are runs of one pattern, byte i = i mod 256.
 */
import { E_SELFTEST, SEAL_BYTES, SEAL_RECIPIENT, TAG_FINAL } from "../abi.ts";
import { notePlainEnd, PLAIN_PTR, SEAL_PTR, SMALL } from "../memory.ts";
import { blake2b } from "./blake2b.ts";
import { sealKey } from "./data-key.ts";
import { equal } from "./equal.ts";
import { streamInit, streamPull, streamPush } from "./secretstream.ts";
import { SEED_STATE } from "./state.ts";
import { sealWipe } from "./veil.ts";

/** Four pieces of 256 bytes, a block and a broken block. */
const TEXT_BYTES: u32 = 1100;
/** All of it stands in PLAIN. */
const PATTERN: u32 = PLAIN_PTR;
const OUT: u32 = PLAIN_PTR + 1280;
const OPENED: u32 = PLAIN_PTR + 2560;
const DIGEST: u32 = PLAIN_PTR + 3840;

/** BLAKE2b-256 of the message that libsodium makes of the pattern: key, header, text, AD. */
const STREAM = <u32>(
  memory.data<u8>([
    0x7c, 0x50, 0x19, 0xd1, 0xa5, 0x51, 0xd1, 0x8a, 0x5f, 0xe7, 0x14, 0x7d, 0xc4, 0xc2, 0x9e, 0x77,
    0x53, 0x90, 0x80, 0x43, 0xdc, 0xca, 0xc3, 0x9a, 0x74, 0x9a, 0x1b, 0xf3, 0xf1, 0x8a, 0xb7, 0x67,
  ])
);

/** BLAKE2b-256 of REGION_SEAL once a key was drawn from the pattern as state, for a recipient of it. */
const DATA_KEY = <u32>(
  memory.data<u8>([
    0xf4, 0x87, 0xa1, 0x1c, 0x10, 0x8e, 0x5e, 0x65, 0xc6, 0x8f, 0x27, 0x19, 0xa3, 0xdf, 0x89, 0x8b,
    0x9e, 0x41, 0x7a, 0x7e, 0x47, 0x03, 0x3e, 0x1f, 0x15, 0x29, 0xbc, 0x69, 0xed, 0x4b, 0xa1, 0xf9,
  ])
);

/** 0, or E_SELFTEST. Closes the stream that may be open, and wipes. Works in PLAIN. */
export function sealSelftest(): i32 {
  notePlainEnd(DIGEST + 32);
  for (let i: u32 = 0; i < TEXT_BYTES; i++) store<u8>(PATTERN + i, <u8>i);
  const passed = streamPasses() && dataKeyPasses();
  sealWipe();
  return passed ? 0 : E_SELFTEST;
}

/** Seals the pattern, compares, opens it, and sees a changed message refused. */
function streamPasses(): bool {
  streamInit(PATTERN, PATTERN + 32);
  streamPush(OUT, PATTERN, TEXT_BYTES, PATTERN, 32, TAG_FINAL);
  blake2b(DIGEST, 32, OUT, TEXT_BYTES + 17, 0, 0);
  if (!equal(DIGEST, STREAM, 32)) return false;
  // micro opens nothing.
  if (SMALL) return true;
  streamInit(PATTERN, PATTERN + 32);
  store<u8>(OUT + 9, load<u8>(OUT + 9) ^ 1);
  if (streamPull(OPENED, OUT, TEXT_BYTES, PATTERN, 32) !== -1) return false;
  store<u8>(OUT + 9, load<u8>(OUT + 9) ^ 1);
  if (streamPull(OPENED, OUT, TEXT_BYTES, PATTERN, 32) !== TAG_FINAL) return false;
  return equal(OPENED, PATTERN, TEXT_BYTES);
}

/** Draws and seals a key: X25519, the sealed box, and the draw behind them. */
function dataKeyPasses(): bool {
  memory.copy(SEED_STATE, PATTERN, 32);
  memory.copy(SEAL_PTR + SEAL_RECIPIENT, PATTERN + 32, 32);
  if (sealKey() !== 0) return false;
  blake2b(DIGEST, 32, SEAL_PTR, SEAL_BYTES, 0, 0);
  return equal(DIGEST, DATA_KEY, 32);
}
