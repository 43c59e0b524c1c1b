/** The boxes of the policy: points in a box are removed, or only those in some box are kept. */
import {
  BOX_BYTES,
  BOX_CENTRE,
  BOX_HALF,
  BOX_KEEP,
  BOX_MODE,
  BOX_QUATERNION,
  BOX_REMOVE,
  E_ARG,
  POLICY_BOX_COUNT,
  POLICY_BYTES,
} from "../abi.ts";
import { POLICY_PTR } from "../memory.ts";
import { BOX_COUNT_MAX } from "../profile.ts";
import { KEEP, X, Y, Z } from "./block.ts";
import { writeRotation } from "./rotation.ts";

/** Rows of a box's rotation, world to box: 9 f32 a box. */
const ROTATION: usize = memory.data(BOX_COUNT_MAX * 36, 16);
const BOXES_PTR: u32 = POLICY_PTR + POLICY_BYTES;

/** Reads the boxes of the policy; E_ARG if one has a number that is out of its range. */
export function prepareBoxes(): i32 {
  const boxes = load<u32>(POLICY_PTR, POLICY_BOX_COUNT);
  if (boxes > BOX_COUNT_MAX) return E_ARG;
  for (let b: u32 = 0; b < boxes; b++) {
    if (prepareBox(BOXES_PTR + b * BOX_BYTES, ROTATION + b * 36) < 0) return E_ARG;
  }
  return 0;
}

/** Forgets how the boxes are turned. */
export function wipeBoxes(): void {
  memory.fill(ROTATION, 0, BOX_COUNT_MAX * 36);
}

/** Writes the rotation rows of one box from its quaternion, normalised here. */
function prepareBox(box: usize, rows: usize): i32 {
  if (load<u32>(box, BOX_MODE) > <u32>BOX_KEEP) return E_ARG;
  for (let k: u32 = 0; k < 3; k++) {
    const centre = load<f32>(box + k * 4, BOX_CENTRE);
    const half = load<f32>(box + k * 4, BOX_HALF);
    if (centre - centre != 0 || !(half >= 0)) return E_ARG;
  }
  // The rows are the box's axes in the sensor's frame, so a row times (p - centre) is p along it.
  return writeRotation<f32>(rows, box + BOX_QUATERNION, 12, 4) ? 0 : E_ARG;
}

/** Writes KEEP for the points of the block; true if all of them stay. */
export function keepByBoxes(count: u32): bool {
  return ASC_FEATURE_SIMD ? keepBy4(count) : keepBy1(count);
}

function keepBy4(count: u32): bool {
  const end = BOXES_PTR + load<u32>(POLICY_PTR, POLICY_BOX_COUNT) * BOX_BYTES;
  let all: u32 = 15;
  for (let i: u32 = 0; i < count << 2; i += 16) {
    let removed = i32x4.splat(0);
    let isIn = removed;
    let mustBeIn: i32 = 0;
    let rows = ROTATION;
    for (let box = BOXES_PTR; box < end; box += BOX_BYTES, rows += 36) {
      const inside = inBoxBy4(box, rows, i);
      if (load<u32>(box, BOX_MODE) == BOX_REMOVE) {
        removed = v128.or(removed, inside);
      } else {
        mustBeIn = -1;
        isIn = v128.or(isIn, inside);
      }
    }
    const stays = v128.andnot(v128.or(isIn, i32x4.splat(~mustBeIn)), removed);
    v128.store(KEEP + i, i32x4.shr_u(stays, 31));
    // What stands behind the last point does not count.
    const beyond: u32 = i + 16 > count << 2 ? 15 << (count & 3) : 0;
    all &= i32x4.bitmask(stays) | beyond;
  }
  return all == 15;
}

/** Lanes of the points that are inside a box, its faces included. */
// @ts-expect-error: decorator
@inline
function inBoxBy4(box: u32, rows: usize, i: u32): v128 {
  const x = f32x4.sub(v128.load(X + i), v128.load32_splat(box, BOX_CENTRE));
  const y = f32x4.sub(v128.load(Y + i), v128.load32_splat(box, BOX_CENTRE + 4));
  const z = f32x4.sub(v128.load(Z + i), v128.load32_splat(box, BOX_CENTRE + 8));
  let outside = i32x4.splat(0);
  for (let k: u32 = 0; k < 3; k++) {
    const row = rows + k * 12;
    const xy = f32x4.add(
      f32x4.mul(v128.load32_splat(row), x),
      f32x4.mul(v128.load32_splat(row, 4), y),
    );
    const along = f32x4.add(xy, f32x4.mul(v128.load32_splat(row, 8), z));
    const half = v128.load32_splat(box + k * 4, BOX_HALF);
    outside = v128.or(outside, f32x4.gt(f32x4.abs(along), half));
  }
  return v128.not(outside);
}

function keepBy1(count: u32): bool {
  let all = true;
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const stays = staysByBoxes(load<f32>(i, X), load<f32>(i, Y), load<f32>(i, Z));
    store<u32>(i, stays ? 1 : 0, KEEP);
    all = all && stays;
  }
  return all;
}

/** Whether a point of the sensor's frame stays. */
export function staysByBoxes(x: f32, y: f32, z: f32): bool {
  const boxes = load<u32>(POLICY_PTR, POLICY_BOX_COUNT);
  let mustBeIn = false;
  let isIn = false;
  for (let b: u32 = 0; b < boxes; b++) {
    const inside = inBox(b, x, y, z);
    if (load<u32>(BOXES_PTR + b * BOX_BYTES, BOX_MODE) == BOX_REMOVE) {
      if (inside) return false;
    } else {
      mustBeIn = true;
      isIn = isIn || inside;
    }
  }
  return isIn || !mustBeIn;
}

/** Whether the point is inside box `b`, its faces included. */
function inBox(b: u32, px: f32, py: f32, pz: f32): bool {
  const box = BOXES_PTR + b * BOX_BYTES;
  const rows = ROTATION + b * 36;
  const x = px - load<f32>(box, BOX_CENTRE);
  const y = py - load<f32>(box, BOX_CENTRE + 4);
  const z = pz - load<f32>(box, BOX_CENTRE + 8);
  for (let k: u32 = 0; k < 3; k++) {
    const row = rows + k * 12;
    const along = load<f32>(row) * x + load<f32>(row, 4) * y + load<f32>(row, 8) * z;
    if (abs<f32>(along) > load<f32>(box + k * 4, BOX_HALF)) return false;
  }
  return true;
}
