/**
 * The frame file of the example controller: what a sensor's driver would hand over, without a parser.
 * Little-endian; LAYOUT and FRAME are the core's structs.
 *
 *   "MVF\x01", u32 frames, LAYOUT
 *   then each frame: u32 kind (KIND_*), u32 points, FRAME, the points in that layout
 */
import * as abi from "../../../assembly/abi.ts";
import type { Frame } from "../../core/frame.ts";
import { putFrame, putLayout } from "../../core/frame-structs.ts";

const MAGIC = [0x4d, 0x56, 0x46, 0x01];
const COUNT = 4;
const LAYOUT = 8;
const FRAME = 8;

function layoutStruct(frame: Frame): Uint8Array {
  const struct = new Uint8Array(abi.LAYOUT_BYTES);
  putLayout(new DataView(struct.buffer), 0, frame.layout);
  return struct;
}

/** One frame of the file; `kind` says of which data class it is. */
export function frameRecord(frame: Frame, kind: number = abi.KIND_FRAME): Uint8Array {
  const points = frame.data.subarray(0, frame.count * frame.layout.pointStep);
  const record = new Uint8Array(FRAME + abi.FRAME_BYTES + points.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, kind, true);
  view.setUint32(4, frame.count, true);
  putFrame(view, FRAME, frame);
  record.set(points, FRAME + abi.FRAME_BYTES);
  return record;
}

/**
 * The whole file.
 * @throws RangeError without a frame, or where two frames have different layouts
 */
export function frameFile(
  frames: readonly Frame[],
  kinds: readonly (number | undefined)[] = [],
): Uint8Array {
  if (frames.length === 0) throw new RangeError("A frame file holds one frame at least.");
  const layout = layoutStruct(frames[0]!);
  if (frames.some((frame) => Buffer.compare(layoutStruct(frame), layout) !== 0)) {
    throw new RangeError("All frames of a file have one layout.");
  }
  const head = new Uint8Array(LAYOUT + abi.LAYOUT_BYTES);
  head.set(MAGIC);
  new DataView(head.buffer).setUint32(COUNT, frames.length, true);
  head.set(layout, LAYOUT);
  return Buffer.concat([head, ...frames.map((frame, i) => frameRecord(frame, kinds[i]))]);
}
