/** Plans of real homes through the release: what must go is gone, what a robot needs is there. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { uniform } from "../../bench/inputs/random.ts";
import { openPlan } from "../../host/formats/index.ts";
import {
  LAYER_NONE,
  LAYER_OCCUPIED,
  PLAN_FREE,
  PLAN_OCCUPIED,
  type Plan,
} from "../../host/formats/plan.ts";
import { apply, compose, transform } from "../../host/plan/grid.ts";
import { drawSecret, type ReleaseSecret, releasePlan } from "../../host/plan/index.ts";
import { sanitisePath } from "../../host/plan/release-path.ts";
import { sanitisePlan } from "../../host/plan/release-plan.ts";
import { toRelease } from "../../host/plan/secret.ts";
import type { Vertex } from "../../host/policy/index.ts";
import { cornersInMap, gapBetween, RULES, seededRandom } from "./support.ts";

const DATA = fileURLToPath(new URL("../data/", import.meta.url));

const FILES = [
  "occupancy/lab_slam.yaml",
  "vacuum_maps/3irobotix_converted_3790.json",
  "vacuum_maps/dreame_1c_1096_fullcleanup.json",
  "vacuum_maps/dreame_z10_1056_paths.json",
  "vacuum_maps/roborock_S5_FW2020_with_segments.json.gz",
  "vacuum_upload_protobuf/raw-mqtt-map301.bin.inflated.bin.gz",
];

/** Turns that each plan is released under. */
const SEEDS = [1, 2, 3];

interface Blob {
  readonly cells: readonly number[];
  readonly sideM: number;
}

/** Occupied groups of the robot's own grid, 8-connected, found the plain way. */
function blobsOf({ width, height, cells, cellM }: Plan): Blob[] {
  const open = new Set<number>();
  for (let i = 0; i < cells.length; i++) if (cells[i] === PLAN_OCCUPIED) open.add(i);
  const blobs: Blob[] = [];
  for (const start of open) {
    const group = [start];
    open.delete(start);
    for (const cell of group) {
      const [x, y] = [cell % width, Math.floor(cell / width)];
      for (let k = 0; k < 9; k++) {
        const [nx, ny] = [x + (k % 3) - 1, y + Math.floor(k / 3) - 1];
        const at = ny * width + nx;
        if (nx < 0 || ny < 0 || nx >= width || ny >= height || !open.delete(at)) continue;
        group.push(at);
      }
    }
    const [xs, ys] = [group.map((i) => i % width), group.map((i) => Math.floor(i / width))];
    const span = (values: number[]) =>
      values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)) + 1;
    blobs.push({ cells: group, sideM: Math.max(span(xs), span(ys)) * cellM });
  }
  return blobs;
}

/** Whether some cell within `reach` of a place in the released frame is occupied. */
function occupiedNear(
  { x0, y0, width, height, layers }: ReturnType<typeof sanitisePlan>["coarse"],
  [px, py]: Vertex,
  reach: number,
): boolean {
  for (let y = Math.floor(py) - reach - y0; y <= Math.floor(py) + reach - y0; y++) {
    for (let x = Math.floor(px) - reach - x0; x <= Math.floor(px) + reach - x0; x++) {
      const inside = x >= 0 && y >= 0 && x < width && y < height;
      if (inside && layers[y * width + x] === LAYER_OCCUPIED) return true;
    }
  }
  return false;
}

/** Places in the grid within `radius` cells of a cell. */
function discOf({ width, height }: Plan, x: number, y: number, radius: number): number[] {
  const cells: number[] = [];
  for (let j = Math.floor(y - radius); j <= y + radius; j++) {
    for (let i = Math.floor(x - radius); i <= x + radius; i++) {
      const isIn = i >= 0 && j >= 0 && i < width && j < height;
      if (isIn && Math.hypot(i - x, j - y) <= radius) cells.push(j * width + i);
    }
  }
  return cells;
}

/** Share of the free cells that the largest connected part of them has; sides connect. */
function largestPart(width: number, isFree: readonly boolean[]): number {
  const open = new Set(isFree.flatMap((free, i) => (free ? [i] : [])));
  const total = open.size;
  let largest = 0;
  for (const start of open) {
    const part = [start];
    open.delete(start);
    for (const cell of part) {
      for (const at of [cell - 1, cell + 1, cell - width, cell + width]) {
        if (open.delete(at)) part.push(at);
      }
    }
    largest = Math.max(largest, part.length);
  }
  return largest / total;
}

