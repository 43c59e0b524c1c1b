/**
 * Crops a block: no-go areas first, then range, height and boxes. Each point is counted once, under
 * the first rule that removes it.
 *
 * Range and boxes are measured in the sensor's frame (the robot's own body moves with it), height
 * and no-go areas in the map frame (a bedroom does not).
 */
import {
  BOX_BYTES,
  BOX_CENTRE,
  BOX_COUNT_MAX,
  BOX_HALF,
  BOX_KEEP,
  BOX_MODE,
  BOX_QUATERNION,
  BOX_REMOVE,
  E_ARG,
  POLICY_AREA_COUNT,
  POLICY_BOX_COUNT,
  POLICY_BYTES,
  POLICY_HEIGHT_MAX,
  POLICY_HEIGHT_MIN,
  POLICY_RANGE_MAX,
  POLICY_RANGE_MIN,
  STATS_BOX,
  STATS_HEIGHT,
  STATS_NO_GO,
  STATS_RANGE,
} from "../abi.ts";
import { POLICY_PTR, STATS_PTR } from "../memory.ts";
import { KEEP, packBlock, X, Y, Z } from "./block.ts";
import { inNoGo } from "./no-go.ts";

/** Rows of a box's rotation, world to box: 9 f32 a box. */
const ROTATION: usize = memory.data(BOX_COUNT_MAX * 36, 16);

let cropsRange = false;
let cropsHeight = false;

/** Reads the crop part of the policy; E_ARG if a number is out of its range. */
export function prepareCrop(): i32 {
  const rangeMin = load<f32>(POLICY_PTR, POLICY_RANGE_MIN);
  const rangeMax = load<f32>(POLICY_PTR, POLICY_RANGE_MAX);
  const heightMin = load<f32>(POLICY_PTR, POLICY_HEIGHT_MIN);
  const heightMax = load<f32>(POLICY_PTR, POLICY_HEIGHT_MAX);
  if (!(rangeMin >= 0 && rangeMax >= rangeMin && heightMax >= heightMin)) return E_ARG;
  cropsRange = rangeMin > 0 || rangeMax < Infinity;
  cropsHeight = heightMin > -Infinity || heightMax < Infinity;
  const boxes = load<u32>(POLICY_PTR, POLICY_BOX_COUNT);
  if (boxes > <u32>BOX_COUNT_MAX) return E_ARG;
  for (let b: u32 = 0; b < boxes; b++) {
    if (prepareBox(POLICY_PTR + POLICY_BYTES + b * BOX_BYTES, ROTATION + b * 36) < 0) return E_ARG;
  }
  return 0;
}

/** Forgets how the boxes are turned. */
export function wipeCrop(): void {
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
  let x = load<f32>(box, BOX_QUATERNION);
  let y = load<f32>(box, BOX_QUATERNION + 4);
  let z = load<f32>(box, BOX_QUATERNION + 8);
  let w = load<f32>(box, BOX_QUATERNION + 12);
  const norm: f32 = sqrt<f32>(x * x + y * y + z * z + w * w);
  if (!(norm > 0 && norm < Infinity)) return E_ARG;
  x /= norm;
  y /= norm;
  z /= norm;
  w /= norm;
  // The rows are the box's axes in the sensor's frame, so a row times (p - centre) is p along it.
  store<f32>(rows, 1 - 2 * (y * y + z * z));
  store<f32>(rows, 2 * (x * y + w * z), 4);
  store<f32>(rows, 2 * (x * z - w * y), 8);
  store<f32>(rows, 2 * (x * y - w * z), 12);
  store<f32>(rows, 1 - 2 * (x * x + z * z), 16);
  store<f32>(rows, 2 * (y * z + w * x), 20);
  store<f32>(rows, 2 * (x * z + w * y), 24);
  store<f32>(rows, 2 * (y * z - w * x), 28);
  store<f32>(rows, 1 - 2 * (x * x + y * y), 32);
  return 0;
}

