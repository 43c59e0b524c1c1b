/**
 * Power-on self-test: known answers of the seal, then one made-up frame all the way to a tile and
 * back. The same value on every engine and in both builds, so it also tells engines and compilers that
 * compute otherwise (fused multiply-add, a broken optimiser).
 */
import {
  E_SELFTEST,
  FIELD_BYTES,
  FIELD_OFFSET,
  FIELD_SCALE,
  FIELD_TYPE,
  LAYOUT_POINT_STEP,
  LAYOUT_X,
  POINT_CENTRE,
  POINT_CENTROID,
  POLICY_CENTROID_BITS,
  POLICY_HEIGHT_MAX,
  POLICY_HEIGHT_MIN,
  POLICY_LEAF_M,
  POLICY_POINT,
  POLICY_RANGE_MAX,
  STATS_TILE_BYTES,
  TYPE_F32,
} from "./abi.ts";
import { beginFrame, finishFrame, pushPoints } from "./frame/frame.ts";
import { INPUT_PTR, LAYOUT_IN_PTR, PLAIN_PTR, POLICY_IN_PTR, SMALL, STATS_PTR } from "./memory.ts";
import { sealSelftest } from "./seal/selftest.ts";
import { decodeTile } from "./tile/decode.ts";
import { encodeTile } from "./tile/encode.ts";
import { wipeAll } from "./wipe.ts";

/** micro has room for fewer points, and no centroids. */
const POINTS: u32 = SMALL ? 512 : 2048;
/** Voxels of the made-up frame, and FNV-1a of its tile. */
const VOXELS: i32 = SMALL ? 408 : 1022;
const TILE_HASH: u32 = SMALL ? 0xa2cdceaa : 0x7743ff6d;

/**
 * 1 + e, 1 - e and -1: a * b + c is 0 where the product is rounded before the sum, and -e * e where
 * both are fused, as C compilers do if they are let. They stand in memory, so that nobody computes
 * them beforehand; the zeros let static data, of which this is the last, end at a multiple of 16.
 */
const NEAR_ONE: usize = memory.data<f32>([1.0001220703125, 0.9998779296875, -1, 0], 16);
const NEAR_ONE_F64: usize = memory.data<f64>([1.0000000037252903, 0.9999999962747097, -1, 0], 16);

/** 0, or E_SELFTEST. Ends everything under way, and wipes everything. */
export function selfTest(): i32 {
  wipeAll();
  const sound = roundsEachStep() && sealSelftest() == 0 && frameIsSound();
  wipeAll();
  return sound ? 0 : E_SELFTEST;
}

function roundsEachStep(): bool {
  const a = load<f32>(NEAR_ONE) * load<f32>(NEAR_ONE, 4) + load<f32>(NEAR_ONE, 8);
  const b = load<f64>(NEAR_ONE_F64) * load<f64>(NEAR_ONE_F64, 8) + load<f64>(NEAR_ONE_F64, 16);
  return a == 0 && b == 0;
}

function frameIsSound(): bool {
  writeInputs();
  if (beginFrame() < 0 || pushPoints(POINTS) < 0 || finishFrame() != VOXELS) return false;
  const record = encodeTile(0);
  if (record < 0 || hashTile() != TILE_HASH) return false;
  return SMALL || decodeTile(record) == VOXELS;
}

/** Points of a lattice that a linear congruential generator disturbs; a policy with centroids. */
function writeInputs(): void {
  store<u32>(LAYOUT_IN_PTR, 12, LAYOUT_POINT_STEP);
  for (let k: u32 = 0; k < 3; k++) {
    const field = LAYOUT_IN_PTR + LAYOUT_X + k * FIELD_BYTES;
    store<u32>(field, 4 * k, FIELD_OFFSET);
    store<u32>(field, TYPE_F32, FIELD_TYPE);
    store<f64>(field, 1, FIELD_SCALE);
  }
  store<f32>(POLICY_IN_PTR, 0.1, POLICY_LEAF_M);
  store<u32>(POLICY_IN_PTR, SMALL ? POINT_CENTRE : POINT_CENTROID, POLICY_POINT);
  store<u32>(POLICY_IN_PTR, 3, POLICY_CENTROID_BITS);
  store<f32>(POLICY_IN_PTR, Infinity, POLICY_RANGE_MAX);
  store<f32>(POLICY_IN_PTR, -Infinity, POLICY_HEIGHT_MIN);
  store<f32>(POLICY_IN_PTR, Infinity, POLICY_HEIGHT_MAX);
  let seed: u32 = 1;
  for (let i: u32 = 0; i < POINTS * 3; i++) {
    seed = seed * 1664525 + 1013904223;
    const step = <f32>(<i32>(i % 61) - 30) * 0.07;
    store<f32>(INPUT_PTR + (i << 2), step + <f32>(seed >> 8) * 2e-8);
  }
}

/** FNV-1a, 32 bits, of the tile in PLAIN. */
function hashTile(): u32 {
  const bytes = load<u32>(STATS_PTR, STATS_TILE_BYTES);
  let hash: u32 = 0x811c9dc5;
  for (let i: u32 = 0; i < bytes; i++) hash = (hash ^ load<u8>(PLAIN_PTR + i)) * 0x01000193;
  return hash;
}
