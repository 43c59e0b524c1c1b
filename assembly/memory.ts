/**
 * The memory map, drawn once. Nothing is allocated: every buffer has its place before the first
 * call, and memory never grows. Sizes are those of wide; profile.ts has the others.
 *
 *   0x0000040 ┌───────────────────────────────────────────────┐
 *             │ control structs: layout, policy, frame, stats │ 16 KiB
 *             │ scratch of one block of points                │ 48 KiB
 *             │ policy as hosts write it                      │ 12 KiB
 *             │ metadata records                              │ 64 KiB
 *             │ one sealed message                            │ 65 KiB
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
 *             │ listed: brick and cell of each voxel, u32     │  4 MiB
 *             ├───────────────────────────────────────────────┤
 *             │ tree: one byte a node of the octree           │ 21 MiB
 *             │ tables: digits, models, decisions             │ 192 KiB
 *             ├───────────────────────────────────────────────┤
 *             │ plain: the tile and its padding               │ 16 MiB
 *             ├───────────────────────────────────────────────┤
 *             │ wide alone, a map of many frames:             │
 *             │ its terms, its policy, table of its blocks    │ 12 KiB
 *             │ window: hit and free cells, a bit each        │  2 MiB each
 *             │   four slices while it closes                 │ 145 KiB
 *             │ blocks: hits, one byte a cell                 │ 32 MiB
 *             │   how often a cell was empty, two bits        │  8 MiB
 *             │ held back: u32 a cell of a scan               │ 32 MiB
 *             ├───────────────────────────────────────────────┤
 *   MEMORY_END│ static tables of the compiler                 │ 20 KiB
 *             └───────────────────────────────────────────────┘
 *
 * micro has nothing between input and plain but 8 KiB of codes; what it needs for a while lies over
 * what it does not need then:
 *
 *   codes    u64 a cell: while a frame is pushed the list goes on through plain, whose tile is gone
 *   plain    while a tile is coded, behind what is written: the symbols of the block that is gathered
 *   input    while a tile is coded: the models; so a host fills it when tile_encode has returned
 *
 * Every address is a multiple of 64, so that vector loads are aligned. The compiler is told to put its
 * tables behind the map (memoryBase in asconfig.json), so that __heap_base is all that a host with
 * little memory has to give.
 */
import {
  AREA_BYTES,
  BOX_BYTES,
  FRAME_BYTES,
  HEADER_BYTES,
  LAYOUT_BYTES,
  POLICY_AREA_COUNT,
  POLICY_BOX_COUNT,
  POLICY_BYTES,
  POLICY_VERTEX_COUNT,
  REGION_CELLS,
  REGION_FRAME,
  REGION_HEADER,
  REGION_INPUT,
  REGION_LAYOUT,
  REGION_MAP,
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
  VERTEX_BYTES,
} from "./abi.ts";
import {
  AREA_COUNT_MAX,
  BOX_COUNT_MAX,
  CELLS_REGION_BYTES,
  INPUT_REGION_BYTES,
  MAP_REGION_BYTES,
  MAX_POINTS,
  MESSAGE_REGION_BYTES,
  METADATA_REGION_BYTES,
  PLAIN_REGION_BYTES,
  POLICY_REGION_BYTES,
  VALUES_REGION_BYTES,
  VERTEX_COUNT_MAX,
} from "./profile.ts";

/**
 * Whether this is micro, whose small grid and coder (small/) stand in for the fast ones. The compiler
 * folds it: a build holds nothing of the other ones, since tables that not all use are @lazy.
 */
export const SMALL: bool = PROFILE == 0;

/** Whether this build makes maps of many frames (map/): wide alone has the room. Folded like SMALL. */
export const MAPS: bool = PROFILE == 2;

const KIB: u32 = 1024;

/** 0 is no address: unknown regions have it. */
export const CONTROL_PTR: u32 = 64;
/** What hosts write; taken over by `frame_begin()`, so that a later change cannot mislead a frame. */
export const LAYOUT_IN_PTR: u32 = CONTROL_PTR;
export const FRAME_IN_PTR: u32 = LAYOUT_IN_PTR + ((LAYOUT_BYTES + 63) & ~63);
export const STATS_PTR: u32 = FRAME_IN_PTR + ((FRAME_BYTES + 63) & ~63);
export const SEAL_PTR: u32 = STATS_PTR + ((STATS_BYTES + 63) & ~63);
export const HEADER_PTR: u32 = SEAL_PTR + ((SEAL_BYTES + 63) & ~63);
export const LAYOUT_PTR: u32 = HEADER_PTR + ((HEADER_BYTES + 63) & ~63);
export const FRAME_PTR: u32 = LAYOUT_PTR + ((LAYOUT_BYTES + 63) & ~63);
export const SEED_PTR: u32 = FRAME_PTR + ((FRAME_BYTES + 63) & ~63);
/** State of the seal: stream key, nonce, seed, accumulators, elements of X25519. */
export const SEAL_STATE_PTR: u32 = SEED_PTR + ((SEEDS_BYTES + 63) & ~63);
export const SEAL_STATE_BYTES: u32 = 1280;
/** What the core itself looks at stands below the 4 KiB that instructions of Cortex-M reach at once. */
export const POLICY_PTR: u32 = SEAL_STATE_PTR + SEAL_STATE_BYTES;
export const BLOCK_PTR: u32 = POLICY_PTR + POLICY_REGION_BYTES;
/** micro: one point, then two bytes of every second voxel. */
export const BLOCK_BYTES: u32 = SMALL ? 1024 : 48 * KIB;

