/**
 * One frame, from raw points to the voxel grid: begin, push as often as needed, finish.
 *
 *   idle ──begin──▶ open ──push*──▶ open ──finish──▶ done ──encode──▶ done
 *     ▲                                │ error                          │
 *     └────────────────────────────────┴──────────── begin ◀────────────┘
 *
 * A frame under POSE_MAP is finished as a scan, which a map takes and nobody encodes; what a map releases
 * is done, or can be read out alone.
 */
import {
  E_ARG,
  E_SIZE,
  E_STATE,
  FIELD_STRIPPED,
  FRAME_HAS_POSE,
  LAYOUT_INTENSITY,
  LAYOUT_RING,
  LAYOUT_TIME,
  LEAF_MAX_MM,
  LEAF_MIN_MM,
  META_POINT_FIELD,
  POINT_CENTRE,
  POINT_CENTROID,
  POLICY_CENTROID_BITS,
  POLICY_INTENSITY_BITS,
  POLICY_LEAF_M,
  POLICY_PADDING,
  POLICY_POINT,
  POLICY_POSE,
  POLICY_RING_BITS,
  POLICY_TIME_BITS,
  POSE_MAP,
  STATS_BYTES,
  STATS_FIELDS,
  STATS_KEPT,
  STATS_POINTS_IN,
  STATS_VOXELS,
} from "../abi.ts";
import {
  FRAME_PTR,
  INPUT_BYTES,
  INPUT_PTR,
  MAPS,
  POLICY_PTR,
  SMALL,
  STATS_PTR,
  takeFrameInputs,
} from "../memory.ts";
import { MAX_SLOTS } from "../profile.ts";
import { beginList, finishList } from "../small/cell-list.ts";
import { pushPoint } from "../small/point.ts";
import { checkFields } from "../strip/metadata.ts";
import { preparePose } from "../strip/pose.ts";
import { isPadding } from "../tile/padding.ts";
import { attributesOfBlock } from "../voxel/attributes.ts";
import { addBlock, beginBricks } from "../voxel/bricks.ts";
import { cellsOfBlock } from "../voxel/cells.ts";
import { gridVoxels } from "../voxel/extent.ts";
import { finishGrid } from "../voxel/grid.ts";
import { writeVoxels } from "../voxel/read-out.ts";
import { BLOCK_POINTS, MX, MY, MZ, X, Y, Z } from "./block.ts";
import { cropBlock, cropsInMap, prepareCrop } from "./crop.ts";
import { checkLayout, hasField, isPlainF32, pointStep } from "./layout.ts";
import { prepareNoGo } from "./no-go.ts";
import { readGeneral, readPlainF32 } from "./read.ts";
import { findRows, ROWS_UNKNOWN } from "./rings.ts";
import { TO_MAP, TO_OUTPUT, transformBlock } from "./transform.ts";

const IDLE: u32 = 0;
const OPEN: u32 = 1;
const DONE: u32 = 2;
/** Only with maps: a scan that a map may take, and voxels that can be read out alone. */
const SCAN: u32 = 3;
const SHOWN: u32 = 4;
/** Columns that are read at a time: more points of a row make hardly longer runs. */
const COLUMNS: u32 = 32;
const ATTRIBUTE_BITS_MAX: u32 = 8;

let state: u32 = 0;
/** Slots pushed so far; STATS is for hosts, who may write it. */
let slots: u32 = 0;
let leaf: f32 = 1;
let plain = false;
/** Points from one to the next of the same beam, as far as is known. */
let rows: u32 = 0;
let samples = false;
let attributes = false;
let moves = false;
let mapped = false;

/** Whether a finished grid stands ready to be encoded. */
export function frameIsDone(): bool {
  return state == DONE;
}

/** Whether the grid's origin means something beyond this frame. */
export function frameHasOrigin(): bool {
  return moves;
}

/** Whether a finished scan stands ready for a map: of a pose in one, with centres alone. */
export function frameIsScan(): bool {
  return state == SCAN && !samples;
}

/** Notes that the map has taken the scan: it can be read out, and not be taken again. */
export function noteScanTaken(): void {
  state = SHOWN;
}

