/** Released plans, written for other programs and for people. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import {
  LAYER_COLOURS,
  LAYER_NONE,
  openPlan,
  PLAN_ENDINGS,
  PLAN_FREE,
  PLAN_OCCUPIED,
  PLAN_UNKNOWN,
  type PlanTile,
  ROOM_TYPES,
  writePlan,
} from "../../host/formats/index.ts";
import { type CellPolygon, traceCells } from "../../host/formats/trace-cells.ts";
import { generator } from "./fuzz-support.ts";
import { temporaryFolder } from "./samples.ts";

const folder = temporaryFolder();

/** A tile from rows of digits, the upper row first; "." is nothing. */
function tile(rows: readonly string[], cellM = 0.2): PlanTile {
  const letters = rows.toReversed().join("");
  const layers = Uint8Array.from(letters, (l) => (l === "." ? LAYER_NONE : Number(l)));
  return { cellM, width: rows[0]!.length, height: rows.length, layers };
}

const HOME = tile(["00000.", "022103", "021110", "000000"]);

const written = async (name: string, plan: PlanTile, kind?: "path") => {
  const path = join(folder, name);
  await writePlan(path, plan, kind ? { kind } : {});
  return path;
};

describe("a .yaml with its .pgm", () => {
  it("is read again as it was: walls, free floor, and what is not known", async () => {
    const plan = await openPlan(await written("home.yaml", HOME));
    expect(plan).toMatchObject({
      width: 6,
      height: 4,
      cellM: 0.2,
      origin: { x: 0, y: 0, yawRad: 0 },
    });
    const states = [...HOME.layers].map((layer) =>
      layer === LAYER_NONE ? PLAN_UNKNOWN : layer === 0 ? PLAN_OCCUPIED : PLAN_FREE,
    );
    expect([...plan.cells]).toEqual(states);
  });

  it("says nothing but the map, in the words of nav2", async () => {
    const path = await written("words.yaml", HOME);
    expect(readFileSync(path, "utf8")).toBe(
      'image: "words.pgm"\nmode: trinary\nresolution: 0.2\norigin: [0.0, 0.0, 0.0]\nnegate: 0\n' +
        "occupied_thresh: 0.65\nfree_thresh: 0.196\n",
    );
    const image = readFileSync(path.replace("yaml", "pgm"));
    expect(image.subarray(0, 11).toString()).toBe("P5\n6 4\n255\n");
    expect([...image.subarray(11, 17)]).toEqual([0, 0, 0, 0, 0, 205]);
  });

  it("shows a path as free floor", async () => {
    const plan = await openPlan(await written("path.yaml", tile(["0.", ".0"]), "path"));
    expect([...plan.cells]).toEqual([PLAN_UNKNOWN, PLAN_FREE, PLAN_FREE, PLAN_UNKNOWN]);
  });

  it("appears whole or not at all", async () => {
    const place = join(folder, "whole");
    mkdirSync(join(place, "taken.pgm"), { recursive: true });
    await expect(writePlan(join(place, "taken.yaml"), HOME)).rejects.toMatchObject({ code: "IO" });
    expect(readdirSync(place)).toEqual(["taken.pgm"]);
    const nowhere = writePlan(join(place, "none", "home.yaml"), HOME);
    await expect(nowhere).rejects.toMatchObject({ code: "IO" });
  });
});

describe("a picture", () => {
  it("has the colour of its layer at each cell, the upper row first", async () => {
    const png = PNG.sync.read(readFileSync(await written("home.png", HOME)));
    expect([png.width, png.height]).toEqual([6 * 16, 4 * 16]);
    for (const [i, layer] of HOME.layers.entries()) {
      const [x, y] = [i % 6, 3 - Math.floor(i / 6)];
      for (const [dx, dy] of [
        [0, 0],
        [15, 15],
      ] as const) {
        const at = 4 * ((y * 16 + dy) * png.width + x * 16 + dx);
        const expected = layer === LAYER_NONE ? [11, 14, 20] : LAYER_COLOURS[layer];
        expect([...png.data.subarray(at, at + 3)]).toEqual(expected);
      }
    }
    expect(LAYER_COLOURS).toHaveLength(2 + ROOM_TYPES.length);
    expect(new Set(LAYER_COLOURS.map(String)).size).toBe(LAYER_COLOURS.length);
  });

  it("is the same bytes for the same plan", async () => {
    const [first, again] = await Promise.all([written("1.png", HOME), written("2.png", HOME)]);
    expect(readFileSync(first)).toEqual(readFileSync(again));
  });
});

