/** Wipes everything that the core was ever told: keys, points, maps, places, policies. */
import { wipeBoxes } from "./frame/boxes.ts";
import { resetFrame } from "./frame/frame.ts";
import { wipeNoGo } from "./frame/no-go.ts";
import { TO_MAP } from "./frame/transform.ts";
import { wipeMap } from "./map/map.ts";
import {
  BRICKS_PTR,
  CONTROL_PTR,
  DIGITS_PTR,
  MAPS,
  MEMORY_END,
  PLAIN_PTR,
  SMALL,
  wipePlain,
} from "./memory.ts";
import { sealWipe } from "./seal/veil.ts";
import { wipePose } from "./strip/pose.ts";
import { wipeTree } from "./tile/octree.ts";
import { wipeBricks } from "./voxel/bricks.ts";
import { clearExtent, setVoxels } from "./voxel/extent.ts";
import { wipeGrid } from "./voxel/grid.ts";
import { wipeSamples } from "./voxel/samples.ts";

/** More than the static tables take. */
const TABLES_MAX: u32 = 32768;

/**
 * Zeroes every region. Large ones only as far as they were written, so that a wipe after each frame
 * costs what the frame did; micro has none that is.
 */
export function wipeAll(): void {
  // Any table will do: all stand together, behind the map and not far behind it.
  if (TO_MAP < MEMORY_END || TO_MAP > MEMORY_END + TABLES_MAX)
    ERROR("memoryBase is not MEMORY_END");
  sealWipe();
  resetFrame();
  wipePose();
  wipeBoxes();
  wipeNoGo();
  if (SMALL) {
    setVoxels(0);
    clearExtent();
    memory.fill(CONTROL_PTR, 0, MEMORY_END - CONTROL_PTR);
    return;
  }
  wipeBricks();
  wipeTree();
  wipeGrid();
  wipeSamples();
  wipePlain();
  if (MAPS) wipeMap();
  memory.fill(CONTROL_PTR, 0, BRICKS_PTR - CONTROL_PTR);
  memory.fill(DIGITS_PTR, 0, PLAIN_PTR - DIGITS_PTR);
}
