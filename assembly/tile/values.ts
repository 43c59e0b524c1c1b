/**
 * Values of the voxels: where the centroid lies in its cell, and attributes. They are coded as
 * columns, each in the voxels' order: x, y, z of the centroid, intensity, ring, time; what the header
 * gives no bits is left out. All columns are one stream, which a fresh coder begins; models go on.
 *
 * Each value is quantised to the bits that the policy grants. A column is the bits above the lowest
 * four of all its values, if there are any, under VALUE[column][0], then the lowest four of all of
 * them, under VALUE[column][16 + the bits above].
 */
import {
  LAYOUT_INTENSITY,
  LAYOUT_RING,
  LAYOUT_TIME,
  POINT_CENTROID,
  POLICY_CENTROID_BITS,
  POLICY_INTENSITY_BITS,
  POLICY_POINT,
  POLICY_RING_BITS,
  POLICY_TIME_BITS,
  VALUE_BYTES,
} from "../abi.ts";
import { hasField } from "../frame/layout.ts";
import { ATTRIBUTES_PTR, POLICY_PTR, SMALL, SUMS_PTR } from "../memory.ts";
import { VALUE } from "./models.ts";
import { decode16 } from "./rans-decoder.ts";
import { encode16 } from "./rans-encoder.ts";
import { highList, lowList, placeList } from "./scratch.ts";

/** Steps of a sum of fractions and of attributes that make one whole: 2^11. */
const STEP_BITS: u32 = 11;

/** Bits of value `v` (VALUE_*) under the policy, 0 if it is not kept or not in the input. */
export function valueBits(v: u32): u32 {
  // Its policies ask for none.
  if (SMALL) return 0;
  if (v < 3) {
    const centroid = load<u32>(POLICY_PTR, POLICY_POINT) == POINT_CENTROID;
    return centroid ? load<u32>(POLICY_PTR, POLICY_CENTROID_BITS) : 0;
  }
  if (v == 3) return hasField(LAYOUT_INTENSITY) ? load<u32>(POLICY_PTR, POLICY_INTENSITY_BITS) : 0;
  if (v == 4) return hasField(LAYOUT_RING) ? load<u32>(POLICY_PTR, POLICY_RING_BITS) : 0;
  return hasField(LAYOUT_TIME) ? load<u32>(POLICY_PTR, POLICY_TIME_BITS) : 0;
}

/** Codes value `v` of all voxels in the order that is listed. */
export function encodeValue(v: u32, bits: u32, voxels: u32): void {
  const order = placeList();
  const highs = highList();
  const lows = lowList();
  const sums = v < 3 ? SUMS_PTR + (v << 2) : ATTRIBUTES_PTR + ((v - 3) << 2);
  for (let i: u32 = 0; i < voxels; i++) {
    const voxel = load<u32>(order + (i << 2));
    const sum = <u64>load<u32>(sums + (voxel << 4));
    // Hosts may write here, as into REGION_CELLS: no number of theirs may trap or overflow.
    const points = max<u64>(<u64>load<u32>(SUMS_PTR + (voxel << 4), 12), 1);
    // floor(mean * 2^bits): integers, so that the order of points and the engine do not matter.
    const mean = (sum << (<u64>bits)) / (points << STEP_BITS);
    const value = <u32>min<u64>(mean, (1 << (<u64>bits)) - 1);
    store<u8>(highs + i, <u8>(value >> 4));
    store<u8>(lows + i, <u8>(value & 15));
  }
  const first = VALUE + (v << 5);
  if (bits > 4) encode16(first, highs, 0, highs, voxels);
  encode16(first + 16, highs, 15, lows, voxels);
}

/** Decodes what encodeValue coded to REGION_VALUES; false if it is damaged. */
export function decodeValue(v: u32, bits: u32, voxels: u32): bool {
  const highs = highList();
  const lows = lowList();
  const first = VALUE + (v << 5);
  if (bits <= 4) memory.fill(highs, 0, voxels);
  else if (!decode16(first, highs, 0, highs, voxels)) return false;
  if (!decode16(first + 16, highs, 15, lows, voxels)) return false;
  let all: u32 = 0;
  for (let i: u32 = 0; i < voxels; i++) {
    const value = ((<u32>load<u8>(highs + i)) << 4) | <u32>load<u8>(lows + i);
    all |= value;
    store<u8>(ATTRIBUTES_PTR + i * VALUE_BYTES + v, <u8>value);
  }
  return all >> bits == 0;
}
