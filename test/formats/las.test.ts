import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Frame } from "../../host/core/frame.ts";
import { LocalCloud } from "../../host/formats/local-cloud.ts";
import { type LasOptions, type LasPoint, las } from "./las-builders.ts";
import {
  DATA,
  errorOf,
  metadataOf,
  positionsOf,
  readAll,
  temporaryFolder,
  valuesOf,
  writeInput,
} from "./samples.ts";

const folder = temporaryFolder();
let files = 0;
const input = (content: Uint8Array, ending = "las") =>
  writeInput(folder, `${files++}.${ending}`, content);
const recorded = (name: string) => join(DATA, "las", name);

/** Metres of the file's own frame. */
function placesOf(frame: Frame): number[][] {
  const origin = frame.pose?.translation ?? [0, 0, 0];
  return positionsOf(frame).map((point) => point.map((value, axis) => value + origin[axis]!));
}

const POINTS: readonly LasPoint[] = [
  { xyz: [1, 2, 3], intensity: 65535 },
  { xyz: [-4000, 5001, 6], intensity: 1, withheld: true },
  { xyz: [7_000_123, -8, 9], intensity: 13107 },
];

async function only(content: Uint8Array): Promise<Frame> {
  const [frame, ...others] = await readAll(input(content));
  expect(others).toEqual([]);
  return frame!;
}

describe("LAS", () => {
  it("of every version and point format gives its points, those withheld left out", async () => {
    for (const minor of [0, 1, 2, 3, 4]) {
      for (let format = 0; format <= (minor < 4 ? 5 : 10); format++) {
        const options: LasOptions = { minor, format, extraBytes: format, offset: [10, 20, 30] };
        const frame = await only(las(POINTS, options));
        const expected = [
          [10.001, 20.002, 30.003],
          [7010.123, 19.992, 30.009],
        ];
        for (const [i, place] of placesOf(frame).entries()) {
          for (const axis of [0, 1, 2]) expect(place[axis]).toBeCloseTo(expected[i]![axis]!, 3);
        }
        expect(valuesOf(frame, frame.layout.intensity)).toEqual([1, 0.2]);
      }
    }
  });

  it("far from where its map begins keeps millimetres, in a pose of its own", async () => {
    const offset = [431_000, 5_412_000, 0] as const;
    const frame = await only(las(POINTS, { offset }));
    expect(frame.pose!.quaternion).toEqual([0, 0, 0, 1]);
    const [first] = positionsOf(frame);
    expect(Math.max(...first!.map(Math.abs))).toBeLessThan(1);
    expect(placesOf(frame)[1]![1]).toBeCloseTo(5_411_999.992, 3);
    expect(positionsOf(frame).every((point) => point.some((value) => value !== 0))).toBe(true);
    const empty = await only(las([], { offset }));
    expect([empty.count, empty.pose]).toEqual([0, undefined]);
  });

  it("in feet is turned to metres, and in degrees is refused", async () => {
    const wkt = (text: string) => ({
      records: [{ user: "LASF_Projection", id: 2112, content: Buffer.from(`${text}\0`) }],
      offset: [1000, 1000, 1000] as const,
    });
    const plane = 'PROJCS["x",GEOGCS["y",UNIT["degree",0.0174]],UNIT["US survey foot",0.3048006]]';
    const height = 'VERT_CS["z",VERT_DATUM["w",2005],UNIT["metre",1.0],AXIS["Up",UP]]';
    const [feet] = placesOf(await only(las(POINTS, wkt(plane))));
    for (const value of feet!) expect(value).toBeCloseTo(304.801, 2);
    const both = placesOf(await only(las(POINTS, wkt(`COMPD_CS["c",${plane},${height}]`))))[0]!;
    expect([both[0], both[2]].map((value) => Math.round(value!))).toEqual([305, 1000]);
    const error = await errorOf(input(las(POINTS, wkt('GEOGCS["WGS 84",UNIT["degree",0.0174]]'))));
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(error.message).toMatch(/are degrees .* project it to metres/);
  });

  it("tells who made it, when, of which project and where on earth", async () => {
    const extra = Buffer.alloc(192);
    extra.write("gate_id", 4);
    extra.write("owner of the gate", 160);
    const keys = Buffer.from(Uint16Array.of(1, 1, 0, 1, 3072, 0, 1, 32632).buffer);
    const frame = await only(
      las(
        POINTS.map((point, i) => ({ ...point, source: 7001, user: 9, gpsTime: 82_000_000 + i })),
        {
          ...{ minor: 4, format: 6, system: "SN-4711 LEICA", software: "anna's exporter 3" },
          ...{ sourceId: 815, day: 123, year: 2026, isGpsAdjusted: true },
          guid: Buffer.from("78563412bc9a f0de 0102030405060708".replaceAll(" ", ""), "hex"),
          records: [
            { user: "LASF_Projection", id: 34735, description: "keys", content: keys },
            { user: "LASF_Spec", id: 3, content: Buffer.from("survey of 5 Elm Road") },
            { user: "LASF_Spec", id: 4, content: extra },
            { user: "acme", id: 9, content: Buffer.from("unit 0815") },
          ],
          extendedRecords: [{ user: "acme", id: 10, content: Uint8Array.of(0xca, 0xfe, 0, 1) }],
        },
      ),
    );
    expect(metadataOf(frame, "software")).toEqual(["SN-4711 LEICA", "anna's exporter 3"]);
    expect(metadataOf(frame, "session_id")).toEqual([
      ...["815", "12345678-9abc-def0-0102-030405060708", "7001"],
    ]);
    expect(metadataOf(frame, "wall_clock")).toEqual([
      ...["2026-05-03", "2014-04-20T03:33:02.000Z", "2014-04-20T03:33:04.000Z"],
    ]);
    expect(metadataOf(frame, "geo_position")[0]).toContain("32632");
    expect(metadataOf(frame, "comment")).toEqual([
      ...["keys", "survey of 5 Elm Road", "owner of the gate"],
    ]);
    expect(metadataOf(frame, "point_field")).toContain("gate_id");
    expect(metadataOf(frame, "raw_text")).toEqual([
      ...["acme 9: unit 0815", "acme 10: cafe0001", "user data 9"],
    ]);
    expect(metadataOf(frame, "map_origin")[0]).toBe("0 0 0");
  });

  const broken: [string, (bytes: Buffer) => Buffer, RegExp][] = [
    ["a header that is cut", (b) => b.subarray(0, 100), /has 100 of its 227 bytes/],
    ["another version", (b) => patched(b, 25, 9), /version .* is 1\.9; 1\.0 to 1\.4 are read/],
    ["a format of a later version", (b) => patched(b, 104, 6), /point format .* is 6/],
    ["a point that is too short", (b) => patched(b, 105, 3), /is 3 bytes; format 0 has 20/],
    ["points that are cut", (b) => b.subarray(0, -1), /declares 3 points .* room for 2/],
    ["an offset behind the file", (b) => patched(b, 98, 255), /do not fit version 1\.2/],
    ["no scale", (b) => b.fill(0, 131, 139), /scale \(offset 131\) is not three sound numbers/],
  ];
  it.each(broken)("with %s is refused", async (_, damage, message) => {
    const error = await errorOf(input(damage(las(POINTS))));
    expect(error).toMatchObject({ code: "BAD_INPUT" });
    expect(error.message).toMatch(message);
  });
});

