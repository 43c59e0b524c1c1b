/**
 * BLAKE2b (RFC 7693), sequential, keyed or not, digest of 1 to 64 bytes.
 *
 * It only ever hashes a header or a key here, so it is written for size: the permutation is a
 * table, the working vector is memory. All of it is in the seal's state, wiped with the rest.
 */
import { BLAKE_BLOCK, BLAKE_H, BLAKE_V } from "./state.ts";

const BLOCK: u32 = 128;
const ROUNDS: u32 = 12;

/** RFC 7693 §2.6; the lower half of each word stands first. */
const IV = <u32>(
  memory.data<u32>([
    0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
    0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
  ])
);

/** Message word schedule (RFC 7693 §2.7); rounds 10 and 11 repeat rounds 0 and 1. */
// biome-ignore format: one round a line
const SIGMA = <u32>memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
  7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
  9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
  2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
  12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
  13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
  6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
  10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
]);

/** out = BLAKE2b of bytes at src; keyBytes 0 to 64 (0: no key), outBytes 1 to 64. */
export function blake2b(
  out: u32,
  outBytes: u32,
  src: u32,
  bytes: u32,
  key: u32,
  keyBytes: u32,
): void {
  memory.copy(BLAKE_H, IV, 64);
  // Parameter block: digest length, key length, fanout 1, depth 1 (RFC 7693 §2.5).
  store<u64>(BLAKE_H, load<u64>(BLAKE_H) ^ 0x01010000 ^ (keyBytes << 8) ^ outBytes);
  let hashed: u64 = 0;
  if (keyBytes !== 0) {
    fillBlock(key, keyBytes);
    hashed = BLOCK;
    compress(hashed, bytes === 0);
  }
  while (bytes > BLOCK) {
    fillBlock(src, BLOCK);
    hashed += BLOCK;
    compress(hashed, false);
    src += BLOCK;
    bytes -= BLOCK;
  }
  if (bytes !== 0 || keyBytes === 0) {
    fillBlock(src, bytes);
    compress(hashed + bytes, true);
  }
  memory.copy(out, BLAKE_H, outBytes);
}

function fillBlock(src: u32, bytes: u32): void {
  memory.copy(BLAKE_BLOCK, src, bytes);
  memory.fill(BLAKE_BLOCK + bytes, 0, BLOCK - bytes);
}

/** Function F of RFC 7693 §3.2; the byte counter never passes 2^64 here. */
function compress(hashed: u64, last: bool): void {
  memory.copy(BLAKE_V, BLAKE_H, 64);
  memory.copy(BLAKE_V + 64, IV, 64);
  store<u64>(BLAKE_V, load<u64>(BLAKE_V, 96) ^ hashed, 96);
  if (last) store<u64>(BLAKE_V, ~load<u64>(BLAKE_V, 112), 112);
  for (let round: u32 = 0; round < ROUNDS; round++) {
    const schedule = SIGMA + (round % 10) * 16;
    // Four columns, then four diagonals, which turn by one word from row to row.
    mix(schedule, 0, 32, 64, 96);
    mix(schedule + 2, 8, 40, 72, 104);
    mix(schedule + 4, 16, 48, 80, 112);
    mix(schedule + 6, 24, 56, 88, 120);
    mix(schedule + 8, 0, 40, 80, 120);
    mix(schedule + 10, 8, 48, 88, 96);
    mix(schedule + 12, 16, 56, 64, 104);
    mix(schedule + 14, 24, 32, 72, 112);
  }
  for (let i: u32 = 0; i < 64; i += 8) {
    const word = load<u64>(BLAKE_H + i) ^ load<u64>(BLAKE_V + i) ^ load<u64>(BLAKE_V + i + 64);
    store<u64>(BLAKE_H + i, word);
  }
}

/** Function G of RFC 7693 §3.1 with the two message words that the schedule names; a..d in bytes. */
function mix(schedule: u32, atA: u32, atB: u32, atC: u32, atD: u32): void {
  let a = load<u64>(atA, BLAKE_V);
  let b = load<u64>(atB, BLAKE_V);
  let c = load<u64>(atC, BLAKE_V);
  let d = load<u64>(atD, BLAKE_V);
  a += b + load<u64>(<u32>load<u8>(schedule) * 8, BLAKE_BLOCK);
  d = rotr<u64>(d ^ a, 32);
  c += d;
  b = rotr<u64>(b ^ c, 24);
  a += b + load<u64>(<u32>load<u8>(schedule, 1) * 8, BLAKE_BLOCK);
  d = rotr<u64>(d ^ a, 16);
  c += d;
  b = rotr<u64>(b ^ c, 63);
  store<u64>(atA, a, BLAKE_V);
  store<u64>(atB, b, BLAKE_V);
  store<u64>(atC, c, BLAKE_V);
  store<u64>(atD, d, BLAKE_V);
}
