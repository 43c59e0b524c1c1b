/**
 * Values of the voxels: where the centroid lies in its cell, and attributes. They are coded as
 * columns, each in the voxels' order: x, y, z of the centroid, intensity, ring, time; what the header
 * gives no bits is left out. All columns are one stream, which a fresh coder begins; models go on.
 *
 * Each value is quantised to the bits that the policy grants; the bits above the lowest four, if any,
 * are one symbol of VALUE[column][0], the lowest four another of VALUE[column][16 + the first].
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
} from "../abi.ts";
import { hasField } from "../frame/layout.ts";
import { ORDERED_ATTRIBUTES_PTR, ORDERED_SUMS_PTR, POLICY_PTR } from "../memory.ts";
import { VALUE } from "./models.ts";
import { checkDecisions, decide } from "./range-coder.ts";
import { decodeSymbol } from "./range-decoder.ts";

/** Steps of a sum of fractions and of attributes that make one whole: 2^11. */
const STEP_BITS: u32 = 11;

/** Bits of value `v` (VALUE_*) under the policy, 0 if it is not kept or not in the input. */
export function valueBits(v: u32): u32 {
  if (v < 3) {
    const centroid = load<u32>(POLICY_PTR, POLICY_POINT) == POINT_CENTROID;
    return centroid ? load<u32>(POLICY_PTR, POLICY_CENTROID_BITS) : 0;
  }
  if (v == 3) return hasField(LAYOUT_INTENSITY) ? load<u32>(POLICY_PTR, POLICY_INTENSITY_BITS) : 0;
  if (v == 4) return hasField(LAYOUT_RING) ? load<u32>(POLICY_PTR, POLICY_RING_BITS) : 0;
  return hasField(LAYOUT_TIME) ? load<u32>(POLICY_PTR, POLICY_TIME_BITS) : 0;
}

/** Appends the decisions of value `v` for all voxels. */
export function encodeValue(v: u32, bits: u32, voxels: u32, at: u32): u32 {
  const sums = v < 3 ? ORDERED_SUMS_PTR + (v << 2) : ORDERED_ATTRIBUTES_PTR + ((v - 3) << 2);
  for (let i: u32 = 0; i < voxels; i++) {
    const sum = <u64>load<u32>(sums + (i << 4));
    // Hosts may have written into REGION_CELLS, whence this came: nothing of theirs may trap.
    const points = max<u64>(<u64>load<u32>(ORDERED_SUMS_PTR + (i << 4), 12), 1);
    // floor(mean * 2^bits): integers, so that the order of points and the engine do not matter.
    const mean = (sum << (<u64>bits)) / (points << STEP_BITS);
    const value = <u32>min<u64>(mean, (1 << (<u64>bits)) - 1);
    const high = bits > 4 ? value >> 4 : 0;
    if (bits > 4) at = decide(at, VALUE + (v << 5), high);
    at = decide(at, VALUE + (v << 5) + 16 + high, value & 15);
    at = checkDecisions(at);
  }
  return at;
}

/** Decodes what encodeValue appended for one voxel. */
export function decodeValue(v: u32, bits: u32): u32 {
  const high = bits > 4 ? decodeSymbol(VALUE + (v << 5)) : 0;
  return (high << 4) | decodeSymbol(VALUE + (v << 5) + 16 + high);
}
