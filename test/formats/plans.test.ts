/** Plans of homes as maps of robots keep them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { looksLikePlan, openPlan, type Plan } from "../../host/formats/index.ts";
import { bag, type Encoding, type Message, mcap, occupancyGrid } from "./ros-builders.ts";
import {
  AT128,
  DATA,
  LAB_PLAN,
  MANIFEST,
  type PlanFacts,
  ROBOROCK,
  temporaryFolder,
  VALETUDO_1C,
  VALETUDO_3I,
  VALETUDO_Z10,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;

function factsOf(plan: Plan): PlanFacts {
  const states = [0, 0, 0];
  for (const state of plan.cells) states[state]!++;
  const cellsOf = new Uint32Array(256);
  for (const number of plan.roomOf ?? []) cellsOf[number]!++;
  const { width, height, cellM, rooms, path, noGo } = plan;
  const [unknown, free, occupied] = states as [number, number, number];
  return {
    width,
    height,
    cellM,
    unknown,
    free,
    occupied,
    rooms: Object.fromEntries(
      rooms.map(({ number, type = "" }) => [`${number} ${type}`.trim(), cellsOf[number]!]),
    ),
    pathPoints: (path?.length ?? 0) / 2,
    noGo: noGo.length,
  };
}

const ALL = { reads: "all" } as const;
const valuesOf = ({ metadata }: Plan, wanted: string) =>
  metadata.flatMap(({ name, value }) => (name === wanted ? value : []));

/** Rows of cells from the top as letters: unknown, free, occupied. */
const rowsOf = ({ cells, width, height }: Plan) =>
  Array.from({ length: height }, (_, i) => {
    const row = cells.subarray((height - 1 - i) * width, (height - i) * width);
    return [...row].map((state) => "?.#"[state]).join("");
  });

const stateAt = (plan: Plan, x: number, y: number) => {
  const cell = (value: number, low: number) => Math.floor((value - low) / plan.cellM);
  return plan.cells[cell(y, plan.origin.y) * plan.width + cell(x, plan.origin.x)];
};

describe.each(MANIFEST.filter(({ plan }) => plan))("$path", ({ path, plan: facts }) => {
  it("has the cells and rooms of the manifest", async () => {
    expect(await looksLikePlan(join(DATA, path))).toBe(true);
    const plan = await openPlan(join(DATA, path));
    expect(factsOf(plan)).toEqual(facts);
    // Rooms are free floor, and the way of the robot lies where it could drive.
    const roomOf = plan.roomOf ?? new Uint8Array(plan.cells.length);
    expect(plan.cells.every((state, i) => roomOf[i] === 0 || state === 1)).toBe(true);
    const way = plan.path ?? new Float64Array(0);
    let driven = 0;
    for (let i = 0; i < way.length; i += 2) if (stateAt(plan, way[i]!, way[i + 1]!) === 1) driven++;
    expect(driven).toBeGreaterThanOrEqual(0.95 * (way.length / 2));
  });
});

describe("what a plan says beside its cells", () => {
  it("is named, so that it can be told what was stripped", async () => {
    const z10 = await openPlan(VALETUDO_Z10, ALL);
    expect(valuesOf(z10, "file_name")).toEqual(["dreame_z10_1056_paths.json"]);
    expect(valuesOf(z10, "session_id")).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(valuesOf(z10, "raw_text")).toContain("name: Schlafzimmer");
    expect(valuesOf(z10, "raw_text")).toContain("robot_position: 3277 3314");
    const [areas, bare] = [await openPlan(VALETUDO_3I, ALL), await openPlan(VALETUDO_1C, ALL)];
    expect(valuesOf(areas, "session_id")[0]).toBe("1660247756");
    expect(areas.noGo[0]![0]).toEqual({ x: 22.59, y: 16.08 });
    expect(bare.rooms).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
    expect(bare.dock).toEqual({ x: 33.32, y: 33.21 });
    const roborock = await openPlan(ROBOROCK, ALL);
    expect(valuesOf(roborock, "session_id")).toContain("4db1a21c4b51b32fb6e04af47931c2c9");
    expect(valuesOf(roborock, "wall_clock")[0]).toBe("2026-02-27T07:29:25.000000000Z");
    expect(valuesOf(roborock, "map_origin")).toEqual(["-5 -7 0"]);
    expect(roborock.dock!.x).toBeCloseTo(-0.449315, 6);
  });
});

