import { describe, expect, test } from "vitest";
import { PLAN_OCCUPIED } from "../../host/formats/plan.ts";
import { drawSecret, openPlanTile, projectToPlan, releasePlan } from "../../host/plan/index.ts";
import { RULES, seededRandom } from "./support.ts";

const LEAF_M = Math.fround(0.1);

/** Centres of voxels x y z, as the core gives them. */
function centres(voxels: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(voxels.flat(), (cell) => Math.fround((cell + 0.5) * LEAF_M));
}

/** Voxels of a box in cells, ends left out. */
function block(x: number, y: number, z: number, w: number, d: number, h: number) {
  const voxels: number[][] = [];
  for (let i = 0; i < w * d * h; i++) {
    voxels.push([x + (i % w), y + (Math.floor(i / w) % d), z + Math.floor(i / (w * d))]);
  }
  return voxels;
}

/** The walls of a room of 4 m x 3 m from 2.0 to 2.5 m, its ceiling, a lamp and the top of a cupboard. */
const room = [
  ...[block(-10, 5, 20, 40, 1, 5), block(-10, 34, 20, 40, 1, 5)].flat(),
  ...[block(-10, 6, 20, 1, 28, 5), block(29, 6, 20, 1, 28, 5)].flat(),
  ...block(-10, 5, 25, 40, 30, 1),
  ...block(5, 15, 22, 2, 2, 4),
  ...block(20, 7, 20, 6, 5, 2),
];

function occupied(plan: ReturnType<typeof projectToPlan>): number {
  return plan.cells.filter((cell) => cell === PLAN_OCCUPIED).length;
}

describe("a map from above", () => {
  test("shows walls, neither ceiling nor the top of a cupboard", () => {
    const plan = projectToPlan(centres(room), LEAF_M, false);
    expect(plan).toMatchObject({ width: 40, height: 30, cellM: LEAF_M });
    expect(plan.origin.x).toBeCloseTo(-1, 5);
    expect(plan.origin.y).toBeCloseTo(0.5, 5);
    // The lamp hangs from the ceiling: what goes is for the next step.
    expect(occupied(plan)).toBe(2 * 40 + 2 * 28 + 4);
    expect(plan.cells[0]).toBe(PLAN_OCCUPIED);
    expect(plan.cells[10 * 40 + 10]).toBe(0);
  });

  test("of one plane shows every voxel", () => {
    const flat = room.filter(([, , z]) => z === 20);
    expect(occupied(projectToPlan(centres(flat), LEAF_M, true))).toBe(2 * 40 + 2 * 28 + 30);
    const plan = projectToPlan(centres(flat), LEAF_M, false);
    expect(occupied(plan)).toBe(0);
  });

  test("gives a wall at any size of voxels, and a single voxel never is one", () => {
    for (const leafM of [0.05, 0.1, 0.2, 0.3, 0.5]) {
      const high = Math.ceil(0.5 / leafM) + 1;
      const wall = block(0, 0, 0, 20, 1, high).map((cell) => cell.map((c) => (c + 0.5) * leafM));
      const single = block(0, 3, 0, 20, 1, 1).map((cell) => cell.map((c) => (c + 0.5) * leafM));
      const plan = projectToPlan(Float32Array.from([...wall, ...single].flat()), leafM, false);
      expect(occupied(plan)).toBe(20);
    }
  });

  test("goes through the steps of any plan: the lamp goes, walls stay", () => {
    const plan = projectToPlan(centres(room), LEAF_M, false);
    const secret = drawSecret(plan, RULES, seededRandom(3));
    const { cells, report } = releasePlan(plan, RULES, secret);
    expect(report).toMatchObject({ clutter: { blobs: 1, spots: 0, specks: 0 }, free: 0 });
    expect(report.occupied).toBe(cells.length / 3);
    // 13.6 m of wall in cells of 0.2 m.
    expect(report.occupied).toBeGreaterThan(60);
    expect(report.occupied).toBeLessThan(160);
    const tile = { leafM: 0.2, voxels: cells.length / 3, hasOrigin: false, strings: {} };
    const opened = openPlanTile({ ...tile, cells, positions: new Float32Array(cells.length) });
    expect(Math.max(opened.width, opened.height)).toBeLessThan(30);
  });

  test("without voxels, or with one far away, says what to do", () => {
    expect(() => projectToPlan(new Float32Array(0), LEAF_M, false)).toThrow(/no voxels/);
    const far = Float32Array.of(0, 0, 0, 1000, 1000, 0);
    expect(() => projectToPlan(far, LEAF_M, false)).toThrow(
      expect.objectContaining({ code: "TOO_LARGE", details: { field: "map.leaf_m" } }),
    );
    expect(() => projectToPlan(Float32Array.of(Number.NaN, 0, 0), LEAF_M, false)).toThrow(
      /spans NaN/,
    );
  });
});
