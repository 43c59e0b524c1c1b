/**
 * The blocks of a map: 64 x 64 x 16 cells, taken from a pool where something was hit or was empty. A cell
 * is number z << 12 | y << 6 | x of its block, so that 64 cells of a row are a word of a bit plane.
 *
 * The table that finds a block is open addressing at a quarter of its slots, so that a search that
 * somebody has spoilt is bounded by the pool.
 */
import {
  BLOCK_KEYS_PTR,
  BLOCK_SLOTS,
  BLOCK_TABLE_PTR,
  BLOCKS_MAX,
  HITS_BYTES,
  HITS_PTR,
  VOIDS_BYTES,
  VOIDS_PTR,
} from "../memory.ts";

/** What stands for no block. */
export const NO_BLOCK: u32 = 0xffffffff;
/** Where x, y, z of a block stand in its key: 15, 15 and 17 bits. */
export const KEY_Y: u64 = 15;
export const KEY_Z: u64 = 30;
export const KEY_MASK: u64 = (1 << 15) - 1;

/** Fibonacci hashing (Knuth, TAOCP 6.4). */
const GOLDEN: u64 = 0x9e3779b97f4a7c15;
const SLOT_MASK: u32 = BLOCK_SLOTS - 1;
const HASH_DOWN: u64 = 64 - 11;

/** Blocks in use. */
export let blockCount: u32 = 0;

/** Key of a block by its place among blocks, counted from the lowest that there can be. */
export function blockKey(x: u32, y: u32, z: u32): u64 {
  return <u64>x | ((<u64>y) << KEY_Y) | ((<u64>z) << KEY_Z);
}

/** Key of a block in use. */
export function keyOfBlock(block: u32): u64 {
  return load<u64>(BLOCK_KEYS_PTR + (block << 3));
}

/** Address of the slot that holds the block of this key, or of the empty one that would. */
function slotOf(key: u64): u32 {
  if (BLOCK_SLOTS != 1 << 11) ERROR("HASH_DOWN does not fit BLOCK_SLOTS");
  let slot = <u32>((key * GOLDEN) >> HASH_DOWN);
  let at = BLOCK_TABLE_PTR + (slot << 1);
  for (let found = <u32>load<u16>(at); found != 0; found = <u32>load<u16>(at)) {
    if (keyOfBlock(found - 1) == key) break;
    slot = (slot + 1) & SLOT_MASK;
    at = BLOCK_TABLE_PTR + (slot << 1);
  }
  return at;
}

/** The block of this key, or NO_BLOCK. */
export function findBlock(key: u64): u32 {
  return <u32>load<u16>(slotOf(key)) - 1;
}

/** The block of this key, a fresh one if there was none; NO_BLOCK if none is left. */
export function takeBlock(key: u64): u32 {
  const at = slotOf(key);
  const found = <u32>load<u16>(at);
  if (found != 0) return found - 1;
  if (blockCount == BLOCKS_MAX) return NO_BLOCK;
  store<u64>(BLOCK_KEYS_PTR + (blockCount << 3), key);
  store<u16>(at, <u16>(blockCount + 1));
  return blockCount++;
}

/** Gives back the blocks that were taken since there were `count`, into which nothing was written. */
export function giveBack(count: u32): void {
  // The last first: nothing was ever put behind it in the table.
  while (blockCount > count) {
    blockCount--;
    store<u16>(slotOf(keyOfBlock(blockCount)), 0);
    store<u64>(BLOCK_KEYS_PTR + (blockCount << 3), 0);
  }
}

/** Zeroes the blocks in use and gives them all back. */
export function forgetBlocks(): void {
  memory.fill(HITS_PTR, 0, blockCount * HITS_BYTES);
  memory.fill(VOIDS_PTR, 0, blockCount * VOIDS_BYTES);
  memory.fill(BLOCK_KEYS_PTR, 0, blockCount << 3);
  memory.fill(BLOCK_TABLE_PTR, 0, BLOCK_SLOTS << 1);
  blockCount = 0;
}
