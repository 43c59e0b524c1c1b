/** Scans of a home with people in it go in; what comes out shows the home and nobody. */
import { describe, expect, test, vi } from "vitest";
import { LAYER_OCCUPIED } from "../../host/formats/plan.ts";
import { openPlanTile } from "../../host/plan/index.ts";
import { compilePolicy } from "../../host/policy/index.ts";
import { parseHeader } from "../../host/veil/header.ts";
import { openVeil } from "../../host/veil/open.ts";
import { rangeIn } from "./beams.ts";
import { cellKey, cellsOf, knownMap, levelPose, scanOf } from "./maps.ts";
import { countIn, runScene } from "./scene-runs.ts";
import { codeOf, policyOf, RECIPIENT, Seeded, STRANGER, seededRandom } from "./support.ts";

// Cores are run warm for speed alone, and these tests start many.
vi.mock("../../host/veil/warm-up.ts", () => ({ warmUp: async () => {} }));

const SECOND = 1_000_000_000n;

describe("a home with people", () => {
  test("leaves without them and with its walls, seen by a robot cleaner", async () => {
    const yaml = "level: map\nmap: {hold_back: 1s}";
    const run = await runScene(
      yaml,
      { sensor: "lds", seconds: 25, seed: 16, layout: "flat2" },
      0.1,
    );
    expect(run.people.size).toBeGreaterThan(50);
    expect(countIn(run.people, run.kept)).toBeLessThanOrEqual(0.02 * run.people.size);
    // What too few scans have hit as yet waits for more of them.
    expect(countIn(run.home, run.kept)).toBeGreaterThan(0.6 * run.home.size);
    // Nothing is in the map that was not measured.
    expect(countIn(run.home, run.kept) + countIn(run.people, run.kept)).toBe(run.kept.size);
    const { veil, report } = run.maker.release()!;
    const [tile, ...others] = await openVeil(veil, RECIPIENT);
    expect(others).toEqual([]);
    expect(parseHeader(veil).kind).toBe("map");
    expect(tile!.hasOrigin).toBe(false);
    expect(tile!.strings.linkage).toBe(report.linkage);
    expect(report.linkage).toMatch(/^pseudonymised; /);
    expect(fromLowest(tile!.positions)).toEqual(fromLowest(run.maker.copyKept()));
    expect(report).toMatchObject({ level: "map", cells: run.kept.size, voidsLost: 0 });
    expect(await codeOf(openVeil(veil, STRANGER))).toBe("INTEGRITY");
  });

  test("leaves no cell of somebody who walks through the room, and all of its walls", async () => {
    const { maker, turned } = await knownMap("level: map\nmap: {hold_back: 1s}", { flat: true });
    const cells = { walker: new Set<number>(), walls: new Set<number>() };
    for (const { frame, walker, walls } of walkThrough()) {
      for (const [x, y] of walker) cells.walker.add(cellKey(...turned(x, y, 0), 0.1));
      for (const [x, y] of walls) cells.walls.add(cellKey(...turned(x, y, 0), 0.1));
      maker.add(frame);
    }
    const kept = cellsOf(maker.copyKept(), 0.1);
    expect(cells.walker.size).toBeGreaterThan(50);
    expect(countIn(cells.walker, kept)).toBe(0);
    expect(countIn(cells.walls, kept)).toBe(cells.walls.size);
    expect(cellsOf(maker.copyRemoved(), 0.1)).toEqual(cells.walker);
  });

  test("leaves as a plan of its walls at level plan, and goes on", async () => {
    const { maker } = await knownMap("level: plan\nmap: {hold_back: 1s}", { flat: true });
    const scans = [...walkThrough()].map(({ frame }) => frame);
    for (const scan of scans.slice(0, 20)) maker.add(scan);
    // What stood there for a moment is no wall yet.
    expect(maker.release()).toBeUndefined();
    for (const scan of scans.slice(20)) maker.add(scan);
    const { veil, report } = maker.release(3n)!;
    expect(parseHeader(veil)).toMatchObject({ kind: "grid", epoch: 3n });
    expect(parseHeader(veil).policyDigest).toEqual(
      compilePolicy(policyOf("level: plan\nmap: {hold_back: 1s}")).digest,
    );
    const [tile] = await openVeil(veil, RECIPIENT);
    expect(tile!.strings).toEqual({ linkage: report.linkage });
    const { cellM, width, height, layers } = openPlanTile(tile!);
    expect(cellM).toBeCloseTo(0.2, 6);
    // A room of 6 m by 6 m, turned: its diagonal and a cell at most, its side at least.
    for (const side of [width * cellM, height * cellM]) {
      expect(side).toBeGreaterThan(5.9);
      expect(side).toBeLessThan(6 * Math.SQRT2 + 0.5);
    }
    const occupied = layers.filter((layer) => layer === LAYER_OCCUPIED).length;
    expect(occupied).toBe(report.cells);
    expect(occupied * cellM).toBeGreaterThan(20);
    expect(occupied * cellM).toBeLessThan(60);
  });

  test("leaves no person at all where only what is high does", async () => {
    const yaml = "level: map\nmap: {hold_back: 0s, people: slice}";
    const run = await runScene(
      yaml,
      { sensor: "os1-64", seconds: 1, seed: 3, layout: "flat2", still: true },
      0.1,
    );
    expect(run.people.size).toBeGreaterThan(50);
    expect(countIn(run.people, run.kept)).toBe(0);
    expect(run.kept.size).toBeGreaterThan(200);
  });
});

