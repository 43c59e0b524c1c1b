/** Wipes everything that the core was ever told: keys, points, maps, places, policies. */
import { wipeBoxes } from "./frame/boxes.ts";
import { resetFrame } from "./frame/frame.ts";
import { wipeNoGo } from "./frame/no-go.ts";
import { CONTROL_PTR, DIGITS_PTR, INPUT_BYTES, INPUT_PTR, PLAIN_PTR, wipePlain } from "./memory.ts";
import { sealWipe } from "./seal/veil.ts";
import { wipePose } from "./strip/pose.ts";
import { wipeTree } from "./tile/octree.ts";
import { wipeBricks } from "./voxel/bricks.ts";
import { wipeGrid } from "./voxel/grid.ts";
import { wipeSamples } from "./voxel/samples.ts";

/**
 * Zeroes every region. Large ones only as far as they were written, so that a wipe after each frame
 * costs what the frame did.
 */
export function wipeAll(): void {
  sealWipe();
  resetFrame();
  wipePose();
  wipeBoxes();
  wipeNoGo();
  wipeBricks();
  wipeTree();
  wipeGrid();
  wipeSamples();
  wipePlain();
  memory.fill(CONTROL_PTR, 0, INPUT_PTR + INPUT_BYTES - CONTROL_PTR);
  memory.fill(DIGITS_PTR, 0, PLAIN_PTR - DIGITS_PTR);
}
