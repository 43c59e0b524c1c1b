/**
 * A point on its way through micro, one at a time: columns of them would take more memory and more
 * code. What becomes of it is what becomes of it in a block, operation by operation.
 */
import { FIELD_BYTES, LAYOUT_X } from "../abi.ts";
import { ruleAgainst } from "../frame/crop.ts";
import { fieldValue } from "../frame/layout.ts";
import { classify, countOne } from "../frame/read.ts";
import { TO_MAP, TO_OUTPUT } from "../frame/transform.ts";
import { BLOCK_PTR } from "../memory.ts";
import { addCell } from "./cell-list.ts";

/** x y z as f32: of the sensor, and moved. */
const SENSOR: u32 = BLOCK_PTR;
const MOVED: u32 = BLOCK_PTR + 16;

/**
 * Takes the raw point at `raw`; returns whether it stays, or E_FULL.
 * @param mapped whether a crop needs map coordinates
 * @param moves whether the output frame is another than the sensor's
 */
export function pushPoint(raw: u32, leaf: f32, mapped: bool, moves: bool): i32 {
  for (let k: u32 = 0; k < 3; k++) {
    store<f32>(SENSOR + (k << 2), <f32>fieldValue(LAYOUT_X + k * FIELD_BYTES, raw));
  }
  if (!classify(load<f32>(SENSOR), load<f32>(SENSOR, 4), load<f32>(SENSOR, 8))) return 0;
  if (mapped) movePoint(TO_MAP);
  const rule = ruleAgainst(SENSOR, mapped ? MOVED : SENSOR);
  if (rule != 0) {
    countOne(rule);
    return 0;
  }
  if (moves) movePoint(TO_OUTPUT);
  return addCell(moves ? MOVED : SENSOR, leaf);
}

/** As transformBlock does. */
function movePoint(m: usize): void {
  const x = load<f32>(SENSOR);
  const y = load<f32>(SENSOR, 4);
  const z = load<f32>(SENSOR, 8);
  for (let k: u32 = 0; k < 3; k++, m += 16) {
    const value = load<f32>(m) * x + load<f32>(m, 4) * y + load<f32>(m, 8) * z + load<f32>(m, 12);
    store<f32>(MOVED + (k << 2), value);
  }
}
