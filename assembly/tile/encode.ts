/**
 * The tile: the one thing that leaves. Header, metadata that passed, octree, values; then zeros up to
 * the size class.
 *
 *   ┌ header 36 ┬ metadata ┬ u32 tree bytes ┬ tree ┬ values (a stream of its own) ┬ zeros ┐
 *
 * An empty tile has 0 tree bytes and no values; a tile without values ends behind its tree.
 */
import {
  E_FULL,
  E_STATE,
  POLICY_LEAF_M,
  POLICY_PADDING,
  STATS_PADDED_BYTES,
  STATS_TILE_BYTES,
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
} from "../abi.ts";
import { frameHasOrigin, frameIsDone } from "../frame/frame.ts";
import { notePlainEnd, PLAIN_BYTES, PLAIN_PTR, POLICY_PTR, SMALL, STATS_PTR } from "../memory.ts";
import * as small from "../small/encode-tree.ts";
import { stripMetadata } from "../strip/metadata.ts";
import { gridDepth, gridVoxels, LOWEST, ORIGIN } from "../voxel/extent.ts";
import { gridBricks, orderGrid } from "../voxel/grid.ts";
import { prepareContexts } from "./contexts.ts";
import { encodeTree } from "./encode-tree.ts";
import { listOrder, writeLones } from "./lone.ts";
import { resetModels, SHAPE_HIGH } from "./models.ts";
import { buildLevels } from "./octree.ts";
import { paddedBytes } from "./padding.ts";
import { beginEncoder, endEncoder } from "./rans-encoder.ts";
import { layScratch } from "./scratch.ts";
import { encodeValue, valueBits } from "./values.ts";

/** "MVT\x01", little-endian. */
export const MAGIC: u32 = 0x0154564d;

/**
 * Encodes the finished frame into REGION_PLAIN.
 * @param metadataBytes bytes of records offered in REGION_METADATA
 * @returns bytes of the record, padding included; or E_STATE, E_FORMAT (records), E_FULL
 */
export function encodeTile(metadataBytes: u32): i32 {
  if (!frameIsDone()) return E_STATE;
  const voxels = gridVoxels;
  const metadata = stripMetadata(metadataBytes, PLAIN_PTR + TILE_BYTES);
  if (metadata < 0) return metadata;
  if (!SMALL) orderGrid();
  writeHeader(voxels, metadata);
  const trees = PLAIN_PTR + TILE_BYTES + metadata;
  const end = PLAIN_PTR + PLAIN_BYTES;
  let treeBytes = 0;
  if (voxels > 0) {
    treeBytes = SMALL ? small.writeTree(trees + 4, end) : writeTree(trees + 4, end);
    if (treeBytes < 0) return overflow();
  }
  store<u32>(trees, treeBytes);
  const values = trees + 4 + treeBytes;
  const valueBytes = encodeValues(voxels, values, end);
  if (valueBytes < 0) return overflow();
  return finishRecord(values + valueBytes - PLAIN_PTR);
}

function writeHeader(voxels: u32, metadata: u32): void {
  store<u32>(PLAIN_PTR, MAGIC);
  store<u8>(PLAIN_PTR, <u8>(frameHasOrigin() ? TILE_HAS_ORIGIN : 0), TILE_FLAGS);
  store<u8>(PLAIN_PTR, <u8>gridDepth, TILE_DEPTH);
  store<u8>(PLAIN_PTR, <u8>valueBits(0), TILE_CENTROID_BITS);
  store<u8>(PLAIN_PTR, <u8>valueBits(3), TILE_INTENSITY_BITS);
  store<u8>(PLAIN_PTR, <u8>valueBits(4), TILE_RING_BITS);
  store<u8>(PLAIN_PTR, <u8>valueBits(5), TILE_TIME_BITS);
  store<u16>(PLAIN_PTR, <u16>metadata, TILE_METADATA_BYTES);
  store<f32>(PLAIN_PTR, load<f32>(POLICY_PTR, POLICY_LEAF_M), TILE_LEAF_M);
  store<u32>(PLAIN_PTR, voxels, TILE_VOXELS);
  const keep = frameHasOrigin();
  for (let k: u32 = 0; k < 12; k += 4) {
    const corner = keep ? load<i32>(ORIGIN + k) : -load<i32>(LOWEST + k);
    store<i32>(PLAIN_PTR + k, corner, TILE_ORIGIN);
  }
}

/** The blocks of the tree's stream and the bits of its lone voxels; -1 if they do not fit. */
function writeTree(to: u32, end: u32): i32 {
  resetModels(SHAPE_HIGH);
  prepareContexts();
  layScratch(gridVoxels);
  buildLevels(gridBricks, gridDepth);
  beginEncoder(to, end);
  encodeTree(gridDepth);
  const blockBytes = endEncoder();
  if (blockBytes < 0) return -1;
  const loneBytes = writeLones(to + blockBytes, end);
  return loneBytes < 0 ? -1 : blockBytes + loneBytes;
}

/** All kept values as one stream; returns its bytes, 0 without any, -1 if it does not fit. */
function encodeValues(voxels: u32, to: u32, end: u32): i32 {
  if (SMALL || voxels == 0) return 0;
  let any: u32 = 0;
  for (let v: u32 = 0; v < 6; v++) any |= valueBits(v);
  if (any == 0) return 0;
  listOrder(gridBricks);
  beginEncoder(to, end);
  for (let v: u32 = 0; v < 6; v++) {
    const bits = valueBits(v);
    if (bits > 0) encodeValue(v, bits, voxels);
  }
  return endEncoder();
}

/** The tile outgrew its region, which is now written all over. */
function overflow(): i32 {
  notePlainEnd(PLAIN_PTR + PLAIN_BYTES);
  return E_FULL;
}

/** Writes the length, pads with zeros, and gives back what earlier records left behind. */
function finishRecord(bytes: u32): i32 {
  const padded = paddedBytes(bytes, load<u32>(POLICY_PTR, POLICY_PADDING));
  if (padded > PLAIN_BYTES) return overflow();
  notePlainEnd(PLAIN_PTR + padded);
  store<u32>(PLAIN_PTR, bytes, TILE_LENGTH);
  memory.fill(PLAIN_PTR + bytes, 0, padded - bytes);
  store<u32>(STATS_PTR, bytes, STATS_TILE_BYTES);
  store<u32>(STATS_PTR, padded, STATS_PADDED_BYTES);
  return padded;
}