/**
 * Closes the list of bricks that a map has released; returns its number of voxels, or E_FULL.
 * @param leaves whether it may be encoded
 */
export function finishRelease(leaves: bool): i32 {
  memory.fill(STATS_PTR, 0, STATS_BYTES);
  // Where it lay in the session is nobody's business.
  moves = false;
  state = OPEN;
  const voxels = finishFrame();
  if (voxels >= 0) state = leaves ? DONE : SHOWN;
  return voxels;
}

/** Forgets the frame. */
export function resetFrame(): void {
  state = IDLE;
}

/** Checks the numbers of the policy that no other file checks. */
function checkPolicy(): i32 {
  // Compared in f32, so that the smallest leaf a policy can name passes.
  const low = <f32>LEAF_MIN_MM / 1000;
  const high = <f32>LEAF_MAX_MM / 1000;
  const edge = load<f32>(POLICY_PTR, POLICY_LEAF_M);
  if (!(edge >= low && edge <= high)) return E_ARG;
  if (!isPadding(load<u32>(POLICY_PTR, POLICY_PADDING))) return E_ARG;
  const point = load<u32>(POLICY_PTR, POLICY_POINT);
  const intensity = load<u32>(POLICY_PTR, POLICY_INTENSITY_BITS);
  const ring = load<u32>(POLICY_PTR, POLICY_RING_BITS);
  const time = load<u32>(POLICY_PTR, POLICY_TIME_BITS);
  if (SMALL) {
    // No room for centroids and attributes.
    if ((point | intensity | ring | time) != <u32>POINT_CENTRE) return E_ARG;
    return checkFields();
  }
  if (point > <u32>POINT_CENTROID) return E_ARG;
  if (max(max(intensity, ring), time) > ATTRIBUTE_BITS_MAX) return E_ARG;
  if (point == POINT_CENTROID) {
    const bits = load<u32>(POLICY_PTR, POLICY_CENTROID_BITS);
    if (bits < 1 || bits > 6) return E_ARG;
  }
  return checkFields();
}

/** Whether an attribute is both in the input and in the policy; notes it as stripped if not kept. */
function keepsAttribute(field: u32, policyBits: u32): bool {
  if (!hasField(field)) return false;
  if (!SMALL && load<u32>(POLICY_PTR + policyBits) != 0) return true;
  store<u8>(STATS_PTR + STATS_FIELDS + META_POINT_FIELD, FIELD_STRIPPED);
  return false;
}

/** Reads layout, policy and frame structs. E_ARG names a number outside its range. */
export function beginFrame(): i32 {
  state = IDLE;
  slots = 0;
  rows = ROWS_UNKNOWN;
  takeFrameInputs();
  memory.fill(STATS_PTR, 0, STATS_BYTES);
  if (checkLayout() < 0 || checkPolicy() < 0 || prepareCrop() < 0 || prepareNoGo() < 0) {
    return E_ARG;
  }
  const posed = preparePose();
  if (posed < 0) return posed;
  moves = posed == 1;
  mapped = load<u32>(FRAME_PTR, FRAME_HAS_POSE) != 0 && cropsInMap();
  plain = !SMALL && isPlainF32();
  leaf = load<f32>(POLICY_PTR, POLICY_LEAF_M);
  const intensity = keepsAttribute(LAYOUT_INTENSITY, POLICY_INTENSITY_BITS);
  const ring = keepsAttribute(LAYOUT_RING, POLICY_RING_BITS);
  const time = keepsAttribute(LAYOUT_TIME, POLICY_TIME_BITS);
  if (SMALL) {
    beginList();
  } else {
    attributes = intensity || ring || time;
    samples = load<u32>(POLICY_PTR, POLICY_POINT) == POINT_CENTROID || attributes;
    beginBricks(samples, attributes);
  }
  state = OPEN;
  return 0;
}

/**
 * Takes `points` points from REGION_INPUT.
 * @returns points that stayed, or E_STATE, E_SIZE, E_FULL
 */
