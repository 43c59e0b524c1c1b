/**
 * Maps of real 2D recordings say what the walls say: beside a plain occupancy grid of the same scans,
 * made without any removal. Logs of odometry alone drift: pieces of 60 s are taken, and less is asked.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { OpenOptions } from "../../host/formats/index.ts";
import { CellFinder } from "../../host/scenes/cells.ts";
import { coreMapper, type LabelledScan } from "../../host/scenes/index.ts";
import { mapTerms } from "../../host/veil/map-terms.ts";
import { DATA, readScans } from "./recorded-scans.ts";

const LEAF_M = 0.1;
/** Of the cells of a map so many shall lie at a wall, and of the cells of walls so many in the map. */
const TARGET = 0.95;

type Cells = ReadonlySet<number>;

/** A cell as one number, and back. Cells lie within 4,096 of the first pose. */
const HALF = 4096;
const keyOf = (x: number, y: number) => (y + HALF) * 2 * HALF + x + HALF;
const placeOf = (key: number) => ({
  x: (key % (2 * HALF)) - HALF,
  y: Math.floor(key / (2 * HALF)) - HALF,
});

/** x y of the cells of each scan, and of the sensor in each. */
function cellsOf(scans: readonly LabelledScan[]) {
  const finder = new CellFinder(LEAF_M);
  return scans.map(({ points, pose }) => {
    const cells = finder.cellsOf(points, pose);
    const sensor = finder.cellsOf(Float32Array.of(0, 0, 0), pose);
    const hits = new Set<number>();
    for (let i = 0; i < cells.length; i += 3) hits.add(keyOf(cells[i]!, cells[i + 1]!));
    return { sensor: { x: sensor[0]!, y: sensor[1]! }, hits };
  });
}

/** Cells that more scans hit than looked through, and at least `hitsMin`. */
function occupancyGrid(scans: ReturnType<typeof cellsOf>, hitsMin: number): Cells {
  const counts = new Map<number, { hits: number; misses: number }>();
  const at = (key: number) => {
    const count = counts.get(key) ?? { hits: 0, misses: 0 };
    counts.set(key, count);
    return count;
  };
  for (const { sensor, hits } of scans) {
    const passed = new Set<number>();
    for (const { x, y } of [...hits].map(placeOf)) {
      const steps = 2 * Math.max(Math.abs(x - sensor.x), Math.abs(y - sensor.y));
      for (let i = 0; i < steps; i++) {
        const part = i / steps;
        const [u, v] = [sensor.x + part * (x - sensor.x), sensor.y + part * (y - sensor.y)];
        passed.add(keyOf(Math.round(u), Math.round(v)));
      }
    }
    for (const key of hits) at(key).hits++;
    for (const key of passed) if (!hits.has(key)) at(key).misses++;
  }
  const walls = [...counts].filter(([, { hits, misses }]) => hits >= hitsMin && hits > misses);
  return new Set(walls.map(([key]) => key));
}

/** The cells that the core's map keeps at the end. */
function mapOf(scans: readonly LabelledScan[]): Cells {
  const map = coreMapper(mapTerms(LEAF_M, true, 0n), LEAF_M);
  for (const scan of scans) map.add(scan);
  const kept = map.release();
  const keys = Array.from({ length: kept.length / 3 }, (_, i) =>
    keyOf(kept[3 * i]!, kept[3 * i + 1]!),
  );
  return new Set(keys);
}

/** Share of the cells that have one of `others` within `reach` cells. */
function shareNear(cells: Cells, others: Cells, reach: number): number {
  const around = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const near = [...cells].filter((key) => {
    const { x, y } = placeOf(key);
    return around.some((dy) => around.some((dx) => others.has(keyOf(x + dx, y + dy))));
  });
  return near.length / cells.size;
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`;

interface Recording {
  readonly path: string;
  readonly options?: OpenOptions;
  /** The least shares: the target, or what is reached where odometry alone tells the poses. */
  readonly atWallMin: number;
  readonly wallsKeptMin: number;
}

const RECORDINGS: readonly Recording[] = [
  {
    path: "scan2d_jarvis/jarvis_circular_path_fast_navigation.bag",
    options: { poseTopic: "/pose_ground_truth" },
    atWallMin: TARGET,
    wallsKeptMin: TARGET,
  },
  { path: "scan2d_carmen/intel_60s.clf.gz", atWallMin: TARGET, wallsKeptMin: 0.9 },
  // A robot of 0.9 m/s with five scans a second: odometry moves its walls by more than a cell.
  { path: "scan2d_carmen/mit-csail_60s.clf.gz", atWallMin: TARGET, wallsKeptMin: 0.6 },
];

describe.each(RECORDINGS)("$path", ({ path, options, atWallMin, wallsKeptMin }) => {
  test("the map has the walls, and hardly anything else", async () => {
    const scans = await readScans(join(DATA, path), { rangeMaxM: 20, ...options });
    const { hitsMin } = mapTerms(LEAF_M, true, 0n);
    const kept = mapOf(scans);
    const walls = occupancyGrid(cellsOf(scans), hitsMin);
    const [atWall, same, wallsKept] = [
      shareNear(kept, walls, 1),
      shareNear(walls, kept, 0),
      shareNear(walls, kept, 1),
    ];
    console.log(
      `${path}, ${scans.length} scans: ${kept.size} cells, of them ${percent(atWall)} within one ` +
        `cell of a wall; of ${walls.size} cells of walls ${percent(same)} kept, ` +
        `${percent(wallsKept)} within one cell${Math.min(atWall, wallsKept) < TARGET ? "; MISSED" : ""}`,
    );
    expect(kept.size).toBeGreaterThan(200);
    expect(atWall).toBeGreaterThanOrEqual(atWallMin);
    expect(wallsKept).toBeGreaterThanOrEqual(wallsKeptMin);
  });
});