/** Scans of a room of 6 m through which somebody walks, with the places of what they hit. */
function* walkThrough() {
  const room = { low: [-3, -3], high: [3, 3] } as const;
  for (let scan = 0; scan < 120; scan++) {
    const at = scan < 20 || scan > 100 ? undefined : ([-2.5 + 0.06 * (scan - 20), 1.5] as const);
    const walker: [number, number][] = [];
    const walls: [number, number][] = [];
    for (let i = 0; i < 360; i++) {
      const angle = ((i + 0.37) * Math.PI) / 180;
      const wall = rangeIn(room, angle, 0);
      const range = Math.min(wall, at ? rangeToDisc(at, 0.2, angle) : wall);
      (range < wall ? walker : walls).push([range * Math.cos(angle), range * Math.sin(angle)]);
    }
    const points = [...walls, ...walker].flatMap(([x, y]) => [x, y, 0]);
    const frame = scanOf(points, BigInt(scan + 1) * (SECOND / 10n), levelPose(0, 0, 0.2));
    yield { frame, walker, walls };
  }
}

/** Range to a disc in a direction; infinite where the ray misses it. */
function rangeToDisc([x, y]: readonly [number, number], radius: number, angle: number): number {
  const along = x * Math.cos(angle) + y * Math.sin(angle);
  const aside = x * Math.sin(angle) - y * Math.cos(angle);
  const isHit = along > 0 && Math.abs(aside) < radius;
  return isHit ? along - Math.sqrt(radius ** 2 - aside ** 2) : Number.POSITIVE_INFINITY;
}

/** x y z rows as cells of 0.1 m from the lowest, each once. */
function fromLowest(rows: Float32Array): Set<number> {
  const low = [0, 1, 2].map((axis) =>
    rows.reduce((a, v, i) => (i % 3 === axis ? Math.min(a, v) : a), 1e9),
  );
  const moved = rows.map((value, i) => value - low[i % 3]! + 0.05);
  return cellsOf(moved, 0.1);
}

/** A ring of points around the sensor, 2 m away, at heights. */
const ringOf = (heights: readonly number[], radius = 2) =>
  heights.flatMap((z) =>
    Array.from({ length: 120 }, (_, i) => {
      const angle = (i * 2 * Math.PI) / 120;
      return [radius * Math.cos(angle), radius * Math.sin(angle), z];
    }).flat(),
  );

