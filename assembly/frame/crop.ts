/**
 * Crops a block: no-go areas first, then range, height and boxes. Each point is counted once, under
 * the first rule that removes it.
 *
 * Range and boxes are measured in the sensor's frame (the robot's own body moves with it), height
 * and no-go areas in the map frame (a bedroom does not).
 */
import {
  E_ARG,
  POLICY_AREA_COUNT,
  POLICY_BOX_COUNT,
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
import { keepByBoxes, prepareBoxes, staysByBoxes } from "./boxes.ts";
import { inNoGo } from "./no-go.ts";

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
  return prepareBoxes();
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
  const withMap = mx != X;
  let kept = count;
  if (load<u32>(POLICY_PTR, POLICY_AREA_COUNT) != 0) {
    kept = finishRule(STATS_NO_GO, kept, keepOutside(kept, mx, my, mz), withMap);
  }
  if (cropsRange) kept = finishRule(STATS_RANGE, kept, keepInRange(kept), withMap);
  if (cropsHeight) kept = finishRule(STATS_HEIGHT, kept, keepAtHeight(kept, mz), withMap);
  if (load<u32>(POLICY_PTR, POLICY_BOX_COUNT) != 0) {
    kept = finishRule(STATS_BOX, kept, keepByBoxes(kept), withMap);
  }
  return kept;
}

/**
 * The same for one point: the counter of the first rule that removes it, or 0. Both addresses hold
 * x y z as f32, that of the sensor and that of the map.
 */
export function ruleAgainst(sensor: u32, map: u32): u32 {
  const mz = load<f32>(map, 8);
  if (inNoGo(load<f32>(map), load<f32>(map, 4), mz)) return STATS_NO_GO;
  const x = load<f32>(sensor);
  const y = load<f32>(sensor, 4);
  const z = load<f32>(sensor, 8);
  const low = <f64>load<f32>(POLICY_PTR, POLICY_RANGE_MIN);
  const high = <f64>load<f32>(POLICY_PTR, POLICY_RANGE_MAX);
  const r2 = <f64>x * <f64>x + <f64>y * <f64>y + <f64>z * <f64>z;
  if (!(r2 >= low * low && r2 <= high * high)) return STATS_RANGE;
  // Where no height is cropped, one that overflowed is for the cells to drop.
  const below = !(mz >= load<f32>(POLICY_PTR, POLICY_HEIGHT_MIN));
  if (cropsHeight && (below || !(mz <= load<f32>(POLICY_PTR, POLICY_HEIGHT_MAX)))) {
    return STATS_HEIGHT;
  }
  return staysByBoxes(x, y, z) ? 0 : STATS_BOX;
}

/** Packs the block by KEEP, unless `all` stay, and counts what went. */
function finishRule(counter: u32, before: u32, all: bool, withMap: bool): u32 {
  if (all) return before;
  const kept = packBlock(before, withMap);
  store<u32>(STATS_PTR + counter, load<u32>(STATS_PTR + counter) + before - kept);
  return kept;
}

// Each rule writes KEEP for the points of the block, and says whether all of them stay.

function keepOutside(count: u32, mx: u32, my: u32, mz: u32): bool {
  let all = true;
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const inside = inNoGo(load<f32>(mx + i), load<f32>(my + i), load<f32>(mz + i));
    store<u32>(i, inside ? 0 : 1, KEEP);
    all = all && !inside;
  }
  return all;
}

/** Compares squares in f64: exact for f32 coordinates up to rounding of the sum, no overflow. */
function keepInRange(count: u32): bool {
  const low = <f64>load<f32>(POLICY_PTR, POLICY_RANGE_MIN);
  const high = <f64>load<f32>(POLICY_PTR, POLICY_RANGE_MAX);
  const low2 = low * low;
  const high2 = high * high;
  let all: u32 = 1;
  let i: u32 = 0;
  if (ASC_FEATURE_SIMD) {
    const least = f64x2.splat(low2);
    const most = f64x2.splat(high2);
    for (; i + 8 <= count << 2; i += 8) {
      const x = f64x2.promote_low_f32x4(v128.load64_zero(X + i));
      const y = f64x2.promote_low_f32x4(v128.load64_zero(Y + i));
      const z = f64x2.promote_low_f32x4(v128.load64_zero(Z + i));
      const r2 = f64x2.add(f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y)), f64x2.mul(z, z));
      const stays = i64x2.bitmask(v128.and(f64x2.ge(r2, least), f64x2.le(r2, most)));
      store<u32>(KEEP + i, stays & 1);
      store<u32>(KEEP + i, stays >> 1, 4);
      all &= <u32>(stays == 3);
    }
  }
  for (; i < count << 2; i += 4) {
    const x = <f64>load<f32>(i, X);
    const y = <f64>load<f32>(i, Y);
    const z = <f64>load<f32>(i, Z);
    const r2 = x * x + y * y + z * z;
    const stays: u32 = <u32>(r2 >= low2) & <u32>(r2 <= high2);
    store<u32>(i, stays, KEEP);
    all &= stays;
  }
  return all != 0;
}

function keepAtHeight(count: u32, mz: u32): bool {
  const low = load<f32>(POLICY_PTR, POLICY_HEIGHT_MIN);
  const high = load<f32>(POLICY_PTR, POLICY_HEIGHT_MAX);
  let all: u32 = 1;
  for (let i: u32 = 0; i < count << 2; i += 4) {
    const z = load<f32>(mz + i);
    const stays: u32 = <u32>(z >= low) & <u32>(z <= high);
    store<u32>(i, stays, KEEP);
    all &= stays;
  }
  return all != 0;
}
