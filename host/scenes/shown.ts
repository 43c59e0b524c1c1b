/**
 * What the scans of a run showed to be empty. A map that removes people by free space can know that
 * somebody was there only where it later, or earlier, looked through the place: whoever sat in a corner
 * that the robot never saw again is beyond any such map. This tells the two apart, from the truth and
 * not from the map: true poses, a ray for each point, the exact cells that it passes.
 */
import type { Pose } from "../core/frame.ts";
import { rowsOf } from "./cells.ts";
import type { LabelledScan, Scene } from "./scene.ts";

/** A ray tells nothing so close to what it hit. */
const GAP_M = 0.2;
/** People and points may lie so far outside of the home's own area. */
const MARGIN_M = 0.5;
/**
 * So close to where somebody is measured, a scan shows nothing to be empty: rays graze them. Without it a
 * third to a half of the points of somebody who never moved would count as shown.
 */
const NEAR_M = 0.3;

/** Cells along x, y and z. */
type Cell = readonly [number, number, number];

/** The cells of a home that some ray passed through in a scan that measured nothing in them. */
export class ShownCells {
  readonly #leafM: number;
  /** What the map's frame begins with: the first scan's position, as the robot believes it to be. */
  readonly #origin: Pose["translation"];
  readonly #low: Cell;
  readonly #size: Cell;
  readonly #isShown: Uint8Array;
  /** The last scan, from 1 on, that measured something in each cell. */
  readonly #lastHit: Uint32Array;
  #scans = 0;

  private constructor(leafM: number, origin: Pose["translation"], [low, high]: [Cell, Cell]) {
    this.#leafM = leafM;
    this.#origin = origin;
    this.#low = low;
    this.#size = [high[0] - low[0] + 1, high[1] - low[1] + 1, high[2] - low[2] + 1];
    const count = this.#size[0] * this.#size[1] * this.#size[2];
    this.#isShown = new Uint8Array(count);
    this.#lastHit = new Uint32Array(count);
  }

