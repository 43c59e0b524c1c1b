/**
 * The memory map, drawn once. Nothing is allocated: every buffer has its place before the first
 * call, and memory never grows.
 *
 *   0x0000000 ┌───────────────────────────────────────────────┐
 *             │ static tables of the compiler (below 64 KiB)  │
 *   0x0010000 ├───────────────────────────────────────────────┤
 *             │ control structs: layout, policy, frame, stats │ 32 KiB
 *             │ metadata records                              │ 64 KiB
 *             │ one sealed message                            │ 64 KiB + 1 KiB
 *             │ scratch of one block of points                │ 48 KiB
 *             ├───────────────────────────────────────────────┤
 *             │ input: raw points of one push                 │  1 MiB
 *             ├───────────────────────────────────────────────┤
 *             │ bricks: key and mask, u64 each                │ 16 MiB
 *             │ keys A, keys B: one u64 a brick, or a voxel   │  8 MiB each
 *             │   when decoding                               │
 *             │ index A, index B: one u32 a brick             │  4 MiB each
 *             │ table that finds bricks                       │  8 MiB
 *             │ bases: one u32 a brick                        │  4 MiB
 *             ├───────────────────────────────────────────────┤
 *             │ samples, their attributes: 8 bytes a point;   │ 16 MiB each
 *             │   then lists of the tile's coder              │
 *             │ sums: 16 bytes a voxel    (when decoding:     │ 16 MiB
 *             │ attributes: 16 bytes a voxel  cells, values)  │ 16 MiB
 *             ├───────────────────────────────────────────────┤
 *             │ tree: one byte a node of the octree           │ 22 MiB
 *             │ tables: digits, models, decisions             │ 256 KiB
 *             ├───────────────────────────────────────────────┤
 *             │ plain: the tile and its padding               │ 16 MiB
 *             │ listed: brick and cell of each voxel, u32     │  4 MiB
 *             └───────────────────────────────────────────────┘
 *
 * Every address is a multiple of 64, so that vector loads are aligned.
 */
import {
  FRAME_BYTES,
  HEADER_BYTES,
  LAYOUT_BYTES,
  MAX_POINTS,
  MESSAGE_BYTES,
  REGION_CELLS,
  REGION_FRAME,
  REGION_HEADER,
  REGION_INPUT,
  REGION_LAYOUT,
  REGION_MESSAGE,
  REGION_METADATA,
  REGION_PLAIN,
  REGION_POLICY,
  REGION_SEAL,
  REGION_SEED,
  REGION_STATS,
  REGION_VALUES,
  SEAL_BYTES,
  SEEDS_BYTES,
  STATS_BYTES,
} from "./abi.ts";

const KIB: u32 = 1024;
const MIB: u32 = 1024 * 1024;

export const CONTROL_PTR: u32 = 0x10000;
/** What hosts write; taken over by `frame_begin()`, so that a later change cannot mislead a frame. */
export const LAYOUT_IN_PTR: u32 = CONTROL_PTR;
export const FRAME_IN_PTR: u32 = CONTROL_PTR + 256;
export const STATS_PTR: u32 = CONTROL_PTR + 512;
export const SEAL_PTR: u32 = CONTROL_PTR + 768;
export const HEADER_PTR: u32 = CONTROL_PTR + 1024;
export const LAYOUT_PTR: u32 = CONTROL_PTR + 1280;
export const FRAME_PTR: u32 = CONTROL_PTR + 1536;
export const SEED_PTR: u32 = CONTROL_PTR + 1792;
/** State of the seal: stream key, nonce, seed, accumulators, elements of X25519. */
export const SEAL_STATE_PTR: u32 = CONTROL_PTR + 2048;
export const SEAL_STATE_BYTES: u32 = 1280;
export const POLICY_IN_PTR: u32 = CONTROL_PTR + 8 * KIB;
export const POLICY_REGION_BYTES: u32 = 12 * KIB;
export const POLICY_PTR: u32 = CONTROL_PTR + 20 * KIB;

export const METADATA_PTR: u32 = CONTROL_PTR + 32 * KIB;
export const METADATA_BYTES: u32 = 64 * KIB;
export const MESSAGE_PTR: u32 = METADATA_PTR + METADATA_BYTES;
export const MESSAGE_REGION_BYTES: u32 = MESSAGE_BYTES + KIB;
export const BLOCK_PTR: u32 = MESSAGE_PTR + MESSAGE_REGION_BYTES;
export const BLOCK_BYTES: u32 = 48 * KIB;