export const POLICY_IN_PTR: u32 = BLOCK_PTR + BLOCK_BYTES;
export const METADATA_PTR: u32 = POLICY_IN_PTR + POLICY_REGION_BYTES;
export const METADATA_BYTES: u32 = METADATA_REGION_BYTES;
export const MESSAGE_PTR: u32 = METADATA_PTR + METADATA_BYTES;

export const INPUT_PTR: u32 = MESSAGE_PTR + MESSAGE_REGION_BYTES;
export const INPUT_BYTES: u32 = INPUT_REGION_BYTES;
export const BRICKS_PTR: u32 = INPUT_PTR + INPUT_BYTES;
/** A block may go beyond the limit before it is noticed: lists have room for one more. */
export const ROWS: u32 = SMALL ? 0 : MAX_POINTS + 1024;
export const BRICKS_BYTES: u32 = ROWS * 16;
export const KEYS_A_PTR: u32 = BRICKS_PTR + BRICKS_BYTES;
export const KEYS_BYTES: u32 = ROWS * 8;
export const KEYS_B_PTR: u32 = KEYS_A_PTR + KEYS_BYTES;
export const INDEX_A_PTR: u32 = KEYS_B_PTR + KEYS_BYTES;
export const INDEX_BYTES: u32 = ROWS * 4;
export const INDEX_B_PTR: u32 = INDEX_A_PTR + INDEX_BYTES;
/** The table that finds bricks: u32 places, two slots a voxel at the most. */
export const TABLE_BITS_MAX: u32 = 32 - clz<u32>(MAX_POINTS);
export const TABLE_PTR: u32 = INDEX_B_PTR + INDEX_BYTES;
export const TABLE_BYTES: u32 = SMALL ? 0 : 4 << TABLE_BITS_MAX;
export const BASES_PTR: u32 = TABLE_PTR + TABLE_BYTES;
export const SUMS_BYTES: u32 = ROWS * 16;
/** One u64 a point of the frame, MAX_SLOTS at the most; once they are added up, the tile's coder works here. */
export const SAMPLES_PTR: u32 = BASES_PTR + INDEX_BYTES;
export const SAMPLE_ATTRIBUTES_PTR: u32 = SAMPLES_PTR + SUMS_BYTES;
export const SUMS_PTR: u32 = SAMPLE_ATTRIBUTES_PTR + SUMS_BYTES;
export const ATTRIBUTES_PTR: u32 = SUMS_PTR + SUMS_BYTES;
/** u32 a voxel: the place of its brick, and its cell there (6 bits). */
export const LISTED_PTR: u32 = ATTRIBUTES_PTR + SUMS_BYTES;
export const TREE_PTR: u32 = LISTED_PTR + INDEX_BYTES;
/** A level of the octree: a byte a node, of which there are no more than voxels. */
export const LEVEL_BYTES: u32 = ROWS;
export const TREE_BYTES: u32 = 21 * LEVEL_BYTES;
/** Counts of the digits of the radix sort: 3 x 8192 u32 at the most. */
export const DIGITS_PTR: u32 = TREE_PTR + TREE_BYTES;
export const DIGITS_BYTES: u32 = SMALL ? 0 : 96 * KIB;
/** Adaptive models of the tile. */
export const MODELS_PTR: u32 = SMALL ? INPUT_PTR : DIGITS_PTR + DIGITS_BYTES;
export const MODELS_BYTES: u32 = SMALL ? 0 : 32 * KIB;
/** Decisions on their way to the coder, u32: two blocks. */
export const DECISIONS_PTR: u32 = DIGITS_PTR + DIGITS_BYTES + MODELS_BYTES;
export const DECISIONS_BYTES: u32 = SMALL ? 0 : 64 * KIB;
/** micro: u64 a cell of the frame. */
export const CODES_PTR: u32 = DECISIONS_PTR + DECISIONS_BYTES;
export const CODES_BYTES: u32 = SMALL ? MAX_POINTS * 8 : 0;
export const PLAIN_PTR: u32 = CODES_PTR + CODES_BYTES;
export const PLAIN_BYTES: u32 = PLAIN_REGION_BYTES;