/** Whether the crop needs map coordinates. */
export function cropsInMap(): bool {
  return cropsHeight || load<u32>(POLICY_PTR, POLICY_AREA_COUNT) != 0;
}

/**
 * Applies every rule to the block and packs it; returns how many points stay.
 * @param mx @param my @param mz columns that hold map coordinates: MX.. or, without a pose, X..
 */
export function cropBlock(count: u32, mx: u32, my: u32, mz: u32): u32 {
  let kept = count;
  if (load<u32>(POLICY_PTR, POLICY_AREA_COUNT) != 0) kept = cropNoGo(kept, mx, my, mz);
  if (cropsRange) kept = cropRange(kept);
  if (cropsHeight) kept = cropHeight(kept, mz);
  if (load<u32>(POLICY_PTR, POLICY_BOX_COUNT) != 0) kept = cropBoxes(kept);
  return kept;
}

/** Packs the block by KEEP and counts what went. */
function finishRule(counter: u32, before: u32): u32 {
  const kept = packBlock(before);
  store<u32>(STATS_PTR + counter, load<u32>(STATS_PTR + counter) + before - kept);
  return kept;
}

function cropNoGo(count: u32, mx: u32, my: u32, mz: u32): u32 {
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const inside = inNoGo(load<f32>(mx + i), load<f32>(my + i), load<f32>(mz + i));
    store<u32>(KEEP + i, inside ? 0 : 1);
  }
  return finishRule(STATS_NO_GO, count);
}

/** Compares squares in f64: exact for f32 coordinates up to rounding of the sum, no overflow. */
function cropRange(count: u32): u32 {
  const low = <f64>load<f32>(POLICY_PTR, POLICY_RANGE_MIN);
  const high = <f64>load<f32>(POLICY_PTR, POLICY_RANGE_MAX);
  const low2 = low * low;
  const high2 = high * high;
  let all: u32 = 1;
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const x = <f64>load<f32>(X + i);
    const y = <f64>load<f32>(Y + i);
    const z = <f64>load<f32>(Z + i);
    const r2 = x * x + y * y + z * z;
    const stays: u32 = <u32>(r2 >= low2) & <u32>(r2 <= high2);
    store<u32>(KEEP + i, stays);
    all &= stays;
  }
  return all ? count : finishRule(STATS_RANGE, count);
}

function cropHeight(count: u32, mz: u32): u32 {
  const low = load<f32>(POLICY_PTR, POLICY_HEIGHT_MIN);
  const high = load<f32>(POLICY_PTR, POLICY_HEIGHT_MAX);
  let all: u32 = 1;
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const z = load<f32>(mz + i);
    const stays: u32 = <u32>(z >= low) & <u32>(z <= high);
    store<u32>(KEEP + i, stays);
    all &= stays;
  }
  return all ? count : finishRule(STATS_HEIGHT, count);
}

function cropBoxes(count: u32): u32 {
  const boxes = load<u32>(POLICY_PTR, POLICY_BOX_COUNT);
  for (let i: u32 = 0; i < count << 2; i += 4) {
    let removed = false;
    let mustBeIn = false;
    let isIn = false;
    for (let b: u32 = 0; b < boxes; b++) {
      const inside = inBox(b, load<f32>(X + i), load<f32>(Y + i), load<f32>(Z + i));
      if (load<u32>(POLICY_PTR + POLICY_BYTES + b * BOX_BYTES, BOX_MODE) == BOX_REMOVE) {
        removed = removed || inside;
      } else {
        mustBeIn = true;
        isIn = isIn || inside;
      }
    }
    store<u32>(KEEP + i, removed || (mustBeIn && !isIn) ? 0 : 1);
  }
  return finishRule(STATS_BOX, count);
}

/** Whether the point is inside box `b`, its faces included. */
function inBox(b: u32, px: f32, py: f32, pz: f32): bool {
  const box = POLICY_PTR + POLICY_BYTES + b * BOX_BYTES;
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
