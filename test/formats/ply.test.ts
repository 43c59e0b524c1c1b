import { describe, expect, it } from "vitest";
import { type Column, packed, ply, XYZI } from "./clouds.ts";
import {
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  valuesOf,
  writeInput,
  XT32,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const input = (content: Uint8Array | string) => writeInput(folder, `${files++}.ply`, content);

const ROWS = [
  [1, 2, 3, 0],
  [-1.5, 0, 0, 255],
];
const FORMATS = ["ascii", "binary_little_endian", "binary_big_endian"] as const;

describe.each(FORMATS)("PLY %s", (format) => {
  it("gives positions, intensity and comments, and skips faces", async () => {
    const [frame] = await readAll(input(ply(XYZI, ROWS, format)));
    expect(positionsOf(frame!)).toEqual(ROWS.map((row) => row.slice(0, 3)));
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual([0, 1]);
    expect(metadataOf(frame!, "comment")).toEqual(["made by hand", "of nothing"]);
  });

  it("reads mixed types and names the fields it leaves", async () => {
    const columns: Column[] = [
      { name: "red", type: "u8" },
      { name: "x", type: "f64" },
      { name: "y", type: "i16" },
      { name: "z", type: "i32" },
      { name: "reflectance", type: "u16" },
    ];
    const [frame] = await readAll(input(ply(columns, [[200, 0.1, -5, 70000, 65535]], format)));
    expect(positionsOf(frame!)).toEqual([[0.1, -5, 70000]]);
    expect(valuesOf(frame!, frame!.layout.intensity)).toEqual([1]);
    expect(frame!.layout.otherFields).toEqual(["red"]);
  });

  it("skips elements with lists that stand before the vertices", async () => {
    const header = "element camera 2\nproperty list uchar float poses\nproperty short id\n";
    const little = format === "binary_little_endian";
    const number = (type: "f32" | "i16", value: number) =>
      packed([{ name: "", type }], [[value]], little);
    const body =
      format === "ascii"
        ? Buffer.from("2 0.5 0.5 7\n0 8\n")
        : Buffer.concat([
            Buffer.from([2]),
            number("f32", 0.5),
            number("f32", 0.5),
            number("i16", 7),
            Buffer.from([0]),
            number("i16", 8),
          ]);
    const [frame] = await readAll(input(ply(XYZI, ROWS, format, { header, body })));
    expect(positionsOf(frame!)).toEqual(ROWS.map((row) => row.slice(0, 3)));
  });

  it("agrees with a recorded scan, written anew", async () => {
    const [original] = await readAll(XT32);
    const [copy] = await readAll(input(ply(XYZI.slice(0, 3), positionsOf(original!), format)));
    expect(positionsOf(copy!)).toEqual(positionsOf(original!));
  });

  it("refuses more vertices than there is data", async () => {
    const text = ply(XYZI, ROWS, format).toString("latin1");
    const bad = text.replace("element vertex 2", "element vertex 4000000000");
    const error = await errorOf(input(Buffer.from(bad, "latin1")));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(/declares 4000000000 vertices.*found/);
  });
});

describe("PLY header", () => {
  const cases: [string, string, string, RegExp][] = [
    ["an unknown type", "property float x", "property quad x", /unknown type/],
    ["no x", "property float x", "property float a", /no usable field "x"/],
    ["no vertices", "element vertex 2", "element point 2", /no element "vertex" among \d/],
    ["a list on a vertex", "property float y", "property list uchar int y", /is a list/],
    ["no format", "format ascii 1.0\n", "", /no format line/],
    ["an unknown format", "format ascii", "format hex", /format must be/],
    ["no end", "end_header", "comment", /no end_header|does not start with a PLY keyword/],
    ["a negative count", "element vertex 2", "element vertex -2", /whole number/],
    [
      "an unknown keyword",
      "comment made",
      "remark made",
      /line 3 .*does not start with a PLY keyword/,
    ],
  ];
  it.each(cases)("with %s is refused", async (_, from, to, message) => {
    const text = ply(XYZI, ROWS, "ascii").toString("latin1").replace(from, to);
    const error = await errorOf(input(text));
    expect(error.code).toBe("BAD_INPUT");
    expect(error.message).toMatch(message);
  });

  it("may end its lines with CR LF", async () => {
    const text = ply(XYZI, ROWS, "ascii").toString("latin1").replaceAll("\n", "\r\n");
    expect((await readAll(input(text)))[0]!.count).toBe(2);
  });
});
