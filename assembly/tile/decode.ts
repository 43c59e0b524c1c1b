/**
 * Opens a tile. Total on any bytes: what does not add up is E_FORMAT, and no count of the tile is
 * believed before it was checked against the size of the region that it would fill.
 */
import {
  CELL_LIMIT,
  E_FORMAT,
  E_SIZE,
  TILE_BYTES,
  TILE_CENTROID_BITS,
  TILE_DEPTH,
  TILE_FLAGS,
  TILE_HAS_ORIGIN,
  TILE_INTENSITY_BITS,
  TILE_LEAF_M,
  TILE_LENGTH,
  TILE_METADATA_BYTES,
  TILE_ORIGIN,
  TILE_RING_BITS,
  TILE_TIME_BITS,
  TILE_VOXELS,
  VALUE_BYTES,
} from "../abi.ts";
import { resetFrame } from "../frame/frame.ts";
import {
  ATTRIBUTES_PTR,
  METADATA_BYTES,
  METADATA_PTR,
  notePlainEnd,
  PLAIN_BYTES,
  PLAIN_PTR,
  ROWS,
} from "../memory.ts";
import { MAX_POINTS } from "../profile.ts";
import { noteKeys, noteVoxels } from "../voxel/grid.ts";
import { prepareContexts } from "./contexts.ts";
import { decodeTree } from "./decode-tree.ts";
import { MAGIC } from "./encode.ts";
import { expandTree } from "./expand-tree.ts";
import { loneBits } from "./lone.ts";
import { resetModels, SHAPE_HIGH } from "./models.ts";
import { DEPTH_MAX, preparePack } from "./octree.ts";
import { beginDecoder, decoderAt, decoderIsBetweenBlocks } from "./rans-decoder.ts";
import { layScratch } from "./scratch.ts";
import { decodeValue } from "./values.ts";

/** Bits of value `v` (VALUE_*) as the tile's header says. */
function headerBits(v: u32): u32 {
  if (v < 3) return load<u8>(PLAIN_PTR, TILE_CENTROID_BITS);
  if (v == 3) return load<u8>(PLAIN_PTR, TILE_INTENSITY_BITS);
  return v == 4 ? load<u8>(PLAIN_PTR, TILE_RING_BITS) : load<u8>(PLAIN_PTR, TILE_TIME_BITS);
}

/** Whether the fixed part of the header makes sense. */
function headerIsSound(bytes: u32): bool {
  if (bytes < <u32>TILE_BYTES + 4 || load<u32>(PLAIN_PTR) != MAGIC) return false;
  const length = load<u32>(PLAIN_PTR, TILE_LENGTH);
  if (length > bytes || length < <u32>TILE_BYTES + 4) return false;
  if (load<u8>(PLAIN_PTR, TILE_FLAGS) > <u8>TILE_HAS_ORIGIN) return false;
  const voxels = load<u32>(PLAIN_PTR, TILE_VOXELS);
  const depth = <u32>load<u8>(PLAIN_PTR, TILE_DEPTH);
  if (voxels > MAX_POINTS || depth > DEPTH_MAX || (voxels == 0) != (depth == 0)) return false;
  for (let v: u32 = 2; v < 6; v++) if (headerBits(v) > (v == 2 ? 6 : 8)) return false;
  const leaf = load<f32>(PLAIN_PTR, TILE_LEAF_M);
  if (!(leaf > 0 && leaf < Infinity)) return false;
  for (let k: u32 = 0; k < 12; k += 4) {
    const cell = load<i32>(PLAIN_PTR + k, TILE_ORIGIN);
    if (cell < -CELL_LIMIT || cell >= CELL_LIMIT) return false;
  }
  return true;
}

/** Checks the metadata records and copies them to REGION_METADATA; false if they do not add up. */
function copyMetadata(bytes: u32): bool {
  if (bytes > METADATA_BYTES) return false;
  const start = PLAIN_PTR + TILE_BYTES;
  let at = start;
  while (at < start + bytes) {
    if (start + bytes - at < 4) return false;
    at += 4 + <u32>load<u16>(at, 2);
  }
  if (at != start + bytes) return false;
  memory.copy(METADATA_PTR, start, bytes);
  return true;
}

/**
 * Decodes the record that stands in REGION_PLAIN: cells to REGION_CELLS, values to REGION_VALUES,
 * metadata to REGION_METADATA. Ends the current frame, whose memory it uses.
 * @returns voxels, or E_SIZE, E_FORMAT
 */
export function decodeTile(recordBytes: u32): i32 {
  if (recordBytes > PLAIN_BYTES) return E_SIZE;
  resetFrame();
  notePlainEnd(PLAIN_PTR + recordBytes);
  if (!headerIsSound(recordBytes)) return E_FORMAT;
  const end = PLAIN_PTR + load<u32>(PLAIN_PTR, TILE_LENGTH);
  const metadata = <u32>load<u16>(PLAIN_PTR, TILE_METADATA_BYTES);
  const trees = PLAIN_PTR + TILE_BYTES + metadata;
  if (trees + 4 > end || !copyMetadata(metadata)) return E_FORMAT;
  const treeBytes = load<u32>(trees);
  if (treeBytes > end - trees - 4) return E_FORMAT;
  const voxels = load<u32>(PLAIN_PTR, TILE_VOXELS);
  if (voxels == 0) return trees + 4 == end ? 0 : E_FORMAT;
  noteTile(voxels);
  resetModels(SHAPE_HIGH);
  prepareContexts();
  preparePack();
  const treeEnd = trees + 4 + treeBytes;
  beginDecoder(trees + 4, treeEnd);
  const depth = load<u8>(PLAIN_PTR, TILE_DEPTH);
  if (!decodeTree(depth, voxels) || !decoderIsBetweenBlocks()) return E_FORMAT;
  const bits = decoderAt();
  if ((loneBits() + 7) >> 3 != <u64>(treeEnd - bits)) return E_FORMAT;
  expandTree(
    depth,
    bits,
    load<i32>(PLAIN_PTR, TILE_ORIGIN),
    load<i32>(PLAIN_PTR, TILE_ORIGIN + 4),
    load<i32>(PLAIN_PTR, TILE_ORIGIN + 8),
  );
  return decodeValues(voxels, treeEnd, end) ? voxels : E_FORMAT;
}

/** Notes what the memory of a frame will hold, so that a wipe finds it. */
function noteTile(voxels: u32): void {
  // Places of nodes are twice as long as the keys in whose memory they stand, and written in pairs.
  noteKeys(min<u32>(2 * voxels + 4, ROWS));
  noteVoxels(voxels + 2);
  layScratch(voxels);
}

/** Decodes all values; false if their stream does not end where the tile ends. */
function decodeValues(voxels: u32, from: u32, end: u32): bool {
  memory.fill(ATTRIBUTES_PTR, 0, voxels * VALUE_BYTES);
  let any: u32 = 0;
  for (let v: u32 = 2; v < 6; v++) any |= headerBits(v);
  if (any == 0) return from == end;
  beginDecoder(from, end);
  for (let v: u32 = 0; v < 6; v++) {
    const bits = headerBits(v);
    if (bits > 0 && !decodeValue(v, bits, voxels)) return false;
  }
  return decoderIsBetweenBlocks() && decoderAt() == end;
}
