/** The reference of the map, on maps small enough to be counted by hand. */
import { expect, test } from "vitest";
import type { MapTerms } from "../../host/core/map.ts";
import { type Cell, ReferenceMap } from "./reference-map.ts";

const TERMS: MapTerms = {
  holdNs: 0n,
  windowScans: 1,
  carveCells: 20,
  gapCells: 1,
  flat: true,
  voidMin: 1,
  hitsMin: 1,
  voteHits: 0,
  crowdHits: 0,
  crowdVoids: 1,
};

/** A flat fan of rays from (0, 0): the cells of a wall at x = 12. */
const WALL: Cell[] = Array.from({ length: 13 }, (_, i) => [12, i - 6, 0]);
const LEG: Cell = [6, 0, 0];
const SENSOR: Cell = [0, 0, 0];

function mapOf(terms: Partial<MapTerms>, scans: readonly (readonly Cell[])[], secondsApart = 1) {
  const map = new ReferenceMap({ ...TERMS, ...terms });
  for (const [i, cells] of scans.entries()) {
    const stampNs = BigInt(i * secondsApart) * 1_000_000_000n;
    map.add({ stampNs, sensor: SENSOR, hits: Int32Array.from(cells.flat()) });
  }
  return map.release();
}

const cells = (...list: Cell[]) => Int32Array.from(list.flat());

test("what stood where rays went later is taken out, the wall stays", () => {
  const { kept, removed } = mapOf({}, [[...WALL, LEG], WALL]);
  expect(kept).toEqual(cells(...WALL));
  expect(removed).toEqual(cells(LEG));
});

test("what is still there stays, also if it was empty once in too few windows", () => {
  expect(mapOf({}, [[...WALL, LEG]]).removed).toEqual(cells());
  expect(mapOf({ voidMin: 2 }, [[...WALL, LEG], WALL]).removed).toEqual(cells());
  expect(mapOf({ voidMin: 2 }, [[...WALL, LEG], WALL, WALL]).removed).toEqual(cells(LEG));
  // A window of both scans has seen the leg: what it hit is not empty.
  expect(mapOf({ windowScans: 2 }, [[...WALL, LEG], WALL]).removed).toEqual(cells());
});

test("a lone ray says nothing: cells beside it were not seen to be empty", () => {
  const far: Cell = [12, 0, 0];
  expect(mapOf({}, [[LEG], [far]]).removed).toEqual(cells());
});

test("cells that few scans hit go with an empty neighbour", () => {
  // Beside the empty space ahead of the wall: with a gap of 1, x = 9 is the last void, x = 10 votes.
  const near: Cell = [10, 0, 0];
  const scans = [[...WALL, near], WALL];
  expect(mapOf({}, scans).removed).toEqual(cells());
  expect(mapOf({ voteHits: 1 }, scans).removed).toEqual(cells(near));
  expect(mapOf({ voteHits: 1 }, [[...WALL, near], ...scans]).removed).toEqual(cells());
});

test("cells that more scans hit go with many empty neighbours", () => {
  // Of the 8 cells about x = 10, y = 0 the three at x = 9 are void.
  const near: Cell = [10, 0, 0];
  const scans = [[...WALL, near], [...WALL, near], WALL];
  expect(mapOf({ crowdHits: 2, crowdVoids: 3 }, scans).removed).toEqual(cells(near));
  expect(mapOf({ crowdHits: 2, crowdVoids: 4 }, scans).removed).toEqual(cells());
  expect(mapOf({ crowdHits: 1, crowdVoids: 3 }, scans).removed).toEqual(cells());
});

test("held scans are in neither part", () => {
  const holdNs = 2_000_000_000n;
  expect(mapOf({ holdNs }, [[LEG], [LEG]])).toEqual({ kept: cells(), removed: cells() });
  const later = mapOf({ holdNs }, [[LEG], WALL, WALL, WALL]);
  expect(later).toEqual({ kept: cells(...WALL), removed: cells(LEG) });
  const few = mapOf({ holdNs, hitsMin: 2 }, [[LEG], WALL, WALL, WALL]);
  expect(few.kept).toEqual(cells());
  expect(few.removed).toHaveLength(later.kept.length + later.removed.length);
});

test("walks cross the cells on the line between two centres, x before y before z on a tie", () => {
  const map = new ReferenceMap({ ...TERMS, windowScans: 9, gapCells: 0 });
  const see = (sensor: Cell, hits: readonly Cell[]) =>
    map.add({ stampNs: 0n, sensor, hits: cells(...hits) });
  const range = [0, 1, 2];
  const cube = range.flatMap((z) => range.flatMap((y) => range.map((x): Cell => [x, y, z])));
  for (let i = 0; i < 9; i++) see(SENSOR, cube);
  // Nine walks side by side, so that each cell of the one in the middle has free neighbours.
  for (const [x, y] of cube.slice(0, 9)) see([x - 1, y - 1, 0], [[x + 1, y + 1, 2]]);
  expect(map.release().removed).toEqual(
    cells([0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [2, 1, 1], [2, 2, 1]),
  );
});
