/** What the scans showed to be empty: by hand, and against a plain search through all cells. */
import { describe, expect, test } from "vitest";
import type { Pose } from "../../host/core/frame.ts";
import {
  addFigures,
  dynamicAccuracy,
  dynamicAccuracyShown,
  type LabelledScan,
  makeScene,
  personFramesShareShown,
  runScene,
  ShownCells,
  shownShare,
} from "../../host/scenes/index.ts";
import { uniform } from "../../host/scenes/random.ts";

type Point = readonly [number, number, number];

const LEAF_M = 0.1;
/** The map begins at the first given pose; the robot truly is in the middle of cell 0 0 0. */
const GIVEN: Pose = { translation: [3, 1, 1], quaternion: [0, 0, 0, 1] };
const TRUE: Pose = { translation: [3.05, 1.05, 1.05], quaternion: [0, 0, 0, 1] };

function scanOf(points: readonly Point[], label: number | readonly number[] = 0): LabelledScan {
  const labels = Uint8Array.from(points, (_, i) => (typeof label === "number" ? label : label[i]!));
  const flat = Float32Array.from(points.flat());
  const rest = { index: 0, stampNs: 0n, pose: GIVEN, truePose: TRUE };
  return { ...rest, count: labels.length, points: flat, labels };
}

/** A room of 12 m by 12 m around the robot, seen in these scans. */
function roomOf(...scans: LabelledScan[]) {
  const { home } = makeScene({ seed: 1, sensor: "lds", seconds: 1 });
  return {
    home: { ...home, area: { x0: -3, y0: -5, x1: 9, y1: 7 }, ceilingM: 3 },
    mapInHome: { x: 0, y: 0, z: 0, yaw: 0 },
    *scans() {
      yield* scans.map((scan, i) => ({ ...scan, index: i, stampNs: BigInt(i) }));
    },
  };
}

const repeat = (count: number, point: Point) => Array.from({ length: count }, () => point);
/** Cell 20 0 0 of the map, where the given pose has it and where the true one has it. */
const THERE: Point = [2.03, 0, 0];
const WALL: Point = [4.03, 0, 0];

describe("a point of a person was shown empty", () => {
  const shownAfter = (...later: LabelledScan[]) =>
    ShownCells.of(roomOf(scanOf([THERE], 1), ...later), LEAF_M).pointsOf(scanOf([THERE], 1))[0];

  test("if a ray passed through its cell when nobody was there", () => {
    expect(shownAfter()).toBe(0);
    expect(shownAfter(scanOf([WALL]))).toBe(1);
    expect(shownAfter(scanOf([[-2, 0, 0]]))).toBe(0);
    // Before or after is the same.
    const before = ShownCells.of(roomOf(scanOf([WALL]), scanOf([THERE], 1)), LEAF_M);
    expect(before.pointsOf(scanOf([THERE], 1))).toEqual(Uint8Array.of(1));
  });

  test("but not by a ray that ends within 0.2 m of it", () => {
    // The ray must leave the cell, 2.05 m from the sensor, 0.2 m before it ends.
    expect(shownAfter(scanOf([[2.24, 0, 0]]))).toBe(0);
    expect(shownAfter(scanOf([[2.26, 0, 0]]))).toBe(1);
  });

  test("nor in a scan that measured something in the cell, or a person within 0.3 m", () => {
    expect(shownAfter(scanOf([WALL, [2.01, 0.03, 0]]))).toBe(0);
    expect(shownAfter(scanOf([WALL, [2.03, 0.2, 0]], [0, 1]))).toBe(0);
    expect(shownAfter(scanOf([WALL, [2.03, 0.5, 0]], [0, 1]))).toBe(1);
    expect(shownAfter(scanOf([WALL, [2.03, 0.2, 0]], [0, 0]))).toBe(1);
  });
});

test("cells passed are those that a plain search finds", () => {
  const random = uniform(5);
  const cells: Point[] = [];
  for (let x = -12; x < 12; x++) {
    for (let y = -12; y < 12; y++) for (let z = -5; z < 5; z++) cells.push([x, y, z]);
  }
  // Middles of the cells in the sensor's frame, which lies half a cell beside the map's.
  const probe = scanOf(cells.map(([x, y, z]) => [LEAF_M * x, LEAF_M * y, LEAF_M * z] as const));
  for (let ray = 0; ray < 25; ray++) {
    const hit: Point = [4 * random() - 2, 4 * random() - 2, random() - 0.5];
    const found = ShownCells.of(roomOf(scanOf([hit])), LEAF_M).pointsOf(probe);
    const way = hit.map((metres) => Math.fround(metres) / LEAF_M) as unknown as Point;
    const end = 1 - 2 / Math.hypot(...way);
    for (const [i, cell] of cells.entries()) {
      const times = cell.map((k, axis) => [(k - 0.5) / way[axis]!, (k + 0.5) / way[axis]!]);
      const from = Math.max(0, ...times.map((pair) => Math.min(...pair)));
      const to = Math.min(...times.map((pair) => Math.max(...pair)));
      const passed = from < to && to <= end ? 1 : 0;
      if (found[i] !== passed) expect.fail(`ray to ${hit}: cell ${cell} is ${found[i]}`);
    }
  }
});

describe("figures", () => {
  // Two leave; the place of one is seen again, and that of the other is not. The third stood where the
  // home itself is measured later.
  const seen = repeat(40, THERE);
  const unseen = repeat(60, [0, 2.03, 0]);
  const soles = repeat(50, [0, -2.03, 0]);
  const labels = [...seen.map(() => 1), ...unseen.map(() => 2), ...soles.map(() => 3)];
  const people = scanOf([...seen, ...unseen, ...soles], labels);
  const scene = roomOf(people, scanOf([WALL, [0, -4.03, 0]]), scanOf([[0, -2.03, 0]]));
  const shown = ShownCells.of(scene, LEAF_M);
  const figuresOf = (look: boolean, ...kept: number[]) => {
    const atEnd = { add: () => {}, release: () => Int32Array.from(kept) };
    return runScene(scene, { leafM: LEAF_M, atEnd, ...(look && { shown }) }).atEnd;
  };

  test("tell what the map is responsible for", () => {
    expect([...shown.pointsOf(people)]).toEqual(labels.map((id) => (id === 2 ? 0 : 1)));
    const good = figuresOf(true, 0, 20, 0, 0, -21, 0);
    expect(good.shown).toEqual({ points: 40, kept: 0, personFrames: 1, personFramesLeft: 0 });
    expect(dynamicAccuracy(good)).toBeCloseTo(1 - 110 / 150);
    expect(dynamicAccuracyShown(good)).toBe(1);
    expect(shownShare(good)).toBeCloseTo(40 / 150);
    const bad = figuresOf(true, 20, 0, 0, 0, -21, 0);
    expect(bad.shown).toEqual({ points: 40, kept: 40, personFrames: 1, personFramesLeft: 1 });
    expect(dynamicAccuracyShown(bad)).toBe(0);
    expect(personFramesShareShown(bad)).toBe(1);
    expect(dynamicAccuracyShown(addFigures([good, bad]))).toBe(0.5);
  });

  test("are not there if nobody looked", () => {
    const plain = figuresOf(false, 20, 0, 0);
    expect(plain).not.toHaveProperty("shown");
    expect(dynamicAccuracyShown(plain)).toBeNaN();
    expect(addFigures([plain, figuresOf(true, 20, 0, 0)])).not.toHaveProperty("shown");
  });
});
