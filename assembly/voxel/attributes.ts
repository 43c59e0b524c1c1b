/** Reads the attributes of a block, in steps of 1/2047, so that sums of 2^21 points fit 32 bits. */
import { LAYOUT_INTENSITY, LAYOUT_RING, LAYOUT_TIME } from "../abi.ts";
import { ATTRIBUTE, SOURCE } from "../frame/block.ts";
import { fieldValue, hasField } from "../frame/layout.ts";
import { INPUT_PTR } from "../memory.ts";

const ATTRIBUTE_STEPS: f64 = 2047;
/** Where ring and time begin in a packed entry; intensity begins at 0. */
const RING: u64 = 11;
const TIME: u64 = 32;

/** Packs intensity, ring and time for each point of the block. */
export function attributesOfBlock(count: u32, pointStep: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const point = INPUT_PTR + load<u32>(i << 2, SOURCE) * pointStep;
    const intensity = steps(LAYOUT_INTENSITY, point);
    const ring = steps(LAYOUT_RING, point) << RING;
    const time = steps(LAYOUT_TIME, point) << TIME;
    store<u64>(i << 3, intensity | ring | time, ATTRIBUTE);
  }
}

/** One attribute, clamped to 0..1; absent or NaN counts as 0. */
function steps(field: u32, point: u32): u64 {
  if (!hasField(field)) return 0;
  const value = fieldValue(field, point);
  const clamped: f64 = value >= 0 ? (value < 1 ? value : 1) : 0;
  return <u64>(<u32>(clamped * ATTRIBUTE_STEPS + 0.5));
}