  /**
   * Looks at all scans of a scene: some seconds for a minute of a VLP-16.
   * @param leafM edge of a cell in metres
   * @param onScan called after each scan, with how many are done
   */
  static of(
    scene: Pick<Scene, "home" | "mapInHome" | "scans">,
    leafM: number,
    onScan?: (done: number) => void,
  ): ShownCells {
    let shown: ShownCells | undefined;
    for (const scan of scene.scans()) {
      const origin = scan.pose.translation;
      shown ??= new ShownCells(leafM, origin, boxOf(scene, origin, leafM));
      shown.#look(scan);
      onScan?.(shown.#scans);
    }
    return shown ?? new ShownCells(leafM, [0, 0, 0], boxOf(scene, [0, 0, 0], leafM));
  }

  /** 1 for each point of the scan whose cell was shown empty at another time. */
  pointsOf({ points, truePose }: LabelledScan): Uint8Array {
    const placed = this.#placed(points, truePose);
    const shown = new Uint8Array(points.length / 3);
    for (let i = 0; i < shown.length; i++) {
      const at = this.#indexOf(placed[3 * i]!, placed[3 * i + 1]!, placed[3 * i + 2]!);
      if (at >= 0) shown[i] = this.#isShown[at]!;
    }
    return shown;
  }

  #look({ points, truePose, labels }: LabelledScan): void {
    this.#scans++;
    const placed = this.#placed(points, truePose);
    for (const [i, label] of labels.entries()) {
      const [x, y, z] = placed.subarray(3 * i, 3 * i + 3) as unknown as Cell;
      const reach = label === 0 ? 0 : Math.ceil(NEAR_M / this.#leafM - 1e-9);
      this.#occupy(x, y, z, reach);
    }
    const [x, y, z] = this.#placed(new Float32Array(3), truePose) as unknown as Cell;
    if (this.#indexOf(x, y, z) < 0) return;
    for (let i = 0; i < placed.length; i += 3) {
      this.#walk(x, y, z, placed[i]!, placed[i + 1]!, placed[i + 2]!);
    }
  }

  /** Nothing in this scan shows the cell of a place to be empty, nor those so many cells around it. */
  #occupy(x: number, y: number, z: number, reach: number): void {
    const here = this.#indexOf(x, y, z);
    if (here < 0) return;
    for (let dz = -reach; dz <= reach; dz++) {
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          const at = this.#indexOf(x + dx, y + dy, z + dz);
          if (at >= 0) this.#lastHit[at] = this.#scans;
        }
      }
    }
  }

  /** Points where they truly were, in edges of a cell from the lowest corner of the home on. */
  #placed(points: Float32Array, truePose: Pose): Float64Array {
    const m = rowsOf(truePose, this.#origin);
    const placed = new Float64Array(points.length);
    for (let i = 0; i < points.length; i += 3) {
      for (let axis = 0; axis < 3; axis++) {
        const row = 4 * axis;
        const turned =
          m[row]! * points[i]! + m[row + 1]! * points[i + 1]! + m[row + 2]! * points[i + 2]!;
        placed[i + axis] = (turned + m[row + 3]!) / this.#leafM - this.#low[axis]!;
      }
    }
    return placed;
  }

  /** Number of the cell of a place, or -1 outside of the home. */
  #indexOf(x: number, y: number, z: number): number {
    const [width, depth, height] = this.#size;
    if (!(x >= 0 && y >= 0 && z >= 0 && x < width && y < depth && z < height)) return -1;
    return (Math.floor(z) * depth + Math.floor(y)) * width + Math.floor(x);
  }

  /**
   * Marks the cells that the line from the sensor passes through and leaves before it ends. After J.
   * Amanatides and A. Woo, "A Fast Voxel Traversal Algorithm for Ray Tracing", Eurographics 1987; the
   * borders are found from the start each time, so that nothing adds up.
   */
  #walk(x0: number, y0: number, z0: number, x1: number, y1: number, z1: number): void {
    const [dx, dy, dz] = [x1 - x0, y1 - y0, z1 - z0];
    const end = 1 - GAP_M / this.#leafM / Math.hypot(dx, dy, dz);
    const [width, depth, height] = this.#size;
    let x = Math.floor(x0);
    let y = Math.floor(y0);
    let z = Math.floor(z0);
    // The next border along each axis as a part of the line; no border is met along an axis of no way.
    let tx = dx === 0 ? Number.POSITIVE_INFINITY : (x + (dx > 0 ? 1 : 0) - x0) / dx;
    let ty = dy === 0 ? Number.POSITIVE_INFINITY : (y + (dy > 0 ? 1 : 0) - y0) / dy;
    let tz = dz === 0 ? Number.POSITIVE_INFINITY : (z + (dz > 0 ? 1 : 0) - z0) / dz;
    while (Math.min(tx, ty, tz) <= end) {
      const at = (z * depth + y) * width + x;
      if (this.#lastHit[at] !== this.#scans) this.#isShown[at] = 1;
      if (tx <= ty && tx <= tz) {
        x += dx > 0 ? 1 : -1;
        tx = (x + (dx > 0 ? 1 : 0) - x0) / dx;
        if (x < 0 || x >= width) return;
      } else if (ty <= tz) {
        y += dy > 0 ? 1 : -1;
        ty = (y + (dy > 0 ? 1 : 0) - y0) / dy;
        if (y < 0 || y >= depth) return;
      } else {
        z += dz > 0 ? 1 : -1;
        tz = (z + (dz > 0 ? 1 : 0) - z0) / dz;
        if (z < 0 || z >= height) return;
      }
    }
  }
}

/** The lowest and the highest cell that anything of a home, floor to ceiling, lies in. */
function boxOf(
  { home, mapInHome }: Pick<Scene, "home" | "mapInHome">,
  origin: Pose["translation"],
  leafM: number,
): [Cell, Cell] {
  const { x0, y0, x1, y1 } = home.area;
  const [cos, sin] = [Math.cos(mapInHome.yaw), Math.sin(mapInHome.yaw)];
  const corners = [x0, x1].flatMap((x) =>
    [y0, y1].map((y) => {
      const [dx, dy] = [x - mapInHome.x, y - mapInHome.y];
      return [cos * dx + sin * dy, cos * dy - sin * dx] as const;
    }),
  );
  const ranges = [
    corners.map(([x]) => x),
    corners.map(([, y]) => y),
    [-mapInHome.z, home.ceilingM - mapInHome.z],
  ];
  const cell = (metres: number, axis: number) => Math.floor((metres - origin[axis]!) / leafM);
  const low = ranges.map((values, axis) => cell(Math.min(...values) - MARGIN_M, axis));
  const high = ranges.map((values, axis) => cell(Math.max(...values) + MARGIN_M, axis));
  return [low, high] as unknown as [Cell, Cell];
}
