/**
 * A map of many frames: what stands still in them. The cells of a scan are held back for a while, then
 * counted; the space that rays crossed says what was empty, window by window; a release is what was hit
 * and was not empty. Everything is counted in integers, so that no order of cells and no machine changes a
 * bit of it.
 */
import {
  CELL_LIMIT,
  E_ARG,
  E_FULL,
  E_STATE,
  FRAME_HAS_POSE,
  FRAME_HAS_STAMP,
  FRAME_STAMP_NS,
  FULL_BLOCKS,
  FULL_HELD,
  FULL_NOTHING,
  MAP_BLOCKS,
  MAP_BLOCKS_MAX,
  MAP_BYTES,
  MAP_FULL,
  MAP_HELD_CELLS,
  MAP_HELD_CELLS_MAX,
  MAP_HELD_SCANS,
  MAP_KEPT,
  MAP_REMOVED,
  MAP_SCANS,
  MAP_VOIDS_LOST,
  POLICY_BYTES,
  POLICY_LEAF_M,
} from "../abi.ts";
import { finishRelease, frameIsScan, noteScanTaken } from "../frame/frame.ts";
import { TO_OUTPUT } from "../frame/transform.ts";
import {
  BLOCKS_MAX,
  FRAME_PTR,
  HELD_MAX,
  MAP_IN_PTR,
  MAP_POLICY_PTR,
  POLICY_PTR,
} from "../memory.ts";
import { sessions } from "../strip/pose.ts";
import { UNIT_AND_BIAS } from "../voxel/cells.ts";
import { gridVoxels } from "../voxel/extent.ts";
import { blockCount, forgetBlocks, giveBack } from "./blocks.ts";
import {
  counted,
  countedStamp,
  countHeld,
  forgetHeld,
  HEAD,
  heldCells,
  heldRoom,
  heldScans,
} from "./held.ts";
import { listPart } from "./release.ts";
import { castRays, takeBlocks, takeHits } from "./scan.ts";
import { takeTerms, windowScans } from "./terms.ts";
import { closeWindow, forgetVoids, voidsLost } from "./voids.ts";
import { clearWindow, noteScan, openWindow, scans } from "./window.ts";

let begun = false;
/** Scans that were taken. */
let taken: u32 = 0;
let full: u32 = 0;
let newest: u64 = 0;
/** Session and leaf of the first scan. */
let session: u32 = 0;
let leaf: f32 = 0;

/** Forgets any map and begins one; see map_begin. */
export function beginMap(): i32 {
  forgetMap();
  if (takeTerms() < 0) return E_ARG;
  begun = true;
  report();
  return 0;
}

/** Takes the finished frame into the map; see map_add. */
export function addToMap(): i32 {
  if (!begun || !frameIsScan()) return E_STATE;
  if (taken > 0 && session != sessions) return E_STATE;
  if (load<u32>(FRAME_PTR, FRAME_HAS_STAMP) == 0) return E_ARG;
  const stamp = load<u64>(FRAME_PTR, FRAME_STAMP_NS);
  const edge = load<f32>(POLICY_PTR, POLICY_LEAF_M);
  if (taken > 0 && (stamp < newest || edge != leaf)) return E_ARG;
  for (let axis: u32 = 0; axis < 3; axis++) {
    // Compared so that what is no number is refused.
    if (!(abs<f32>(sensorAlong(axis, edge)) < <f32>CELL_LIMIT)) return E_ARG;
  }
  const cells = gridVoxels;
  if (HEAD + cells > heldRoom(stamp)) return refuse(FULL_HELD);
  const before = blockCount;
  if (!takeBlocks()) {
    giveBack(before);
    return refuse(FULL_BLOCKS);
  }
  takeScan(stamp, edge, cells);
  noteScanTaken();
  report();
  return cells;
}

/** Makes a part of the map the finished frame; see map_release. */
export function releaseMap(part: u32): i32 {
  if (!begun) return E_STATE;
  if (part > <u32>MAP_REMOVED) return E_ARG;
  closeWindow();
  report();
  listPart(part);
  // The tile is written under the policy of the scans, whatever frame came after them.
  memory.copy(POLICY_PTR, MAP_POLICY_PTR, POLICY_BYTES);
  store<u32>(FRAME_PTR, <u32>(taken > 0), FRAME_HAS_POSE);
  store<u32>(FRAME_PTR, <u32>counted, FRAME_HAS_STAMP);
  store<u64>(FRAME_PTR, countedStamp, FRAME_STAMP_NS);
  return finishRelease(part == MAP_KEPT);
}

/** Forgets the map, and zeroes all that it was made of. */
export function wipeMap(): void {
  forgetMap();
  memory.fill(MAP_IN_PTR, 0, MAP_BYTES);
}

function forgetMap(): void {
  clearWindow();
  forgetVoids();
  forgetHeld();
  forgetBlocks();
  memory.fill(MAP_POLICY_PTR, 0, POLICY_BYTES);
  begun = false;
  taken = 0;
  full = FULL_NOTHING;
  newest = 0;
  session = 0;
  leaf = 0;
}

/** The sensor's cell along an axis, as a whole number. */
function sensorAlong(axis: u32, edge: f32): f32 {
  return floor<f32>(load<f32>(TO_OUTPUT + (axis << 4), 12) / edge);
}

/** The same as an integer: it stands in the low bits of the sum, as in voxel/cells.ts. */
function sensorCell(axis: u32, edge: f32): i32 {
  const bits = reinterpret<u32>(sensorAlong(axis, edge) + UNIT_AND_BIAS);
  return <i32>(bits & (2 * CELL_LIMIT - 1)) - CELL_LIMIT;
}

function refuse(why: u32): i32 {
  full = why;
  report();
  return E_FULL;
}

/** Takes a scan that is known to have room. */
function takeScan(stamp: u64, edge: f32, cells: u32): void {
  if (taken == 0) {
    session = sessions;
    leaf = edge;
    memory.copy(MAP_POLICY_PTR, POLICY_PTR, POLICY_BYTES);
  }
  taken++;
  newest = stamp;
  // Those that are old enough now make the room that was counted on.
  countHeld(stamp);
  const x = sensorCell(0, edge);
  const y = sensorCell(1, edge);
  const z = sensorCell(2, edge);
  if (scans == 0) openWindow(x, y, z);
  takeHits(stamp, cells);
  castRays(x, y, z);
  if (noteScan() == windowScans) closeWindow();
  countHeld(stamp);
}

/** Writes how far the map has come to REGION_MAP. */
function report(): void {
  store<u32>(MAP_IN_PTR, taken, MAP_SCANS);
  store<u32>(MAP_IN_PTR, heldScans, MAP_HELD_SCANS);
  store<u32>(MAP_IN_PTR, heldCells, MAP_HELD_CELLS);
  store<u32>(MAP_IN_PTR, HELD_MAX, MAP_HELD_CELLS_MAX);
  store<u32>(MAP_IN_PTR, blockCount, MAP_BLOCKS);
  store<u32>(MAP_IN_PTR, BLOCKS_MAX, MAP_BLOCKS_MAX);
  store<u32>(MAP_IN_PTR, voidsLost, MAP_VOIDS_LOST);
  store<u32>(MAP_IN_PTR, full, MAP_FULL);
}