/** What hosts write of a map, and read of it. */
export const MAP_IN_PTR: u32 = PLAIN_PTR + PLAIN_BYTES;
/** The policy of the scans of a map, its fixed part. */
export const MAP_POLICY_PTR: u32 = MAP_IN_PTR + ((MAP_REGION_BYTES + 63) & ~63);
/** First position of the session under POSE_MAP, f64 x y z. */
export const FIRST_PLACE_PTR: u32 = MAP_POLICY_PTR + (MAPS ? (POLICY_BYTES + 63) & ~63 : 0);
/** Blocks that a map can have, of 64 x 64 x 16 cells. */
export const BLOCKS_MAX: u32 = MAPS ? 512 : 0;
/** u64 key a block, and the table that finds them: u16 number + 1 a slot, 0 for an empty one. */
export const BLOCK_KEYS_PTR: u32 = FIRST_PLACE_PTR + (MAPS ? 64 : 0);
export const BLOCK_TABLE_PTR: u32 = BLOCK_KEYS_PTR + BLOCKS_MAX * 8;
export const BLOCK_SLOTS: u32 = 4 * BLOCKS_MAX;
/** Two bits a cell of the box around the sensor, planes of their own, and slices of it (window.ts). */
export const WINDOW_SLICE_BYTES: u32 = 513 * 9 * 8;
export const WINDOW_BYTES: u32 = MAPS ? (66 * WINDOW_SLICE_BYTES + 127) & ~63 : 0;
export const WINDOW_HITS_PTR: u32 = BLOCK_TABLE_PTR + BLOCK_SLOTS * 2;
export const WINDOW_FREE_PTR: u32 = WINDOW_HITS_PTR + WINDOW_BYTES;
export const SLICE_BYTES: u32 = MAPS ? (WINDOW_SLICE_BYTES + 127) & ~63 : 0;
export const SLICES_PTR: u32 = WINDOW_FREE_PTR + WINDOW_BYTES;
export const SLICES: u32 = 4;
/** Numbers of the blocks that are at hand: those of a row, or around one. */
export const NEAR_PTR: u32 = SLICES_PTR + SLICES * SLICE_BYTES;
export const NEAR_BYTES: u32 = MAPS ? 128 : 0;
/** Scans that hit each cell, u8. */
export const HITS_BYTES: u32 = 65536;
export const HITS_PTR: u32 = NEAR_PTR + NEAR_BYTES;
/** Windows in which each cell was empty: a plane of low bits, one of high bits. */
export const VOIDS_BYTES: u32 = 16384;
export const VOIDS_PTR: u32 = HITS_PTR + BLOCKS_MAX * HITS_BYTES;
/** Entries of the ring of scans that are held back, u32; a power of two. */
export const HELD_MAX: u32 = MAPS ? 1 << 23 : 0;
export const HELD_PTR: u32 = VOIDS_PTR + BLOCKS_MAX * VOIDS_BYTES;

/** Here static data begins: memoryBase of this profile in asconfig.json. */
export const MEMORY_END: u32 = HELD_PTR + HELD_MAX * 4;

/** Address of a region that hosts may touch, or 0 for an unknown id. */
export function regionPtr(id: i32): u32 {
  if (MAPS && id == REGION_MAP) return MAP_IN_PTR;
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
      return SMALL ? 0 : SUMS_PTR;
    case REGION_VALUES:
      return SMALL ? 0 : ATTRIBUTES_PTR;
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
  if (MAPS && id == REGION_MAP) return MAP_REGION_BYTES;
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
      return CELLS_REGION_BYTES;
    case REGION_VALUES:
      return VALUES_REGION_BYTES;
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
  memory.copy(POLICY_PTR, POLICY_IN_PTR, POLICY_BYTES);
  // Counts that are too large are refused by those who read what is behind them.
  const boxes = min<u32>(load<u32>(POLICY_PTR, POLICY_BOX_COUNT), BOX_COUNT_MAX);
  const areas = min<u32>(load<u32>(POLICY_PTR, POLICY_AREA_COUNT), AREA_COUNT_MAX);
  const vertices = min<u32>(load<u32>(POLICY_PTR, POLICY_VERTEX_COUNT), VERTEX_COUNT_MAX);
  const behind = boxes * BOX_BYTES + areas * AREA_BYTES + vertices * VERTEX_BYTES;
  memory.copy(POLICY_PTR + POLICY_BYTES, POLICY_IN_PTR + POLICY_BYTES, behind);
}

/** Bytes of PLAIN that were written since the last wipe. */
let plainWritten: u32 = 0;

/** Notes that PLAIN was written up to `end`, so that a wipe need not touch all of it. */
export function notePlainEnd(end: u32): void {
  if (SMALL) return;
  plainWritten = max<u32>(plainWritten, end - PLAIN_PTR);
}

/** Zeroes PLAIN as far as it was written. */
export function wipePlain(): void {
  memory.fill(PLAIN_PTR, 0, plainWritten);
  plainWritten = 0;
}