describe("polygons", () => {
  it("have metres, types, and rings that close", async () => {
    const path = await written("home.geojson", HOME);
    const { type, unit, features } = JSON.parse(readFileSync(path, "utf8"));
    expect({ type, unit }).toEqual({ type: "FeatureCollection", unit: "metre" });
    expect(features.map((f: { properties: object }) => f.properties)).toEqual([
      { type: "wall" },
      { type: "free" },
      { type: "room", room: "other" },
      { type: "room", room: "living_room" },
    ]);
    // The free cells within the walls, anticlockwise from their lower right corner.
    const corners = "1 0.2, 1 0.4, 0.8 0.4, 0.8 0.6, 0.6 0.6, 0.6 0.4, 0.4 0.4, 0.4 0.2, 1 0.2";
    const ring = corners.split(", ").map((corner) => corner.split(" ").map(Number));
    expect(features[1].geometry).toEqual({ type: "Polygon", coordinates: [ring] });
    // Around the house, and around what is within it.
    expect(features[0].geometry.coordinates).toHaveLength(2);
  });

  it("of a path are of one type", async () => {
    const path = await written("way.json", tile(["0.", ".0"]), "path");
    const { features } = JSON.parse(readFileSync(path, "utf8"));
    expect(features.map((f: { properties: object }) => f.properties)).toEqual([
      { type: "path" },
      { type: "path" },
    ]);
  });

  const area = (ring: readonly (readonly [number, number])[]) =>
    ring.reduce((sum, [x, y], i) => {
      const [nextX, nextY] = ring[(i + 1) % ring.length]!;
      return sum + (x * nextY - nextX * y) / 2;
    }, 0);

  /** Even-odd rule at the centre of a cell. */
  const covers = (polygon: CellPolygon, x: number, y: number) =>
    polygon.flat().length > 0 &&
    polygon
      .flatMap((ring) => ring.map((from, i) => [from, ring[(i + 1) % ring.length]!] as const))
      .filter(([[ax, ay], [bx, by]]) => {
        const [low, high] = ay < by ? [ay, by] : [by, ay];
        return ax === bx && ax > x + 0.5 && low <= y && high > y;
      }).length %
      2 ===
      1;

  it.each([0.2, 0.5, 0.6, 0.8])("cover the cells of any plan, %d of it filled", (share) => {
    const random = generator(share * 1000);
    for (let round = 0; round < 40; round++) {
      const [width, height] = [1 + Math.floor(random() * 9), 1 + Math.floor(random() * 9)];
      const layers = Uint8Array.from({ length: width * height }, () => (random() < share ? 1 : 0));
      const polygons = traceCells(layers, width, height, 1);
      const covered = Array.from(
        layers,
        (_, at) => polygons.filter((p) => covers(p, at % width, Math.floor(at / width))).length,
      );
      expect(covered).toEqual([...layers]);
      // The outer ring goes anticlockwise, holes clockwise.
      const turns = polygons.map((rings) => rings.map((ring) => Math.sign(area(ring))));
      expect(turns).toEqual(polygons.map((rings) => rings.map((_, i) => (i === 0 ? 1 : -1))));
      // Simple: no corner twice; right-angled: as many sides along x as along y.
      const rings = polygons.flat();
      expect(rings.filter((ring) => new Set(ring.map(String)).size < ring.length)).toEqual([]);
      expect(rings.filter((ring) => ring.length % 2 === 1)).toEqual([]);
    }
  });
});

describe("writePlan", () => {
  it("says which endings there are, and what is wrong with a tile", async () => {
    const to = (name: string) => join(folder, name);
    await expect(writePlan(to("home.svg"), HOME)).rejects.toThrow(
      /\.yaml, \.geojson, \.json, \.png/,
    );
    const short = { ...HOME, layers: HOME.layers.subarray(1) };
    await expect(writePlan(to("a.png"), short)).rejects.toThrow(/23 cells, not 6 x 4/);
    await expect(writePlan(to("a.png"), tile(["0"], Number.NaN))).rejects.toThrow(/NaN m wide/);
    const odd = { ...HOME, layers: HOME.layers.with(3, 10) };
    await expect(writePlan(to("a.png"), odd)).rejects.toThrow(/cell 3 is of layer 10/);
    const none = { cellM: 1, width: 0, height: 0, layers: new Uint8Array(0) };
    await expect(writePlan(to("a.png"), none)).rejects.toMatchObject({ code: "BAD_INPUT" });
    expect(readdirSync(folder)).not.toContain("a.png");
  });

  it.each(PLAN_ENDINGS)("writes %s and returns the paths", async (ending) => {
    const paths = await writePlan(join(folder, `ends${ending}`), HOME, { mode: 0o600 });
    const names = ending === ".yaml" ? ["ends.pgm", "ends.yaml"] : [`ends${ending}`];
    expect(paths.map((path) => basename(path))).toEqual(names);
  });
});
