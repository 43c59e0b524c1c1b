/**
 * Rays: the cells that the line from the sensor's cell to a cell that it hit crosses, one after the other
 * through their faces (Amanatides and Woo, "A Fast Voxel Traversal Algorithm for Ray Tracing", 1987). All
 * in integers: with a, b, c cells along the axes, the k-th border along x is crossed at (2k + 1) / 2a of the
 * way, which is compared times 2abc; of borders that are crossed at once that of x comes first, then y.
 *
 * How many cells a ray can mark is known before: it ends where the first of two borders is crossed, that
 * into the cells about its target and that out of the box. Only a hit on its way ends it earlier.
 */
import { WINDOW_FREE_PTR, WINDOW_HITS_PTR } from "../memory.ts";
import { gapCells } from "./terms.ts";
import { bitOf, boxSide, DEPTH, rowBytes, sliceBytes, widen } from "./window.ts";

/** A border that is never crossed, near and far. */
const NEVER_NEAR: i32 = i32.MAX_VALUE;
const NEVER_FAR: i64 = i64.MAX_VALUE;
/** Rays of fewer cells are compared in 32 bits: (2 * 512 + 1) * 512 * 512 < 2^31. */
const NEAR: u32 = 512;

/** The sensor's cell, seen from the lowest of the box. */
let fromX: i32 = 0;
let fromY: i32 = 0;
let fromZ: i32 = 0;
let fromBit: u32 = 0;

/** The border that ends a ray: its axis, its number along it, and cells along that axis. */
let endAxis: u32 = 0;
let endBorder: u32 = 0;
let endCells: u32 = 0;

/** Starts the rays of a scan at the sensor's cell, which lies in the box. */
export function aimFrom(x: i32, y: i32, z: i32): void {
  fromX = x;
  fromY = y;
  fromZ = z;
  fromBit = bitOf(x, y, z);
  widen(y, z);
}

/** Marks the cells from the sensor's to this one, seen from the lowest of the box, as free. */
export function castRay(x: i32, y: i32, z: i32): void {
  const dx = x - fromX;
  const dy = y - fromY;
  const dz = z - fromZ;
  const a = <u32>abs<i32>(dx);
  const b = <u32>abs<i32>(dy);
  const c = <u32>abs<i32>(dz);
  const most = max<u32>(max<u32>(a, b), c);
  if (most <= gapCells) return;
  // The cells about the target begin where the axis that takes longest comes near, the last of equals.
  endAxis = c == most ? 2 : b == most ? 1 : 0;
  endBorder = most - gapCells - 1;
  endCells = most;
  const side = <i32>boxSide - 1;
  endAtBox(0, a, dx < 0 ? fromX : side - fromX);
  endAtBox(1, b, dy < 0 ? fromY : side - fromY);
  endAtBox(2, c, dz < 0 ? fromZ : <i32>DEPTH - 1 - fromZ);
  widen(max<i32>(0, min<i32>(y, side)), max<i32>(0, min<i32>(z, <i32>DEPTH - 1)));
  const cells = 1 + bordersAlong(0, a) + bordersAlong(1, b) + bordersAlong(2, c);
  const stepX = dx < 0 ? -1 : 1;
  const stepY = <i32>rowBytes * (dy < 0 ? -8 : 8);
  const stepZ = <i32>sliceBytes * (dz < 0 ? -8 : 8);
  if (most < NEAR) walk<i32>(cells, a, b, c, stepX, stepY, stepZ, NEVER_NEAR);
  else walk<i64>(cells, a, b, c, stepX, stepY, stepZ, NEVER_FAR);
}

/** Ends the ray at the border out of the box along an axis, if it comes to it and that is earlier. */
function endAtBox(axis: u32, cells: u32, room: i32): void {
  if (cells <= <u32>room) return;
  const here = <u64>(2 * room + 1) * endCells;
  const there = <u64>(2 * endBorder + 1) * cells;
  if (here > there || (here == there && axis > endAxis)) return;
  endAxis = axis;
  endBorder = room;
  endCells = cells;
}

/** Borders along an axis that are crossed before the one that ends the ray. */
function bordersAlong(axis: u32, cells: u32): u32 {
  if (axis == endAxis) return endBorder;
  // Those k with (2k + 1) / cells below (2 endBorder + 1) / endCells, or equal to it and first.
  const first = <u32>(axis < endAxis);
  if (endCells < NEAR && cells < NEAR) {
    return ((2 * endBorder + 1) * cells + endCells - 1 + first) / (2 * endCells);
  }
  const wide = <u64>(2 * endBorder + 1) * cells + endCells - 1 + first;
  return <u32>(wide / (2 * endCells));
}

/** Marks so many cells from the sensor's on, up to the first that was hit. */
function walk<T extends number>(
  cells: u32,
  a: u32,
  b: u32,
  c: u32,
  stepX: i32,
  stepY: i32,
  stepZ: i32,
  never: T,
): void {
  const ta = <T>max<u32>(a, 1);
  const tb = <T>max<u32>(b, 1);
  const tc = <T>max<u32>(c, 1);
  // When the next border along each axis is crossed, and how far apart such borders are.
  const overX = <T>(2 * tb * tc);
  const overY = <T>(2 * ta * tc);
  const overZ = <T>(2 * ta * tb);
  let atX = a == 0 ? never : <T>(tb * tc);
  let atY = b == 0 ? never : <T>(ta * tc);
  let atZ = c == 0 ? never : <T>(ta * tb);
  let bit = fromBit;
  for (; cells > 0; cells--) {
    const at = (bit >> 5) << 2;
    const mask: u32 = 1 << (bit & 31);
    if (load<u32>(at, WINDOW_HITS_PTR) & mask) return;
    store<u32>(at, load<u32>(at, WINDOW_FREE_PTR) | mask, WINDOW_FREE_PTR);
    if (atX <= atY && atX <= atZ) {
      atX += overX;
      bit += stepX;
    } else if (atY <= atZ) {
      atY += overY;
      bit += stepY;
    } else {
      atZ += overZ;
      bit += stepZ;
    }
  }
}