function patched(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}

describe("recorded LAS and LAZ", () => {
  const names = ["simple.las", "1_4_w_evlr.las", "autzen_geo_proj.las", "simple.copc.laz"];
  it.each(names)("%s lies in the box that its header names", async (name) => {
    const [frame] = await readAll(recorded(name));
    const header = readFileSync(recorded(name));
    const unitM = name === "1_4_w_evlr.las" ? 0.3048006096 : name.startsWith("autzen") ? 0.3048 : 1;
    const places = placesOf(frame!);
    expect(frame!.count).toBeGreaterThan(100);
    for (const axis of [0, 1, 2]) {
      const values = places.map((place) => place[axis]!);
      const [max, min] = [179, 187].map((at) => unitM * header.readDoubleLE(at + 16 * axis));
      // The height of the last one is in feet, which its projection says.
      if (name === "simple.copc.laz" && axis === 2) continue;
      expect(Math.abs(Math.max(...values) - max!)).toBeLessThan(0.01);
      expect(Math.abs(Math.min(...values) - min!)).toBeLessThan(0.01);
    }
  });

  it.each(["simple", "1_4_w_evlr"])("%s has the same points plain and packed", async (name) => {
    const faults = () => [
      process.listenerCount("uncaughtException"),
      process.listenerCount("unhandledRejection"),
    ];
    const before = faults();
    const [plain] = await readAll(recorded(`${name}.las`));
    const [packed] = await readAll(recorded(`${name}.laz`));
    expect(Buffer.compare(packed!.data, plain!.data)).toBe(0);
    expect(packed!.pose).toEqual(plain!.pose);
    expect(faults()).toEqual(before);
  });

  it("packed and damaged, or with waveforms, is refused", async () => {
    const bytes = readFileSync(recorded("simple.laz"));
    const cut = await errorOf(input(bytes.subarray(0, 400), "laz"));
    expect(cut.message).toMatch(/do not fit|packed points are damaged or cut short/);
    const wave = Buffer.from(bytes);
    wave[104] = 0x80 | 4;
    wave.writeUInt16LE(57, 105);
    const error = await errorOf(input(wave, "laz"));
    expect(error.message).toMatch(/have waveforms \(format 4\); unpack it with laszip/);
  });
});

it("takes no memory for points that a header only declares", async () => {
  expect(() => new LocalCloud("x.las", 2 ** 28)).toThrow(/at most 134217727; split it/);
  const declared = las(POINTS, { minor: 4, format: 6 });
  declared.writeBigUInt64LE(2n ** 26n, 247);
  const error = await errorOf(input(declared));
  expect(error.message).toMatch(/declares 67108864 points .* room for 3/);
});
