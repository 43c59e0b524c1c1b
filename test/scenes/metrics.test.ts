/** What is counted as left of people: by hand, against plain searches, and cell by cell as the core has it. */
import { describe, expect, test } from "vitest";
import { CellFinder, cellKey, cellSet, KeyTable } from "../../host/scenes/cells.ts";
import { coreMapper, makeScene, runScene, staticAccuracy } from "../../host/scenes/index.ts";
import {
  addFigures,
  associatedAccuracy,
  dynamicAccuracy,
  dynamicAccuracyApart,
  harmonicAccuracy,
  homeCells,
  personFramesShare,
  scanCells,
  scanPoints,
  Tally,
} from "../../host/scenes/metrics.ts";
import { NearPoints } from "../../host/scenes/near-points.ts";
import { uniform } from "../../host/scenes/random.ts";

/** Cells in a row along x. */
const rowOf = (...xs: number[]) => Int32Array.from(xs.flatMap((x) => [x, 0, 0]));
const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("figures", () => {
  // 60 points of the home in cells 0 to 5; person 1 with 40 points in cell 9 and 10 in cell 5, which
  // is the home's too; person 2 with 20 points in cell 7.
  const cells = rowOf(
    ...Array.from({ length: 60 }, (_, i) => i % 6),
    ...repeat(40, 9),
    ...repeat(10, 5),
    ...repeat(20, 7),
  );
  const labels = Uint8Array.from([...repeat(60, 0), ...repeat(50, 1), ...repeat(20, 2)]);

  test.each([
    ["by cell", scanCells(cells, labels)],
    ["by point", scanPoints(cells, labels)],
  ])("are as counted by hand, %s", (_, scan) => {
    const figuresOf = (...kept: number[]) => {
      const set = cellSet(rowOf(...kept));
      const tally = new Tally(homeCells([scan]));
      tally.count(scan, (i) => set.has(scan.keys[i]!));
      return tally.figures();
    };
    // All but one cell of the home, nothing of the people but what shares cell 5.
    const good = figuresOf(0, 1, 2, 3, 5);
    expect(good).toMatchObject({ staticPoints: 60, staticKept: 50, dynamicPoints: 70 });
    expect(good).toMatchObject({ dynamicKept: 10, residue: 10, personFrames: 1 });
    expect(good.personFramesLeft).toBe(0);
    expect(staticAccuracy(good)).toBeCloseTo(5 / 6);
    expect(dynamicAccuracy(good)).toBeCloseTo(6 / 7);
    expect(dynamicAccuracyApart(good)).toBe(1);
    expect(associatedAccuracy(good)).toBeCloseTo(Math.sqrt((5 / 6) * (6 / 7)));
    expect(harmonicAccuracy(good)).toBeCloseTo((2 * (5 / 6) * (6 / 7)) / (5 / 6 + 6 / 7));
    // Everything is kept: person 1 is shown in its scan, person 2 never had points enough.
    const bad = figuresOf(0, 1, 2, 3, 4, 5, 7, 9);
    expect(bad).toMatchObject({ dynamicKept: 70, personFramesLeft: 1, personFramesLeftApart: 1 });
    expect(bad.persons).toEqual([
      { id: 1, points: 50, kept: 50 },
      { id: 2, points: 20, kept: 20 },
    ]);
    expect(personFramesShare(bad)).toBe(1);
    expect(dynamicAccuracy(addFigures([good, bad]))).toBeCloseTo(1 - 80 / 140);
  });
});

/** No cell goes because of its neighbours. */
const NO_VOTE = { voteHits: 0, crowdHits: 0, crowdVoids: 1 };

describe("cells", () => {
  test("are those that the core has, point for point", () => {
    const leafM = 0.1;
    const scene = makeScene({ seed: 3, sensor: "vlp16", seconds: 0.3, poseSigmaM: 0.05 });
    const finder = new CellFinder(leafM);
    // Nothing counts as moving, so that the map holds every cell that was hit.
    const terms = { holdNs: 0n, windowScans: 1, carveCells: 1, gapCells: 8, flat: false };
    const map = coreMapper({ ...terms, voidMin: 3, hitsMin: 1, ...NO_VOTE }, leafM);
    const all = new KeyTable();
    for (const scan of scene.scans()) {
      map.add(scan);
      const cells = finder.cellsOf(scan.points, scan.pose);
      for (let i = 0; i < cells.length; i += 3) {
        all.add(cellKey(cells[i]!, cells[i + 1]!, cells[i + 2]!));
      }
    }
    const kept = map.release();
    expect(kept.length / 3).toBe(all.size);
    for (let i = 0; i < kept.length; i += 3) {
      if (!all.has(cellKey(kept[i]!, kept[i + 1]!, kept[i + 2]!))) expect.fail("another cell");
    }
  });

  test("have keys of their own, and none too far away to have one", () => {
    const random = uniform(4);
    const table = new KeyTable();
    const plain = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const cell = [0, 0, 0].map(() => Math.floor(60 * random()) - 30) as [number, number, number];
      const number = table.add(cellKey(...cell));
      const text = cell.join(" ");
      if (!plain.has(text)) plain.set(text, plain.size);
      if (number !== plain.get(text)) expect.fail(`${text} is ${number}`);
    }
    expect(table.size).toBe(plain.size);
    expect(table.find(cellKey(40, 0, 0))).toBe(-1);
    expect(() => cellKey(0, 65_536, 0)).toThrow(/use a larger leaf/);
  });
});

test("a point is near another as a plain search finds it", () => {
  const random = uniform(9);
  const near = new NearPoints(0.05);
  const points = Array.from({ length: 2000 }, () => [random(), random() - 0.5, 0.3 * random()]);
  for (const [x, y, z] of points) near.add(x!, y!, z!);
  for (let i = 0; i < 500; i++) {
    const asked = [1.2 * random(), random() - 0.5, 0.3 * random()] as [number, number, number];
    const distances = points.map((p) => Math.hypot(...p.map((v, k) => Math.fround(v) - asked[k]!)));
    if (near.hasNear(...asked) !== Math.min(...distances) <= 0.05) expect.fail(asked.join(" "));
  }
});

describe("a run", () => {
  const leafM = 0.1;
  const terms = { holdNs: 0n, windowScans: 1, carveCells: 100, gapCells: 2, flat: false };
  const map = (holdNs: bigint) =>
    coreMapper({ ...terms, holdNs, voidMin: 1, hitsMin: 1, ...NO_VOTE, voteHits: 25 }, leafM);
  const scene = makeScene({ seed: 12, sensor: "vlp16", seconds: 4, layout: "studio" });

  test("counts every point, and those of the scans that were let out where they are held back", () => {
    const hold = 2_000_000_000n;
    const found = runScene(scene, {
      leafM,
      atEnd: map(0n),
      held: { mapper: map(hold), holdNs: hold },
    });
    let [still, moving, heldMoving] = [0, 0, 0];
    for (const { labels, index } of scene.scans()) {
      const people = labels.reduce((sum, label) => sum + Math.min(1, label), 0);
      moving += people;
      still += labels.length - people;
      if (index <= 39 - 20) heldMoving += people;
    }
    expect(found.atEnd).toMatchObject({ staticPoints: still, dynamicPoints: moving });
    expect(found.held!.dynamicPoints).toBe(heldMoving);
    expect(found.scanMs.length).toBe(40);
    // The map takes people out and leaves the home, or the figures would not tell the two apart.
    expect(staticAccuracy(found.atEnd)).toBeGreaterThan(0.9);
    expect(dynamicAccuracy(found.atEnd)).toBeGreaterThan(0.5);
  });
});
