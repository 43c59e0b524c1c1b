import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Column, type PcdData, pcd, XYZI } from "./clouds.ts";
import {
  beamsOf,
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  VLP16,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const input = (content: Uint8Array | string) => writeInput(folder, `${files++}.pcd`, content);

const ROWS = [
  [1, 2, 3, 0],
  [-1.5, 0, 0, 255],
  [0.25, 0.5, -100, 51],
];
const ENCODINGS: PcdData[] = ["ascii", "binary", "binary_compressed"];

describe.each(ENCODINGS)("PCD %s", (encoding) => {
  it("gives positions, intensity over 255 and its comments", async () => {
    const [frame] = await readAll(input(pcd(XYZI, ROWS, encoding)));
    expect(positionsOf(frame!)).toEqual(ROWS.map((row) => row.slice(0, 3)));
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual([0, 1, 51 / 255]);
    expect(metadataOf(frame!, "comment")).toEqual(["made by hand"]);
    expect(frame!.pose).toBeUndefined();
  });

  it("reads every field type in any order and names the fields it leaves", async () => {
    const columns: Column[] = [
      { name: "z", type: "i16" },
      { name: "label", type: "u64" },
      { name: "ring", type: "u8" },
      { name: "y", type: "f64" },
      { name: "t", type: "u32" },
      { name: "x", type: "i32" },
      { name: "temper", type: "i8" },
      { name: "intensity", type: "u16" },
    ];
    const rows = [
      [-3, 9, 7, 2.5, 4_000_000_000, -70000, -1, 65535],
      [4, 9, 8, -2.5, 3_000_000_000, 70000, 1, 0],
    ];
    const [frame] = await readAll(input(pcd(columns, rows, encoding)));
    expect(positionsOf(frame!)).toEqual([
      [-70000, 2.5, -3],
      [70000, -2.5, 4],
    ]);
    expect(beamsOf(frame!)).toEqual([7, 8]);
    expect(valuesOf(frame!, frame!.layout.time)).toEqual([1, 0]);
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual([1, 0]);
    expect(frame!.layout.otherFields).toEqual(["label", "other"]);
    expect(metadataOf(frame!, "point_field")).toEqual(["label", "temper"]);
  });

  it("agrees with the recorded scan, written anew", async () => {
    const [original] = await readAll(VLP16);
    const columns: Column[] = [...XYZI.slice(0, 3), { name: "ring", type: "u16" }];
    const ring = beamsOf(original!);
    const rows = positionsOf(original!).map((p, i) => [...p, ring[i]!]);
    const [copy] = await readAll(input(pcd(columns, rows, encoding)));
    expect(positionsOf(copy!)).toEqual(positionsOf(original!));
    expect(beamsOf(copy!)).toEqual(ring);
  });

  it("takes POINTS where WIDTH is 0, and WIDTH * HEIGHT where POINTS is missing", async () => {
    for (const lines of [{ WIDTH: "0" }, { POINTS: "" }, { WIDTH: "", HEIGHT: "" }]) {
      const [frame] = await readAll(input(pcd(XYZI, ROWS, encoding, lines)));
      expect(frame!.count).toBe(3);
    }
  });

  it("lets the data decide where WIDTH * HEIGHT and POINTS differ", async () => {
    const [frame] = await readAll(input(pcd(XYZI, ROWS, encoding, { POINTS: "2" })));
    expect(frame!.count).toBe(3);
    const error = await errorOf(input(pcd(XYZI, ROWS, encoding, { POINTS: "2", WIDTH: "1" })));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(/POINTS is 2 but WIDTH \* HEIGHT is 1/);
  });

  it("refuses more points than there is data, without allocating for them", async () => {
    const lines = { POINTS: "4000000000", WIDTH: "4000000000" };
    const error = await errorOf(input(pcd(XYZI, ROWS, encoding, lines)));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(/declares 4000000000 points.*found/);
    expect(error.details.offset).toBeGreaterThan(0);
  });

  it("reads an empty cloud", async () => {
    const [frame] = await readAll(input(pcd(XYZI, [], encoding)));
    expect(frame!.count).toBe(0);
  });
});

describe("PCD header", () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ["an unknown type", { TYPE: "F F F Q" }, /field 4 has no known pair of TYPE and SIZE/],
    ["too few sizes", { SIZE: "4 4 4" }, /SIZE has 3 entries but FIELDS has 4/],
    ["no x", { FIELDS: "a y z i" }, /no usable field "x".*among 4/],
    ["a count of zero", { COUNT: "1 1 1 0" }, /field 4 has no COUNT from 1/],
    ["a count on x", { COUNT: "2 1 1 1", POINTS: "0", WIDTH: "0" }, /no usable field "x"/],
    ["an unknown encoding", { DATA: "base64" }, /DATA must be/],
    ["no DATA line", { DATA: "" }, /no DATA line|PCD keyword/],
    ["no size at all", { POINTS: "", WIDTH: "" }, /neither POINTS nor WIDTH/],
    ["a negative count", { POINTS: "-1" }, /POINTS must be one whole number/],
    ["a viewpoint of no rotation", { VIEWPOINT: "0 0 0 0 0 0 0" }, /VIEWPOINT is not a position/],
    ["a short viewpoint", { VIEWPOINT: "0 0 0" }, /VIEWPOINT must have 7/],
    [
      "a point of 16 KiB",
      { COUNT: "1 1 1 4096", POINTS: "0", WIDTH: "0" },
      /a point has 16396 bytes/,
    ],
  ];
  it.each(cases)("with %s is refused", async (_, lines, message) => {
    const error = await errorOf(input(pcd(XYZI, ROWS, "binary", lines)));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(message);
    expect(error.message).toContain(".pcd: ");
  });

  it("that is text of another kind is refused with its line", async () => {
    const error = await errorOf(input("hello world\nthis is no cloud\n"));
    expect(error.details).toMatchObject({ line: 1, offset: 0 });
  });

  it("gives the pose of a VIEWPOINT that moves something", async () => {
    const half = Math.SQRT1_2;
    const lines = { VIEWPOINT: `1 2 3 ${half} 0 0 ${half}` };
    const [frame] = await readAll(input(pcd(XYZI, ROWS, "binary", lines)));
    expect(frame!.pose!.translation).toEqual([1, 2, 3]);
    expect(frame!.pose!.quaternion[2]).toBeCloseTo(half, 12);
    expect(metadataOf(frame!, "map_origin")).toEqual([lines.VIEWPOINT]);
  });
});