describe.each(FILES)("%s", (name) => {
  let plan: Plan;
  let bare: Plan;
  beforeAll(async () => {
    plan = await openPlan(join(DATA, name));
    bare = { ...plan, noGo: [] };
  });

  const secretOf = (of: Plan, seed: number): ReleaseSecret =>
    drawSecret(of, RULES, seededRandom(seed));

  test("every cell of a wall lies within a coarse cell of a released wall", () => {
    const blobs = blobsOf(plan);
    const { origin, cellM: fineM, width } = plan;
    const toMap = transform(origin.yawRad, fineM, origin.x, origin.y);
    const walls = blobs.filter(({ sideM }) => sideM >= RULES.clutterM);
    expect(walls.length).toBeGreaterThan(0);
    for (const cellM of [0.1, 0.2, 0.5]) {
      for (const seed of SEEDS) {
        const secret = secretOf(bare, seed);
        const { coarse } = sanitisePlan(bare, { ...RULES, cellM }, secret);
        const place = compose(toRelease(secret, cellM), toMap);
        const lost = walls
          .flatMap(({ cells }) => cells)
          .map((i) => apply(place, [(i % width) + 0.5, Math.floor(i / width) + 0.5]))
          .filter((at) => !occupiedNear(coarse, at, 1));
        expect(lost).toEqual([]);
      }
    }
  });

  test("what stands alone and is small is gone", () => {
    const blobs = blobsOf(plan);
    const { origin, cellM: fineM, width } = plan;
    const toMap = transform(origin.yawRad, fineM, origin.x, origin.y);
    const isWall = new Set(
      blobs.filter(({ sideM }) => sideM >= RULES.clutterM).flatMap(({ cells }) => cells),
    );
    const small = blobs.filter(({ sideM }) => sideM < RULES.clutterM);
    const reach = Math.ceil(1 / fineM);
    /** Far from every wall, so that a coarse cell there can only tell of the blob. */
    const alone = small.filter(({ cells: [first] }) => {
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          if (isWall.has(first! + dy * width + dx)) return false;
        }
      }
      return true;
    });
    for (const seed of SEEDS) {
      const secret = secretOf(bare, seed);
      const { coarse, clutter } = sanitisePlan(bare, RULES, secret);
      expect(clutter.blobs).toBe(small.length);
      const place = compose(toRelease(secret, RULES.cellM), toMap);
      const left = alone
        .flatMap(({ cells }) => cells)
        .map((i) => apply(place, [(i % width) + 0.5, Math.floor(i / width) + 0.5]))
        .filter((at) => occupiedNear(coarse, at, 0));
      expect(left).toEqual([]);
    }
  });

  test("somebody who stands clear of walls and things leaves no trace", () => {
    const rules = { ...RULES, clutterM: 0.7 };
    const secret = secretOf(bare, 1);
    const empty = releasePlan(bare, rules, secret).cells.join();
    const next = uniform(11);
    let people = 0;
    for (let tries = 0; people < 10 && tries < 2000; tries++) {
      // As wide as people are from above, 0.2 to 0.6 m.
      const radius = (0.1 + 0.2 * next()) / plan.cellM;
      const [x, y] = [Math.floor(next() * plan.width), Math.floor(next() * plan.height)];
      const body = discOf(plan, x, y, radius);
      const around = discOf(plan, x, y, radius + 2);
      if (around.some((i) => plan.cells[i] !== PLAN_FREE)) continue;
      people++;
      const cells = plan.cells.slice();
      for (const i of body) cells[i] = PLAN_OCCUPIED;
      expect(releasePlan({ ...bare, cells }, rules, secret).cells.join()).toBe(empty);
    }
    expect(people).toBe(10);
  });

  test("rooms that were connected stay so", () => {
    const { coarse: own } = sanitisePlan(
      bare,
      { ...RULES, cellM: plan.cellM },
      { ...secretOf(bare, 1), yawRad: 0, shift: [-plan.origin.x, -plan.origin.y] },
    );
    const free = (layers: Uint8Array) =>
      [...layers].map((layer) => layer !== LAYER_NONE && layer !== LAYER_OCCUPIED);
    const before = largestPart(own.width, free(own.layers));
    for (const seed of SEEDS) {
      const { coarse } = sanitisePlan(bare, RULES, secretOf(bare, seed));
      expect(largestPart(coarse.width, free(coarse.layers))).toBeGreaterThan(before - 0.15);
    }
  });

  test("nothing comes near an area that the owner closed, in the plan and in the path", () => {
    const areas = plan.noGo.map((corners) => corners.map(({ x, y }): Vertex => [x, y]));
    for (const seed of SEEDS) {
      const secret = secretOf(plan, seed);
      const released = [[sanitisePlan(plan, RULES, secret).coarse, RULES.cellM] as const];
      if (plan.path !== undefined) released.push([sanitisePath(plan, secret).coarse, 1]);
      for (const [{ x0, y0, width, layers }, cellM] of released) {
        let nearest = Number.POSITIVE_INFINITY;
        for (const [i, layer] of layers.entries()) {
          if (layer === LAYER_NONE) continue;
          const [x, y] = [x0 + (i % width), y0 + Math.floor(i / width)];
          const corners = cornersInMap(x, y, secret, cellM);
          for (const area of areas) nearest = Math.min(nearest, gapBetween(corners, area, nearest));
        }
        expect(nearest).toBeGreaterThanOrEqual(RULES.dilateM);
      }
    }
  });
});
