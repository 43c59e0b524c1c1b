/** The cells of a scan, brick by brick as its frame holds them: their blocks, their hits, their rays. */
import { CELL_LIMIT } from "../abi.ts";
import { BRICKS_PTR, INDEX_A_PTR } from "../memory.ts";
import { BRICK_BYTES, BRICK_MASK, brickCount } from "../voxel/bricks.ts";
import { BRICK_AXIS, BRICK_X, BRICK_Y, BRICK_Z } from "../voxel/cells.ts";
import { blockKey, NO_BLOCK, takeBlock } from "./blocks.ts";
import { holdCell, holdScan } from "./held.ts";
import { aimFrom, castRay } from "./ray.ts";
import { boxX, boxY, boxZ, inBox, markHit } from "./window.ts";

/** Number of the block that each brick lies in, u32 a brick: the sort of a tile needs no index here. */
const BLOCKS_PTR: u32 = INDEX_A_PTR;

/** Coordinates of a cell in its brick, from its number in Morton order. */
function along(number: u32, axis: u32): i32 {
  const bits = number >> axis;
  return (bits & 1) | ((bits >> 2) & 2);
}

/** Takes the blocks of all cells; false if there are not enough. */
export function takeBlocks(): bool {
  const count = brickCount();
  let last: u64 = -1;
  let block = NO_BLOCK;
  for (let i: u32 = 0; i < count; i++) {
    const brick = BRICKS_PTR + i * BRICK_BYTES;
    // What was merged into another brick is left without cells.
    if (load<u64>(brick, BRICK_MASK) == 0) continue;
    const key = load<u64>(brick);
    const x = <u32>((key >> BRICK_X) & BRICK_AXIS) >> 4;
    const y = <u32>((key >> BRICK_Y) & BRICK_AXIS) >> 4;
    const z = <u32>(key >> BRICK_Z) >> 2;
    const wanted = blockKey(x, y, z);
    if (wanted != last) {
      block = takeBlock(wanted);
      if (block == NO_BLOCK) return false;
      last = wanted;
    }
    store<u32>(BLOCKS_PTR + (i << 2), block);
  }
  return true;
}

/** Holds all cells back, and notes those in the box of the window as hit. */
export function takeHits(stamp: u64, cells: u32): void {
  let at = holdScan(stamp, cells);
  const count = brickCount();
  for (let i: u32 = 0; i < count; i++) {
    const brick = BRICKS_PTR + i * BRICK_BYTES;
    const key = load<u64>(brick);
    const x = (<i32>((key >> BRICK_X) & BRICK_AXIS)) << 2;
    const y = (<i32>((key >> BRICK_Y) & BRICK_AXIS)) << 2;
    const z = (<i32>(key >> BRICK_Z)) << 2;
    const block = load<u32>(BLOCKS_PTR + (i << 2));
    const inBlock = ((z & 15) << 12) | ((y & 63) << 6) | (x & 63);
    const fromX = x - CELL_LIMIT - boxX;
    const fromY = y - CELL_LIMIT - boxY;
    const fromZ = z - CELL_LIMIT - boxZ;
    for (let rest = load<u64>(brick, BRICK_MASK); rest; rest &= rest - 1) {
      const number = <u32>ctz<u64>(rest);
      const dx = along(number, 0);
      const dy = along(number, 1);
      const dz = along(number, 2);
      holdCell(at++, block, inBlock + ((dz << 12) | (dy << 6) | dx));
      if (inBox(fromX + dx, fromY + dy, fromZ + dz)) markHit(fromX + dx, fromY + dy, fromZ + dz);
    }
  }
}

/** Marks what lies between the sensor's cell and each cell that was hit. */
export function castRays(sensorX: i32, sensorY: i32, sensorZ: i32): void {
  // A ray that does not begin in the box ends before it marks anything.
  if (!inBox(sensorX - boxX, sensorY - boxY, sensorZ - boxZ)) return;
  aimFrom(sensorX - boxX, sensorY - boxY, sensorZ - boxZ);
  const count = brickCount();
  for (let i: u32 = 0; i < count; i++) {
    const brick = BRICKS_PTR + i * BRICK_BYTES;
    const key = load<u64>(brick);
    const x = ((<i32>((key >> BRICK_X) & BRICK_AXIS)) << 2) - CELL_LIMIT - boxX;
    const y = ((<i32>((key >> BRICK_Y) & BRICK_AXIS)) << 2) - CELL_LIMIT - boxY;
    const z = ((<i32>(key >> BRICK_Z)) << 2) - CELL_LIMIT - boxZ;
    for (let rest = load<u64>(brick, BRICK_MASK); rest; rest &= rest - 1) {
      const number = <u32>ctz<u64>(rest);
      castRay(x + along(number, 0), y + along(number, 1), z + along(number, 2));
    }
  }
}