describe("PCD values", () => {
  it("reads nan and inf as text", async () => {
    const text = pcd(XYZI, [], "ascii", { POINTS: "1", WIDTH: "1" });
    const [frame] = await readAll(input(Buffer.concat([text, Buffer.from("nan -inf 1e2 5\r\n")])));
    expect(positionsOf(frame!)).toEqual([[Number.NaN, Number.NEGATIVE_INFINITY, 100]]);
  });

  it("names the field and offset of text that is no number", async () => {
    const text = pcd(XYZI, [], "ascii", { POINTS: "1", WIDTH: "1" });
    const error = await errorOf(input(Buffer.concat([text, Buffer.from("1 zwei 3 4\n")])));
    expect(error.message).toMatch(/column 2 of 4 of point 0 \(offset \d+\) is not a number/);
  });

  it("takes intensities of at most 1 as they are", async () => {
    const rows = [
      [1, 1, 1, 0.5],
      [2, 2, 2, 1],
    ];
    const [frame] = await readAll(input(pcd(XYZI, rows, "binary")));
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual([0.5, 1]);
  });

  it("hands binary points out without copying the file", async () => {
    const [frame] = await readAll(VLP16);
    const bytes = readFileSync(VLP16);
    expect(Buffer.from(frame!.data).equals(bytes.subarray(bytes.length - frame!.data.length))).toBe(
      true,
    );
    expect(frame!.layout.pointStep).toBe(32);
  });

  it("names the bytes that are missing", async () => {
    const whole = pcd(XYZI, ROWS, "binary");
    const error = await errorOf(input(whole.subarray(0, whole.length - 5)));
    expect(error.message).toMatch(/3 points, 48 bytes from offset \d+ on, but found 43/);
  });

  it("refuses a compressed stream that lies about its size", async () => {
    const whole = pcd(XYZI, ROWS, "binary_compressed");
    const at = whole.indexOf("binary_compressed") + "binary_compressed\n".length;
    for (const [offset, value] of [
      [at, 0xffffffff],
      [at + 4, 0xffffffff],
      [at + 4, 47],
    ] as const) {
      const bad = Buffer.from(whole);
      bad.writeUInt32LE(value, offset);
      expect((await errorOf(input(bad))).code).toBe("BAD_INPUT");
    }
  });
});
