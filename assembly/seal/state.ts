/**
 * Where the seal keeps what it knows: every secret of assembly/seal lies between SEAL_STATE_PTR
 * and SEAL_STATE_PTR + SEAL_STATE_BYTES, so that one fill wipes it all.
 *
 *   +0     stream key 32, counter 4 + inner nonce 8, phase, tag, associated data 32
 *   +96    state of the seed 32
 *   +128   ChaCha20 and Salsa20: input block 64, key stream block 64
 *   +256   Poly1305: r, multiples of r, h, s, a padded block, the tail of a message
 *   +416   computed authenticator 16, computed key commitment 32
 *   +464   nonce of a sealed box 32
 *   +512   BLAKE2b: h 64, working vector 128, message block 128
 *   +832   key stream of four blocks 256, or X25519: seven elements 224, half a product 32
 *   +1088  drawn bytes 128
 *   +1216  key of a sealed box 32
 */
import { SEAL_STATE_BYTES, SEAL_STATE_PTR } from "../memory.ts";

/** Key of the stream, then its nonce (counter u32, inner nonce 8 bytes): rekeying writes both. */
export const STREAM_KEY: u32 = SEAL_STATE_PTR;
export const STREAM_NONCE: u32 = SEAL_STATE_PTR + 32;
export const STREAM_PHASE: u32 = SEAL_STATE_PTR + 48;
export const STREAM_TAG: u32 = SEAL_STATE_PTR + 52;
export const STREAM_AD: u32 = SEAL_STATE_PTR + 64;
/** What belongs to the stream that is open: it goes with it, the seed stays. */
export const STREAM_BYTES: u32 = 96;

/** All zeros until a seed was taken. */
export const SEED_STATE: u32 = SEAL_STATE_PTR + 96;

export const CHACHA_INPUT: u32 = SEAL_STATE_PTR + 128;
export const CHACHA_BLOCK: u32 = SEAL_STATE_PTR + 192;

export const POLY_R: u32 = SEAL_STATE_PTR + 256;
/** r / 4 * 5 of words 1 to 3 of r, as u64. */
export const POLY_F: u32 = SEAL_STATE_PTR + 272;
/** Four limbs, each as u64, not fully carried. */
export const POLY_H: u32 = SEAL_STATE_PTR + 304;
export const POLY_S: u32 = SEAL_STATE_PTR + 336;
export const POLY_LAST: u32 = SEAL_STATE_PTR + 352;
/** What the authenticator takes behind the last whole block: up to 15 + 15 + 16 bytes. */
export const MAC_TAIL: u32 = SEAL_STATE_PTR + 368;

export const COMPUTED_MAC: u32 = SEAL_STATE_PTR + 416;
export const COMPUTED_COMMITMENT: u32 = SEAL_STATE_PTR + 432;

export const BLAKE_H: u32 = SEAL_STATE_PTR + 512;
export const BLAKE_V: u32 = SEAL_STATE_PTR + 576;
export const BLAKE_BLOCK: u32 = SEAL_STATE_PTR + 704;

/** Key stream of four blocks, in the build with SIMD. */
export const KEY_STREAM: u32 = SEAL_STATE_PTR + 832;
/** Seven elements of X25519, and the lower half of a product; no key stream is made meanwhile. */
export const FIELD: u32 = SEAL_STATE_PTR + 832;
export const FIELD_BYTES: u32 = 256;
export const FIELD_LOW: u32 = FIELD + 224;

/** What was drawn: the next state of the seed 32, then 96 bytes. */
export const DRAWN: u32 = SEAL_STATE_PTR + 1088;
/** First a nonce of zeros, then that of a sealed box. */
export const BOX_NONCE: u32 = SEAL_STATE_PTR + 464;
export const BOX_KEY: u32 = SEAL_STATE_PTR + 1216;

/** From here on nothing is needed from one call of the core to the next. */
export const SCRATCH_PTR: u32 = CHACHA_INPUT;
export const SCRATCH_BYTES: u32 = SEAL_STATE_PTR + SEAL_STATE_BYTES - SCRATCH_PTR;
