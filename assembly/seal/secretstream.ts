/**
 * libsodium's crypto_secretstream_xchacha20poly1305, byte for byte, one stream at a time.
 *
 * A message is: the tag byte encrypted with block 1 of the message's key stream, the text encrypted
 * from block 2 on, a Poly1305 authenticator under block 0. The nonce is a counter and eight bytes
 * that absorb each authenticator, so a message opens only behind the very messages that stood
 * before it. After TAG_REKEY, TAG_FINAL or 2^32 - 1 messages the key itself is replaced.
 *
 * The functions trust their arguments; veil.ts checks them.
 */
import { TAG_FINAL, TAG_REKEY } from "../abi.ts";
import { SMALL } from "../memory.ts";
import { chachaInit, chachaNext, chachaXor, hchacha20 } from "./chacha20.ts";
import { cryptPieces, PIECE_BYTES } from "./chacha20x4.ts";
import { equal } from "./equal.ts";
import { polyBlocks, polyFinish, polyInit, polyPadded } from "./poly1305.ts";
import { CHACHA_BLOCK, COMPUTED_MAC, MAC_TAIL, STREAM_KEY, STREAM_NONCE } from "./state.ts";

const MAC_BYTES: u32 = 16;
const TAG_BLOCK_BYTES: u32 = 64;
/** Behind the message counter in the nonce. */
const INNER_NONCE: u32 = STREAM_NONCE + 4;
/** What is absorbed right after it was encrypted, while it stands in the first cache. */
const CACHED_BYTES: u32 = 4096;

/** Takes a 32 byte key and the 24 byte stream header: 16 for the subkey, 8 for the nonce. */
export function streamInit(key: u32, header: u32): void {
  hchacha20(STREAM_KEY, key, header);
  store<u32>(STREAM_NONCE, 1);
  store<u64>(INNER_NONCE, load<u64>(header, 16));
}

/** Seals bytes at src to bytes + MESSAGE_OVERHEAD at dst, which must not overlap src. */
export function streamPush(dst: u32, src: u32, bytes: u32, ad: u32, adBytes: u32, tag: u32): void {
  beginMessage(ad, adBytes);
  const sealedTag = <u8>tag ^ load<u8>(CHACHA_BLOCK);
  absorbTag(sealedTag);
  store<u8>(dst, sealedTag);
  const text = dst + 1;
  encryptAndAbsorb(text, src, bytes);
  finishMac(text, bytes, adBytes, text + bytes);
  advance(text + bytes, tag);
}

/**
 * Opens bytes + MESSAGE_OVERHEAD at src to dst and returns the tag. Returns -1 and touches neither
 * dst nor the stream where the authenticator is wrong, so that no unverified byte is decrypted, or
 * where the tag is none of libsodium's four.
 */
export function streamPull(dst: u32, src: u32, bytes: u32, ad: u32, adBytes: u32): i32 {
  beginMessage(ad, adBytes);
  const sealedTag = load<u8>(src);
  const tag = sealedTag ^ load<u8>(CHACHA_BLOCK);
  absorbTag(sealedTag);
  const text = src + 1;
  polyBlocks(text, bytes);
  finishMac(text, bytes, adBytes, COMPUTED_MAC);
  if (!equal(COMPUTED_MAC, text + bytes, MAC_BYTES) || tag > <u8>TAG_FINAL) return -1;
  chachaXor(dst, text, bytes);
  advance(text + bytes, tag);
  return tag;
}

/** Leaves the bytes behind the last whole block of 16 to finishMac, as polyBlocks does. */
function encryptAndAbsorb(dst: u32, src: u32, bytes: u32): void {
  if (ASC_FEATURE_SIMD) {
    const pieces = bytes - (bytes % PIECE_BYTES);
    const next = cryptPieces(dst, src, pieces, true);
    chachaXor(dst + pieces, src + pieces, bytes - pieces);
    polyBlocks(next, dst + bytes - next);
  } else if (SMALL) {
    chachaXor(dst, src, bytes);
    polyBlocks(dst, bytes);
  } else {
    for (let done: u32 = 0; done < bytes; done += CACHED_BYTES) {
      const piece = min(bytes - done, CACHED_BYTES);
      chachaXor(dst + done, src + done, piece);
      polyBlocks(dst + done, piece);
    }
  }
}

/** Block 0 keys the authenticator; block 1 is left in CHACHA_BLOCK; block 2 is next. */
function beginMessage(ad: u32, adBytes: u32): void {
  chachaInit(STREAM_KEY, STREAM_NONCE, 0);
  chachaNext(CHACHA_BLOCK);
  polyInit(CHACHA_BLOCK);
  polyPadded(ad, adBytes);
  chachaNext(CHACHA_BLOCK);
}

/** The tag stands at the front of a block of zeros: the whole encrypted block is authenticated. */
function absorbTag(sealedTag: u8): void {
  store<u8>(CHACHA_BLOCK, sealedTag);
  polyBlocks(CHACHA_BLOCK, TAG_BLOCK_BYTES);
}

/**
 * Absorbs what stands behind the whole blocks of the text, then both lengths. libsodium pads with
 * (bytes mod 16) zeros instead of up to the next block; that is the format, so do we.
 */
function finishMac(text: u32, bytes: u32, adBytes: u32, out: u32): void {
  const rest = bytes & 15;
  memory.copy(MAC_TAIL, text + bytes - rest, rest);
  memory.fill(MAC_TAIL + rest, 0, rest);
  const lengths = MAC_TAIL + rest + rest;
  store<u64>(lengths, adBytes);
  store<u64>(lengths, <u64>TAG_BLOCK_BYTES + bytes, 8);
  polyFinish(MAC_TAIL, rest + rest + 16, out);
}

/** Binds the next message to this one, and rekeys where the tag asks or the counter ran out. */
function advance(mac: u32, tag: u32): void {
  store<u64>(INNER_NONCE, load<u64>(INNER_NONCE) ^ load<u64>(mac));
  const counter = load<u32>(STREAM_NONCE) + 1;
  store<u32>(STREAM_NONCE, counter);
  if ((tag & TAG_REKEY) !== 0 || counter === 0) rekey();
}

/** Key and inner nonce are encrypted with the stream's own block 0; the old key is gone. */
function rekey(): void {
  chachaInit(STREAM_KEY, STREAM_NONCE, 0);
  chachaNext(CHACHA_BLOCK);
  for (let i: u32 = 0; i < 32; i += 8) {
    store<u64>(STREAM_KEY + i, load<u64>(STREAM_KEY + i) ^ load<u64>(CHACHA_BLOCK + i));
  }
  store<u64>(INNER_NONCE, load<u64>(INNER_NONCE) ^ load<u64>(CHACHA_BLOCK, 32));
  store<u32>(STREAM_NONCE, 1);
}