describe("a map", () => {
  const scans = (count: number, points = ringOf([0])) =>
    Array.from({ length: count }, (_, i) =>
      scanOf(points, BigInt(i + 1) * (SECOND / 10n), levelPose(1, 2, 0.5)),
    );

  test("releases nothing until something is old enough, and goes on behind a release", async () => {
    const { maker } = await knownMap("level: map\nmap: {hold_back: 1s}");
    const all = scans(30);
    for (const scan of all.slice(0, 10)) expect(maker.add(scan).heldScans).toBeGreaterThan(0);
    expect(maker.release()).toBeUndefined();
    expect(maker.copyKept()).toEqual(new Float32Array(0));
    const reports = all.slice(10).map((scan) => maker.add(scan));
    expect(reports.at(-1)).toMatchObject({ scans: 30, heldScans: 10, pointsIn: 120 });
    const one = maker.release()!;
    const two = maker.release(9n)!;
    expect(one.report).toMatchObject({ scans: 30, heldScans: 10, removed: 0 });
    expect(two.report.cells).toBe(one.report.cells);
    expect(parseHeader(two.veil).epoch).toBe(9n);
    expect(
      Buffer.compare(parseHeader(one.veil).sealedKey, parseHeader(two.veil).sealedKey),
    ).not.toBe(0);
  });

  test("is the same for the same randomness, and lies elsewhere for other", async () => {
    const make = async (seed: number) => {
      const { maker } = await knownMap("level: map\nmap: {hold_back: 0s}", {
        random: seededRandom(seed),
      });
      for (const scan of scans(5)) maker.add(scan);
      return { veil: maker.release()!.veil, kept: maker.copyKept() };
    };
    const [one, again, other] = await Promise.all([make(1), make(1), make(2)]);
    expect(Buffer.compare(one!.veil, again!.veil)).toBe(0);
    const [a, b] = [one!.kept, other!.kept].map((rows) => [...rows.slice(0, 3)]);
    expect(Math.hypot(...a!.map((value, i) => value - b![i]!))).toBeGreaterThan(10);
  });

  test("begun anew knows nothing of the one before, and is turned by another secret", async () => {
    const { maker } = await knownMap("level: map\nmap: {hold_back: 0s}");
    for (const scan of scans(5)) maker.add(scan);
    const before = maker.copyKept();
    maker.begin({ policy: policyOf("level: map\nmap: {hold_back: 0s}") });
    expect(maker.release()).toBeUndefined();
    // Time may begin anew as well.
    for (const scan of scans(5, ringOf([0], 3))) maker.add(scan);
    const after = maker.copyKept();
    expect(Math.hypot(before[0]! - after[0]!, before[1]! - after[1]!)).toBeGreaterThan(10);
    maker.wipe();
    expect(await codeOf((async () => maker.release())())).toBe("USAGE");
    maker.begin({ policy: policyOf("") });
    expect(maker.add(scans(1)[0]!).scans).toBe(1);
  });

  test("is made under its own level, whatever the file says, and never above the file's", async () => {
    const rich =
      "level: full\npose: keep\npoint: centroid\ntime: 1h\nkeep: {attributes: {intensity: 4}, strings: [label]}";
    const { maker } = await knownMap(`${rich}\nmap: {hold_back: 0s}`);
    const metadata = [
      { name: "label", value: "first" },
      { name: "serial_number", value: "122150000150" },
    ] as const;
    for (const scan of scans(5)) maker.add({ ...scan, metadata });
    const { veil, report } = maker.release()!;
    const [tile] = await openVeil(veil, RECIPIENT);
    expect(tile).toMatchObject({ strings: { label: "first" }, hasOrigin: false });
    expect(tile!.stampNs).toBeUndefined();
    expect(tile!.intensity).toBeUndefined();
    // Centres alone: every position lies in the middle of its cell.
    expect(
      [...tile!.positions].every((v) => Math.abs(Math.abs((v / tile!.leafM) % 1) - 0.5) < 1e-3),
    ).toBe(true);
    expect([...report.passed].sort()).toEqual(["label", "linkage"]);
    expect(report.stripped).toEqual(["map_origin", "serial_number", "time", "wall_clock"]);
    const low = await knownMap("level: plan", { level: "map" });
    for (const scan of scans(120, ringOf([2.1, 2.2, 2.3, 2.4]))) low.maker.add(scan);
    expect(low.maker.release()!.report.level).toBe("plan");
    const nothing = knownMap("level: nothing");
    expect(await codeOf(nothing)).toBe("REFUSED");
    const digest = compilePolicy({
      ...policyOf(`level: map\nkeep: {strings: [label]}\nmap: {hold_back: 0s}`),
    }).digest;
    expect(parseHeader(veil).policyDigest).toEqual(digest);
  });

  test("has a rectangle of its own size in the place of each no-go area", async () => {
    const area = [
      [0, 0],
      [2, 0],
      [0, 1],
    ] as const;
    const yaml = `level: map
map: {hold_back: 0s}
no_go: {dilate_m: 0.2, areas: [{name: a, polygon_m: ${JSON.stringify(area)}}]}`;
    // A floor of points, 5 cm apart, seen from outside of the area.
    const floor: number[] = [];
    for (let x = -1; x < 4; x += 0.05)
      for (let y = -1; y < 3; y += 0.05) floor.push(x - 3, y - 4, -1);
    const sizes: number[] = [];
    for (let seed = 1; seed <= 4; seed++) {
      const { maker, turned } = await knownMap(yaml, { random: seededRandom(seed) });
      for (let i = 1n; i <= 4n; i++) maker.add(scanOf(floor, i * SECOND, levelPose(3, 4, 1)));
      const kept = cellsOf(maker.copyKept(), 0.1);
      const cellAt = (x: number, y: number) => cellKey(...turned(x - 3, y - 4, -1), 0.1);
      // All of the rectangle around the triangle is gone, its far corner included.
      for (let x = -0.05; x <= 2.05; x += 0.05) {
        for (let y = -0.05; y <= 1.05; y += 0.05) expect(kept.has(cellAt(x, y))).toBe(false);
      }
      expect(kept.has(cellAt(3, 2))).toBe(true);
      sizes.push(kept.size);
      expect(await codeOf((async () => maker.add(scanOf(floor, 9n * SECOND)))())).toBe("REFUSED");
    }
    expect(new Set(sizes).size).toBeGreaterThan(1);
  });

  test("says how far it reaches and what leaf would do where it is full", async () => {
    const { maker } = await knownMap("level: map\nmap: {leaf_m: 0.05, hold_back: 0s}");
    const random = new Seeded(77);
    const spread = Array.from(
      { length: 3000 },
      () => (random.below(2 ** 20) / 2 ** 20 - 0.5) * 300,
    );
    let error: unknown;
    for (let i = 1n; i < 7n && error === undefined; i++) {
      try {
        maker.add(scanOf(i === 6n ? spread : ringOf([0]), i * SECOND, levelPose(0, 0, 0)));
      } catch (thrown) {
        error = thrown;
      }
    }
    expect(error).toMatchObject({ code: "TOO_LARGE", details: { reason: "MAP_FULL" } });
    expect((error as Error).message).toMatch(
      /spans [\d.]+ x [\d.]+ x [\d.]+ m after 5 scans; at map.leaf_m 0.1/,
    );
    // Nothing of it was taken.
    expect(maker.release()!.report.scans).toBe(5);
  });
});