const YAML = {
  image: "map.pgm",
  resolution: "0.05",
  origin: "[-1.5, 2.0, 0.5]",
  negate: "0",
  occupied_thresh: "0.65",
  free_thresh: "0.196",
};

/** Writes a map into a folder of its own; lines of the .yaml replace those above, "" leaves one out. */
function mapFile(
  image: string | Uint8Array,
  lines: Readonly<Record<string, string>> = {},
  name = "map.pgm",
): string {
  const number = files++;
  writeInput(folder, `${number}${name}`, image);
  const all: Record<string, string> = { ...YAML, image: `${number}${name}`, ...lines };
  const text = Object.entries(all)
    .filter(([, value]) => value !== "")
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
  return writeInput(folder, `${number}.yaml`, text);
}

const P2 = "P2\n# by hand\n3 2 # wide, high\n255\n0 205 254\n254 254 0\n";

describe("maps of map_server and nav2", () => {
  it("begin with their upper row, and have a place and a turn", async () => {
    const plan = await openPlan(mapFile(P2), ALL);
    expect(rowsOf(plan)).toEqual(["#?.", "..#"]);
    expect(plan.origin).toEqual({ x: -1.5, y: 2, yawRad: 0.5 });
    expect(plan.cellM).toBe(0.05);
    expect(valuesOf(plan, "map_origin")).toEqual(["-1.5 2 0.5"]);
  });

  it("may have eight or sixteen bits, as numbers or packed", async () => {
    const eight = Buffer.concat([
      Buffer.from("P5 3 2\n255\n"),
      Buffer.from([0, 205, 254, 254, 254, 0]),
    ]);
    const wide = Buffer.alloc(12);
    for (const [i, v] of [0, 52685, 65278, 65278, 65278, 0].entries()) wide.writeUInt16BE(v, 2 * i);
    const sixteen = Buffer.concat([Buffer.from("P5\n#c\n3 2\n65535\n"), wide]);
    const hundred = "P2 3 2 100 0 80 100 100 100 0";
    for (const image of [eight, sixteen, hundred]) {
      expect(rowsOf(await openPlan(mapFile(image)))).toEqual(["#?.", "..#"]);
    }
  });

  it("may be PNG: the mean of the colours counts", async () => {
    const png = new PNG({ width: 3, height: 2 });
    const pixels = [
      [0, 0, 0, 255],
      [205, 205, 205, 255],
      [255, 254, 253, 255],
    ];
    png.data = Buffer.from(
      [...pixels, ...pixels.slice(2), ...pixels.slice(2), [9, 0, 0, 0]].flat(),
    );
    const path = mapFile(PNG.sync.write(png), {}, "map.png");
    expect(rowsOf(await openPlan(path))).toEqual(["#?.", "..#"]);
    const scale = mapFile(PNG.sync.write(png), { mode: "scale" }, "map.png");
    expect(rowsOf(await openPlan(scale))).toEqual(["#..", "..?"]);
  });

  it.each([
    ["negate", { negate: "1" }, ".##", "##."],
    ["a higher free_thresh", { free_thresh: "0.25" }, "#..", "..#"],
    ["mode raw", { mode: "raw" }, ".??", "??."],
    ["mode scale", { mode: "scale", free_thresh: "0.1" }, "#..", "..#"],
  ])("mean what %s says", async (_, lines, upper, lower) => {
    expect(rowsOf(await openPlan(mapFile(P2, lines)))).toEqual([upper, lower]);
  });

  it.each([
    ["no image", { image: "" }, /line \d+: image is not as a map has it/],
    ["an image that is not there", { image: "none.pgm" }, /image that it names cannot be read/],
    ["no resolution", { resolution: "0" }, /resolution is the width of a cell; 0.001 to 10 m/],
    ["a resolution that is none", { resolution: ".nan" }, /line 2: resolution/],
    ["an origin that is none", { origin: "[0, .nan, 0]" }, /line 3: origin/],
    ["an origin beyond reason", { origin: "[0, 1e9, 0]" }, /origin must be finite/],
    ["an origin of two numbers", { origin: "[0, 0]" }, /line 3: origin/],
    ["thresholds out of order", { free_thresh: "0.7" }, /line 6: free_thresh must be below/],
    ["a threshold beyond 1", { occupied_thresh: "65" }, /line 5: occupied_thresh/],
    ["a mode of its own", { mode: "costmap" }, /line 7: mode/],
    ["lines that are no YAML", { negate: "[[" }, /line 5: is not valid YAML/],
  ])("are refused with %s", async (_, lines, message) => {
    await expect(openPlan(mapFile(P2, lines))).rejects.toThrow(message);
    await expect(openPlan(mapFile(P2, lines))).rejects.toMatchObject({ name: "MapveilError" });
  });

  it.each([
    ["that is no PGM", "P6\n3 2\n255\n", "BAD_INPUT", /it is no PGM image/],
    ["without a size", "P5\n", "BAD_INPUT", /width is missing/],
    ["of no height", "P2 3 0 255", "BAD_INPUT", /3 x 0 cells/],
    ["too large", "P5 99999 99999 255\n", "TOO_LARGE", /99999 x 99999 cells/],
    ["too wide", "P5 16385 1 255\n", "TOO_LARGE", /16385 x 1 cells/],
    ["of a size beyond numbers", "P5 99999999999 1 255\n", "BAD_INPUT", /width is not a whole/],
    ["with maxval 0", "P2 1 1 0 0", "BAD_INPUT", /maxval is not from 1 to 65535/],
    ["with maxval 65536", "P2 1 1 65536 0", "BAD_INPUT", /maxval is not from 1 to 65535/],
    ["with a sample too high", "P2 1 1 100 101", "BAD_INPUT", /above maxval 100, sample 0/],
    ["that is cut", "P5 3 2 255\nabc", "BAD_INPUT", /need 6 bytes, but 3 are left/],
    ["of numbers that is cut", "P2 3 2 255 1 2 3 4 55555", "BAD_INPUT", /above|missing|need/],
    ["with words", "P2 3 2 255 1 2 3 4 five 6", "BAD_INPUT", /samples is not a whole number/],
  ])("are refused with an image %s", async (_, image, code, message) => {
    const path = mapFile(image);
    await expect(openPlan(path)).rejects.toThrow(message);
    await expect(openPlan(path)).rejects.toMatchObject({ code });
  });

  it("are refused with PNG that is damaged, interlaced or too large", async () => {
    const png = PNG.sync.write(new PNG({ width: 4, height: 4 }));
    const cut = mapFile(png.subarray(0, -20), {}, "map.png");
    await expect(openPlan(cut)).rejects.toThrow(/PNG image is damaged/);
    const large = Buffer.from(png);
    large.writeUInt32BE(8000, 16);
    large.writeUInt32BE(8000, 20);
    await expect(openPlan(mapFile(large, {}, "map.png"))).rejects.toMatchObject({
      code: "TOO_LARGE",
    });
    const interlaced = Buffer.from(png);
    interlaced[28] = 1;
    await expect(openPlan(mapFile(interlaced, {}, "map.png"))).rejects.toThrow(/interlaced/);
    const twice = Buffer.concat([png.subarray(0, 33), png.subarray(8, 33), png.subarray(33)]);
    await expect(openPlan(mapFile(twice, {}, "map.png"))).rejects.toThrow(/not where it must be/);
  });
});