export const INPUT_PTR: u32 = 0x50000;
export const INPUT_BYTES: u32 = MIB;
export const BRICKS_PTR: u32 = INPUT_PTR + INPUT_BYTES;
/** A block may go beyond the limit before it is noticed: lists have room for one more. */
export const ROWS: u32 = MAX_POINTS + 1024;
export const BRICKS_BYTES: u32 = ROWS * 16;
export const KEYS_A_PTR: u32 = BRICKS_PTR + BRICKS_BYTES;
export const KEYS_BYTES: u32 = ROWS * 8;
export const KEYS_B_PTR: u32 = KEYS_A_PTR + KEYS_BYTES;
export const INDEX_A_PTR: u32 = KEYS_B_PTR + KEYS_BYTES;
export const INDEX_BYTES: u32 = ROWS * 4;
export const INDEX_B_PTR: u32 = INDEX_A_PTR + INDEX_BYTES;
/** The table that finds bricks: u32 places, 2^21 slots at the most. */
export const TABLE_PTR: u32 = INDEX_B_PTR + INDEX_BYTES;
export const TABLE_BYTES: u32 = 8 * MIB;
export const BASES_PTR: u32 = TABLE_PTR + TABLE_BYTES;
export const SUMS_BYTES: u32 = ROWS * 16;
/** One u64 a point of the frame, MAX_SLOTS at the most; once they are added up, the tile's coder works here. */
export const SAMPLES_PTR: u32 = BASES_PTR + INDEX_BYTES;
export const SAMPLE_ATTRIBUTES_PTR: u32 = SAMPLES_PTR + SUMS_BYTES;
export const SUMS_PTR: u32 = SAMPLE_ATTRIBUTES_PTR + SUMS_BYTES;
export const ATTRIBUTES_PTR: u32 = SUMS_PTR + SUMS_BYTES;
export const TREE_PTR: u32 = ATTRIBUTES_PTR + SUMS_BYTES;
/** A level of the octree: a byte a node, of which there are no more than voxels. */
export const LEVEL_BYTES: u32 = ROWS;
export const TREE_BYTES: u32 = 22 * MIB;
/** Counts of the digits of the radix sort: 3 x 8192 u32 at the most. */
export const DIGITS_PTR: u32 = TREE_PTR + TREE_BYTES;
export const DIGITS_BYTES: u32 = 96 * KIB;
/** Adaptive models of the tile. */
export const MODELS_PTR: u32 = DIGITS_PTR + DIGITS_BYTES;
export const MODELS_BYTES: u32 = 32 * KIB;
/** Decisions on their way to the coder, u32: two blocks. */
export const DECISIONS_PTR: u32 = MODELS_PTR + MODELS_BYTES;
export const DECISIONS_BYTES: u32 = 64 * KIB;
export const PLAIN_PTR: u32 = TREE_PTR + TREE_BYTES + 256 * KIB;
export const PLAIN_BYTES: u32 = 16 * MIB;
/** u32 a voxel: the place of its brick, and its cell there (6 bits). */
export const LISTED_PTR: u32 = PLAIN_PTR + PLAIN_BYTES;

/** Address of a region that hosts may touch, or 0 for an unknown id. */
export function regionPtr(id: i32): u32 {
  switch (id) {
    case REGION_LAYOUT:
      return LAYOUT_IN_PTR;
    case REGION_POLICY:
      return POLICY_IN_PTR;
    case REGION_FRAME:
      return FRAME_IN_PTR;
    case REGION_METADATA:
      return METADATA_PTR;
    case REGION_INPUT:
      return INPUT_PTR;
    case REGION_STATS:
      return STATS_PTR;
    case REGION_PLAIN:
      return PLAIN_PTR;
    case REGION_CELLS:
      return SUMS_PTR;
    case REGION_VALUES:
      return ATTRIBUTES_PTR;
    case REGION_MESSAGE:
      return MESSAGE_PTR;
    case REGION_SEAL:
      return SEAL_PTR;
    case REGION_HEADER:
      return HEADER_PTR;
    case REGION_SEED:
      return SEED_PTR;
    default:
      return 0;
  }
}

/** Size of a region in bytes, or 0 for an unknown id. */
export function regionBytes(id: i32): u32 {
  switch (id) {
    case REGION_LAYOUT:
      return LAYOUT_BYTES;
    case REGION_POLICY:
      return POLICY_REGION_BYTES;
    case REGION_FRAME:
      return FRAME_BYTES;
    case REGION_METADATA:
      return METADATA_BYTES;
    case REGION_INPUT:
      return INPUT_BYTES;
    case REGION_STATS:
      return STATS_BYTES;
    case REGION_PLAIN:
      return PLAIN_BYTES;
    case REGION_CELLS:
      return MAX_POINTS * 12;
    case REGION_VALUES:
      return MAX_POINTS * 8;
    case REGION_MESSAGE:
      return MESSAGE_REGION_BYTES;
    case REGION_SEAL:
      return SEAL_BYTES;
    case REGION_HEADER:
      return HEADER_BYTES;
    case REGION_SEED:
      return SEEDS_BYTES;
    default:
      return 0;
  }
}

/** Takes over what the host wrote of layout, policy and frame. */
export function takeFrameInputs(): void {
  memory.copy(LAYOUT_PTR, LAYOUT_IN_PTR, LAYOUT_BYTES);
  memory.copy(FRAME_PTR, FRAME_IN_PTR, FRAME_BYTES);
  memory.copy(POLICY_PTR, POLICY_IN_PTR, POLICY_REGION_BYTES);
}

/** Bytes of PLAIN that were written since the last wipe. */
let plainWritten: u32 = 0;

/** Notes that PLAIN was written up to `end`, so that a wipe need not touch all of it. */
export function notePlainEnd(end: u32): void {
  plainWritten = max<u32>(plainWritten, end - PLAIN_PTR);
}

/** Zeroes PLAIN as far as it was written. */
export function wipePlain(): void {
  memory.fill(PLAIN_PTR, 0, plainWritten);
  plainWritten = 0;
}
