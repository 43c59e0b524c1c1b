/**
 * No-go areas: upright prisms over polygons of the map, grown by a margin. What lies in one never
 * gets any further, whatever else the policy says.
 *
 * A point is inside a grown polygon if it is inside the polygon (even-odd rule) or no farther than
 * the margin from one of its edges; a box around each polygon is tried first.
 */
import {
  AREA_BYTES,
  AREA_VERTICES,
  AREA_Z_MAX,
  AREA_Z_MIN,
  BOX_BYTES,
  E_ARG,
  POLICY_AREA_COUNT,
  POLICY_BOX_COUNT,
  POLICY_BYTES,
  POLICY_DILATE_M,
  POLICY_VERTEX_COUNT,
  VERTEX_BYTES,
} from "../abi.ts";
import { POLICY_PTR } from "../memory.ts";
import { AREA_COUNT_MAX, VERTEX_COUNT_MAX } from "../profile.ts";

/** Six f32 an area: grown bounds x min, x max, y min, y max, z min, z max. */
const BOUNDS: usize = memory.data(AREA_COUNT_MAX * 24, 16);

let areas: u32 = 0;
let areasAt: usize = 0;
let verticesAt: usize = 0;
let margin: f32 = 0;

/** Reads the areas of the policy and computes their bounds; E_ARG if they do not add up. */
export function prepareNoGo(): i32 {
  areas = load<u32>(POLICY_PTR, POLICY_AREA_COUNT);
  const total = load<u32>(POLICY_PTR, POLICY_VERTEX_COUNT);
  margin = load<f32>(POLICY_PTR, POLICY_DILATE_M);
  if (areas > AREA_COUNT_MAX || total > VERTEX_COUNT_MAX) return E_ARG;
  if (!(margin >= 0 && margin < Infinity)) return E_ARG;
  areasAt = POLICY_PTR + POLICY_BYTES + load<u32>(POLICY_PTR, POLICY_BOX_COUNT) * BOX_BYTES;
  verticesAt = areasAt + areas * AREA_BYTES;
  let used: u32 = 0;
  for (let a: u32 = 0; a < areas; a++) {
    const count = load<u32>(areasAt + a * AREA_BYTES, AREA_VERTICES);
    if (count < 3 || count > total - used) return E_ARG;
    if (boundArea(a, verticesAt + used * VERTEX_BYTES, count) < 0) return E_ARG;
    used += count;
  }
  return used == total ? 0 : E_ARG;
}

function boundArea(a: u32, vertices: usize, count: u32): i32 {
  let xMin: f32 = Infinity;
  let xMax: f32 = -Infinity;
  let yMin: f32 = Infinity;
  let yMax: f32 = -Infinity;
  for (let i: u32 = 0; i < count; i++) {
    const x = load<f32>(vertices + i * VERTEX_BYTES);
    const y = load<f32>(vertices + i * VERTEX_BYTES, 4);
    if (x - x != 0 || y - y != 0) return E_ARG;
    // None is a NaN; what min and max do about these is not needed.
    if (x < xMin) xMin = x;
    if (x > xMax) xMax = x;
    if (y < yMin) yMin = y;
    if (y > yMax) yMax = y;
  }
  const zMin = load<f32>(areasAt + a * AREA_BYTES, AREA_Z_MIN);
  const zMax = load<f32>(areasAt + a * AREA_BYTES, AREA_Z_MAX);
  if (!(zMax >= zMin)) return E_ARG;
  const to = BOUNDS + a * 24;
  const by = margin;
  store<f32>(to, xMin - by);
  store<f32>(to, xMax + by, 4);
  store<f32>(to, yMin - by, 8);
  store<f32>(to, yMax + by, 12);
  store<f32>(to, zMin - by, 16);
  store<f32>(to, zMax + by, 20);
  return 0;
}

/** Forgets where the areas are. */
export function wipeNoGo(): void {
  memory.fill(BOUNDS, 0, AREA_COUNT_MAX * 24);
  areas = 0;
}

/** Whether a point of the map lies in a grown no-go area. */
export function inNoGo(x: f32, y: f32, z: f32): bool {
  let vertices = verticesAt;
  for (let a: u32 = 0; a < areas; a++) {
    const count = load<u32>(areasAt + a * AREA_BYTES, AREA_VERTICES);
    const bounds = BOUNDS + a * 24;
    if (
      x >= load<f32>(bounds) &&
      x <= load<f32>(bounds, 4) &&
      y >= load<f32>(bounds, 8) &&
      y <= load<f32>(bounds, 12) &&
      z >= load<f32>(bounds, 16) &&
      z <= load<f32>(bounds, 20) &&
      inGrownPolygon(x, y, vertices, count)
    ) {
      return true;
    }
    vertices += count * VERTEX_BYTES;
  }
  return false;
}

/** Even-odd crossing test, and squared distance to each edge, in f64 on f32 inputs. */
function inGrownPolygon(px: f64, py: f64, vertices: usize, count: u32): bool {
  const reach2 = <f64>margin * <f64>margin;
  let inside = false;
  let ax = <f64>load<f32>(vertices + (count - 1) * VERTEX_BYTES);
  let ay = <f64>load<f32>(vertices + (count - 1) * VERTEX_BYTES, 4);
  for (let i: u32 = 0; i < count; i++) {
    const bx = <f64>load<f32>(vertices + i * VERTEX_BYTES);
    const by = <f64>load<f32>(vertices + i * VERTEX_BYTES, 4);
    const ex = bx - ax;
    const ey = by - ay;
    const dx = px - ax;
    const dy = py - ay;
    if (ay > py != by > py && px < (ex * dy) / ey + ax) inside = !inside;
    // Nearest point of the edge: projection clamped to its ends; a repeated vertex has length 0.
    const length2 = ex * ex + ey * ey;
    const share: f64 = length2 > 0 ? (dx * ex + dy * ey) / length2 : 0;
    const t: f64 = share < 0 ? 0 : share > 1 ? 1 : share;
    const qx = dx - t * ex;
    const qy = dy - t * ey;
    if (qx * qx + qy * qy <= reach2) return true;
    ax = bx;
    ay = by;
  }
  return inside;
}