export function pushPoints(points: u32): i32 {
  if (state != OPEN) return E_STATE;
  const step = pointStep();
  const before = slots;
  if (<u64>points * <u64>step > INPUT_BYTES || <u64>before + points > MAX_SLOTS) {
    return E_SIZE;
  }
  slots = before + points;
  store<u32>(STATS_PTR, slots, STATS_POINTS_IN);
  if (!SMALL && rows == ROWS_UNKNOWN && plain) rows = findRows(INPUT_PTR, step, points, leaf);
  const kept = SMALL
    ? pushSingly(step, points)
    : rows > 1
      ? pushRows(step, points)
      : pushInOrder(step, points);
  if (kept < 0) {
    state = IDLE;
    return kept;
  }
  store<u32>(STATS_PTR, load<u32>(STATS_PTR, STATS_KEPT) + kept, STATS_KEPT);
  return kept;
}

/** Pushes points one by one; returns how many stay, or E_FULL. */
function pushSingly(step: u32, points: u32): i32 {
  let kept: i32 = 0;
  for (let i: u32 = 0; i < points; i++) {
    const stays = pushPoint(INPUT_PTR + i * step, leaf, mapped, moves);
    if (stays < 0) return stays;
    kept += stays;
  }
  return kept;
}

/** Pushes points as they stand; returns how many stay, or E_FULL. */
function pushInOrder(step: u32, points: u32): i32 {
  let kept: i32 = 0;
  for (let first: u32 = 0; first < points; first += BLOCK_POINTS) {
    const stays = pushBlock(
      readRow(step, first, 1, min<u32>(BLOCK_POINTS, points - first), 0),
      step,
    );
    if (stays < 0) return stays;
    kept += stays;
  }
  return kept;
}

/**
 * Pushes points row by row, some columns at a time; a block holds as many rows of them as it can. Rows
 * need not begin where the push does: what counts is that the points of one are so many apart.
 */
function pushRows(step: u32, points: u32): i32 {
  const rowsOfBlock = BLOCK_POINTS / COLUMNS;
  let kept: i32 = 0;
  for (let first: u32 = 0; first < points; first += rows * COLUMNS) {
    const end = min<u32>(points, first + rows * COLUMNS);
    for (let row: u32 = 0; row < rows; row += rowsOfBlock) {
      let read: u32 = 0;
      const last = min<u32>(rows, row + rowsOfBlock);
      for (let start = first + row; start < min<u32>(first + last, end); start++) {
        read = readRow(step, start, rows, (end - start + rows - 1) / rows, read);
      }
      const stays = pushBlock(read, step);
      if (stays < 0) return stays;
      kept += stays;
    }
  }
  return kept;
}

/** Appends points to the columns, each so many rows behind the one before. */
function readRow(step: u32, first: u32, apart: u32, points: u32, read: u32): u32 {
  const source = INPUT_PTR + first * step;
  return plain
    ? readPlainF32(source, step * apart, first, apart, points, read)
    : readGeneral(source, step * apart, first, apart, points, read);
}

/** The whole way of the points in the columns; returns how many of them stay. */
function pushBlock(count: u32, step: u32): i32 {
  if (mapped) {
    transformBlock(TO_MAP, count, MX, MY, MZ);
    count = cropBlock(count, MX, MY, MZ);
  } else {
    count = cropBlock(count, X, Y, Z);
  }
  if (moves) transformBlock(TO_OUTPUT, count, X, Y, Z);
  count = cellsOfBlock(count, leaf, samples);
  if (attributes) attributesOfBlock(count, step);
  const status = addBlock(count);
  return status < 0 ? status : count;
}

/** See frame_voxels. */
export function readVoxels(first: u32, count: u32): i32 {
  if (MAPS ? state < DONE : state != DONE) return E_STATE;
  if (<u64>first + count > <u64>gridVoxels) return E_SIZE;
  if (count > INPUT_BYTES / 16) return E_SIZE;
  writeVoxels(first, count, INPUT_PTR);
  return count;
}

/** Closes the frame; returns its number of voxels. */
export function finishFrame(): i32 {
  if (state != OPEN) return E_STATE;
  const voxels = SMALL ? finishList() : finishGrid();
  if (voxels < 0) {
    state = IDLE;
    return voxels;
  }
  store<u32>(STATS_PTR, voxels, STATS_VOXELS);
  state = MAPS && load<u32>(POLICY_PTR, POLICY_POSE) == POSE_MAP ? SCAN : DONE;
  return voxels;
}
