/** Reads the attributes of a block, in steps of 1/2047, so that sums of 2^21 points fit 32 bits. */
import { LAYOUT_INTENSITY, LAYOUT_RING, LAYOUT_TIME } from "../abi.ts";
import { ATTRIBUTE, SOURCE } from "../frame/block.ts";
import { fieldValue, hasField } from "../frame/layout.ts";
import { INPUT_PTR } from "../memory.ts";

const ATTRIBUTE_STEPS: f64 = 2047;

/** Writes intensity, ring, time and 0 for each point of the block. */
export function attributesOfBlock(count: u32, pointStep: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const point = INPUT_PTR + load<u32>(SOURCE + (i << 2)) * pointStep;
    const to = ATTRIBUTE + (i << 4);
    store<u32>(to, steps(LAYOUT_INTENSITY, point));
    store<u32>(to, steps(LAYOUT_RING, point), 4);
    store<u32>(to, steps(LAYOUT_TIME, point), 8);
    store<u32>(to, 0, 12);
  }
}

/** One attribute, clamped to 0..1; absent or NaN counts as 0. */
function steps(field: u32, point: u32): u32 {
  if (!hasField(field)) return 0;
  const value = fieldValue(field, point);
  const clamped = value >= 0 ? min<f64>(value, 1) : 0;
  return <u32>(clamped * ATTRIBUTE_STEPS + 0.5);
}