const START = 1_700_000_000_000_000_000n;
const gridMessage = (options: Parameters<typeof occupancyGrid>[1], i = 0): Message => ({
  topic: "/map",
  type: "nav_msgs/OccupancyGrid",
  timeNs: START + BigInt(i),
  data: occupancyGrid([0, 25, 26, 64, 65, 100, -1, 101], options),
});

describe.each([
  ["bag", "ros1"],
  ["mcap", "cdr"],
] as const)("an OccupancyGrid in a %s", (extension, encoding: Encoding) => {
  const write = async (messages: Message[]) =>
    writeInput(
      folder,
      `${files++}.${extension}`,
      extension === "bag" ? bag(messages) : await mcap(messages),
    );

  it("gives the last map, its place and its turn", async () => {
    const turned = [1, 2, 0, 0, 0, Math.sin(0.3), Math.cos(0.3)];
    const path = await write([
      gridMessage({ encoding, width: 8 }),
      gridMessage({ encoding, width: 4, origin: turned, stampNs: START }, 1),
    ]);
    expect(await looksLikePlan(path)).toBe(false);
    const plan = await openPlan(path, ALL);
    expect(rowsOf(plan)).toEqual(["##??", "..??"]);
    expect(plan.cellM).toBe(0.05);
    expect(plan.origin).toEqual({ x: 1, y: 2, yawRad: expect.closeTo(0.6, 12) });
    expect(valuesOf(plan, "wall_clock")).toEqual(["2023-11-14T22:13:20.000000000Z"]);
    expect(valuesOf(plan, "topic")).toEqual(["/map"]);
    await expect(openPlan(path, { topic: "/other" })).rejects.toThrow(
      /no message on topic \/other/,
    );
  });

  it.each([
    ["too few cells", { width: 4, height: 3 }, /has 8 cells; 4 x 3 are declared/],
    ["a size beyond reason", { width: 70_000, height: 70_000 }, /70000 x 70000 cells/],
    ["no resolution", { resolution: Number.NaN }, /info.resolution is the width of a cell/],
    ["an origin that is none", { origin: [Number.NaN, 0, 0, 0, 0, 0, 1] }, /pose/],
    ["a tilted origin", { origin: [0, 0, 0, 0.6, 0, 0, 0.8] }, /is not level/],
  ])("is refused with %s", async (_, options, message) => {
    const path = await write([gridMessage({ encoding, width: 8, ...options })]);
    await expect(openPlan(path)).rejects.toThrow(message);
  });
});

