/**
 * Randomness for hosts that have little of it: one stored seed that is replaced at every start, and
 * whatever fresh bytes there are.
 *
 *   state · next seed = BLAKE2b-512("mapveil.seed.v1"; stored seed · fresh bytes · count)
 *   next state · drawn = ChaCha20 key stream under the state, 32 + 96 bytes
 *
 * Both halves of the first look random to whoever lacks the stored seed or the fresh bytes, so one
 * good source is enough, and a next seed that is read out of the flash later tells nothing about
 * the state: what was sealed before stays sealed. `count` numbers the seeds since the core was
 * started, so that even a host that offers an old seed again draws no byte twice until it starts anew.
 * The second is fast key erasure (Bernstein, 2017): the key that made the drawn bytes is
 * overwritten by the same call. BLAKE2b takes its context as key, as everywhere in the format.
 *
 * No key repeats over a power cut as long as the host makes the next seed durable before the first
 * draw. Nothing here can see whether it did.
 */
import { E_ARG, E_NONCE, SEEDS_BYTES, SEEDS_STORED } from "../abi.ts";
import { SEED_PTR } from "../memory.ts";
import { blake2b } from "./blake2b.ts";
import { chachaInit, chachaNext } from "./chacha20.ts";
import { allZero, equal } from "./equal.ts";
import { BOX_NONCE, DRAWN, SEED_STATE } from "./state.ts";
import { forgetScratch } from "./veil.ts";

const CONTEXT = <u32>(
  memory.data<u8>([
    0x6d, 0x61, 0x70, 0x76, 0x65, 0x69, 0x6c, 0x2e, 0x73, 0x65, 0x65, 0x64, 0x2e, 0x76, 0x31,
  ])
);
const CONTEXT_BYTES: u32 = 15;
const STORED: u32 = SEED_PTR + SEEDS_STORED;

/**
 * BLAKE2b-256 of the stored seed that was taken last. It tells nothing about that seed, so a wipe
 * leaves it: a seed that was taken stays refused.
 */
const LAST_SEED = <u32>memory.data(32, 16);

/** Seeds taken since the core was started; a wipe leaves it. */
let seedsTaken: u32 = 0;

/**
 * Takes REGION_SEED and leaves the next stored seed in it, or zeros where it refuses. E_ARG: no
 * stored seed. E_NONCE: the stored seed is the one that was taken last.
 */
export function takeSeed(): i32 {
  const status = derive();
  if (status < 0) memory.fill(SEED_PTR, 0, SEEDS_BYTES);
  forgetScratch();
  return status;
}

function derive(): i32 {
  if (allZero(STORED, 32)) return E_ARG;
  // Another length of digest is another hash: this one says nothing about the state.
  blake2b(DRAWN, 32, STORED, 32, CONTEXT, CONTEXT_BYTES);
  if (equal(DRAWN, LAST_SEED, 32)) return E_NONCE;
  memory.copy(LAST_SEED, DRAWN, 32);
  memory.copy(DRAWN, SEED_PTR, SEEDS_BYTES);
  store<u32>(DRAWN + SEEDS_BYTES, ++seedsTaken);
  blake2b(DRAWN, 64, DRAWN, SEEDS_BYTES + 4, CONTEXT, CONTEXT_BYTES);
  memory.copy(SEED_STATE, DRAWN, 32);
  memory.fill(SEED_PTR, 0, SEEDS_BYTES);
  memory.copy(STORED, DRAWN + 32, 32);
  return 0;
}

/** Puts 96 fresh bytes behind the first 32 of DRAWN and moves the state on. False without a seed. */
export function draw(): bool {
  if (allZero(SEED_STATE, 32)) return false;
  memory.fill(BOX_NONCE, 0, 12);
  chachaInit(SEED_STATE, BOX_NONCE, 0);
  chachaNext(DRAWN);
  chachaNext(DRAWN + 64);
  memory.copy(SEED_STATE, DRAWN, 32);
  return true;
}