describe("maps of robot cleaners", () => {
  const json = (change: (map: Record<string, unknown>) => void) => {
    const map = JSON.parse(readFileSync(VALETUDO_1C, "utf8")) as Record<string, unknown>;
    change(map);
    return writeInput(folder, `${files++}.json`, JSON.stringify(map));
  };
  const layer = (compressedPixels: number[], type = "floor") => ({ type, compressedPixels });

  it.each([
    ["no layers", { layers: undefined }, /layers is not as a Valetudo map has it/],
    ["layers without cells", { layers: [] }, /no layer has a cell/],
    ["half a run", { layers: [layer([1, 2])] }, /pixels of layers\[0\] are cut short/],
    ["half a pixel", { layers: [{ type: "floor", pixels: [1] }] }, /layers\[0\] are cut short/],
    ["a run of nothing", { layers: [layer([1, 2, 0])] }, /run of no cells/],
    ["a pixel that is none", { layers: [layer([1, 2, 0.5])] }, /layers\.0\.compressedPixels\.2/],
    ["cells far apart", { layers: [layer([0, 0, 1, 9e6, 9e6, 1])] }, /9000001 x 9000001 cells/],
    [
      "the same cells over again",
      { layers: [layer(Array(30).fill([0, 0, 9]).flat())] },
      /four times/,
    ],
    ["a pixelSize that is none", { pixelSize: 0 }, /pixelSize is the width of a cell/],
    ["a size that is none", { size: { x: 1, y: "1" } }, /size\.y/],
    [
      "more rooms than there are numbers",
      { layers: Array.from({ length: 256 }, (_, i) => layer([i, 0, 1], "segment")) },
      /more than 255 rooms/,
    ],
    ["a place that is none", { entities: [{ type: "path", points: [1e99, 0] }] }, /entities\.0/],
  ])("of Valetudo are refused with %s", async (_, parts, message) => {
    const path = json((map) => Object.assign(map, parts));
    await expect(openPlan(path)).rejects.toThrow(message);
    await expect(openPlan(path)).rejects.toMatchObject({ name: "MapveilError" });
  });

  it("of Valetudo may have single pixels and an id of the upload, and nested extras", async () => {
    const path = json((map) => {
      map.layers = [{ type: "wall", pixels: [3, 4, 4, 5] }, layer([3, 4, 2])];
      map.metaData = { version: 1, nonce: "a-b-c", deep: 0 };
    });
    const nested = `${"[".repeat(9000)}${"]".repeat(9000)}`;
    writeFileSync(path, readFileSync(path, "utf8").replace('"deep":0', `"deep":${nested}`));
    const plan = await openPlan(path, ALL);
    expect(rowsOf(plan)).toEqual(["#.", "?#"]);
    expect(valuesOf(plan, "session_id")).toContain("a-b-c");
  });

  it("of Valetudo that are cut are named as such", async () => {
    const path = writeInput(folder, "cut.json", readFileSync(VALETUDO_1C).subarray(0, 9000));
    await expect(openPlan(path)).rejects.toThrow(/not valid JSON; it is cut short or damaged/);
  });

  const upload = gunzipSync(readFileSync(ROBOROCK));
  const changed = (change: (bytes: Buffer) => Uint8Array) =>
    writeInput(folder, `${files++}.bin`, change(Buffer.from(upload)));
  const GRID = upload.indexOf(Buffer.from("0af09c06", "hex")) + 4;

  it("of Roborock may have closed areas, and lines that none may cross", async () => {
    const f32 = (value: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(value);
      return bytes;
    };
    const message = (field: number, ...parts: Uint8Array[]) => {
      const body = Buffer.concat(parts);
      return Buffer.concat([Buffer.from([(field << 3) | 2, body.length]), body]);
    };
    const corner = (x: number, y: number) =>
      message(4, Buffer.concat([Buffer.from([0x0d]), f32(x), Buffer.from([0x15]), f32(y)]));
    const area = message(9, corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1));
    const line = message(9, corner(2, 2), corner(3, 2));
    const plan = await openPlan(
      changed((bytes) => Buffer.concat([bytes, area, line])),
      ALL,
    );
    expect(plan.noGo).toEqual([
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
        { x: 0, y: 1 },
      ],
    ]);
    expect(valuesOf(plan, "raw_text")).toContain("virtual_wall: 2 2 3 2");
  });

  it("of Roborock are refused with cells of another kind, other sizes, cuts and bombs", async () => {
    const odd = changed((bytes) => {
      bytes[GRID + 7] = 42;
      return bytes;
    });
    await expect(openPlan(odd)).rejects.toThrow(/cell 7 of the grid is none of/);
    const narrow = changed((bytes) => {
      bytes[bytes.indexOf(Buffer.from("10d40218ac02", "hex")) + 1]!--;
      return bytes;
    });
    await expect(openPlan(narrow)).rejects.toThrow(/has 102000 cells, but the head declares/);
    await expect(openPlan(changed((b) => b.subarray(0, 100_000)))).rejects.toThrow(
      /damaged at byte/,
    );
    const points = Buffer.alloc(800_000, Buffer.from([0x12, 0x00]));
    const length = Buffer.from([0x32, 0x80, 0xea, 0x30]);
    const bomb = changed((bytes) => Buffer.concat([bytes, length, points]));
    await expect(openPlan(bomb)).rejects.toThrow(/more than 262144 values/);
    await expect(openPlan(bomb)).rejects.toMatchObject({ code: "TOO_LARGE" });
  });
});

describe("what is no plan", () => {
  it("is told by its content", async () => {
    expect(await looksLikePlan(AT128)).toBe(false);
    expect(await looksLikePlan(writeInput(folder, "empty.yaml", ""))).toBe(false);
    await expect(openPlan(AT128)).rejects.toThrow(/no plan begins as this file does; .*Valetudo/);
    await expect(openPlan(LAB_PLAN.replace("yaml", "pgm"))).rejects.toThrow(/name the \.yaml/);
    await expect(openPlan(join(folder, "empty.yaml"))).rejects.toThrow(/is empty/);
    const damaged = readFileSync(ROBOROCK).subarray(0, 9000);
    const path = writeInput(folder, "damaged.gz", damaged);
    await expect(openPlan(path)).rejects.toThrow(/packed data is damaged or cut short/);
  });
});
